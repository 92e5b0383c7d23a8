"""A run's trace: `runs/RUN_ID.jsonl`, one line per event and per question to a model, written as it happens.

For people and their tools; the program itself reads the saved events (`agents.tasks.store`). Lines are only added:
after a crash the line `resumed` says from which event on what stood before is told once more.
"""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path
from typing import Any, TextIO

from agents.chat.answers import Thought, Token
from agents.tasks.codec import event_to_json
from agents.tasks.events import Finished, Observed, RunEvent
from ingest.database import timestamp

logger = logging.getLogger(__name__)


class RunTrace:
    """The file. A trace is never worth a run: what can't be written is left out."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: TextIO | None = None
        self._began = time.monotonic()
        self.origin: dict[str, Any] = {}
        """Prompt, model, tokens and time of the last question to a model: what the events that follow came from."""

    def event(self, n: int, event: RunEvent) -> None:
        """Event `n` of the run, with what it came from."""
        came_from = self.origin and not isinstance(event, Token | Thought | Observed | Finished)
        self._write({"n": n, **event_to_json(event), **({"origin": self.origin} if came_from else {})})

    def asked(self, origin: dict[str, Any], messages: list[Any], reply: dict[str, Any]) -> None:
        """One question to a model and its whole reply."""
        self.origin = origin
        self._write({"line": "asked", **origin, "messages": messages, "reply": reply})

    def resumed(self, n: int) -> None:
        """What was told from event `n` on is told again from here."""
        self._write({"line": "resumed", "from": n})

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self, line: dict[str, Any]) -> None:
        stamp = {"time": timestamp("milliseconds"), "at": round(time.monotonic() - self._began, 4)}
        text = json.dumps({**stamp, **line}, ensure_ascii=False, default=str)
        try:
            if self._file is None:
                torn = _torn(self.path)
                self._file = self.path.open("a", encoding="utf-8")
                self._file.write("\n" if torn else "")
            self._file.write(text + "\n")
            self._file.flush()
        except (OSError, ValueError) as error:
            logger.debug("no trace written: %s", error)


def _torn(path: Path) -> bool:
    """Whether the last line was cut off in the middle of its writing."""
    if not path.is_file() or not path.stat().st_size:
        return False
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read() != b"\n"
