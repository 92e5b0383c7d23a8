"""The system-call filter: a list of what is allowed, assembled into classic BPF for seccomp.

An instruction is (code, jump if true, jump if false, constant), as struct sock_filter has it; a constant of `OWN_PID`
is replaced by the process's own id once it has one. The filter sees struct seccomp_data: the call's number, the
architecture, and six arguments of 64 bits, but never the memory they point to. The calls' numbers
are those of arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h (which aarch64 uses).
"""

from __future__ import annotations

import errno
import functools
from collections.abc import Mapping
from dataclasses import dataclass

NEWEST_KNOWN = 450
"""Calls numbered above came after the tables were read: they are 'not implemented', so that libc falls back."""

_BOTH = """
read=0/63 write=1/64 readv=19/65 writev=20/66 pread64=17/67 pwrite64=18/68 preadv=295/69 pwritev=296/70
preadv2=327/286 pwritev2=328/287 lseek=8/62 close=3/57 close_range=436/436 fstat=5/80 newfstatat=262/79 statx=332/291
faccessat=269/48 faccessat2=439/439 readlinkat=267/78 getcwd=79/17 getdents64=217/61 openat=257/56 dup=32/23
dup3=292/24 pipe2=293/59 fcntl=72/25 ioctl=16/29 mmap=9/222 munmap=11/215 mprotect=10/226 mremap=25/216
madvise=28/233 brk=12/214 msync=26/227 mincore=27/232 rt_sigaction=13/134 rt_sigprocmask=14/135 rt_sigreturn=15/139
rt_sigpending=127/136 rt_sigtimedwait=128/137 rt_sigsuspend=130/133 sigaltstack=131/132 restart_syscall=219/128
futex=202/98 set_robust_list=273/99 rseq=334/293 set_tid_address=218/96 gettid=186/178 getpid=39/172 getppid=110/173
getuid=102/174 geteuid=107/175 getgid=104/176 getegid=108/177 getresuid=118/148 getresgid=120/150 getgroups=115/158
getpgid=121/155 getsid=124/156 sched_yield=24/124 sched_getaffinity=204/123 nanosleep=35/101 clock_nanosleep=230/115
clock_gettime=228/113 clock_getres=229/114 gettimeofday=96/169 times=100/153 getrusage=98/165 sysinfo=99/179
uname=63/160 getrandom=318/278 getcpu=309/168 ppoll=271/73 pselect6=270/72 epoll_create1=291/20 epoll_ctl=233/21
epoll_pwait=281/22 eventfd2=290/19 socketpair=53/199 sendto=44/206 recvfrom=45/207 shutdown=48/210 getsockname=51/204
getpeername=52/205 getsockopt=55/209 setitimer=38/103 getitimer=36/102 mkdirat=258/34 unlinkat=263/35 renameat=264/38
renameat2=316/276 ftruncate=77/46 fsync=74/82 fdatasync=75/83 fallocate=285/47 umask=95/166 chdir=80/49 fchdir=81/50
flock=73/32 sendfile=40/71 copy_file_range=326/285 fadvise64=221/223 statfs=137/43 fstatfs=138/44 exit=60/93
exit_group=231/94 clone=56/220 clone3=435/435 openat2=437/437 wait4=61/260 waitid=247/95 tgkill=234/131 prctl=157/167
prlimit64=302/261 getrlimit=97/163 fchmod=91/52 fchmodat=268/53 utimensat=280/88 listxattr=194/11 llistxattr=195/12
flistxattr=196/13
"""
_ONLY_X86 = """
stat=4 lstat=6 access=21 readlink=89 open=2 dup2=33 pipe=22 getpgrp=111 time=201 poll=7 select=23 epoll_create=213
epoll_wait=232 alarm=37 pause=34 mkdir=83 rmdir=84 unlink=87 rename=82 chmod=90 utime=132 utimes=235 futimesat=261
"""


@dataclass(frozen=True, slots=True)
class Machine:
    """What the filter has to know of a processor."""

    audit: int
    """AUDIT_ARCH_*, from linux/audit.h: every word size and byte order has its own."""
    numbers: Mapping[str, int]
    second_table: int = 0
    """Calls with this bit come through another table (x32 on x86-64); 0: there is none."""


def _table(column: int, *texts: str) -> dict[str, int]:
    pairs = (entry.split("=") for text in texts for entry in text.split())
    return {name: int(numbers.split("/")[column]) for name, numbers in pairs}


MACHINES: Mapping[str, Machine] = {
    "x86_64": Machine(0xC000003E, _table(0, _BOTH, _ONLY_X86), second_table=0x40000000),
    "aarch64": Machine(0xC00000B7, _table(1, _BOTH)),
}
"""By the name that `uname -m` gives. Elsewhere there is no filter."""

PRETENDED = frozenset({"chmod", "fchmod", "fchmodat", "utime", "utimes", "utimensat", "futimesat"})
"""Calls that do nothing and report success: Landlock doesn't know them, and `shutil.copy` breaks where they fail."""
MISSING = frozenset({"clone3", "openat2"})
"""Calls that are 'not implemented': their arguments lie in memory, where no filter sees them; libc knows others."""
UNSUPPORTED = frozenset({"listxattr", "llistxattr", "flistxattr", "fallocate"})
"""Calls that some file systems don't know, for which their callers are ready. Space taken by fallocate is under no limit
of the process's and is no writing either: in a file without a name nobody would see it."""
EXAMINED = frozenset(
    {"clone", "tgkill", "prctl", "prlimit64", "ioctl", "fcntl", "socketpair", "sendto", "open", "openat"}
)
"""Calls allowed by their arguments."""


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
