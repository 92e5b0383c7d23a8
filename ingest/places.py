"""Where documents come from: a file, a file within an archive or a mail (`archive.zip/inner/name.pdf`), a page of the web."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Container
from pathlib import Path

ARCHIVES = (".zip",)
"""Suffixes of archives whose members are documents of their own."""
HOLDERS = (".eml", ".emlx", ".msg", ".mbox", ".pdf", ".docx", ".docm", ".pptx", ".pptm", ".xlsx", ".xlsm")
"""Suffixes of files that may have documents within them: attachments, embedded files."""


def is_url(path: str) -> bool:
    """Whether a document's path is the address of a page of the web."""
    return path.startswith(("http://", "https://"))


def container_of(path: str) -> str | None:
    """The file on disk that `path` lies in, an archive or a mail; None for a path that lies in none."""
    return next((str(parent) for parent in Path(path).parents if parent.is_file()), None)


def read_with(path: str, known: Container[str]) -> str:
    """The file to read so that the document at `path` is read: of an attachment its mail."""
    outer = container_of(path)
    return outer if outer is not None and outer in known else path


def inner(paths: Collection[str]) -> dict[str, list[str]]:
    """Those of `paths` that lie in another one of them, as attachments in their mail, by its path."""
    found: dict[str, list[str]] = {}
    for path in paths:
        place = path
        while place := place.rpartition(os.sep)[0]:
            if place in paths:
                found.setdefault(place, []).append(path)
    return found


def is_there(path: str) -> bool:
    """Whether a document's source can be read again from this disk; a text given by a program has no file."""
    return Path(path).is_absolute() and (Path(path).is_file() or container_of(path) is not None)


def gone(path: str) -> bool:
    """True when there is certainly no such file, or a folder of its name; False also where that can't be told: no permission, a page of the web, a
    member of a file that is there."""
    if not Path(path).is_absolute():
        return False
    try:
        return stat.S_ISDIR(Path(path).lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return container_of(path) is None
    except OSError:
        return False
