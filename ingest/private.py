"""The library is its owner's alone: what is made in the home folder, what is there already, keys that others can read."""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from ingest.language import Text
from ingest.settings import FILE as SETTINGS
from ingest.settings import SECRET
from ingest.settings_file import settings_path

CATALOG = "catalog.sqlite3"
"""As `ingest.catalog` calls it, which would be a second of imports for every command."""
_OTHERS = 0o077
_OURS = [
    "catalog.sqlite3",
    "conversations.sqlite3",
    "access.sqlite3",
    "audit.sqlite3",
    "sign-in.toml",
    "jobs",
    "writer.",
    "mcp.json",
    "mcp-trust.json",
    "index",
    "uploads",
    "ocr",
    "traces",
    "runs",
    "cache",
    "logs",
    "model-profiles",
    "before-restore-",
]
"""How the names begin of what we keep in a home; a person may keep other things beside them."""


def private_files() -> None:
    """From here on this process makes files and folders that only their owner can read: a command's first step."""
    os.umask(_OTHERS)


def close_home(home: Path) -> None:
    """Make `home`, or take from others what they may do in one that is there (0700, files in it 0600), where the system
    lets us and the folder is a library's. Links are not followed."""
    if not home.exists():
        with suppress(OSError):  # told where the catalog is opened
            home.parent.mkdir(parents=True, exist_ok=True)
            home.mkdir(mode=0o700)
        return
    try:
        mode = home.stat().st_mode
        # A library's, or nobody's yet: a folder with other things in it may be meant for others to see.
        ours = any((home / name).exists() for name in (CATALOG, SETTINGS)) or not any(home.iterdir())
        if os.name == "nt" or not mode & _OTHERS or mode & stat.S_ISVTX or not ours:
            return
        home.chmod(stat.S_IMODE(mode) & ~_OTHERS)
    except OSError:
        return  # read-only, or another's
    for path in _kept(home):
        with suppress(OSError):
            found = path.lstat()
            if not stat.S_ISLNK(found.st_mode) and found.st_mode & _OTHERS:
                path.chmod(stat.S_IMODE(found.st_mode) & ~_OTHERS)


def exposed_keys(home: Path | None = None, config: Path | None = None) -> Text | None:
    """What to warn of when others can read the settings file and it holds a key or a password; None when there is nothing
    to warn of, or the file can't be read."""
    path = settings_path(home, config)
    try:
        if os.name == "nt" or not path.stat().st_mode & _OTHERS:
            return None
        values = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError):  # told by those who read settings in earnest
        return None
    names = [key for key, value in values.items() if isinstance(value, str) and _is_secret(key, value)]
    if not names:
        return None
    return Text(
        f"Warning: other accounts can read {path}, and it holds {', '.join(names)}. Close it: chmod 600 '{path}'",
        f"警告：其他帐户可以读取 {path}，其中含有 {'、'.join(names)}。请执行：chmod 600 '{path}'",
    )


def _is_secret(key: str, value: str) -> bool:
    if key in SECRET:
        return bool(value)
    with suppress(ValueError):
        return any(urlsplit(part.strip()).password for part in value.split(","))
    return False


def _kept(home: Path) -> Iterator[Path]:
    for entry in home.iterdir():
        if not entry.name.startswith(tuple(_OURS)):
            continue
        yield entry
        if entry.is_dir() and not entry.is_symlink():
            for folder, folders, files in os.walk(entry):
                yield from (Path(folder, name) for name in (*folders, *files))
