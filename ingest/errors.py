"""Everything that can go wrong and is somebody's to mend.

    ZhikuError                     one line for the user, a hint what to do, an exit status
    ├── UsageError             2   what was asked makes no sense: unknown name, empty question, bad setting
    ├── LibraryUnavailable     3   the library cannot be opened or written
    │   ├── LibraryLocked          another process is writing
    │   ├── NewerLibrary           written by a later version
    │   └── DamagedLibrary         the catalog itself is broken
    ├── LoadError              1   a file could not be read; the rest goes on
    │   └── Skipped                nothing is wrong with it, but it is not for us (device, empty, unknown type)
    └── ModelError             1   an embedder or language model is missing, broken or unreachable

A bug of ours is none of these and is raised as it is. The command line prints a ZhikuError as one line and
never its traceback, unless `--debug` is given.
"""

from __future__ import annotations

from typing import ClassVar

from ingest.language import Text, say


class ZhikuError(Exception):
    """Base of all. `message` says what happened, `hint` what to do; both render in the language in force."""

    exit_status: ClassVar[int] = 1

    def __init__(self, message: Text, hint: Text | None = None) -> None:
        super().__init__(message, hint)
        self.message, self.hint = message, hint

    def __str__(self) -> str:
        return say(f"{self.message} {self.hint}", f"{self.message}{self.hint}") if self.hint else str(self.message)


class UsageError(ZhikuError):
    """The request makes no sense as it stands."""

    exit_status = 2


class PruneDoubtful(UsageError):
    """So many documents would go that a person should say so."""


class LibraryUnavailable(ZhikuError):
    """The library cannot be opened, read or written."""

    exit_status = 3


class LibraryLocked(LibraryUnavailable):
    """Another process is writing."""


class NewerLibrary(LibraryUnavailable):
    """The home folder was written by a later version."""


class DamagedLibrary(LibraryUnavailable):
    """The catalog is not a readable database."""


class LoadError(ZhikuError):
    """One file could not be read."""


class Skipped(LoadError):
    """One file is not for us, without anything being wrong with it."""


class ModelError(ZhikuError):
    """An embedder or a language model is missing, broken or unreachable."""
