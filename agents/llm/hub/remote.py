"""What a hub says about a repository, whichever hub it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file of a repository."""

    path: str
    """Within the repository, with '/'."""
    size: int
    """Bytes."""
    sha256: str
    """Lower-case hex; '' when the hub states none."""
    url: str


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository at one revision."""

    name: str
    """'owner/repo'."""
    licence: str
    """As its maker states it; '' when nothing is stated."""
    page: str
    """Where a person can read about it."""
    files: tuple[RemoteFile, ...]


class Hub(Protocol):
    """A place that models are fetched from."""

    host: str
    """Its name, for people."""

    def page(self, name: str) -> str:
        """The address at which a person finds the files of the repository `name`."""

    def headers(self) -> dict[str, str]:
        """What proves who asks; empty for nobody in particular."""

    def repository(self, name: str) -> Repository:
        """Ask for 'owner/repo'. Raises `ModelError`; `Unreachable` when nobody answers."""
