"""The query of a table that a question's own words name: a column of numbers, the cells that pick its rows, and what is to
be taken of them. Where anything could be meant otherwise there is none, and the model is asked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from agents.proof.asked import asked_for
from agents.proof.choosing import Grid, asked_columns, choose, more_named, picks, share
from agents.proof.months import months
from agents.proof.numbers import claimed, stated
from agents.proof.operations import ABOVE, APART, BELOW, HIGHEST, LOWEST, TOGETHER
from agents.tasks.evidence import Table
from agents.tasks.tariffs import for_one, several_of, wants_money
from agents.tools.tabular.engine import quoted
from ingest.folding import fold

_AVERAGE = re.compile(rf"(?:{BELOW.pattern}|{ABOVE.pattern})(?: the)? ?(?:average|mean|median|平均|均)", re.IGNORECASE)
"""A row is held against what no column has."""
_PARTED = re.compile(r"\b(?P<sign>more|fewer|less) (?P<one>[^,?]+?) than (?P<two>[^,?]+)", re.IGNORECASE)
THAN = re.compile(r"(?P<one>[^，,]+)比(?P<two>[^，,]+?)的?(?P<sign>[多少高低大小])\W*$")
OFTEN = re.compile(r"\bmost (?:often|frequently)\b|最(?:勤|频繁|经常|多次)", re.IGNORECASE)
SHORT = re.compile(
    r"\b(?:run(?:s|ning)?(?: \w+){0,2} (?:low|short|out)|re-?(?:order|stock|fill|plenish)\w*|order(?:ed)?(?: \w+)? (?:again|more)"
    r"|not enough|buy more|too (?:little|few))\b|不[够足]|[短欠]缺|快[没用]|补[货充]|[要该]进货|再订",
    re.IGNORECASE,
)
"""Asks what there is too little of."""
LEAST = re.compile(
    r"\b(?:min(?:imum)?|(?:at )?least|lowest|threshold|safety|re-?order|order again|when (?:under|below))(?![a-z])|最[低少小]|下限|安全|警戒|补货",
    re.IGNORECASE,
)
"""Names the column that says how little is too little."""
_AT = re.compile(r"\bat$|点$")
"""Where such a name ends so, as little as that is too little."""
_WHICH = re.compile(r"\bwhich (\w+)|哪一?[个家栋座位种名条间辆]?([\u4e00-\u9fff])", re.IGNORECASE)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
MOST_ROWS = 200
"""Of a table that is read whole to know its cells; as many as a query brings."""


def query_of(goal: str, table: Table, rows: Sequence[Sequence[Any]]) -> str:
    """The query whose row, or whose rows where it lists, answer `goal`; '' where the words leave it open. `rows`: all of the
    table's."""
    if len(rows) != table.rows or _AVERAGE.search(goal):
        return ""
    names = list(table.columns)
    # Prices, which are exact, are held against nothing.
    if listed := _filtered(goal, table, rows):
        return listed
    rows = [[_figure(cell) for cell in row] for row in rows]
    numbers = _numeric(rows, len(names))
    goal, rows, when = _of_month(goal.replace("了的", "的"), names, rows)  # 坏了的 are counted in a column 坏的
    if APART.search(goal):
        return ""
    typed = [[c if n in numbers or c is None else str(c) for n, c in enumerate(row)] for row in rows]
    grid = Grid.of(names, typed)
    if listed := _of_rows(goal, table, grid, when):
        return listed
    prices = [n for n in numbers if any(isinstance(row[n], float) and not row[n].is_integer() for row in rows)]
    priced = wants_money(goal) and len(prices) == 1 and not asked_columns(goal, dict(enumerate(names)))
    wanted = names[prices[0]] if priced else ""
    meant = choose(f"{goal} {wanted}", grid)
    several = any(len(values) > 1 for values in meant.picked.values())
    if (
        len(meant.columns) != 1
        or meant.columns[0] not in numbers
        or (several and meant.operation not in {"sum", "mean"})
    ):
        return ""
    [measure] = meant.columns
    here = [row for row in rows if row[measure] is not None and all(str(row[n]) in v for n, v in meant.picked.items())]
    counts = [number.surface for number in stated(goal) if number.figure == len(here) > 1]  # 'the two months'
    known = [*names, table.name, *(value for values in meant.picked.values() for value in values)]
    if not here or more_named(re.sub("|".join(map(re.escape, counts)) or "(?!)", " ", goal), known):
        return ""
    number, source = quoted(names[measure]), quoted(table.name)
    where = " AND ".join([*(_among(names[n], values) for n, values in meant.picked.items()), *when])
    source += f" WHERE {where}" if where else ""
    if meant.operation in {"sum", "mean"}:
        worked = "avg" if meant.operation == "mean" else "sum"
        return f"SELECT {worked}({number}) AS {number} FROM {source}"  # noqa: S608 - names are quoted
    others = [n for n in range(len(names)) if n not in numbers and n not in meant.picked]
    label = [n for n in others if share(goal, names[n])][:1]
    if not label and meant.operation:  # 'Which trip …?', where no column is called so: those that tell the rows apart
        label = [n for n in others if len({str(row[n]) for row in here}) == len(here)]
    shown = ", ".join([*(quoted(names[n]) for n in label), number])
    if meant.operation:
        labels = [tuple(str(row[n]) for n in label) for row in here]
        if not label or len(labels) > len(set(labels)) or len(meant.rows) != 1:
            return ""  # a single row or the sum of several may be meant, or there are two
        way = "DESC" if meant.operation == "highest" else "ASC"
        return f"SELECT {shown} FROM {source} ORDER BY {number} {way} LIMIT 1"  # noqa: S608 - the same
    if several_of(goal) and not for_one(goal):
        return ""  # what seven of them cost no cell says
    return f"SELECT {shown} FROM {source}" if where and len(here) == 1 else ""  # noqa: S608 - the same


def _of_month(
    goal: str, names: Sequence[str], rows: Sequence[Sequence[Any]]
) -> tuple[str, list[Sequence[Any]], list[str]]:
    """`goal` without the month that it names, the rows of that month, and the condition that says so; all as they are where it names
    none, or not one column has days."""
    dated = [n for n in range(len(names)) if rows and all(_DAY.match(str(row[n])) for row in rows)]
    named = [(*span, *found) for span, found in months(goal) if len(found) == 1]
    if len(dated) != 1 or len(named) != 1:
        return goal, list(rows), []
    [(start, end, number)] = named
    before, behind = re.search(r"(\d{4})\s*年\s*$", goal[:start]), re.match(r"\s*(\d{4})\b", goal[end:])
    form = f"{(before or behind or ['', '____'])[1]}-{number:02}-%"
    kept = [row for row in rows if re.match(form.replace("_", ".").rstrip("%"), str(row[dated[0]]))]
    left = f"{goal[: before.start() if before else start]} {goal[end + (behind.end() if behind else 0) :]}"
    return left, kept, [f"CAST({quoted(names[dated[0]])} AS VARCHAR) LIKE '{form}'"]


def _of_rows(goal: str, table: Table, grid: Grid, when: Sequence[str]) -> str:
    """Of which value of a column that `goal` asks for there are the most rows, or all rows of the month that it names, where it
    asks for no column."""
    if not OFTEN.search(goal):
        figures = asked_columns(goal, {n: grid.heads[n] for n in grid.measured})
        reckons = wants_money(goal) or any(one.search(goal) for one in (HIGHEST, LOWEST, TOGETHER))
        if not (when and grid.rows and asked_for(goal).several) or figures or reckons:
            return ""
        cells = [_among(grid.heads[n], values) for n, values in picks(goal, grid).items()]
        return f"SELECT * FROM {quoted(table.name)} WHERE {' AND '.join([*cells, *when])}"  # noqa: S608 - names are quoted
    asked = [fold(noun or character) for noun, character in _WHICH.findall(goal)]
    columns = [n for n in grid.labels if any(noun in fold(grid.heads[n]) for noun in asked)]
    picked = {n: values for n, values in picks(goal, grid).items() if n not in columns}
    here = [row for row in grid.rows if all(str(row[n]) in values for n, values in picked.items())]
    if len(columns) != 1:
        return ""
    counts = Counter(row[columns[0]] for row in here).most_common(2)
    if not counts or (len(counts) > 1 and counts[0][1] == counts[1][1]):
        return ""
    name = quoted(grid.heads[columns[0]])
    where = " AND ".join([*(_among(grid.heads[n], values) for n, values in picked.items()), *when])
    return (
        f"SELECT {name}, count(*) AS count FROM {quoted(table.name)}"  # noqa: S608 - names are quoted
        f"{f' WHERE {where}' if where else ''} GROUP BY {name} ORDER BY count DESC LIMIT 1"
    )


def _among(name: str, values: Sequence[str]) -> str:
    """The condition that a column has one of `values`."""
    told = ["'{}'".format(value.replace("'", "''")) for value in values]
    return f"{quoted(name)} = {told[0]}" if len(told) == 1 else f"{quoted(name)} IN ({', '.join(told)})"


def _filtered(goal: str, table: Table, rows: Sequence[Sequence[Any]]) -> str:
    """The rows where one column of numbers lies below or above another, or a number, that the goal names: 'Which items are
    below their minimum?' Of those only that have a cell that it names."""
    names, numbers = table.columns, _numeric(rows, len(table.columns))
    if (held := _held(goal, names, numbers)) is None:
        return ""
    before, sign, behind, limit = held
    shown = [n for n in range(len(names)) if n not in numbers] + [n for n in (before, behind) if n is not None]
    listed = ", ".join(quoted(names[n]) for n in shown)
    typed = [[c if n in numbers or c is None else str(c) for n, c in enumerate(row)] for row in rows]
    named = {n: values for n, values in picks(goal, Grid.of(names, typed)).items() if n not in numbers}
    conditions = [
        f"{quoted(names[before])} {sign} {limit}",
        *(_among(names[n], values) for n, values in named.items()),
    ]
    return f"SELECT {listed} FROM {quoted(table.name)} WHERE {' AND '.join(conditions)}"  # noqa: S608 - names are quoted


def _held(goal: str, names: Sequence[str], numbers: Sequence[int]) -> tuple[int, str, int | None, str] | None:
    """Which column is held against what: its place, the sign, the other column's place if it is one, and that or a number as SQL;
    None where `goal` holds none against another."""
    if parted := _PARTED.search(goal) or THAN.search(goal):  # 'more at the dyer's than on the shelf', 预订数比库存多
        less = parted["sign"].casefold() in {"少", "低", "小", "fewer", "less"}
        goal = f"{parted['one']} {'less' if less else 'more'} than {parted['two']}"
    below, above = BELOW.search(goal), ABOVE.search(goal)
    sign = below or above
    if sign is None:
        return _short(goal, names, numbers)
    behind = _measure(goal[sign.end() :], {n: names[n] for n in numbers})
    bound = next((quantity for quantity in claimed(goal[sign.end() :]) if quantity.figure is not None), None)
    before = _measure(goal[: sign.start()], {n: names[n] for n in numbers if n != behind})
    if bound is not None and before is None:  # 'more than 30 boxes'
        before, behind = behind, None
    akin = [n for n in numbers if n != behind and (behind is None or fold(names[n]) in fold(names[behind]))]
    akin = akin or [n for n in numbers if n != behind]
    if before is None and len(akin) == 1:  # 库存 is what is held against 最低库存
        before = akin[0]
    if before is None or (behind is None) == (bound is None):
        return _short(goal, names, numbers)
    limit = quoted(names[behind]) if behind is not None else str(float(bound.figure))  # type: ignore[union-attr, arg-type]
    return before, "<" if below else ">", behind, limit


def _short(goal: str, names: Sequence[str], numbers: Sequence[int]) -> tuple[int, str, int, str] | None:
    """The same where `goal` asks what there is too little of, and one column says how little that is."""
    least = [n for n in numbers if LEAST.search(names[n].replace("_", " "))]
    there = [n for n in numbers if n not in least]
    if not SHORT.search(goal) or len(least) != 1 or len(there) != 1:
        return None
    name = names[least[0]].replace("_", " ")
    return there[0], "<=" if _AT.search(name) else "<", least[0], quoted(names[least[0]])


def _measure(words: str, columns: Mapping[int, str]) -> int | None:
    found = asked_columns(words, columns)
    return found[0] if len(found) == 1 else None


def _figure(cell: object) -> object:
    """An exact number of a database's, which is told as a text."""
    exact = isinstance(cell, str) and re.fullmatch(r"-?(?:0|[1-9]\d*)(?:\.\d+)?", cell)
    return float(cell) if exact else cell  # type: ignore[arg-type]


def _numeric(rows: Sequence[Sequence[Any]], columns: int) -> list[int]:
    """The columns of which each cell is a number, or empty."""
    kinds = [{type(row[n]) for row in rows} for n in range(columns)]
    return [n for n in range(columns) if kinds[n] <= {int, float, type(None)}]
