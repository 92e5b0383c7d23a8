"""What confined Python may read: its standard library, the system's shared libraries, time zones. No packages."""

from __future__ import annotations

import functools
import os
import sys
import sysconfig
from pathlib import Path

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
