"""One file per question under `traces/` in the home: what was found, what was sent, what became of each sentence.

For people who want to know why an answer is what it is. JSON lines, one per step; the oldest files go when there
are too many.
"""

from __future__ import annotations

import json
import logging
import time
import uuid
from pathlib import Path
from typing import Any

MOST_FILES = 500
MOST_BYTES = 50 * 2**20
logger = logging.getLogger(__name__)


class Trace:
    """The steps of one question. Kept in memory and written at once, so that a question costs one file write."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._began = time.monotonic()
        self._lines: list[str] = []
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        self.path = str(folder / f"{stamp}-{uuid.uuid4().hex[:8]}.jsonl") if folder else ""

    def step(self, kind: str, **details: Any) -> None:  # noqa: ANN401 - whatever JSON holds
        """Add one line: the kind, seconds since the question, and `details`."""
        line = {"step": kind, "at": round(time.monotonic() - self._began, 4), **details}
        self._lines.append(json.dumps(line, ensure_ascii=False, default=str))

    def write(self) -> str:
        """Write the file and drop the oldest ones. Returns its path, '' when none could be written: a trace is never
        worth an answer."""
        if self._folder is None:
            return ""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            Path(self.path).write_text("\n".join(self._lines) + "\n", encoding="utf-8")
            prune(self._folder)
        except OSError as error:
            logger.debug("no trace written: %s", error)
            return ""
        return self.path


def prune(folder: Path, most_files: int = MOST_FILES, most_bytes: int = MOST_BYTES) -> int:
    """Delete the oldest traces beyond either bound; returns how many. The newest one always stays."""
    files = sorted(folder.glob("*.jsonl"), key=lambda path: path.name, reverse=True)
    total = gone = 0
    for place, path in enumerate(files):
        try:
            total += path.stat().st_size
            if place and (place >= most_files or total > most_bytes):
                path.unlink()
                gone += 1
        except FileNotFoundError:
            continue
    return gone
