"""Records in plain text: blocks of `Key: value` lines that repeat, and columns parted by tabs, as the tables they are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.loaders.grid import table
from ingest.loaders.records import LONGEST_ROW
from ingest.sentences import Span

_FIELD = re.compile(r"\s*([^\s:：#*\-|<>][^:：\n|]{0,38}?)\s*[:：](?!//)\s*(.*)")
_RULE = re.compile(r"\s*[-=*_~#]{3,}\s*")
_PROSE = re.compile(r".*[?？]|.{24,}[.!。！…]")
"""Values that are sentences: of questions with their answers, of people who talk. No fields of records."""
_SHARED = 0.5
"""Share of its fields that a record has in common with the first one."""

_Record = dict[str, str]


def record_tables(text: str) -> Iterator[tuple[Span, str]]:
    """Runs of two and more records that begin with the same key: where they stand, and the table they make."""
    run: list[_Record] = []
    start = end = 0
    for (begin, stop), records in _blocks(text):
        if run and records and _alike(run[0], records):
            run += records
            end = stop
            continue
        if made := _made(run):
            yield (start, end), made
        run, start, end = records, begin, stop
    if made := _made(run):
        yield (start, end), made


def tabbed(text: str) -> bool:
    """Whether every line has the same number of tabs, one at least: a table, whatever the file is called."""
    counts = {line.count("\t") for line in text.splitlines() if line.strip()}
    return len(counts) == 1 and counts.pop() > 0 and text.count("\n") > 1


def _blocks(text: str) -> Iterator[tuple[Span, list[_Record]]]:
    """Lines between blank ones and rules, with the records they are; no records where a line is no field."""
    lines: list[str] = []
    at = begin = 0
    for line in [*text.splitlines(keepends=True), "\n"]:
        if not line.strip() or _RULE.fullmatch(line.rstrip("\n")):
            if lines:
                yield (begin, begin + len("".join(lines).rstrip())), _records(lines)
                lines = []
        else:
            begin = at if not lines else begin
            lines.append(line)
        at += len(line)


def _records(lines: list[str]) -> list[_Record]:
    """The records of a block: a new one where the first key comes again."""
    found: list[_Record] = []
    for line in lines:
        field = _FIELD.fullmatch(line.rstrip())
        if field is None:
            return []
        key, value = field[1], field[2]
        if not found or key == next(iter(found[0])):
            found.append({})
        elif key in found[-1]:
            return []
        found[-1][key] = value
    return found if all(len(record) > 1 for record in found) else []


def _alike(first: _Record, others: list[_Record]) -> bool:
    return all(
        next(iter(other)) == next(iter(first)) and len(other.keys() & first.keys()) >= _SHARED * len(other)
        for other in others
    )


def _made(records: list[_Record]) -> str:
    """The table of records; '' for one alone, or where they are too long for a row."""
    if len(records) < 2 or not _alike(records[0], records[1:]):
        return ""
    keys = list(dict.fromkeys(key for record in records for key in record))
    if max(sum(len(value) + 3 for value in record.values()) for record in records) > LONGEST_ROW:
        return ""
    if any(_PROSE.fullmatch(value) for record in records for value in record.values()):
        return ""
    return table([keys, *([record.get(key, "") for key in keys] for record in records)])
