"""What of a table a question means: the rows whose cells it names, the column that it asks for, and whether one of them is the
highest or lowest, or something is to be worked out from several.

Every row looks like an answer to 'Which room is cheapest?', and only one is; which one, the whole table tells and no single
row. The chat quotes by what is found here, the proof holds a model's words against it, and the tasks' queries say the same in SQL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Literal

from agents.proof.asked import asked_for, runs, subjects, without_asking
from agents.proof.days import days, on_one, without_days
from agents.proof.numbers import Quantity, agrees, claimed, is_year, stated
from agents.proof.operations import APART, DATED, HIGHEST, LOWEST, MEAN, TOGETHER, compared
from agents.proof.rarity import canonical_terms, content_terms
from agents.proof.relations import holds, ranges
from agents.proof.words import is_function_word, terms
from ingest.folding import fold
from ingest.language import is_han
from ingest.units import spelled, unit

Operation = Literal["", "highest", "lowest", "sum", "mean", "count"]
Cell = str | float | None

_BOUND = re.compile(r"\bat (?:the )?(?:most|least)\b", re.IGNORECASE)
_CHOICE = re.compile(r"\b(?:which|who|whose|what)\b|[哪谁]|什么", re.IGNORECASE)
_CHANGE = re.compile(
    r"\b(?:grow|grew|rise|rose|risen|increase|decrease|drop|fall|fell|chang|improv|gain|los[et])|[涨升增降跌减]|提高|进步|变化|相差",
    re.IGNORECASE,
)
_BRACKETED = re.compile(rf"\s*[(（/]\s*({spelled()})?[^)）]*[)）]?\s*$", re.IGNORECASE)
"""Behind the name of a column: what it is measured in."""
_COUNTED = re.compile(r"(?:多少|几)个?([\u4e00-\u9fff])")
_HOW_MANY = re.compile(r"\bhow many ((?:\w+ )?\w+)|(?:多少|几)(个?人|[名位]|[\u4e00-\u9fff]{1,6})", re.IGNORECASE)
_PERSONS = re.compile(r"个?人|[名位]")
_PERSON = re.compile(r"姓名|人|员|\bname\b")
_NAMES = re.compile(r"(?<=[\w,;] )(?!I\b)[A-Z]\w*|\d[\w.]*")


_EACH = re.compile("一[\u4e00-\u9fff]")
"""一次, 一只: what a price is for."""
COUNTED = 0.9
"""How much 几次 names of 每年赔付次数."""


def named(question: str, name: str) -> bool:
    """Whether `question` has the name of a column or a cell: letter by letter, or in English all of its words."""
    told, folded = fold(name), fold(question)
    if re.search(r"[^\W\d_a-z]", told):
        return told in folded and (len(told) > 1 or any(_begins(run, told) for run in runs(without_asking(question))))
    own = canonical_terms(name)  # yearly links little and tells a yearly pass from a weekly one, as a number does
    counted = all(agrees(number, stated(question)) for number in claimed(name))
    if is_function_word(told):  # sailing A, but not 'on a Sunday'
        told, folded = name.strip(), question
    return (bool(own) and counted and own <= canonical_terms(question)) or (
        bool(told) and bool(re.search(rf"(?<!\w)(?<!\d[.,]){re.escape(told)}(?!\w|[.,]\d)", folded, re.ASCII))
    )


def _begins(run: str, name: str) -> bool:
    """Whether a name of one character begins a run of Chinese, or stands behind a character that only links: 对猫, but not 熊猫."""
    return any(
        char == name and (not at or not terms(run[at - 1]) or run[at - 1] == "给") for at, char in enumerate(run)
    )


def bare(head: str) -> str:
    """The name of a column without the unit behind it."""
    return _BRACKETED.sub("", head).replace("_", " ") or head


def share(question: str, head: str) -> float:
    """0..1: how much of a column's name `question` has. Of Chinese words of two characters 二月 is none in 刘洋二月工资."""
    name = bare(head)
    if named(question, name):
        return 1.0
    if fold(name).endswith(tuple(f"{noun}数" for noun in _COUNTED.findall(fold(question)))):
        return COUNTED
    words = content_terms(name)
    return len(words & content_terms(question)) / len(words) if words else 0.0


@dataclass(frozen=True)
class Grid:
    """A table: the names of its columns, and its rows, each as long."""

    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @classmethod
    def of(cls, heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Grid:
        """Rows that are too short are filled up, longer ones have columns without a name."""
        rows = [tuple(row) for row in rows]
        width = max([len(heads), *map(len, rows)])
        return cls((*heads, *[""] * (width - len(heads))), tuple((*row, *[None] * (width - len(row))) for row in rows))

    @cached_property
    def figures(self) -> tuple[tuple[float | None, ...], ...]:
        """Of each column, the number of each cell that holds one and nothing before it."""
        return tuple(tuple(_figure(row[column]) for row in self.rows) for column in range(len(self.heads)))

    @cached_property
    def measured(self) -> tuple[int, ...]:
        """The columns of numbers alone. The first of a table that has others only names its rows: years, numbers of rooms."""
        found = [
            column
            for column, figures in enumerate(self.figures)
            if any(figure is not None for figure in figures)
            and all(row[column] in (None, "") for row, figure in zip(self.rows, figures, strict=True) if figure is None)
        ]
        return tuple(found[found[0] == 0 < len(found) - 1 :]) if found else ()

    @property
    def labels(self) -> tuple[int, ...]:
        """The other columns."""
        return tuple(column for column in range(len(self.heads)) if column not in self.measured)

    def cells(self, column: int) -> list[str]:
        """The different cells of a column, as they are written."""
        return list(dict.fromkeys(str(row[column]) for row in self.rows if row[column] not in (None, "")))

    def unit(self, column: int) -> str:
        """What the name of a column of numbers says it is measured in, as it is written there, or its cells say; '' where neither
        does, or cells differ."""
        if said := _BRACKETED.search(self.heads[column]):
            return said[1] or ""
        units = {number.surface.lstrip("0123456789.,- ") for cell in self.cells(column) for number in stated(cell)}
        return units.pop() if len(units) == 1 else ""

    def only(self, dimensions: Collection[str]) -> tuple[int, ...]:
        """The column of numbers of one of `dimensions`, where there is one alone."""
        found = tuple(column for column in self.measured if self.dimension(column) in dimensions)
        return found if len(found) == 1 else ()

    def dimension(self, column: int) -> str:
        """What a column of numbers is measured in; 'date' of years; '' where neither its name nor its cells say so."""
        said = _BRACKETED.search(self.heads[column])
        if said and said[1]:
            return unit(said[1])[0]
        numbers = [number for cell in self.cells(column) for number in stated(cell)]
        kinds = {number.kind for number in numbers}
        if kinds == {""} and all(is_year(number) and number.digits <= 4 for number in numbers):
            return "date"
        return kinds.pop() if len(kinds) == 1 else ""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a question means in a table."""

    operation: Operation
    rows: tuple[int, ...]
    """Those meant: of a superlative one, several that are level, or none where the table doesn't say which column is compared."""
    columns: tuple[int, ...]
    """Those asked for or compared: several where all agree, or where their cells are to be added up."""
    picked: Mapping[int, tuple[str, ...]]
    """Column → the cells that the question names."""

    def figures(self, grid: Grid) -> list[float]:
        """The numbers of the cells meant."""
        return [
            figure for row in self.rows for column in self.columns if (figure := grid.figures[column][row]) is not None
        ]


def choose(question: str, grid: Grid) -> Choice:
    """What `question` means in `grid`."""
    high, low = bool(HIGHEST.search(question)), bool(LOWEST.search(question))
    heads = [_BOUND.sub(" ", head) for head in grid.heads]
    within = any(HIGHEST.search(head) or LOWEST.search(head) for head in heads)
    picked = picks(question, grid)
    left = tuple(n for n in range(len(grid.rows)) if _meets(grid, n, picked))
    columns = asked_columns(question, {column: grid.heads[column] for column in grid.measured})
    columns = columns or grid.only(asked_for(question).units)
    if high != low and not within and not _BOUND.search(question) and _CHOICE.search(question):
        rows, columns = _extreme(question, grid, left, columns, max if high else min)
        if rows is not None:
            return Choice("highest" if high else "lowest", rows, columns, picked)
    together, mean = (bool(p.search(question)) and not any(map(p.search, grid.heads)) for p in (TOGETHER, MEAN))
    if together != mean and not APART.search(question) and columns and left:
        return Choice("mean" if mean else "sum", left, columns, picked)
    if picked and not columns and _counts(question, grid):
        return Choice("count", left, (), picked)
    return Choice("", left, columns, picked)


def asked_columns(question: str, heads: Mapping[int, str]) -> tuple[int, ...]:
    """Of columns, by their places, those whose names `question` has whole, else the one of whose name it has most."""
    if whole := named_columns(question, heads):
        return whole
    if within := banded(question, list(heads.values())):
        return tuple(column for column, head in heads.items() if head in within)
    shares = {column: share(question, head) for column, head in heads.items()}
    best = [column for column, near in shares.items() if near and near == max(shares.values())]
    return tuple(best) if len(best) == 1 else ()


def named_columns(question: str, heads: Mapping[int, str]) -> tuple[int, ...]:
    """Of columns, by their places, those whose names `question` has whole; of several with one name the one whose unit it has
    too: 'Price (USD)', but of 库存 and 安全库存 the longer alone."""
    whole = [column for column, head in heads.items() if share(question, head) == 1.0]
    whole = [c for c in whole if not any(c != o and _within(bare(heads[c]), bare(heads[o])) for o in whole)]
    return tuple(
        [c for c in whole if named(question, heads[c])] if len({bare(heads[c]) for c in whole}) < len(whole) else whole
    ) or tuple(whole)


def picks(question: str, grid: Grid) -> dict[int, tuple[str, ...]]:
    """Column → the cells that `question` names, by themselves or, where all end alike, by what is before: 成人 of 成人会员. The 5
    and 7 of 5月7日 name no row."""
    found: dict[int, tuple[str, ...]] = {}
    asked, undated = days(question), without_days(question)
    for column in range(len(grid.heads)):
        values = grid.cells(column)
        if column in grid.measured:  # 'room 2', and 4位 of 位数 and 模型位数
            head = fold(bare(grid.heads[column]))
            counted = re.escape(head[-2:-1] if head.endswith("数") else head)
            both = [
                (value, rf"{re.escape(head)} ?{told}(?!\w|[.,]\d)|(?<![\d.,]){told} ?{counted}")
                for value in values
                for told in (re.escape(fold(value)),)
            ]
            names = [value for value, pattern in both if head and re.search(pattern, fold(question))]
        else:
            end = len(common_end(values))
            names = [value for value in values if on_one(asked, days(value))]
            names = names or [value for value in values if named(undated if value.isdigit() else question, bare(value))]
            names = names or [value for value in values if end and named(question, value[:-end])]
        names = names or banded(question, values)
        names = [one for one in names if not any(one != other and _within(one, other) for other in names)]
        if names:
            found[column] = tuple(names)
    return found


def banded(question: str, values: Sequence[str]) -> list[str]:
    """Where several of `values` are bands of a number that `question` gives (12 个月以上, '6-11 months'), the one it lies in; nothing
    where it lies in several."""
    found: list[str] = []
    for given in claimed(question):
        bands = [(value, within) for value in values if given.kind and (within := _band(value, given)) is not None]
        inside = [value for value, within in bands if within]
        if len(bands) > 1 and len(inside) == 1:
            found += inside
    return list(dict.fromkeys(found))


def _band(value: str, given: Quantity) -> bool | None:
    """Whether `given` lies in the band that `value` is; None where that is none of its kind."""
    numbers = [number for number in stated(value) if number.at >= 0]
    last = max(numbers, key=lambda number: number.at, default=None)
    if last is None or last.kind != given.kind or len(numbers) != 1 + len([*ranges(value, numbers)]):
        return None
    return holds(last, given, value)


def common_end(values: Sequence[str]) -> str:
    """What all of at least two Chinese cells end with, 会员 of 成人会员 and 学生会员; one character if they are three or more."""
    if len(values) < 2 or not all(value and is_han(value[-1]) for value in values):
        return ""
    end = reduce(_ending, values)
    return end if len(end) > (len(values) < 3) and all(len(value) > len(end) for value in values) else ""


def names_column(question: str, grid: Grid, choice: Choice) -> bool:
    """Whether `question` asks for one of the columns of the rows it picks by name."""
    return any(share(question, head) == 1.0 for at, head in enumerate(grid.heads) if head and at not in choice.picked)


def names_another(question: str, grid: Grid, around: str) -> bool:
    """Whether `question` names a row by what the names of all rows have in common, and by something before it that neither they
    have nor anything `around`: 青少年会员 among 成人会员 and 学生会员, 'the yellow group' beside 'Red group'."""
    if not grid.labels:
        return False
    values = grid.cells(grid.labels[0])
    folded = fold(question)
    if end := common_end(values):
        found = re.search(rf"([\u4e00-\u9fff\w]+){re.escape(end)}", folded)
        before = without_asking(found[1]).strip() if found else ""
        return bool(before) and not any(before[-n:] in fold(around) for n in (2, len(before))) and before[-1] != "的"
    last = {value.split()[-1] for value in map(fold, values) if value.isascii() and len(value.split()) > 1}
    noun = last.pop() if len(last) == 1 and len(values) > 1 else fold(bare(grid.heads[grid.labels[0]]))
    found = re.search(rf"\b([a-z-]+) {re.escape(noun)}\b", folded) if noun.isascii() and noun else None
    words = content_terms(found[1]) if found else set()
    return bool(words) and not words & content_terms(around)


def more_named(question: str, known: Sequence[str]) -> bool:
    """Whether `question` names something that nothing of `known` is called: a name, a number, in Chinese a run of characters."""
    for operation in (HIGHEST, LOWEST, MEAN, TOGETHER):
        question = operation.sub(" ", question)
    told = fold(" ".join(known))
    question = _EACH.sub(" ", question)
    question = re.sub(
        "|".join(re.escape(name) for name in known if name and not name.isascii()) or "(?!)", " ", question
    )
    names = {fold(name) for name in _NAMES.findall(question)}
    if any(not re.search(rf"(?<!\w){re.escape(name)}(?!\w)", told) for name in names):
        return True
    return any(not subject.surface.isascii() and subject.surface not in told for subject in subjects(question, told))


def _extreme(
    question: str,
    grid: Grid,
    left: Sequence[int],
    named_columns: tuple[int, ...],
    pick: Callable[[Iterable[float]], float],
) -> tuple[tuple[int, ...] | None, tuple[int, ...]]:
    """The rows of the highest or lowest, and the columns compared. Rows are None where nothing is to be chosen."""
    kinds = compared(question)
    fitting = grid.only(kinds)
    if kinds == DATED and not fitting:
        return None, named_columns
    columns = named_columns or fitting or grid.measured
    if not columns or len(left) < 2:
        return None, named_columns
    if len(named_columns) > 1 or _CHANGE.search(question):
        return (), columns  # it is worked out from several cells of a row
    best = [_best(pick, {n: grid.figures[column][n] for n in left}) for column in columns]
    return (best[0] if all(places == best[0] for places in best) else ()), columns


def _best(pick: Callable[[Iterable[float]], float], figures: Mapping[int, float | None]) -> tuple[int, ...]:
    known = {n: figure for n, figure in figures.items() if figure is not None}
    return tuple(n for n, figure in known.items() if figure == pick(known.values()))


def _meets(grid: Grid, row: int, picked: Mapping[int, tuple[str, ...]]) -> bool:
    return all(str(grid.rows[row][column]) in values for column, values in picked.items())


def _counts(question: str, grid: Grid) -> bool:
    """Whether `question` asks how many there are of what the rows are: 'How many boats …?' of a column 'Boat'."""
    found = _HOW_MANY.search(without_links(question))
    if found is None or not grid.labels:
        return False
    heads = " ".join(bare(grid.heads[column]) for column in grid.labels)
    if found[1]:
        return bool(content_terms(found[1]) & content_terms(heads))
    if _PERSONS.match(found[2]):
        return bool(_PERSON.search(heads))
    noun = found[2].lstrip("个种件款项条艘台辆张")
    return len(noun) > 1 and noun in heads


def without_links(question: str) -> str:
    """`question`, folded, without its last mark."""
    return fold(question).rstrip("?. ")


def _within(one: str, other: str) -> bool:
    return fold(one) in fold(other) and fold(one) != fold(other)


def _ending(one: str, other: str) -> str:
    at = 0
    while at < min(len(one), len(other)) and one[-1 - at] == other[-1 - at]:
        at += 1
    return one[len(one) - at :]


def _figure(cell: Cell) -> float | None:
    """The number of a cell that holds one, with its unit or alone."""
    if cell is None or isinstance(cell, bool):
        return None
    if not isinstance(cell, str):
        return float(cell)
    numbers = [number for number in stated(cell) if number.kind not in {"month", "weekday", "clock", "ordinal"}]
    if len(numbers) != 1 or numbers[0].figure is None:
        return None
    told = fold(cell)
    name = told.strip().endswith(numbers[0].surface) and re.search(r"[a-z]", told[: numbers[0].at])  # Quick 45
    return None if name and not numbers[0].kind else float(numbers[0].figure)
