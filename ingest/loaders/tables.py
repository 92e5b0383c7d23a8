"""Tables as Markdown, the header row on top."""

from __future__ import annotations

from collections.abc import Sequence


def cell(text: str) -> str:
    """One cell: a single line, its bars escaped."""
    return " ".join(text.split()).replace("|", "\\|")


def row(cells: Sequence[str]) -> str:
    """One line of a table."""
    return "| " + " | ".join(map(cell, cells)) + " |"


def table(rows: Sequence[Sequence[str]]) -> str:
    """The rows, the first as header even when it names nothing; short rows are filled up, columns without any text
    and other rows without any left out."""
    rows = [*rows[:1], *(r for r in rows[1:] if any(c.strip() for c in r))]
    width = max((len(r) for r in rows), default=0)
    filled = [[*r, *[""] * (width - len(r))] for r in rows]
    kept = [n for n in range(width) if any(r[n].strip() for r in filled)]
    if not kept:
        return ""
    lines = [row([r[n] for n in kept]) for r in filled]
    return "\n".join([lines[0], "|" + " --- |" * len(kept), *lines[1:]])
