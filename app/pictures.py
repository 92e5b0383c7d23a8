"""The picture of a PDF page, or a picture, with a quote marked, drawn in a process of its own with a time limit."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest import PlacedLine

WIDTH = 1000
"""Pixels; sharp in a dialog that is about 600 wide on a screen of twice that density."""
SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class PagePicture:
    """PNG bytes; how many stretches of the quote are marked; whether they are the quote letter for letter."""

    png: bytes
    marks: int
    exact: bool


def page_picture(
    path: str | Path, page: int, quote: str = "", *, places: Sequence[PlacedLine] = (), width: int = WIDTH
) -> PagePicture | None:
    """Draw page `page` (from 1) of a PDF or a picture and mark `quote` on it, by `places` where the page was recognised.
    None when it cannot be drawn: the file is gone, damaged, encrypted, too slow, or has no such page."""
    if not Path(path).is_file():
        return None
    # -I: neither the current folder nor the environment can put a module in front of ours.
    command = [sys.executable, "-I", str(Path(__file__).with_name("page_drawing.py")), str(path), str(page), str(width)]
    asked = json.dumps({"quote": quote, "lines": [[line.text, *line.corners] for line in places]})
    try:
        done = subprocess.run(command, input=asked.encode(), capture_output=True, timeout=SECONDS, check=True)
    except (subprocess.SubprocessError, OSError, ValueError):
        return None
    head, _, png = done.stdout.partition(b"\n")
    facts = json.loads(head)
    return PagePicture(png=png, marks=int(facts["marks"]), exact=bool(facts["exact"]))
