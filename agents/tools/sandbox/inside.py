"""The child's side: a plain interpreter that gives up its rights, then runs the code. Nothing of ours is imported.

The parent starts this file with `python -I -S -B` and a job as JSON on stdin. Whatever protection the job asks for
and the kernel refuses ends the process before the code is looked at. From then on everything here is the code's to
change: it can spoil its own answer and no more.
"""

from __future__ import annotations

import ast
import contextlib
import ctypes
import json
import os
import sys
import types
from collections.abc import Callable
from typing import Any

NAME = "<code>"
UNPROTECTED, STARVED = 81, 82
"""Exit statuses: a protection was refused; no memory was left to say so."""

_PR_SET_PDEATHSIG, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 24, 38
_SIGKILL = 9
SECCOMP = {"x86_64": 317, "aarch64": 277}
_CAPSET = {"x86_64": 126, "aarch64": 91}
CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_RULE_PATH_BENEATH = 1

_READ_FILE, _READ_DIR, _WRITE_FILE, _TRUNCATE = 1 << 2, 1 << 3, 1 << 1, 1 << 14
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG, _REFER = 1 << 4, 1 << 5, 1 << 7, 1 << 8, 1 << 13
_READ = _READ_FILE | _READ_DIR
_OWN = _READ | _WRITE_FILE | _TRUNCATE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _REFER
_OF_FILES = _READ_FILE | _WRITE_FILE | _TRUNCATE
_KNOWN_TO = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
"""Rights over files by Landlock version, linux/landlock.h; from 5 on all sixteen."""


def main() -> None:
    """Read the job, give up rights, run, answer. Does not return."""
    job = json.loads(sys.stdin.buffer.read())
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.close(nothing)
    answer = os.open(job["answer"], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.chdir(job["folder"])
    try:
        _limit(job["limits"])
        _confine(job)
    except OSError as error:
        os.write(answer, json.dumps({"unprotected": str(error)}).encode())
        os._exit(UNPROTECTED)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")  # type: ignore[union-attr]
    ballast = bytearray(1 << 20)  # given back when memory runs out, to have some for saying so
    try:
        told = _run(job["code"])
    except MemoryError:
        del ballast
        told = {"why": "memory"}
    _end(answer, told, job["most"])


def _end(answer: int, told: dict[str, Any], most: int) -> None:
    status = told.get("status", 0)
    try:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()
        for key in ("value", "error"):
            text = told.get(key, "")
            told[key], told["cut"] = text[:most], told.get("cut", False) or len(text) > most
        os.write(answer, json.dumps(told).encode("ascii"))
    except MemoryError:
        status = STARVED
    except BaseException:  # noqa: BLE001, S110 - what the code left to be told can't be told; its output stands
        pass
    os._exit(status)


def _run(code: str) -> dict[str, Any]:
    """Run it as a program of its own; the last expression's value is the answer's."""
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    sys.argv = [NAME]
    try:
        tree = ast.parse(code, NAME)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, NAME, "exec"), module.__dict__)  # noqa: S102 - it is what the process is for
        value = None
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), NAME, "eval"), module.__dict__)  # noqa: S307 - the same
        text = "" if value is None else repr(value)
        _join()
    except SystemExit as leaving:
        status = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
        return {"why": "exit" if status else "done", "status": status & 0xFF, "error": str(leaving.code or "")}
    except MemoryError:
        raise
    except BaseException as error:  # noqa: BLE001 - the code's exceptions are its result
        return {"why": "error", "error": _told(error, code.splitlines())}
    return {"why": "done", "value": text}


def _join() -> None:
    """Wait for the code's threads, as an interpreter does at its end."""
    if threading := sys.modules.get("threading"):
        for thread in threading.enumerate():
            if thread is not threading.main_thread() and not thread.daemon:
                thread.join()


def _told(error: BaseException, lines: list[str]) -> str:
    """The exception in words, with what is left to find them: the code may have used up files, or broken `str`."""
    try:
        return _trouble(error, lines)
    except MemoryError:
        raise
    except BaseException:  # noqa: BLE001 - anything can have been changed under us
        return type(error).__name__


def _trouble(error: BaseException, lines: list[str]) -> str:
    """The exception as a model needs it: lines of its own code, and no paths of this machine."""
    import traceback

    steps = [
        (number, frame.f_code.co_name)
        for frame, number in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_filename == NAME
    ]
    shown = [
        f"  line {number}{'' if name == '<module>' else f', in {name}'}: {lines[number - 1].strip()[:200]}"
        for number, name in (steps if len(steps) <= 8 else steps[:3] + steps[-5:])
        if 0 < number <= len(lines)
    ]
    last = "".join(traceback.format_exception_only(error)).strip().replace(f'File "{NAME}", ', "")
    return "\n".join([*shown, last])


def _limit(limits: dict[str, list[int]]) -> None:
    """Set what the system's own limits can hold. `limits`: soft and hard value by name, such as 'RLIMIT_AS'."""
    with contextlib.suppress(AttributeError, OSError):
        os.nice(10)
    try:
        import resource
    except ImportError:  # Windows
        return
    for name, (soft, hard) in limits.items():
        with contextlib.suppress(AttributeError, ValueError, OSError):
            # Not every system knows each, and macOS refuses some; what we must have, the parent watches as well.
            resource.setrlimit(getattr(resource, name), (soft, hard))


def _confine(job: dict[str, Any]) -> None:
    """Give up every right that the job names. Raises OSError when the kernel refuses one and the job is strict."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    call = _Caller(libc)
    steps: list[tuple[object, Callable[[_Caller, dict[str, Any]], None]]] = [
        (True, _end_with_parent),
        (True, _no_new_privileges),
        (job["machine"] in _CAPSET and os.geteuid() == 0, _drop_capabilities),
        (job["landlock"], _landlock),
        (job["filter"], _seccomp),  # last: it refuses the calls that the others need
    ]
    for wanted, step in steps:
        try:
            if wanted:
                step(call, job)
        except OSError:
            if job["strict"]:
                raise


class _Caller:
    """Raises what libc keeps in errno."""

    def __init__(self, libc: Any) -> None:  # noqa: ANN401 - ctypes' library has no type of its own
        self.libc = libc

    def __call__(self, what: str, outcome: int) -> int:
        if outcome < 0:
            error = ctypes.get_errno()
            raise OSError(error, f"{what}: {os.strerror(error)}")
        return outcome

    def system(self, what: str, number: int, *arguments: Any) -> int:  # noqa: ANN401
        return self(what, self.libc.syscall(ctypes.c_long(number), *arguments))


def _end_with_parent(call: _Caller, job: dict[str, Any]) -> None:
    call("prctl", call.libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0))
    if os.getppid() != job["parent"]:
        os._exit(UNPROTECTED)  # it has ended already


def _no_new_privileges(call: _Caller, _: dict[str, Any]) -> None:
    call("no_new_privs", call.libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))


def _drop_capabilities(call: _Caller, job: dict[str, Any]) -> None:
    """Root keeps its files and nothing else: without capabilities it is a user like others."""
    for capability in range(64):
        if call.libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) < 0:
            break  # past the last that this kernel knows, or not ours to drop
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    call.system("capset", _CAPSET[job["machine"]], header, (ctypes.c_uint32 * 6)())


def _landlock(call: _Caller, job: dict[str, Any]) -> None:
    version = job["landlock"]
    handled = _KNOWN_TO[min(version, 5)]
    # No TCP (4); no abstract unix sockets and no signals beyond ourselves (6). Older kernels take a shorter structure.
    attributes = (ctypes.c_uint64 * 3)(handled, 3 if version >= 4 else 0, 3 if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = call.system("landlock", CREATE_RULESET, attributes, ctypes.c_size_t(size), ctypes.c_uint(0))
    for path, rights in (
        *((path, _READ_DIR) for path in job["listed"]),
        *((path, _READ) for path in job["readable"]),
        *((path, _READ_FILE | _WRITE_FILE) for path in job["devices"]),
        *((path, _OWN) for path in job["own"]),
    ):
        try:
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue  # not on this system
        allowed = rights & handled & (~0 if os.path.isdir(path) else _OF_FILES)  # noqa: PTH112 - pathlib takes long
        rule = allowed.to_bytes(8, sys.byteorder) + place.to_bytes(4, sys.byteorder)
        call.system("landlock", _ADD_RULE, ruleset, _RULE_PATH_BENEATH, rule, ctypes.c_uint(0))
        os.close(place)
    call.system("landlock", _RESTRICT_SELF, ruleset, ctypes.c_uint(0))
    os.close(ruleset)


def _seccomp(call: _Caller, job: dict[str, Any]) -> None:
    own = os.getpid()
    code = b"".join(
        kind.to_bytes(2, sys.byteorder)
        + bytes((yes, no))
        + (own if constant is None else constant).to_bytes(4, sys.byteorder)
        for kind, yes, no, constant in job["filter"]
    )
    instructions = ctypes.create_string_buffer(code, len(code))
    # struct sock_fprog: a length of 16 bits, then an aligned pointer
    length = (len(code) // 8).to_bytes(2, sys.byteorder)
    header = ctypes.create_string_buffer(
        length + bytes(6) + ctypes.addressof(instructions).to_bytes(8, sys.byteorder), 16
    )
    call.system("seccomp", SECCOMP[job["machine"]], 1, 0, header)  # SECCOMP_SET_MODE_FILTER


if __name__ == "__main__":
    main()
