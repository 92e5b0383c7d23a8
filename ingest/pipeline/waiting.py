"""Files with the same content: one is read, the others wait for it."""

from __future__ import annotations

import threading
from pathlib import Path

from ingest.catalog import Source
from ingest.scan import Found


class Waiting:
    """Files being read now, by content, and other files with the same content that wait for them."""

    def __init__(self) -> None:
        self.guard = threading.Lock()
        self._by_content: dict[tuple[str, str], list[tuple[Source, Found]]] = {}

    def begin(self, source: Source) -> None:
        """This content is being read."""
        self._by_content[content_key(source)] = []

    def join(self, source: Source, found: Found) -> bool:
        """Wait for the file that is being read with the same content; False when there is none."""
        others = self._by_content.get(content_key(source))
        if others is None:
            return False
        others.append((source, found))
        return True

    def end(self, source: Source) -> list[tuple[Source, Found]]:
        """The content is stored, or was refused; gives back who waited."""
        return self._by_content.pop(content_key(source), [])


def content_key(source: Source) -> tuple[str, str]:
    """Two files are read alike when their bytes and their suffix are the same: 'a.csv' is not 'a.txt'."""
    return source.sha256, Path(source.path).suffix.lower()
