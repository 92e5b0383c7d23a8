"""The parent's side: a process started, given its job and what it may read, watched, ended, and what it left behind collected."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import signal
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from agents.tools.plain import plain
from agents.tools.sandbox import inside
from agents.tools.sandbox.filter import program
from agents.tools.sandbox.folder import PREFIX, put, remove, sweep, take
from agents.tools.sandbox.limits import Limits, SandboxResult, Why
from agents.tools.sandbox.protections import Protections, unavailable
from agents.tools.sandbox.watch import Listener, Watch
from ingest.apart.processes import end, started
from ingest.language import Text

TICK = 0.02
"""Seconds between two looks at the clock and at whether the run is cancelled."""
LOOK_EVERY = 5
"""Ticks between two looks at files and threads."""
_ERRORS: tuple[Why, ...] = ("done", "error", "exit", "memory")


class Sandbox:
    """Runs Python code in a process that can reach nothing but a private folder.

    Held by the kernel (Linux with Landlock and seccomp): no network of any kind, no other processes seen, signalled,
    traced or started; no file read but the standard library, shared libraries and the private folder, none written
    outside of it; no capabilities, even for root; bounds on address space, processor time, size of files and open
    files. Held by this process, which looks every 20 to 100 ms: the clock, output, number and total size of files,
    threads. When the run ends, its processes are killed and its folder is removed.

    Not covered: holes in the kernel or the processor (Spectre and its kin); what the code can tell from times; that a
    path exists, and its size and times (`os.stat` isn't restricted by Landlock), the system's version, load and
    memory; the processor being busy up to the limit, at low priority; disk used for a moment beyond the limit, between
    two looks. Chmod and utime do nothing and report success. With `unprotected=True` on a system that lacks the
    protections, whatever is missing is simply not there: the code can do what the user can, within limits of time,
    output and, mostly, memory, and a process that it detaches outlives the run.
    """

    def __init__(
        self, limits: Limits | None = None, *, protections: Protections | None = None, unprotected: bool = False
    ) -> None:
        self._limits = limits or Limits()
        self._protections = protections or Protections.here()
        self._unprotected = unprotected

    def trouble(self) -> Text | None:
        """Why `run` would refuse; None when it would not."""
        return None if self._unprotected else self._protections.missing()

    def run(
        self,
        code: str,
        files: Mapping[str, bytes | Path] | None = None,
        cancelled: threading.Event | None = None,
        seconds: float | None = None,
    ) -> SandboxResult:
        """Run `code` with copies of `files` (by relative path) in its folder, for at most `seconds` by the clock.

        Raises `SandboxUnavailable` where it can't be confined, `UsageError` for a file name that leads elsewhere.
        """
        if reason := self.trouble():
            raise unavailable(reason)
        limits = self._limits if seconds is None else replace(self._limits, seconds=min(seconds, self._limits.seconds))
        _sweep_once()
        root = Path(tempfile.mkdtemp(prefix=PREFIX)).resolve()
        try:
            for name in ("files", "scratch"):
                (root / name).mkdir()
            before = put(root / "files", files or {})
            result = self._run(code, root, limits, cancelled)
            made, left = take(root / "files", before, limits)
            return replace(result, made=made, left_out=left)
        finally:
            remove(root)

    def _run(self, code: str, root: Path, limits: Limits, cancelled: threading.Event | None) -> SandboxResult:
        begun = time.monotonic()
        with tempfile.TemporaryFile() as job:
            job.write(json.dumps(self._job(code, root, limits)).encode("ascii"))
            job.seek(0)
            process = started(
                [sys.executable, "-I", "-S", "-B", "-X", "utf8", inside.__file__],
                _environment(root),
                stdin=job,
                stderr=subprocess.PIPE,
                cwd=root / "files",
            )
        assert process.stdout is not None
        assert process.stderr is not None
        with process.stdout, process.stderr:
            listeners = [Listener(pipe, limits.output_bytes) for pipe in (process.stdout, process.stderr)]
            watch = Watch(process, (root / "files", root / "scratch"), limits)
            why, status = None, 0
            try:
                why = _attend(process, listeners, watch, limits, begun, cancelled)
            finally:
                status = end(process)
            for listener in listeners:
                listener.join(1.0)  # a process that got away (unprotected only) may hold the pipe: it isn't waited for
        told = _answer(root / "answer", limits)
        if "unprotected" in told and status == inside.UNPROTECTED:
            reason = told["unprotected"]
            raise unavailable(
                Text(f"Python can't be confined here ({reason}).", f"此处无法隔离运行 Python（{reason}）。")
            )
        return SandboxResult(
            why=why or _why(status, told, spent=watch.cpu_seconds >= limits.cpu_seconds),
            stdout=_relative(listeners[0].text(), root),
            stderr=_relative(listeners[1].text(), root),
            value=_relative(plain(told["value"]), root),
            error=_relative(plain(told["error"]), root),
            status=status,
            truncated=any(listener.truncated for listener in listeners) or told["cut"],
        )

    def _job(self, code: str, root: Path, limits: Limits) -> dict[str, Any]:
        """What the child is told. Surrogates in the code are escaped by JSON and refused by its parser."""
        listed, readable_paths = readable()
        protected = self._protections
        bounds = {
            "RLIMIT_AS": [limits.memory_bytes] * 2,
            # SIGXCPU first, which names the reason; SIGKILL a second later for code that ignores it.
            "RLIMIT_CPU": [limits.cpu_seconds, limits.cpu_seconds + 1],
            "RLIMIT_FSIZE": [limits.file_bytes] * 2,
            "RLIMIT_NOFILE": [limits.open_files] * 2,
            "RLIMIT_CORE": [0, 0],
        }
        if not protected.seccomp:
            bounds["RLIMIT_NPROC"] = [1, 1]  # no forks; on Linux no threads either. Root isn't held by it.
        return {
            "code": code,
            "folder": str(root / "files"),
            "answer": str(root / "answer"),
            "parent": os.getpid(),
            "machine": protected.machine if protected.system == "linux" else "",
            "strict": not self._unprotected,
            "most": limits.output_bytes,
            "limits": bounds,
            "landlock": protected.landlock,
            "listed": listed,
            "readable": readable_paths,
            "devices": DEVICES,
            "own": [str(root / "files"), str(root / "scratch")],
            "filter": program(protected.machine) if protected.seccomp else [],
        }


@functools.cache
def _sweep_once() -> None:
    sweep(Path(tempfile.gettempdir()))


def _attend(
    process: subprocess.Popen[bytes],
    listeners: list[Listener],
    watch: Watch,
    limits: Limits,
    begun: float,
    cancelled: threading.Event | None,
) -> Why | None:
    """Wait for the process; the reason to end it, or None when it ended by itself."""
    tick = 0
    while process.poll() is None:
        if cancelled is not None and cancelled.is_set():
            return "cancelled"
        if time.monotonic() - begun > limits.seconds:
            return "time"
        if sum(listener.total for listener in listeners) > limits.flood_bytes:
            return "output"
        tick += 1
        if tick % LOOK_EVERY == 0 and (over := watch.over()):
            return over
        if not listeners[0].is_alive():  # it is about to end, or has closed its output and goes on
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(TICK)
        else:
            listeners[0].join(TICK)
    return watch.over()


def _why(status: int, told: dict[str, Any], *, spent: bool) -> Why:
    """`spent`: whether it had used up its processor time."""
    if os.name == "posix" and (status == -signal.SIGXCPU or (status == -signal.SIGKILL and spent)):
        return "cpu"
    if status < 0:
        return "crashed"
    if status == inside.STARVED:
        return "memory"
    why = told["why"]
    if why not in _ERRORS:  # it left without an answer, as by os._exit
        return "exit" if status else "done"
    return next(known for known in _ERRORS if known == why)


def _answer(path: Path, limits: Limits) -> dict[str, Any]:
    """What the child told, by the types it should have; empty where it didn't, or told something else."""
    told: dict[str, Any] = {"why": "", "value": "", "error": "", "cut": False}
    with contextlib.suppress(OSError, ValueError, RecursionError), path.open("rb") as file:
        found = json.loads(file.read(24 * limits.output_bytes + 4096))  # a character takes twelve bytes at most
        if isinstance(found, dict):
            told |= {key: value for key, value in found.items() if isinstance(value, type(told.get(key, "")))}
    for key in ("value", "error"):
        text = told[key].encode("utf-8", "backslashreplace").decode("utf-8")
        told[key], told["cut"] = text[: limits.output_bytes], told["cut"] or len(text) > limits.output_bytes
    return told


def _relative(text: str, root: Path) -> str:
    """Without the paths of this machine."""
    for place, name in (
        (root / "files", "."),
        (root / "scratch", "scratch"),
        (root, ".."),
        (sys.base_prefix, "python"),
    ):
        text = text.replace(str(place), name)
    return text


def _environment(root: Path) -> dict[str, str]:
    """Nothing of the user's but the time zone and what an interpreter needs to start."""
    kept = ("TZ", "LD_LIBRARY_PATH", "SYSTEMROOT")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "HOME": str(root / "files"),
        "TMPDIR": str(root / "scratch"),
        "LANG": "C.UTF-8",
        "MALLOC_ARENA_MAX": "2",  # glibc takes 64 MB of address space for each thread otherwise
    }


_NOT_STANDARD = frozenset({"site-packages", "dist-packages", "test", "idlelib", "ensurepip"})
_SYSTEM = ("/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo", "/dev/urandom", "/dev/random", "/nix/store")
DEVICES = ("/dev/null", "/dev/zero")
"""May be written as well."""


@functools.cache
def readable() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Folders whose entries may be listed, and files and folders that may be read."""
    standard = Path(os.__file__).parent
    folders = [standard]
    platform_part = sysconfig.get_path("platstdlib", vars={"platbase": sys.base_exec_prefix})
    if platform_part and Path(platform_part).is_dir() and not Path(platform_part).samefile(standard):
        folders.append(Path(platform_part))
    entries = [
        entry.path
        for folder in folders
        for entry in os.scandir(folder)
        if entry.name not in _NOT_STANDARD and not entry.name.startswith(("config-", "."))
    ]
    extensions = sysconfig.get_config_var("DESTSHARED")  # where Debian, too, keeps what is written in C
    libraries = [str(path) for path in Path(sys.base_prefix, "lib").glob("*.so*")]
    machine = sysconfig.get_config_var("MULTIARCH")
    shared = [path for path in (f"/lib/{machine}", f"/usr/lib/{machine}") if machine and Path(path).is_dir()]
    return (
        tuple(map(str, folders)),
        (
            *entries,
            *([extensions] if extensions else []),
            *libraries,
            sys.executable,  # `platform` looks into it
            *(shared or ["/lib", "/usr/lib"]),
            "/lib64",
            "/usr/lib64",
            *_SYSTEM,
        ),
    )
