"""What this system offers to confine a process, and the sentence for where it doesn't."""

from __future__ import annotations

import functools
import platform
import sys
from dataclasses import dataclass

from agents.tools.sandbox.filter import MACHINES
from agents.tools.sandbox.inside import CREATE_RULESET, SECCOMP
from ingest.errors import ZhikuError
from ingest.language import Text

_VERSION = 1
_ACTION_AVAILABLE = 2
_KILL_PROCESS = 0x80000000


class SandboxUnavailable(ZhikuError):
    """Python can't be confined here, and the user hasn't allowed it to run unconfined."""


@dataclass(frozen=True, slots=True)
class Protections:
    """What the kernel can do for us. `Protections.here()` asks it; tests say what they like."""

    system: str
    """As `sys.platform` has it."""
    machine: str
    """As `uname -m` has it."""
    landlock: int = 0
    """Version of Landlock's interface; 0: none."""
    seccomp: bool = False
    """Whether filters can be installed, and we have one for this processor."""

    @classmethod
    @functools.cache
    def here(cls) -> Protections:
        """This system's. Asks the kernel, changes nothing."""
        machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
        if sys.platform != "linux" or sys.maxsize <= 1 << 32:
            return cls(sys.platform, machine)
        import ctypes

        libc = ctypes.CDLL(None, use_errno=True)
        libc.syscall.restype = ctypes.c_long
        landlock = libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint(_VERSION))
        seccomp = False
        if machine in MACHINES:
            action = ctypes.c_uint32(_KILL_PROCESS)
            seccomp = libc.syscall(SECCOMP[machine], _ACTION_AVAILABLE, 0, ctypes.byref(action)) == 0
        return cls(sys.platform, machine, max(0, int(landlock)), seccomp)

    def missing(self) -> Text | None:
        """Why Python can't be confined; None when it can."""
        if self.system != "linux":
            return Text(
                "Python can't be confined on this system: that takes Linux.",
                "本系统无法隔离运行 Python：该功能需要 Linux。",
            )
        if self.landlock < 1 and self.seccomp:
            return Text(
                "Python can't be confined here: the kernel has no Landlock (Linux 5.13, switched on).",
                "此处无法隔离运行 Python：内核未提供 Landlock（需要 Linux 5.13 以上并启用）。",
            )
        if not self.seccomp:
            return Text(
                "Python can't be confined here: no system-call filter (seccomp) for this kernel and processor.",
                "此处无法隔离运行 Python：该内核或处理器没有可用的系统调用过滤（seccomp）。",
            )
        return None


def unavailable(reason: Text) -> SandboxUnavailable:
    """The error for a system that lacks something, with what the user can do."""
    return SandboxUnavailable(
        reason,
        Text(
            "Leave the Python tool off, or set python_unprotected = true to run it with your own rights.",
            "请不要使用 Python 工具；或设置 python_unprotected = true，让它以您自己的权限运行。",
        ),
    )
