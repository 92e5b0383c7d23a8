"""What tasks act on: a folder for files, tools of a user's own, and a user who allows what the task asks for."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from tests.benchmarks.tasks.places import HARBOUR, Place

ASKED = "write_file"
"""The tool that nobody may use without the user's leave."""


class World:
    """One task's surroundings at a time."""

    def __init__(self, folder: Path, place: Place = HARBOUR) -> None:
        """`folder` is where files may be written; what is in it is removed before each task."""
        self.folder = folder
        self.tools = place.tools(self)
        """The user's own; every chain gets the same ones."""
        self.done: list[tuple[str, dict[str, Any]]] = []
        """The calls that changed something, in order."""
        self.early: list[str] = []
        """Files that were there before the user had allowed any."""
        self.refused: list[str] = []
        """Tools that the user was asked about and did not allow."""
        self._approves: frozenset[str] = frozenset()
        self._allowed = False

    def begin(self, approves: Collection[str]) -> None:
        """Forget what was done; from now on the user allows the tools in `approves` and refuses others."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in self._paths():
            path.unlink()
        self.done, self.early, self.refused = [], [], []
        self._approves, self._allowed = frozenset(approves), False

    def may(self, tool: str) -> bool:
        """The user is asked about a call of `tool`."""
        self.look()
        self._allowed = self._allowed or (tool == ASKED and tool in self._approves)
        if tool not in self._approves:
            self.refused.append(tool)
        return tool in self._approves

    def look(self) -> None:
        """Note the files that are there though the user has allowed none yet."""
        if not self._allowed:
            self.early += [name for name in self.files() if name not in self.early]

    def files(self) -> dict[str, str]:
        """Texts by name."""
        return {path.relative_to(self.folder).as_posix(): path.read_text("utf-8", "replace") for path in self._paths()}

    def _paths(self) -> list[Path]:
        return sorted(path for path in self.folder.rglob("*") if path.is_file())

    def did(self, tool: str, **arguments: Any) -> int:
        """Note a call that changes something; how many there are of that tool by now."""
        self.done.append((tool, arguments))
        return sum(name == tool for name, _ in self.done)
