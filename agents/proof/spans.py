"""The stretches of a passage that may be quoted: sentences, and small groups of neighbouring ones; and what parts them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from agents.proof.tables import is_row
from ingest.sentences import Span, sentences, trimmed

LONGEST = 360
"""Characters of one quotable stretch. Text without full stops (slides, PDF tables) is cut at line breaks, then clauses."""
_BREAKS = (re.compile(r"\n\s*"), re.compile(r"[,，;；、:：]\s?"), re.compile(r"\s"))

STOPS = re.compile(r"[。！!？?；;\n]|\.(?=\s|$)")
"""Where a statement ends."""
CLAUSE_ENDS = r"(?<!\d),|,(?!\d)|[;:。!?\n]|\.(?=\s|$)"
"""Where a clause ends, in folded text: a pattern to which what joins clauses may be added."""


@lru_cache(maxsize=512)
def quotable(text: str, offset: int) -> tuple[Span, ...]:
    """Sentences of `text` as offsets plus `offset`; those longer than `LONGEST` cut at lines, then at clauses."""
    return tuple(
        (left + offset, right + offset)
        for start, end in sentences(text)
        for begin, stop in _rows_apart(text, start, end)
        if begin < stop
        for left, right in _cut(text, begin, stop)
    )


def _rows_apart(text: str, start: int, end: int) -> Iterator[Span]:
    """A sentence, or of a table that was printed as text its rows, and what stands around them."""
    begin = start
    for line in re.finditer(r"[^\n]+", text[start:end]):
        left, right = trimmed(text, start + line.start(), start + line.end())
        if is_row(text[left:right]):
            yield from (trimmed(text, begin, left), (left, right))
            begin = right
    yield trimmed(text, begin, end)


def _cut(text: str, start: int, end: int) -> list[Span]:
    if end - start <= LONGEST:
        return [(start, end)]
    for breaks in _BREAKS:
        ends = [m.end() for m in breaks.finditer(text, start, end)]
        if ends:
            return _packed(text, start, end, ends)
    return [(at, min(at + LONGEST, end)) for at in range(start, end, LONGEST)]


def _packed(text: str, start: int, end: int, ends: list[int]) -> list[Span]:
    pieces, begin, last = [], start, start
    for stop in [*ends, end]:
        if stop - begin > LONGEST and last > begin:
            pieces.append((begin, last))
            begin = last
        last = stop
    pieces.append((begin, end))
    return [trimmed(text, left, right) for left, right in pieces if text[left:right].strip()]


@lru_cache(maxsize=512)
def windows(text: str, offset: int) -> tuple[Span, ...]:
    """Every run of one to three neighbouring quotable stretches of `text`, none across the edge of a table, and for a table's row
    the run from its header; none without a letter or a figure."""
    single = quotable(text, offset)
    rows = [is_row(text[start - offset : end - offset]) for start, end in single]
    runs = [
        (single[at][0], single[at + size - 1][1])
        for size in (1, 2, 3)
        for at in range(len(single) - size + 1)
        if len(set(rows[at : at + size])) == 1
    ]
    runs += _rows_with_headers(text, offset, single)
    return tuple(run for run in dict.fromkeys(runs) if re.search(r"[^\W_]", text[run[0] - offset : run[1] - offset]))


def _rows_with_headers(text: str, offset: int, single: tuple[Span, ...]) -> list[Span]:
    """(header start, row end) for each row of a Markdown table, as far as it stays short enough to quote."""
    runs = []
    header: int | None = None
    for start, end in single:
        if not is_row(text[start - offset : end - offset]):
            header = None
        elif header is None:
            header = start
        elif end - header <= 4 * LONGEST:
            runs.append((header, end))
    return runs
