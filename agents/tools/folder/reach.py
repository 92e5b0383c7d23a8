"""What both ways of reaching files below a folder have in common: what they give, and what they refuse."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from agents.tools.folder.paths import PART


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or folder. `path` is relative, with '/'; `bytes` is 0 for a folder."""

    path: str
    folder: bool
    bytes: int = 0


class Reach(Protocol):
    """How a system gets at files below one folder without following a link out of it."""

    def read(self, parts: Sequence[str], most: int) -> bytes:
        """A regular file's bytes, at most `most + 1`. Raises `OSError`."""
        ...

    def write(self, parts: Sequence[str], data: bytes, *, overwrite: bool) -> None:
        """Whole or not at all; folders on the way are made. Raises `FileExistsError`, `OSError`."""
        ...

    def entries(self, parts: Sequence[str], most: int) -> list[Entry]:
        """What is below a folder, at most `most`; links are left out. Raises `OSError`."""
        ...


def regular(found: os.stat_result) -> None:
    """Raises `OSError` for what is no plain file."""
    if stat.S_ISDIR(found.st_mode):
        raise failure(errno.EISDIR)
    if not stat.S_ISREG(found.st_mode):
        raise failure(errno.EACCES)


def failure(number: int, name: str | None = None) -> OSError:
    """The `OSError` of that number, of the class that Python has for it."""
    return OSError(number, os.strerror(number), name)


def beside_name() -> str:
    """A name for a file that is being written, in the folder where it is to be."""
    return f".{secrets.token_hex(8)}{PART}"
