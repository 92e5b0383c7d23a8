"""The query of a table that a question's own words name: a column of numbers, the cells that pick its rows, and what is to
be taken of them. Where anything could be meant otherwise there is none, and the model is asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from agents.proof.asked import subjects
from agents.proof.extremes import HIGHEST, LOWEST
from agents.proof.numbers import claimed, stated
from agents.proof.rarity import canonical_terms, content_terms
from agents.tasks.amounts import nearest
from agents.tasks.evidence import Table
from agents.tasks.operations import ABOVE, APART, BELOW, MEAN, TOGETHER
from ingest.folding import fold

_AVERAGE = re.compile(rf"(?:{BELOW.pattern}|{ABOVE.pattern})(?: the)? ?(?:average|mean|median|平均|均)", re.IGNORECASE)
"""A row is held against what no column has."""
_COUNT = re.compile(r"(?:多少|几)个?([\u4e00-\u9fff])")
_NAME = re.compile(r"(?<=[\w,;] )[A-Z]\w*|\d[\w.]*")
MOST_ROWS = 200
"""Of a table that is read whole to know its cells; as many as a query brings."""


def query_of(goal: str, table: Table, rows: Sequence[Sequence[Any]]) -> str:
    """The query whose row, or whose rows where it lists, answer `goal`; '' where the words leave it open. `rows`: all of the
    table's."""
    names = list(table.columns)
    if len(rows) == table.rows and (listed := _filtered(goal, table, rows)):
        return listed
    if (
        _AVERAGE.search(goal)
        or APART.search(goal)
        or len(rows) != table.rows
        or any(len(row) != len(names) for row in rows)
    ):
        return ""
    numbers = [n for n in range(len(names)) if all(_is_number(row[n]) for row in rows if row[n] is not None)]
    measure = _measure(goal, [(n, names[n]) for n in numbers])
    texts = [n for n in range(len(names)) if n not in numbers]
    picked = _picked(goal, {n: [str(row[n]) for row in rows if row[n] is not None] for n in texts})
    if measure is None or picked is None:
        return ""
    here = [row for row in rows if row[measure] is not None and all(str(row[n]) == v for n, v in picked.items())]
    counts = [number.surface for number in stated(goal) if number.figure == len(here) > 1]  # 'the two months'
    if _more_named(
        re.sub("|".join(map(re.escape, counts)) or "(?!)", " ", goal), [*names, table.name, *picked.values()]
    ):
        return ""
    high, low, mean, together = (bool(p.search(goal)) for p in (HIGHEST, LOWEST, MEAN, TOGETHER))
    if not here or high + low + mean + together > 1:
        return ""
    number, source = _quoted(names[measure]), _quoted(table.name)
    where = " AND ".join(f"{_quoted(names[n])} = '{value}'" for n, value in picked.items())
    source += f" WHERE {where}" if where else ""
    if mean or together:
        return f"SELECT {'avg' if mean else 'sum'}({number}) AS {number} FROM {source}"  # noqa: S608 - names are quoted
    others = [n for n in texts if n not in picked]
    label = _label(goal, [(n, names[n]) for n in others])
    if not label and (high or low):  # 'Which trip …?', where no column is called so: those that tell the rows apart
        label = [n for n in others if len({str(row[n]) for row in here}) == len(here)]
    shown = ", ".join([*(_quoted(names[n]) for n in label), number])
    if high or low:
        ordered = sorted((row[measure] for row in here), reverse=high)
        labels = [tuple(str(row[n]) for n in label) for row in here]
        if not label or len(labels) > len(set(labels)) or ordered[:1] == ordered[1:2]:
            return ""  # a single row or the sum of several may be meant, or there are two
        return f"SELECT {shown} FROM {source} ORDER BY {number} {'DESC' if high else 'ASC'} LIMIT 1"  # noqa: S608 - the same
    return f"SELECT {shown} FROM {source}" if where and len(here) == 1 else ""  # noqa: S608 - the same


def _filtered(goal: str, table: Table, rows: Sequence[Sequence[Any]]) -> str:
    """The rows where one column of numbers lies below or above another, or a number, that the goal names: 'Which items are
    below their minimum?'"""
    below, above = BELOW.search(goal), ABOVE.search(goal)
    sign = below or above
    if sign is None or (below and above) or _AVERAGE.search(goal):
        return ""
    names = list(table.columns)
    numbers = [n for n in range(len(names)) if all(_is_number(row[n]) for row in rows if row[n] is not None)]
    columns = [(n, names[n]) for n in numbers]
    behind = _measure(goal[sign.end() :], columns)
    bound = next((quantity for quantity in claimed(goal[sign.end() :]) if quantity.figure is not None), None)
    before = _measure(goal[: sign.start()], [column for column in columns if column[0] != behind])
    if bound is not None and before is None:  # 'more than 30 boxes'
        before, behind = behind, None
    if before is None and len(columns) == 2 - (behind is None):
        before = next(n for n in numbers if n != behind)
    if before is None or (behind is None) == (bound is None):
        return ""
    limit = _quoted(names[behind]) if behind is not None else str(float(bound.figure))  # type: ignore[union-attr, arg-type]
    shown = [n for n in range(len(names)) if n not in numbers] + [n for n in (before, behind) if n is not None]
    listed = ", ".join(_quoted(names[n]) for n in shown)
    condition = f"{_quoted(names[before])} {'<' if below else '>'} {limit}"
    return f"SELECT {listed} FROM {_quoted(table.name)} WHERE {condition}"  # noqa: S608 - names are quoted


def _is_number(cell: object) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _measure(goal: str, columns: Sequence[tuple[int, str]]) -> int | None:
    """The one column whose name's words stand in the goal, most of them."""
    asked, folded = canonical_terms(goal), fold(goal)
    counted = set(_COUNT.findall(folded))
    scored: list[tuple[float, int]] = []
    for n, name in columns:
        own = canonical_terms(re.sub(r"[_\W]+", " ", name))
        near = len(own & asked) / max(len(own), 1) if name.isascii() else float(fold(name) in folded)
        near = near or float(fold(name) in {f"{noun}数" for noun in counted})
        scored.append((near, n))
    return nearest([pair for pair in scored if pair[0]])


def _picked(goal: str, cells: dict[int, list[str]]) -> dict[int, str] | None:
    """Column → the cell that the goal names. None where it names several of one column."""
    folded, asked = fold(goal), content_terms(goal)
    found: dict[int, str] = {}
    for column, values in cells.items():
        named = [value for value in dict.fromkeys(values) if "'" not in value and _named(value, folded, asked)]
        named = [value for value in named if not any(value != other and fold(value) in fold(other) for other in named)]
        if len(named) > 1:
            return None
        found |= dict.fromkeys([column], *named) if named else {}
    return found


def _named(value: str, folded: str, asked: set[str]) -> bool:
    """Whether a cell stands in the goal as it is, or in English with all of its words: 'Tarn–Velm' of 'from Tarn to Velm'."""
    told = fold(value)
    if not told.isascii() and not re.search(r"[a-z]", told):
        return len(told) > 1 and told in folded
    own = content_terms(value)
    return (bool(own) and own <= asked) or bool(re.search(rf"(?<!\w){re.escape(told)}(?!\w)", folded))


def _more_named(goal: str, known: Sequence[str]) -> bool:
    """Whether the goal names something that neither a column nor a cell it picks is called: a name, a number, in Chinese a
    run of characters."""
    for operation in (HIGHEST, LOWEST, MEAN, TOGETHER):
        goal = operation.sub(" ", goal)
    told = fold(" ".join(known))
    goal = re.sub("|".join(re.escape(name) for name in known if name and not name.isascii()) or "(?!)", " ", goal)
    names = {fold(name) for name in _NAME.findall(goal)}
    if any(not re.search(rf"(?<!\w){re.escape(name)}(?!\w)", told) for name in names):
        return True
    return any(not subject.surface.isascii() and subject.surface not in told for subject in subjects(goal, told))


def _label(goal: str, columns: Sequence[tuple[int, str]]) -> list[int]:
    """The column of words that the goal asks for by its name."""
    asked, folded = canonical_terms(goal), fold(goal)
    return [n for n, name in columns if canonical_terms(name) & asked or (not name.isascii() and fold(name) in folded)][
        :1
    ]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
