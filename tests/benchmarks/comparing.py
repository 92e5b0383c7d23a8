"""The figures in the tables of a benchmark, and what changed between two runs beyond noise."""

from __future__ import annotations

import re
from collections.abc import Mapping

NOISE = 0.15
"""Part by which a time or a rate differs from run to run on a machine that does other things as well."""
SHARE = 0.01
"""What a share between 0 and 1 (recall, a hit rate) differs by when one question of a hundred does."""
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?|-?\.\d+")
_SHARES = re.compile(r"recall|MRR|@\d|share|right|hit rate|precision", re.IGNORECASE)


def figures(markdown: str) -> dict[str, float]:
    """Every number that stands alone in a cell of a table: 'heading / row / column' → number."""
    found: dict[str, float] = {}
    heading, columns = "", list[str]()
    for line in markdown.splitlines():
        if line.startswith("#"):
            heading, columns = line.lstrip("# "), []
        cells = [cell.strip().strip("*` ") for cell in line.strip().strip("|").split("|")] if "|" in line else []
        if not cells:
            columns = []
        elif not columns:
            columns = cells
        elif set("".join(cells)) - set(":- "):
            # What is a name and not a figure says which row it is.
            numbers = {at for at, cell in enumerate(cells) if at and _NUMBER.fullmatch(cell)}
            row = " · ".join(cell for at, cell in enumerate(cells) if cell and at not in numbers)
            for at in sorted(numbers & set(range(len(columns)))):
                found[f"{heading} / {row} / {columns[at]}"] = float(cells[at].replace(",", ""))
    return found


def compared(old: Mapping[str, float], new: Mapping[str, float]) -> str:
    """Markdown: the figures that both runs have and that differ beyond noise, and how many don't."""
    changed = [
        f"| {key} | {old[key]:g} | {value:g} | {f'× {value / old[key]:.2f}' if old[key] else '–'} |"
        for key, value in new.items()
        if key in old and _differs(key, old[key], value)
    ]
    same = sum(key in old for key in new) - len(changed)
    gone, fresh = len(old.keys() - new.keys()), len(new.keys() - old.keys())
    told = (
        f"{same} figures are the same within noise (a factor of {1 + NOISE:.2f}, {SHARE} of a share);"
        f" {fresh} are new, {gone} are no longer measured."
    )
    head = ["| figure | was | is | |", "|---|---:|---:|---:|"]
    return "\n".join(["## Changes\n", *([*head, *changed, ""] if changed else []), told])


def _differs(key: str, old: float, new: float) -> bool:
    if _SHARES.search(key.rsplit(" / ", 1)[-1]) and max(old, new) <= 1:
        return abs(new - old) > SHARE
    lower, higher = sorted((abs(old), abs(new)))
    return old * new < 0 or higher > lower * (1 + NOISE)
