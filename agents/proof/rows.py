"""A table's row in words, each number with the unit that its column or its row names."""

from __future__ import annotations

import re

from agents.proof.choosing import named, named_columns
from agents.proof.days import days, on_one, without_days
from agents.proof.rarity import content_terms
from agents.proof.tables import as_row, header_above, is_row, is_separator
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
    if not is_row(row) or not is_row(text.partition("\n")[0]):
        return text
    header = header_above(passage, end - len(row))
    name = passage[slice(*header)] if header else ""
    return text if not name or name == row or is_separator(row) else reading(name, row)


def asked_cell(question: str, row: str) -> str:
    """Of a row in words ('City group: A; Hotel per night: 650 yuan; Meals: 150 yuan') the one cell whose column `question` names,
    with what the row is of: 'Hotel per night, for A: 650 yuan'. `row` as it is where several columns may be meant, or
    none, or nothing says whose cell it is."""
    wide = "\uff1b" in row
    fields = [part.partition("\uff1a" if wide else ": ") for part in row.split("\uff1b" if wide else "; ")]
    if len(fields) < 2 or not all(value for _, _, value in fields):
        return row
    asked, undated = content_terms(question), without_days(question)
    own = [
        at
        for at, (_, _, value) in enumerate(fields)
        if content_terms(value) & asked
        or (not at and not value.isdigit())
        or (value.isdigit() and named(undated, value))
        or on_one(days(question), days(value))
    ]
    names = [fields[at][2] for at in own]
    columns = named_columns(question, {at: field[0] for at, field in enumerate(fields) if at not in own})
    if len(columns) != 1 or not own:
        return row
    beside = [value for at, (_, _, value) in enumerate(fields) if at not in (*own, *columns)]
    if all(name.isdigit() for name in names) and not all(any(map(str.isdigit, value)) for value in beside):
        return row  # a word beside it may be what tells this 44 from the next
    head, _, value = fields[columns[0]]
    if (unit := _COUNTED.search(row)) and re.fullmatch(r"-?[\d.,]+", value):
        value = f"{value} {unit[1]}"
    return f"{'、'.join(names)}的{head}：{value}" if wide else f"{head}, for {', '.join(names)}: {value}"
