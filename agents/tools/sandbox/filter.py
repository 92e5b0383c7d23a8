"""The system-call filter: a list of what is allowed, assembled into classic BPF for seccomp.

An instruction is (code, jump if true, jump if false, constant), as struct sock_filter has it; a constant of `OWN_PID`
is replaced by the process's own id once it has one. The filter sees struct seccomp_data: the call's number, the
architecture, and six arguments of 64 bits, but never the memory they point to.
"""

from __future__ import annotations

import errno
import functools

from agents.tools.sandbox.calls import EXAMINED, MACHINES, MISSING, NEWEST_KNOWN, PRETENDED, UNSUPPORTED

Instruction = tuple[int, int, int, int | None]

OWN_PID = None
"""Stands for the id of the process that installs the filter."""

_LOAD, _EQUAL, _GREATER, _AT_LEAST, _ANY_BIT, _ALL, _RETURN = 0x20, 0x15, 0x25, 0x35, 0x45, 0x54, 0x06
"""BPF_LD|W|ABS, BPF_JMP|JEQ|K, JGT, JGE, JSET, BPF_ALU|AND|K, BPF_RET|K; linux/bpf_common.h"""
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
"""Offsets in struct seccomp_data; both machines are little-endian, so an argument's low half comes first."""
ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000

_THREAD = 0x00010000 | 0x00000100 | 0x00000800
"""CLONE_THREAD|CLONE_VM|CLONE_SIGHAND: a thread of this process and nothing else; linux/sched.h"""
_NAMESPACES = 0x7E020080 | 0x00002000 | 0x00004000
"""CLONE_NEW* (net, pid, user, ipc, uts, cgroup; ns; time), CLONE_PTRACE and CLONE_VFORK."""
_TMPFILE = 0o20000000
"""__O_TMPFILE: a file without a name, which nobody can count."""
_TRUNC, _ACCESS_MODE, _WRITE_ONLY, _READ_WRITE = 0o1000, 0o3, 0o1, 0o2
"""O_TRUNC, O_ACCMODE, O_WRONLY, O_RDWR; asm-generic/fcntl.h. Before Landlock 3 (Linux 6.2) opening with O_TRUNC is judged
by the access mode alone: with O_RDONLY as reading, with 3 as nothing at all, and the file is empty all the same."""
_IOCTLS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX: questions, and flags of one's own descriptor."""
_FCNTLS = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1032)
"""F_DUPFD, F_[GS]ETFD, F_[GS]ETFL, F_GETLK, F_SETLK[W], F_OFD_*LK*, F_DUPFD_CLOEXEC, F_GETPIPE_SZ. Not F_SETOWN and
F_SETSIG: with them a pipe sends another process any signal."""
_NAME_OF_THREAD = 15
"""PR_SET_NAME"""
_AF_UNIX = 1


@functools.cache
def program(machine: str) -> tuple[Instruction, ...]:
    """The filter for a processor, named as in `MACHINES` (KeyError otherwise).

    Not on the list: EPERM; newer than the list: ENOSYS; another architecture's calls: the process is killed.
    """
    known = MACHINES[machine]
    code: list[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, known.audit),
        (_RETURN, 0, 0, KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if known.second_table:
        code += [(_AT_LEAST, 0, 1, known.second_table), _refuse(errno.EPERM)]
    code += [(_GREATER, 0, 1, NEWEST_KNOWN), _refuse(errno.ENOSYS)]
    for name, number in known.numbers.items():
        body = _examined(name) if name in EXAMINED else [_verdict(name)]
        code += [(_EQUAL, 0, len(body), number), *body]
    return (*code, _refuse(errno.EPERM))


def _refuse(error: int) -> Instruction:
    return (_RETURN, 0, 0, ERRNO | error)


def _verdict(name: str) -> Instruction:
    if name in MISSING:
        return _refuse(errno.ENOSYS)
    if name in UNSUPPORTED:
        return _refuse(errno.ENOTSUP)
    return _refuse(0) if name in PRETENDED else (_RETURN, 0, 0, ALLOW)


def _argument(index: int, *, high: bool = False) -> Instruction:
    return (_LOAD, 0, 0, _ARGUMENTS + 8 * index + (4 if high else 0))


def _examined(name: str) -> list[Instruction]:
    """What is asked of the arguments; ends in a verdict on every way through."""
    allow: Instruction = (_RETURN, 0, 0, ALLOW)
    deny = _refuse(errno.EPERM)
    if name == "clone":
        return [
            _argument(0),
            (_ANY_BIT, 3, 0, _NAMESPACES),
            (_ALL, 0, 0, _THREAD),
            (_EQUAL, 0, 1, _THREAD),
            allow,
            deny,
        ]
    if name == "tgkill":  # abort() and pthread_kill()
        return [_argument(0), (_EQUAL, 0, 1, OWN_PID), allow, deny]
    if name == "prctl":
        return [_argument(0), (_EQUAL, 0, 1, _NAME_OF_THREAD), allow, deny]
    if name == "socketpair":  # two ends in one process, which asyncio wakes itself with
        return [_argument(0), (_EQUAL, 0, 1, _AF_UNIX), allow, deny]
    if name == "prlimit64":  # to ask is allowed, of oneself
        return [
            _argument(0),
            (_EQUAL, 1, 0, 0),
            (_EQUAL, 0, 5, OWN_PID),
            _argument(2),
            (_EQUAL, 0, 3, 0),
            _argument(2, high=True),
            (_EQUAL, 0, 1, 0),
            allow,
            deny,
        ]
    if name == "sendto":  # into a socket that is connected, to no address
        return [_argument(4), (_EQUAL, 0, 3, 0), _argument(4, high=True), (_EQUAL, 0, 1, 0), allow, deny]
    if name in ("open", "openat"):
        flags = _argument(1 if name == "open" else 2)
        return [
            flags,
            (_ANY_BIT, 5, 0, _TMPFILE),
            (_ANY_BIT, 0, 3, _TRUNC),
            (_ALL, 0, 0, _ACCESS_MODE),
            (_EQUAL, 1, 0, _WRITE_ONLY),
            (_EQUAL, 0, 1, _READ_WRITE),
            allow,
            deny,
        ]
    if name == "fcntl":
        return _one_of(_argument(1), _FCNTLS, errno.EPERM)
    return _one_of(_argument(1), _IOCTLS, errno.ENOTTY)  # as for a command that the device doesn't know


def _one_of(argument: Instruction, values: tuple[int, ...], error: int) -> list[Instruction]:
    """Allow these values of an argument's low half, which is all that the kernel reads of a command."""
    last = len(values)
    tests: list[Instruction] = [(_EQUAL, last - n, 0, value) for n, value in enumerate(values)]
    return [argument, *tests, _refuse(error), (_RETURN, 0, 0, ALLOW)]
