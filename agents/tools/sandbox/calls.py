"""Numbers of the system calls that confined Python may make, from Linux's own headers.

Sources: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h (which aarch64 uses).
"""

from __future__ import annotations

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
