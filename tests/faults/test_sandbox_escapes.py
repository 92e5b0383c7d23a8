"""Known ways out of a Python sandbox and known attacks on its host: each is run for real and held.

Nothing here is patched. A canary stands outside of the sandbox: files, an environment variable, a process, a listening
socket. Every attack ends in a typed result, in bounded time, and the canary is as it was.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from agents.tools.sandbox import Limits, Protections, Sandbox, SandboxResult

MISSING = Protections.here().missing()
pytestmark = pytest.mark.skipif(MISSING is not None, reason=str(MISSING))

SECRET = "canary-8c1f"
LIMITS = Limits(
    seconds=10,
    cpu_seconds=2,
    memory_bytes=256 << 20,
    file_bytes=1 << 20,
    folder_bytes=4 << 20,
    files=50,
    written_bytes=24 << 20,
    flood_bytes=2 << 20,
)


@dataclass
class Outside:
    """What an escape would reach."""

    secret: Path
    home: Path
    port: int
    abstract: str
    listeners: list[socket.socket]
    bystander: subprocess.Popen[bytes]

    def fill(self, code: str) -> str:
        values = {
            "SECRET_FILE": str(self.secret),
            "HOME_LIBRARY": str(self.home),
            "PORT": str(self.port),
            "ABSTRACT": self.abstract,
            "PARENT": str(os.getpid()),
            "BYSTANDER": str(self.bystander.pid),
            "SITE": str(Path(pytest.__file__).parent),
        }
        for name, value in values.items():
            code = code.replace(f"<{name}>", value)
        return code


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    folder = tmp_path_factory.mktemp("outside")
    secret = folder / "secret.txt"
    secret.write_text(SECRET)
    home = folder / "home"
    home.mkdir()
    (home / "catalog.sqlite").write_bytes(b"SQLite format 3\0" + SECRET.encode())
    abstract = f"zhiku-canary-{os.getpid()}"
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as local:
        local.bind(f"\0{abstract}")
        local.listen()
        for listener in (server, local):
            listener.settimeout(0)
        bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        yield Outside(secret, home, server.getsockname()[1], abstract, [server, local], bystander)
        bystander.kill()
        bystander.wait()


@pytest.fixture
def outside(world: Outside, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outside]:
    monkeypatch.setenv("ZHIKU_MODEL_API_KEY", SECRET)
    before = world.secret.stat()
    yield world
    assert world.bystander.poll() is None, "a process that had nothing to do with it was ended"
    for listener in world.listeners:
        with pytest.raises(BlockingIOError):
            listener.accept()
    after = world.secret.stat()
    assert world.secret.read_text() == SECRET
    assert SECRET.encode() in (world.home / "catalog.sqlite").read_bytes()
    assert (before.st_mode, before.st_mtime_ns, before.st_nlink) == (after.st_mode, after.st_mtime_ns, after.st_nlink)


def attack(outside: Outside, code: str, limits: Limits = LIMITS) -> SandboxResult:
    result = Sandbox(limits).run(outside.fill(code))
    told = result.stdout + result.stderr + result.value + result.error + repr(result.made)
    assert SECRET not in told, "it read what it must not"
    assert "root:x:" not in told, "it read /etc/passwd"
    return result


CALL = """
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
def call(number, *arguments):
    got = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
    return got if got >= 0 else errno.errorcode[ctypes.get_errno()]
"""

# Each ends with an exception of the named kind; the code before the last step has to work.
REFUSED = {
    "reads /etc/passwd": ("open('/etc/passwd').read()", "PermissionError"),
    "reads another's file": ("open('<SECRET_FILE>').read()", "PermissionError"),
    "reads the library's catalog": ("open('<HOME_LIBRARY>/catalog.sqlite','rb').read()", "PermissionError"),
    "opens the catalog with sqlite": (
        "import sqlite3; sqlite3.connect('<HOME_LIBRARY>/catalog.sqlite').execute('select 1 from x')",
        "OperationalError",
    ),
    "lists a folder": ("import os; os.listdir('<HOME_LIBRARY>')", "PermissionError"),
    "lists the root": ("import os; os.listdir('/')", "PermissionError"),
    "climbs the object graph to os": (
        (
            "found = [c for c in ().__class__.__base__.__subclasses__() if c.__name__ == '_wrap_close'][0]\n"
            "found.__init__.__globals__['popen']('cat /etc/passwd').read()"
        ),
        "PermissionError",
    ),
    "climbs the object graph to the loader": (
        (
            "loader = [c for c in object.__subclasses__() if c.__name__ == 'FileLoader'][0]\n"
            "loader('x', '/etc/passwd').get_data('/etc/passwd')"
        ),
        "PermissionError",
    ),
    "walks the frames to builtins": (
        (
            "import sys\nframe = sys._getframe()\nwhile frame.f_back: frame = frame.f_back\n"
            "frame.f_globals['__builtins__'].open('<SECRET_FILE>').read()"
        ),
        "PermissionError",
    ),
    "walks a generator's frame": (
        "g = (g.gi_frame.f_back for _ in [1])\nframe = next(g)\nframe.f_builtins['open']('<SECRET_FILE>').read()",
        "PermissionError",
    ),
    "unpickles a command": (
        "import pickle\npickle.loads(b'cos\\nopen\\n(V/etc/passwd\\nI0\\ntR.')",
        "PermissionError",
    ),
    "runs a program": ("import subprocess; subprocess.run(['/bin/cat', '/etc/passwd'])", "PermissionError"),
    "replaces itself by a program": ("import os; os.execv('/bin/sh', ['sh', '-c', 'id'])", "PermissionError"),
    "spawns": ("import os; os.posix_spawn('/bin/sh', ['sh'], {})", "PermissionError"),
    "forks": ("import os; os.fork()", "PermissionError"),
    "starts multiprocessing": (
        "import multiprocessing as m\nm.get_context('fork').Process(target=print).start()",
        "PermissionError",
    ),
    "opens a pseudo-terminal": ("import pty; pty.spawn('/bin/sh')", "OSError|PermissionError"),
    "opens a socket": ("import socket; socket.socket()", "PermissionError"),
    "connects to this machine": (
        "import socket; socket.create_connection(('127.0.0.1', <PORT>))",
        "PermissionError",
    ),
    "fetches a page": ("import urllib.request; urllib.request.urlopen('http://127.0.0.1:<PORT>/')", "URLError"),
    "asks a name server": ("import socket; socket.getaddrinfo('example.com', 80)", "gaierror|PermissionError"),
    "connects to an abstract socket": (
        "import socket; socket.socket(socket.AF_UNIX).connect('\\0<ABSTRACT>')",
        "PermissionError",
    ),
    "sends from a pair to an abstract socket": (
        "import socket; a, b = socket.socketpair(type=socket.SOCK_DGRAM); a.sendto(b'x', '\\0<ABSTRACT>')",
        "PermissionError",
    ),
    "makes a netlink socket": (
        "import socket; socket.socketpair(socket.AF_NETLINK)",
        "PermissionError",
    ),
    "reads the parent's environment": ("open('/proc/<PARENT>/environ').read()", "PermissionError"),
    "reads its own memory file": ("open('/proc/self/mem', 'rb')", "PermissionError"),
    "reads its own environment file": ("open('/proc/self/environ').read()", "PermissionError"),
    "reads the kernel's settings": ("open('/proc/sys/kernel/core_pattern').read()", "PermissionError"),
    "opens the parent's descriptors": (
        "for n in range(64):\n    try: open(f'/proc/<PARENT>/fd/{n}', 'rb')\n    except FileNotFoundError: pass",
        "PermissionError",
    ),
    "looks where the parent works": ("import os; os.readlink('/proc/<PARENT>/cwd')", "PermissionError"),
    "reads the parent's memory file": ("open('/proc/<PARENT>/mem', 'rb')", "PermissionError"),
    "has a pipe send a signal": (
        (
            "import fcntl, os\nr, w = os.pipe()\nfcntl.fcntl(r, fcntl.F_SETOWN, <BYSTANDER>)\n"
            "fcntl.fcntl(r, fcntl.F_SETSIG, 9)\nfcntl.fcntl(r, fcntl.F_SETFL, os.O_ASYNC)\nos.write(w, b'x')"
        ),
        "PermissionError",
    ),
    "kills a process": ("import os; os.kill(<BYSTANDER>, 9)", "PermissionError"),
    "kills everything": ("import os; os.kill(-1, 9)", "PermissionError"),
    "kills the parent's group": ("import os; os.killpg(<PARENT>, 9)", "PermissionError"),
    "leaves its session": ("import os; os.setsid()", "PermissionError"),
    "raises its limits": (
        "import resource; resource.setrlimit(resource.RLIMIT_CPU, (999, 999))",
        "PermissionError|ValueError",
    ),
    "raises the parent's limits": (
        "import resource; resource.prlimit(<PARENT>, resource.RLIMIT_NOFILE, (3, 3))",
        "PermissionError",
    ),
    "becomes root": ("import os; os.setuid(0)", "PermissionError"),
    "changes its root": ("import os; os.chroot('.')", "PermissionError"),
    "writes into the packages": ("open('<SITE>/evil.py', 'w')", "PermissionError"),
    "writes into the standard library": ("import json; open(json.__file__, 'a')", "PermissionError"),
    "writes beside its folder": ("open('../answer2', 'w')", "PermissionError"),
    "writes to a shared temporary folder": ("open('/tmp/zhiku-canary', 'w')", "PermissionError"),
    "writes to shared memory": ("open('/dev/shm/zhiku-canary', 'w')", "PermissionError"),
    "makes shared memory": (
        "from multiprocessing import shared_memory as s; s.SharedMemory(create=True, size=10)",
        "PermissionError",
    ),
    "truncates another's file": ("import os; os.truncate('<SECRET_FILE>', 0)", "PermissionError"),
    "removes another's file": ("import os; os.remove('<SECRET_FILE>')", "PermissionError"),
    "moves another's file in": ("import os; os.rename('<SECRET_FILE>', 'mine')", "PermissionError|OSError"),
    "gives another's file away": ("import os; os.chown('<SECRET_FILE>', 1, 1)", "PermissionError"),
    "links to another's file": ("import os; os.link('<SECRET_FILE>', 'mine')", "PermissionError"),
    "makes a symlink": ("import os; os.symlink('<SECRET_FILE>', 'mine')", "PermissionError"),
    "makes a pipe with a name": ("import os; os.mkfifo('pipe')", "PermissionError"),
    "makes a device": ("import os; os.mknod('disk', 0o60600, os.makedev(8, 0))", "PermissionError"),
    "makes a file in memory": ("import os; os.memfd_create('x')", "PermissionError"),
    "types into the terminal": (
        "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSTI, b'x')",
        "OSError|PermissionError",
    ),
    "imports a package of ours": ("import ingest", "ModuleNotFoundError"),
    "loads a library it wrote": (
        "import ctypes; open('evil.so','wb').write(b'\\x7fELF'); ctypes.CDLL('./evil.so')",
        "OSError",
    ),
    "asks for too large a number": ("str(10 ** 10000)", "ValueError"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str, outside: Outside) -> None:
    code, kind = REFUSED[name]
    result = attack(outside, code)
    assert result.why == "error", result
    last = result.error.splitlines()[-1]
    assert any(word in last for word in kind.split("|")), result.error
    assert not result.made or set(result.made) <= {"evil.so"}


# System calls made without libc's help: number on x86-64 and aarch64, arguments.
CALLS = {
    "socket": (41, 198, "2, 1, 0"),
    "connect": (42, 203, "0, 0, 0"),
    "bind": (49, 200, "0, 0, 0"),
    "ptrace": (101, 117, "16, <PARENT>, 0, 0"),
    "process_vm_readv": (310, 270, "<PARENT>, 0, 0, 0, 0, 0"),
    "process_vm_writev": (311, 271, "<PARENT>, 0, 0, 0, 0, 0"),
    "mount": (165, 40, "0, 0, 0, 0, 0"),
    "unshare": (272, 97, "0x10000000"),
    "setns": (308, 268, "0, 0"),
    "clone into namespaces": (56, 220, "0x10000000 | 17, 0, 0, 0, 0"),
    "bpf": (321, 280, "0, 0, 0"),
    "keyctl": (250, 219, "0, 0, 0"),
    "io_uring_setup": (425, 425, "1, 0"),
    "perf_event_open": (298, 241, "0, 0, 0, 0, 0"),
    "userfaultfd": (323, 282, "0"),
    "kexec_load": (246, 104, "0, 0, 0, 0"),
    "init_module": (175, 105, "0, 0, 0"),
    "reboot": (169, 142, "0, 0, 0"),
    "pidfd_open": (434, 434, "<PARENT>, 0"),
    "open_by_handle_at": (304, 265, "0, 0, 0"),
    "execve": (59, 221, "0, 0, 0"),
    "tkill": (200, 130, "<BYSTANDER>, 9"),
    "tgkill": (234, 131, "<BYSTANDER>, <BYSTANDER>, 9"),
    "rt_sigqueueinfo": (129, 138, "<BYSTANDER>, 9, 0"),
    "prctl(PR_SET_PDEATHSIG)": (157, 167, "1, 0, 0, 0, 0"),
    "personality": (135, 92, "0x0040000"),
    "shmget": (29, 194, "0, 4096, 0o1600"),
    "quotactl": (179, 60, "0, 0, 0, 0"),
    "settimeofday": (164, 170, "0, 0"),
    "landlock_create_ruleset": (444, 444, "0, 0, 1"),
}


@pytest.mark.parametrize("name", CALLS)
def test_system_calls_made_by_hand(name: str, outside: Outside) -> None:
    x86, arm, arguments = CALLS[name]
    number = x86 if Protections.here().machine == "x86_64" else arm
    result = attack(outside, f"{CALL}\ncall({number}, {arguments})")
    assert result.value == "'EPERM'", result


def test_space_is_not_reserved(outside: Outside) -> None:
    """fallocate isn't held by RLIMIT_FSIZE when it keeps the size, and counts as no writing."""
    number = 285 if Protections.here().machine == "x86_64" else 47
    code = f"{CALL}\nf = open('x', 'wb')\ncall({number}, f.fileno(), 1, 0, 1 << 36) in ('ENOTSUP', 'EOPNOTSUPP')"
    assert attack(outside, code).value == "True"


def test_calls_that_hide_their_arguments_do_not_exist(outside: Outside) -> None:
    result = attack(outside, f"{CALL}\n[call(435, 0, 0), call(437, 0, 0, 0, 0), call(1000)]")
    assert result.value == "['ENOSYS', 'ENOSYS', 'ENOSYS']", result


@pytest.mark.skipif(Protections.here().machine != "x86_64", reason="x32 and 32-bit calls are x86's")
def test_the_other_tables_of_x86(outside: Outside) -> None:
    assert attack(outside, f"{CALL}\ncall(0x40000000 | 41, 2, 1, 0)").value == "'EPERM'"
    # mov eax, 20 (getpid); int 0x80; ret: a 32-bit call from 64-bit code
    by_hand = (
        "import ctypes, mmap\nm = mmap.mmap(-1, 4096, prot=7)\nm.write(bytes.fromhex('b814000000cd80c3'))\n"
        "ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(m)))()"
    )
    result = attack(outside, by_hand)
    assert (result.why, result.status) == ("crashed", -signal.SIGSYS), result


@pytest.mark.skipif(Protections.here().landlock < 3, reason="truncation by an open file is Landlock 3's")
def test_what_is_pretended_changes_nothing(outside: Outside) -> None:
    code = "import os\nos.chmod('<SECRET_FILE>', 0o777)\nos.utime('<SECRET_FILE>', (0, 0))\n'quiet'"
    before = outside.secret.stat()
    assert attack(outside, code).value == "'quiet'"
    after = outside.secret.stat()
    assert (before.st_mode, before.st_mtime_ns) == (after.st_mode, after.st_mtime_ns)


def test_the_environment_holds_no_secrets(outside: Outside) -> None:
    result = attack(outside, "import os\nsorted(os.environ)")
    assert result.why == "done"
    assert "KEY" not in result.value
    assert "PATH" not in result.value.replace("LD_LIBRARY_PATH", "")
    assert attack(outside, "import ctypes; ctypes.CDLL(None).getenv(b'ZHIKU_MODEL_API_KEY')").value == "0"


def test_no_descriptors_are_inherited(outside: Outside) -> None:
    with outside.secret.open("rb") as file:
        os.set_inheritable(file.fileno(), True)
        code = (
            "import os\nfound = []\nfor n in range(64):\n    try: found.append((n, os.fstat(n).st_ino))\n"
            f"    except OSError: pass\n[ino for n, ino in found if ino == {outside.secret.stat().st_ino}], len(found)"
        )
        result = attack(outside, code)
    assert result.value == "([], 4)", result  # nothing, stdout, stderr, the answer


def test_it_has_no_capabilities_even_as_root(outside: Outside) -> None:
    number = 125 if Protections.here().machine == "x86_64" else 90
    result = attack(outside, f"{CALL}\ncall({number}, 0, 0)")
    assert result.value == "'EPERM'"  # not even to ask for them
    assert attack(outside, "import os; os.nice(-5)").why == "error"


def _within(seconds: float) -> Limits:
    """Little of everything, but time by the clock: on a busy machine an attack gets no further for a while."""
    return replace(LIMITS, seconds=seconds, cpu_seconds=1)


# Attacks on what the machine has: how each may end, and in what time.
EXHAUSTING = {
    "loops": ("while True: pass", {"cpu", "time"}),
    "loops in many threads": (
        "import threading\ndef spin():\n    while True: pass\nfor _ in range(8): threading.Thread(target=spin).start()",
        {"cpu", "time"},
    ),
    "sleeps": ("import time; time.sleep(100)", {"time"}),
    "waits for input": ("import os, signal\nsignal.pause()", {"time"}),
    "ignores every signal": (
        (
            "import signal\nfor n in range(1, 65):\n    try: signal.signal(n, signal.SIG_IGN)\n"
            "    except (OSError, ValueError): pass\nwhile True: pass"
        ),
        {"cpu", "time"},
    ),
    "catches what ends it": (
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        {"cpu", "time"},
    ),
    "computes without giving way": ("9 ** 9 ** 9", {"cpu", "time", "memory"}),
    "backtracks": ("import re; re.match(r'(a+)+$', 'a' * 40 + 'b')", {"cpu", "time"}),
    "takes all memory": ("x = bytearray(10 ** 10)", {"memory"}),
    "takes memory bit by bit": ("x = []\nwhile True: x.append(bytearray(1 << 20))", {"memory"}),
    "catches running out of memory": (
        "x = []\nwhile True:\n    try: x.append(bytearray(1 << 20))\n    except MemoryError: pass",
        {"memory", "cpu", "time"},
    ),
    "has a huge value": ("'x' * (100 << 20)", {"done", "memory"}),
    "nests without end": ("eval('(' * 100000)", {"error", "memory", "crashed"}),
    "recurses in C": (
        "x = []\nfor _ in range(200000): x = [x]\nrepr(x)",
        {"error", "crashed"},
    ),
    "unpacks a bomb": (
        "import zlib\nb = zlib.compress(zlib.compress(bytes(200 << 20), 9), 9)\nlen(zlib.decompress(zlib.decompress(b)))",
        {"done", "memory", "cpu", "time"},
    ),
    "prints without end": ("while True: print('x' * 10000)", {"output", "cpu"}),
    "prints errors without end": ("import sys\nwhile True: sys.stderr.write('错' * 10000)", {"output", "cpu"}),
    "writes a large file": ("open('big', 'wb').write(bytes(100 << 20))", {"error", "crashed"}),
    "writes many files": ("for n in range(100000): open(f'{n}', 'w').write('x')", {"files"}),
    "fills the disk in many files": (
        "for n in range(40): open(f'{n}', 'wb').write(bytes(1 << 20))\nimport time; time.sleep(9)",
        {"files"},
    ),
    "fills the disk with removed files": (
        (
            "import os\nkept = []\nwhile True:\n    f = open('x', 'wb'); f.write(bytes(1 << 20)); os.remove('x')\n"
            "    kept = (kept + [f])[-40:]"
        ),
        {"files"},
    ),
    "hides files behind mappings": (
        (
            "import ctypes, os\nlibc = ctypes.CDLL(None)\nwhile True:\n    f = open('x', 'wb+'); f.truncate(4096)\n"
            "    libc.mmap(None, 4096, 3, 1, f.fileno(), 0); f.close(); os.remove('x')"
        ),
        {"files"},
    ),
    "leaves no files to open": ("import os\nkept = [os.dup(1) for _ in range(10000)]", {"error"}),
    "has a value that can't be told": (
        (
            "class S(str):\n    def __getitem__(self, key): raise KeyError(key)\n    def __len__(self): return 10**9\n"
            "class V:\n    def __repr__(self): return S('x')\nV()"
        ),
        {"done"},
    ),
    "breaks what reports it": (
        (
            "import traceback\nclass E(Exception):\n    def __str__(self): raise SystemExit(5)\n"
            "traceback.format_exception_only = traceback.walk_tb = None\nraise E"
        ),
        {"error"},
    ),
    "makes a sparse file": ("open('s', 'wb').truncate(1 << 40)", {"error", "crashed"}),
    "makes folders in folders": (
        "import os\nfor n in range(3000):\n    os.mkdir('d' * 200); os.chdir('d' * 200)",
        {"files"},
    ),
    "opens files without end": ("kept = [open('x', 'w') for _ in range(10000)]", {"error"}),
    "starts threads without end": (
        (
            "import threading, time\nthreading.stack_size(32768)\n"
            "while True: threading.Thread(target=time.sleep, args=(99,)).start()"
        ),
        {"threads", "error", "memory"},
    ),
    "forks without end": (
        "import os\nn = 0\nwhile n < 1000:\n    try: os.fork()\n    except PermissionError: n += 1\nn",
        {"done"},
    ),
    "closes its output and goes on": ("import os\nos.close(1); os.close(2)\nwhile True: pass", {"cpu", "time"}),
    "crashes": ("import ctypes; ctypes.string_at(0)", {"crashed"}),
    "aborts": ("import os; os.abort()", {"crashed"}),
    "leaves without a word": ("import os; os._exit(81)", {"exit"}),
    "ends itself": ("import signal; signal.raise_signal(9)", {"crashed"}),
}


@pytest.mark.parametrize("name", EXHAUSTING)
def test_what_exhausts(name: str, outside: Outside) -> None:
    code, ends = EXHAUSTING[name]
    result = attack(outside, code, _within(1 if ends == {"time"} else 100))
    assert result.why in ends, result
    assert len(result.stdout) + len(result.stderr) + len(result.value) <= 3 * LIMITS.output_bytes + 100
    assert sum(map(len, result.made.values())) <= LIMITS.folder_bytes


def test_nothing_outlives_the_run(outside: Outside) -> None:
    """A thread that goes on after the end, and the folder, are gone with the process."""
    code = "import threading, time, os\nthreading.Thread(target=time.sleep, args=(99,), daemon=True).start()\nos.getpid(), os.getcwd()"
    result = attack(outside, code)
    assert result.why == "done"
    number = int(result.value[1:].split(",")[0])
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


def test_it_dies_with_its_parent(tmp_path: Path) -> None:
    """kill -9 of the program leaves no code running: the kernel tells the child."""
    code = "import os,time\nopen('pid','w').write(str(os.getpid()))\ntime.sleep(60)"
    program = (
        "import sys, tempfile\ntempfile.tempdir = sys.argv[1]\n"
        "from agents.tools.sandbox import Sandbox\nSandbox().run(sys.argv[2])"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, str(tmp_path), code], cwd=Path(__file__).parents[2])
    try:
        deadline = time.monotonic() + 60
        while not (found := [p for p in tmp_path.glob("*/files/pid") if p.read_text()]):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        parent.kill()
        parent.wait()
    number = int(found[0].read_text())
    deadline = time.monotonic() + 20
    while _alive(number):
        assert time.monotonic() < deadline, "it outlived its parent"
        time.sleep(0.05)


def _alive(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_cores_are_not_dumped(outside: Outside) -> None:
    result = attack(outside, "import os; os.abort()")
    assert result.why == "crashed"
    assert not result.made


def test_output_that_is_no_text_is_shown_as_text(outside: Outside) -> None:
    code = "import os\nos.write(1, bytes(range(256)) * 4 + b'\\x1b]0;owned\\x07')\nprint('\\ud800\\u202e')"
    result = attack(outside, code)
    assert result.why == "done"
    result.stdout.encode("utf-8")
    assert not any(ord(c) < 32 and c not in "\n\t" for c in result.stdout)


def test_an_answer_that_is_forged_is_no_more_than_text(outside: Outside) -> None:
    forged = "import os\nos.ftruncate(3, 0)\nos.pwrite(3, b'%s', 0)\nos._exit(0)"
    for answer in (b"[1]", b'{"value": 1, "why": 2}', b"[" * 5000, b"\xff\xfe", b'{"unprotected": "x", "why": "done"}'):
        result = attack(outside, forged.replace("b'%s'", repr(answer)))
        assert result.why == "done", (answer, result)
        assert result.value == ""


def test_a_bomb_in_a_given_file_ends_by_its_memory(outside: Outside) -> None:
    bomb = zlib.compress(bytes(300 << 20), 9)
    result = Sandbox(LIMITS).run("import zlib; len(zlib.decompress(open('b', 'rb').read()))", {"b": bomb})
    assert result.why == "memory"
