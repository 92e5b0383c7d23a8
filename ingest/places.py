"""Where documents come from: a file, a file within an archive (`archive.zip/inner/name.pdf`), a page of the web."""

from __future__ import annotations

from pathlib import Path

ARCHIVES = (".zip",)
"""Suffixes of archives whose members are documents of their own."""


def is_url(path: str) -> bool:
    """Whether a document's path is the address of a page of the web."""
    return path.startswith(("http://", "https://"))


def archive_of(path: str) -> str | None:
    """The archive on disk that `path` lies in; None for a path that lies in none."""
    for parent in Path(path).parents:
        if parent.suffix.lower() in ARCHIVES and parent.is_file():
            return str(parent)
    return None


def is_there(path: str) -> bool:
    """Whether a document's source can be read again from this disk; a text given by a program has no file."""
    return Path(path).is_absolute() and (Path(path).is_file() or archive_of(path) is not None)


def gone(path: str) -> bool:
    """True when there is certainly no such file; False also where that can't be told: no permission, a page of the web, a
    member of an archive that is there."""
    if not Path(path).is_absolute():
        return False
    try:
        Path(path).lstat()
    except (FileNotFoundError, NotADirectoryError):
        return archive_of(path) is None
    except OSError:
        return False
    return False
