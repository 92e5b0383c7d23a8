"""What identifies a loaded model within the process."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path  # read at run time, to write the options as JSON

from agents.llm.engine.adapters import Adapter, parse
from agents.llm.placing.choice import Wish
from ingest.settings import Settings


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """A file, and how it is to be loaded."""

    path: Path
    stamp: tuple[int, int]
    """Size and modification time (ns): a replaced file is another model."""
    wish: Wish
    threads: int = 0
    adapters: tuple[Adapter, ...] = ()
    prefixes: str = field(default="", compare=False)
    """Folder for the beginnings of prompts; '' keeps none. Of two that differ in this alone the first one's counts."""

    @classmethod
    def of(
        cls, path: Path, wish: Wish | None = None, *, threads: int = 0, lora: str = "", prefixes: str = ""
    ) -> EngineOptions:
        """For the files as they are now; `lora` as in the settings. Raises `ModelError`, `UsageError`."""
        status = path.stat()
        return cls(path, (status.st_size, status.st_mtime_ns), wish or Wish(), threads, parse(lora), prefixes)

    @classmethod
    def from_settings(cls, path: Path, settings: Settings) -> EngineOptions:
        """As the settings want the file loaded. Raises `ModelError`, `UsageError`."""
        return cls.of(path, Wish.of(settings), threads=settings.threads, lora=settings.lora)
