"""A fetched page as text: by the library's own readers, in a process of their own with limits."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from agents.tools.plain import plain
from ingest.errors import LoadError
from ingest.web.saving import decoded, saved

if TYPE_CHECKING:
    from ingest.web import Fetched

SECONDS, MEMORY = 20.0, 1 << 30
"""What reading one page may take."""
_READ = ("text/html", "application/xhtml+xml", "application/pdf")
"""Types that are more than their text."""


def read(page: Fetched, seconds: float = SECONDS) -> tuple[str, str]:
    """Title ('' where there is none) and text. Raises `LoadError` for a page without text, or damaged."""
    if page.media_type not in _READ:
        return "", plain(decoded(page))
    from ingest.parsing import Parser

    with tempfile.TemporaryDirectory(prefix="zhiku-page-") as folder:
        path = saved(page, Path(folder))
        with Parser(workers=1, timeout_seconds=min(seconds, SECONDS), memory_bytes=MEMORY) as parser:
            (_, outcome) = next(iter(parser.parse([path])))
    if isinstance(outcome, LoadError):
        raise outcome
    title = "" if outcome.title == path.stem else outcome.title
    return plain(title), plain("\n\n".join(part.text for part in outcome.pages))
