"""A table's row in words, each number with the unit that its column or its row names."""

from __future__ import annotations

import re

from agents.proof.tables import as_row, header_above, is_separator
from ingest.units import spelled

_HEADED = re.compile(
    rf"[(（/]\s*((?:[万亿]|thousand |million )?(?:{spelled()}))(?:/[^)）:：]+)?\s*[)）]?\s*[:：]\s*(-?[\d.,]+)\s*(?=[;；]|$)",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"(?:^|[;；])\s*(?:单位|unit)\s*[:：]\s*([^;；\d]{1,10}?)\s*(?=[;；]|$)", re.IGNORECASE)
_BARE = re.compile(r"([:：]\s*-?[\d.,]+)\s*(?=[;；]|$)")


def reading(header: str, row: str) -> str:
    """A table's row in words, a cell of bare figures with the unit that its column's header names, or the row itself."""
    row = _HEADED.sub(lambda m: f"{m.group()} {m[1]}", as_row(header, row))
    unit = _COUNTED.search(row)
    return _BARE.sub(rf"\1 {unit[1]}", row) if unit else row


def told(passage: str, start: int, end: int) -> str:
    """What passage[start:end] says: the text; of a table's row, or of a table from its header to a row, that row in words."""
    text = passage[start:end]
    row = text.rpartition("\n")[2]
    if not row.lstrip().startswith("|") or not text.lstrip().startswith("|"):
        return text
    header = header_above(passage, end - len(row))
    name = passage[slice(*header)] if header else ""
    return text if not name or name == row or is_separator(row) else reading(name, row)
