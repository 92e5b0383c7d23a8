"""The row of a table that a question asks for by a superlative: 'Who earned most in March?', '哪个房型最便宜？'.

Every row looks like an answer to such a question, and only one is; which one, the whole table tells and no single row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from agents.proof.numbers import stated
from agents.proof.rarity import content_terms
from agents.proof.statements import Statement
from agents.proof.tables import as_row, cells, is_row, is_separator
from ingest.folding import fold
from ingest.sentences import Span

HIGHEST = re.compile(
    r"\b(?:most|highest|largest|biggest|longest|maximum|greatest|dearest)\b|最[高多大长贵]", re.IGNORECASE
)
LOWEST = re.compile(
    r"\b(?:least|lowest|fewest|smallest|shortest|minimum|cheapest)\b|最(?:[低少小短]|便宜)", re.IGNORECASE
)
_BOUND = re.compile(r"\bat (?:the )?(?:most|least)\b", re.IGNORECASE)
_CHOICE = re.compile(r"\b(?:which|who|whose|what)\b|[哪谁]|什么", re.IGNORECASE)
_CHANGE = re.compile(
    r"\b(?:grow|grew|rise|rose|risen|increase|decrease|drop|fall|fell|chang|improv|gain|los[et])|[涨升增降跌减]|提高|进步|变化|相差",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Extremes:
    """The rows of a table that a superlative means: one, several that are level, or none where the table doesn't say which of
    its columns is to be compared."""

    rows: tuple[Statement, ...]
    labels: frozenset[str]
    """The words that stand in cells of these rows and of no others."""

    def named_by(self, text: str) -> bool:
        """Whether `text` names one of the rows, as far as they have names."""
        return not self.labels or any(_names(text, label) for label in self.labels)


def extremes(question: str, page: str, row: Statement) -> Extremes | None:
    """What the superlative of `question` means in the table that `row` of `page` belongs to; None where `question` has none
    that chooses a row, or there is no such table."""
    if len(row.spans) < 2 or not is_row(page[slice(*row.spans[0])]):
        return None
    header = row.spans[0]
    table = {span: cells(page[slice(*span)]) for span in _below(page, header)}
    found = extreme_rows(question, cells(page[slice(*header)]), list(table.values()))
    if found is None:
        return None
    meant = [span for n, span in enumerate(table) if n in found]
    told = (as_row(page[slice(*header)], page[slice(*span)]) for span in meant)
    others = {cell for span in table if span not in meant for cell in table[span]}
    labels = {cell for span in meant for cell in table[span] if cell not in others and _figure(cell) is None}
    rows = (Statement((header, span), text, row.context, row=True) for span, text in zip(meant, told, strict=True))
    return Extremes(tuple(rows), frozenset(labels - {""}))


def extreme_rows(question: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int] | None:
    """Places in `rows` of those that the superlative of `question` means: one, or several that are level; none where the table
    doesn't say which of its columns is to be compared. None where `question` has no superlative that chooses a row.
    `heads` are the names of the columns, each row is its cells."""
    high, low = bool(HIGHEST.search(question)), bool(LOWEST.search(question))
    within = any(HIGHEST.search(head) or LOWEST.search(head) for head in heads)
    if high == low or within or _BOUND.search(question) or not _CHOICE.search(question):
        return None
    rows = [[*row, *[""] * (len(heads) - len(row))] for row in rows]
    figures = [[_figure(row[column]) for row in rows] for column in range(len(heads))]
    measured = [
        column
        for column, found in enumerate(figures)
        if any(found) and all(row[column] == "" for row, figure in zip(rows, found, strict=True) if figure is None)
    ]
    picked = _picked(question, [column for column in range(len(heads)) if column not in measured], rows)
    if not measured or len(picked) < 2:
        return None
    asked = [column for column in measured if _names(question, heads[column])]
    if len(asked) > 1 or _CHANGE.search(question):
        return []  # it is worked out from several cells of a row
    asked = asked or measured
    best = [_best(max if high else min, {n: figures[column][n] for n in picked}) for column in asked]
    return best[0] if all(places == best[0] for places in best) else []


def _names(question: str, name: str) -> bool:
    """Whether `question` has the name of a column or a cell, letter by letter or in English all of its words."""
    words = content_terms(name)
    return bool(name) and (
        fold(name) in fold(question) or (name.isascii() and bool(words) and words <= content_terms(question))
    )


def _below(page: str, header: Span) -> Iterator[Span]:
    """The rows below the one that names the columns."""
    at = header[1]
    while at < len(page):
        end = page.find("\n", at + 1) if "\n" in page[at + 1 :] else len(page)
        line = page[at:end].strip()
        if not is_row(line):
            return
        if not is_separator(line):
            start = page.index(line, at)
            yield start, start + len(line)
        at = end


def _figure(cell: str) -> float | None:
    """The number of a cell that holds one."""
    found = [number.figure for number in stated(cell)]
    return float(found[0]) if len(found) == 1 and found[0] is not None else None


def _picked(question: str, columns: Sequence[int], rows: Sequence[Sequence[str]]) -> list[int]:
    """The rows that `question` leaves to choose from: those with the cells that it names."""
    left = list(range(len(rows)))
    for column in columns:
        named = [n for n in left if _names(question, rows[n][column])]
        left = named or left
    return left


def _best(pick: Callable[[Iterable[float]], float], figures: dict[int, float | None]) -> list[int]:
    known = {n: figure for n, figure in figures.items() if figure is not None}
    return [n for n, figure in known.items() if figure == pick(known.values())]
