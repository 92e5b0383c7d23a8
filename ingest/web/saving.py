"""A fetched page as a file that our readers take: named by its address, its text in the encoding it was declared to have."""

from __future__ import annotations

import mimetypes
import re
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from ingest.web.fetcher import Fetched

_SUFFIXES = {"text/html": ".html", "application/xhtml+xml": ".html", "application/pdf": ".pdf"}
_VAGUE = ("text/plain", "application/octet-stream", "")
"""Types that say less than a file's name."""
_CHARSETS = ("utf", "us-ascii", "ascii", "iso", "latin", "windows", "cp", "gb", "big5", "shift", "euc", "koi8", "hz")
"""How the names of character sets begin; Python has codecs of other kinds, some of which take quadratic time."""
_UNFIT = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\/]')
_LONGEST = 80


def saved(page: Fetched, folder: Path) -> Path:
    """The page written to `folder`."""
    parts = urlsplit(page.url)
    last = _UNFIT.sub("_", unquote(PurePosixPath(parts.path).name)).strip(" .")
    own = PurePosixPath(last).suffix.lower()
    suffix = _SUFFIXES.get(page.media_type)
    if suffix is None:
        guessed = mimetypes.guess_extension(page.media_type) or ""
        suffix = (own or guessed or ".txt") if page.media_type in _VAGUE else guessed or own or ".txt"
    stem = last.removesuffix(PurePosixPath(last).suffix) if own else last
    path = folder / f"{(stem or parts.hostname or 'page')[:_LONGEST]}{suffix[:12]}"
    text = page.media_type.startswith("text/") or suffix == ".html"
    # The server's word about the encoding counts for more than the page's own.
    told = text and page.charset not in ("", "utf-8", "utf8")
    path.write_bytes(decoded(page).encode("utf-8", "replace") if told else page.body)
    return path


def decoded(page: Fetched) -> str:
    """The page's bytes as text."""
    if page.charset.startswith(_CHARSETS):
        try:
            return page.body.decode(page.charset)
        except (LookupError, UnicodeError):
            pass  # declared wrongly, as often
    from ingest.loaders.encoding import decode

    return decode(page.body)[0]
