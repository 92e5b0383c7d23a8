"""Source code and configuration as text: each top-level piece a block, its layout untouched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ingest.documents import Block, Parsed
from ingest.loaders.layout import whole
from ingest.loaders.repair import repair, without_embedded

_SMALLEST = 200
"""Characters below which a piece is joined with the next: an import line alone means nothing."""


def load_code(text: str, path: Path) -> Parsed:
    """One page (parts, when long); blocks begin where a line without indent follows a blank line."""
    text, notes = without_embedded(repair(text, entities=False))
    return Parsed(path.name, "text/x-source", whole(text, tuple(_pieces(text))), notes)


def _pieces(text: str) -> Iterator[Block]:
    start = end = -1
    at, blank = 0, False
    for line in text.splitlines(keepends=True):
        if line.strip():
            if start < 0:
                start = at
            elif blank and not line[0].isspace() and line[0] not in ")}]" and end - start >= _SMALLEST:
                yield Block("code", start, end)
                start = at
            end = at + len(line.rstrip())
            blank = False
        else:
            blank = True
        at += len(line)
    if start >= 0:
        yield Block("code", start, end)
