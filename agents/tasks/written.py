"""The files that a run has made: with `write_file` and `append_file` in the folder that the user allows, and with Python in
the run's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from agents.tasks.events import StepRecord
from agents.tools.files import WRITERS
from agents.tools.folder.allowed import AllowedFolder, open_folder
from agents.tools.python import FOLDER, folder_of


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """One of them, as it is now: it may have been changed or removed since."""

    name: str
    """Path below its folder, as whoever wrote it called it."""
    path: str
    folder: AllowedFolder

    def read(self) -> bytes:
        """Its content. Raises `ToolError` when it is gone, no plain file within its folder, or too large."""
        return self.folder.read(self.path)


def files_of(
    records: Iterable[StepRecord], run: Path, allowed: Callable[[], AllowedFolder | None]
) -> list[WrittenFile]:
    """Of a run with those calls, the latest of each name; `run` is its folder, `allowed` opens the user's. What calls of
    your own tools and of MCP servers may have written is not known. Raises `UsageError` as `allowed` does."""
    found: dict[tuple[str, bool], WrittenFile] = {}
    for record in records:
        data, call = record.observation.data, record.call
        if not isinstance(data, dict):
            continue
        if call.tool in WRITERS and "path" in data and (folder := allowed()) is not None:
            found[data["path"], True] = WrittenFile(data["path"], data["path"], folder)
        elif call.tool == "python" and run.is_dir():
            for name in data.get("files", ()):
                path = f"{FOLDER}/{folder_of(call.id)}/{name}"
                found[name, False] = WrittenFile(name, path, open_folder(run))
    return list(found.values())
