"""A fetched page as text: HTML and PDF by the library's own readers, in a process of their own with limits."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from agents.tools.plain import plain
from ingest.errors import LoadError

if TYPE_CHECKING:
    from agents.tools.web.fetcher import Fetched

SECONDS, MEMORY = 20.0, 1 << 30
"""What reading one page may take."""
_SUFFIXES = {"text/html": ".html", "application/xhtml+xml": ".html", "application/pdf": ".pdf"}
_CHARSETS = ("utf", "us-ascii", "ascii", "iso", "latin", "windows", "cp", "gb", "big5", "shift", "euc", "koi8", "hz")
"""How the names of character sets begin; Python has codecs of other kinds, some of which take quadratic time."""


def read(page: Fetched, seconds: float = SECONDS) -> tuple[str, str]:
    """Title ('' where there is none) and text. Raises `LoadError` for a page without text, or damaged."""
    suffix = _SUFFIXES.get(page.media_type)
    if suffix is None:
        return "", plain(_decoded(page))
    body = page.body
    if suffix == ".html" and page.charset not in ("", "utf-8", "utf8"):
        body = _decoded(page).encode("utf-8", "replace")  # the server's word counts for more than the page's
    from ingest.parsing import Parser

    with tempfile.TemporaryDirectory(prefix="zhiku-page-") as folder:
        path = Path(folder) / f"page{suffix}"
        path.write_bytes(body)
        with Parser(workers=1, timeout_seconds=min(seconds, SECONDS), memory_bytes=MEMORY) as parser:
            (_, outcome) = next(iter(parser.parse([path])))
    if isinstance(outcome, LoadError):
        raise outcome
    title = "" if outcome.title == path.stem else outcome.title
    return plain(title), plain("\n\n".join(part.text for part in outcome.pages))


def _decoded(page: Fetched) -> str:
    if page.charset.startswith(_CHARSETS):
        try:
            return page.body.decode(page.charset)
        except (LookupError, UnicodeError):
            pass  # declared wrongly, as often
    from ingest.loaders.encoding import decode

    return decode(page.body)[0]
