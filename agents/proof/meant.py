"""The rows of a page's table that a question means, as statements, and what it asks to be worked out from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from agents.proof.asked import wants_yes_or_no, without_asking
from agents.proof.choosing import (
    Choice,
    Grid,
    bare,
    choose,
    more_named,
    named,
    names_another,
    names_column,
)
from agents.proof.modifiers import VERB
from agents.proof.numbers import stated as numbers_stated
from agents.proof.operations import HIGHEST, LOWEST, MEAN, TOGETHER
from agents.proof.rarity import content_terms
from agents.proof.statements import Statement, readable
from agents.proof.tables import alike, as_row, cells, is_row, parts, rows_below
from ingest.folding import fold
from ingest.language import is_cjk

WORDS = (HIGHEST, LOWEST, MEAN, TOGETHER)


@dataclass(frozen=True, slots=True)
class Meant:
    """What a question means in one table."""

    rows: tuple[Statement, ...]
    """Of a superlative one, several that are level, or none where the table doesn't say which column is compared. Where something
    is worked out, each tells the outcome. Else one, whose name and column are asked for."""
    superlative: bool = False
    sure: bool = False
    """The question names everything that leads to them, and nothing else."""
    cell: bool = False
    """It is one row, of which one column is asked for."""
    absent: bool = False
    """It names a row that the table hasn't: 青少年会员 among 成人会员 and 学生会员, or cells that stand in no row together."""
    labels: frozenset[str] = frozenset()
    """The words that stand in cells of these rows and of no others."""

    def named_by(self, text: str) -> bool:
        """Whether `text` names one of the rows, as far as they have names."""
        return not self.labels or any(named(text, label) for label in self.labels)


def meant(question: str, page: str, row: Statement, title: str = "") -> Meant | None:
    """What `question` means in the table that `row` of `page` belongs to; None where there is no such table. `title` names
    its document and section."""
    if not row.row and not any(operation.search(question) for operation in WORDS):
        # A line that has all that is asked for speaks for itself: 主持人：鲁建平
        label = next(iter(parts(row.text)), "")
        known = bool(label) and named(question, label) and not wants_yes_or_no(question)
        return Meant((row,), sure=True) if known and _clear(question, [label, row.context, title]) else None
    grid, stated = _barred(page, row) or _listed(page, row) or (None, [])
    if grid is None:
        return None
    choice = choose(question, grid)
    rows = tuple(stated[n] for n in choice.rows)
    told = [value for values in choice.picked.values() for value in values]
    called = [_name(grid, n) for n in choice.rows]
    clear = _clear(question, [*grid.heads, *told, *called, row.context, title])
    if choice.operation in {"highest", "lowest"}:
        others = {cell for n, cells in enumerate(grid.rows) if n not in choice.rows for cell in cells}
        labels = {str(grid.rows[n][c]) for n in choice.rows for c in grid.labels if grid.rows[n][c] not in others}
        sure = clear and len(choice.columns) == 1 and bool(rows)
        return Meant(rows, superlative=True, sure=sure, labels=frozenset(labels - {"None"}))
    if choice.operation and clear and (outcome := worked_out(choice, grid)):
        return Meant(tuple(replace(one, text=outcome) for one in rows), sure=True)
    if choice.picked:
        sure = clear and len(rows) == 1 and names_column(question, grid, choice)
        return Meant(rows, sure=sure, cell=len(rows) == len(choice.columns) == 1, absent=not rows)
    return Meant((), absent=names_another(question, grid, f"{title} {page}"))


def _barred(page: str, row: Statement) -> tuple[Grid, list[Statement]] | None:
    """The table with bars that `row` belongs to, and its rows as statements."""
    if len(row.spans) < 2 or not is_row(page[slice(*row.spans[0])]):
        return None
    header, spans = page[slice(*row.spans[0])], list(rows_below(page, row.spans[0]))
    stated = [
        Statement((row.spans[0], span), as_row(header, page[slice(*span)]), row.context, row=True) for span in spans
    ]
    return Grid.of(cells(header), [cells(page[slice(*span)]) for span in spans]), stated


def _listed(page: str, line: Statement) -> tuple[Grid, list[Statement]] | None:
    """The lines of one pattern that `line` belongs to, and they as statements. What stands beside the numbers of a part in
    every line is the name of its column."""
    spans = alike(page, *line.spans[0]) if len(line.spans) == 1 else []
    if not spans:
        return None
    columns = [_column(column) for column in zip(*(parts(page[slice(*span)]) for span in spans), strict=True)]
    stated = [Statement((span,), readable(page[slice(*span)]), line.context) for span in spans]
    return Grid.of([head for head, _ in columns], zip(*(values for _, values in columns), strict=True)), stated


def _column(values: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The name of a column of parts, and its cells without it."""
    numbers = [numbers_stated(value) for value in values]
    if not all(len(found) == 1 for found in numbers):
        return "", values
    found = [(fold(value), one[0].surface) for value, one in zip(values, numbers, strict=True)]
    beside = {" ".join(value.replace(surface, " ", 1).split()) for value, surface in found}
    return (beside.pop(), [surface for _, surface in found]) if len(beside) == 1 else ("", values)


def worked_out(choice: Choice, grid: Grid) -> str:
    """What the cells of `choice` come to, with what it is made of: 'Filling 95 + Check-up 45 = 140 EUR', 'R4: 2 (Dipper, Bittern)'.
    '' where there is nothing to work out, or they are not measured in one thing."""
    names = [_name(grid, n) for n in choice.rows]
    chinese = any(map(is_cjk, "".join(grid.heads)))
    if choice.operation == "count":
        left, right, comma = "（）、" if chinese else (" (", ")", ", ")
        picked = comma.join(value for values in choice.picked.values() for value in values)
        return f"{picked}{'：' if chinese else ': '}{len(names)}{left}{comma.join(names)}{right}" if all(names) else ""
    figures = [Fraction(str(figure)) for figure in choice.figures(grid)]
    units = {grid.unit(column) for column in choice.columns}
    if len(figures) < 2 or len(figures) < len(choice.rows) * len(choice.columns) or len(units) > 1:
        return ""
    if not choice.picked and any(TOGETHER.search(name) for name in names):
        return ""  # the table has a row of its own for that
    parts = [
        f"{name if len(names) > 1 else ''} {bare(grid.heads[c]) if len(choice.columns) > 1 else ''} {written(figure)}"
        for (name, c), figure in zip(((name, c) for name in names for c in choice.columns), figures, strict=True)
    ]
    total = sum(figures, Fraction())
    said = " + ".join(" ".join(part.split()) for part in parts)
    if choice.operation == "mean":
        said, total = f"({said}) / {len(figures)}", total / len(figures)
    return f"{said} = {written(total)} {units.pop()}".rstrip()


def written(value: Fraction) -> str:
    """A number without needless places."""
    return f"{float(value):.10g}"


def _name(grid: Grid, row: int) -> str:
    """What a row is called."""
    return next((str(grid.rows[row][c]) for c in (*grid.labels, 0) if grid.rows[row][c] not in (None, "")), "")


def _clear(question: str, known: Sequence[str]) -> bool:
    """Whether `question` names nothing but what `known` says."""
    words = {term for term in content_terms(VERB.sub(" ", without_asking(question))) if term.isascii()}
    spoken = " ".join([*known, *(match.group() for p in WORDS for match in p.finditer(question))])
    return not more_named(question, known) and words <= content_terms(spoken)
