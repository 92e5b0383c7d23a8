"""The system-call filter, interpreted here as the kernel would, for both processors."""

from __future__ import annotations

import errno
import re
from pathlib import Path

import pytest

from agents.tools.sandbox.filter import (
    ALLOW,
    ERRNO,
    EXAMINED,
    KILL,
    MACHINES,
    MISSING,
    NEWEST_KNOWN,
    PRETENDED,
    UNSUPPORTED,
    Instruction,
    program,
)

OWN = 4242


def verdict(code: tuple[Instruction, ...], number: int, *arguments: int, audit: int) -> int:
    """Run classic BPF over a struct seccomp_data."""
    data = number.to_bytes(4, "little") + audit.to_bytes(4, "little") + bytes(8)
    data += b"".join((a & (1 << 64) - 1).to_bytes(8, "little") for a in (*arguments, 0, 0, 0, 0, 0, 0)[:6])
    at = held = 0
    while True:
        kind, yes, no, constant = code[at]
        k = OWN if constant is None else constant
        at += 1
        if kind == 0x20:
            held = int.from_bytes(data[k : k + 4], "little")
        elif kind == 0x54:
            held &= k
        elif kind == 0x06:
            return k
        else:
            true = {0x15: held == k, 0x25: held > k, 0x35: held >= k, 0x45: bool(held & k)}[kind]
            at += yes if true else no


@pytest.fixture(params=sorted(MACHINES))
def machine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def ask(machine: str, name: str, *arguments: int) -> int:
    known = MACHINES[machine]
    return verdict(program(machine), known.numbers[name], *arguments, audit=known.audit)


DENY = ERRNO | errno.EPERM


def test_each_jump_stays_in_the_program_and_every_path_ends(machine: str) -> None:
    code = program(machine)
    assert len(code) <= 4096  # BPF_MAXINSNS
    for at, (kind, yes, no, _) in enumerate(code):
        assert 0 <= yes < 256
        assert 0 <= no < 256
        if kind & 7 == 5:
            assert at + 1 + max(yes, no) < len(code)
    assert code[-1][0] == 0x06


def test_every_number_gets_the_verdict_of_its_name(machine: str) -> None:
    known, code = MACHINES[machine], program(machine)
    names = {number: name for name, number in known.numbers.items()}
    assert len(names) == len(known.numbers), "two names share a number"
    free = set(known.numbers) - EXAMINED - MISSING - PRETENDED - UNSUPPORTED
    for number in range(NEWEST_KNOWN + 50):
        name = names.get(number, "")
        if name in EXAMINED:
            continue
        expected = DENY
        if name in free:
            expected = ALLOW
        elif name in PRETENDED:
            expected = ERRNO
        elif name in UNSUPPORTED:
            expected = ERRNO | errno.ENOTSUP
        elif name in MISSING or number > NEWEST_KNOWN:
            expected = ERRNO | errno.ENOSYS
        assert verdict(code, number, audit=known.audit) == expected, (number, name)


def test_another_architecture_is_the_end(machine: str) -> None:
    code = program(machine)
    for audit in {0x40000003, 0xC000003E, 0xC00000B7, 0x40000028} - {MACHINES[machine].audit}:
        assert verdict(code, 0, audit=audit) == KILL


def test_the_second_table_of_x86_is_refused() -> None:
    code = program("x86_64")
    for number in (0x40000000, 0x40000000 | 41, 0xFFFFFFFF):
        assert verdict(code, number, audit=0xC000003E) == DENY


def test_threads_are_allowed_and_processes_are_not(machine: str) -> None:
    thread = 0x3D0F00  # what glibc's pthread_create asks for
    assert ask(machine, "clone", thread) == ALLOW
    assert ask(machine, "clone", 0x01200011) == DENY  # fork
    assert ask(machine, "clone", 0x4111) == DENY  # vfork, posix_spawn
    assert ask(machine, "clone", 0) == DENY
    assert ask(machine, "clone", 0x10000) == DENY  # a thread that shares nothing
    for namespace in (0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
        assert ask(machine, "clone", thread | namespace) == DENY


def test_signals_go_to_oneself(machine: str) -> None:
    assert ask(machine, "tgkill", OWN, OWN, 6) == ALLOW
    assert ask(machine, "tgkill", OWN + 1, OWN + 1, 6) == DENY
    assert ask(machine, "tgkill", 1, OWN, 9) == DENY


def test_limits_can_be_asked_for_and_not_set(machine: str) -> None:
    assert ask(machine, "prlimit64", 0, 7, 0, 0x7FFF0000) == ALLOW
    assert ask(machine, "prlimit64", OWN, 7, 0, 0x7FFF0000) == ALLOW
    assert ask(machine, "prlimit64", 1, 7, 0, 0x7FFF0000) == DENY
    assert ask(machine, "prlimit64", 0, 7, 0x7FFF0000, 0) == DENY
    assert ask(machine, "prlimit64", 0, 7, 0x7FFF_0000_0000, 0) == DENY  # an address whose low half is 0


def test_sockets_are_pairs_without_addresses(machine: str) -> None:
    assert ask(machine, "socketpair", 1, 1, 0) == ALLOW
    assert ask(machine, "socketpair", 2, 1, 0) == DENY
    assert ask(machine, "socketpair", 16, 3, 0) == DENY
    assert ask(machine, "sendto", 3, 0x1000, 1, 0, 0, 0) == ALLOW
    assert ask(machine, "sendto", 3, 0x1000, 1, 0, 0x1000, 16) == DENY
    assert ask(machine, "sendto", 3, 0x1000, 1, 0, 0x1_0000_0000, 16) == DENY


def test_files_have_names(machine: str) -> None:
    assert ask(machine, "openat", 0, 0x1000, 0o102) == ALLOW
    assert ask(machine, "openat", 0, 0x1000, 0o20200002) == DENY
    if machine == "x86_64":
        assert ask(machine, "open", 0x1000, 0o102) == ALLOW
        assert ask(machine, "open", 0x1000, 0o20200002) == DENY


def test_what_devices_may_be_asked(machine: str) -> None:
    refused = ERRNO | errno.ENOTTY
    for command in (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451):
        assert ask(machine, "ioctl", 0, command) == ALLOW
    for command in (0x5412, 0x541C, 0x40086602, 0x40049409, 0):  # TIOCSTI, TIOCLINUX, FS_IOC_SETFLAGS, FICLONE
        assert ask(machine, "ioctl", 0, command) == refused


def test_a_descriptor_belongs_to_nobody_else(machine: str) -> None:
    for command in (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1032):
        assert ask(machine, "fcntl", 0, command) == ALLOW
    for command in (
        8,
        10,
        15,
        1024,
        1026,
        1031,
        1033,
    ):  # F_SETOWN, F_SETSIG, F_SETOWN_EX, leases, F_NOTIFY, pipe's size
        assert ask(machine, "fcntl", 0, command, OWN) == DENY


def test_a_process_may_only_name_its_threads(machine: str) -> None:
    assert ask(machine, "prctl", 15, 0x1000) == ALLOW
    for option in (1, 4, 8, 22, 23, 24, 28, 38, 0x53564D41):
        assert ask(machine, "prctl", option, 0) == DENY


HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}


def test_the_numbers_are_the_kernels(machine: str) -> None:
    header = HEADERS[machine]
    if not header.is_file():
        pytest.skip("the kernel's headers are not installed")
    found = re.findall(r"^#define __NR(?:3264)?_(\w+)\s+(\d+)", header.read_text(), re.MULTILINE)
    real = {name: int(number) for name, number in found}
    real.setdefault("newfstatat", real.get("fstatat", -1))  # its name on aarch64 differs from the generic one
    assert {name: real.get(name) for name in MACHINES[machine].numbers} == MACHINES[machine].numbers
