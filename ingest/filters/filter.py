"""Conditions on documents as values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from ingest.errors import UsageError
from ingest.filters.names import FIELD, NAMES, folded
from ingest.language import Text

Operator = Literal["=", "!=", ">=", "<=", ">", "<"]
OPERATORS: tuple[Operator, ...] = get_args(Operator)
_BARE = re.compile(r"[^\s,，=＝!！<>＜＞≠≥≤\"“”][^\s,，\"“”]*")
_BARE_NAME = re.compile(r"[^\s,，=＝!！<>＜＞≠≥≤\"“”]+")


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a condition as it was written. `literal`: in quotes, where a star is a star."""

    text: str
    literal: bool = False

    def __str__(self) -> str:
        bare = not self.literal and _BARE.fullmatch(self.text)
        return self.text if bare else '"' + re.sub('["“”]', "\N{FULLWIDTH QUOTATION MARK}", self.text) + '"'


@dataclass(frozen=True, slots=True)
class Condition:
    """`name` is one of `NAMES` or 'field:' and the folded name of an own field; any of `values` is enough."""

    name: str
    operator: Operator
    values: tuple[Value, ...]

    def __str__(self) -> str:
        name = self.name
        if name.startswith(FIELD) and not _BARE_NAME.fullmatch(name):
            name = f'{FIELD}"{name.removeprefix(FIELD)}"'
        return f"{name}{self.operator}{','.join(map(str, self.values))}"


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions that must all hold; none: every document fits. `parse` makes one from text, `str` text again."""

    conditions: tuple[Condition, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.conditions)

    def __and__(self, other: Filter) -> Filter:
        return Filter((*self.conditions, *(c for c in other.conditions if c not in self.conditions)))

    def __str__(self) -> str:
        return " ".join(map(str, self.conditions))

    @classmethod
    def of(cls, where: Where) -> Filter:
        """See `filter_of`."""
        return filter_of(where)

    @classmethod
    def tagged(cls, tags: object) -> Filter:
        """Documents that have all of these tags."""
        names = [tags] if isinstance(tags, str) else list(tags)  # type: ignore[call-overload]
        return cls(tuple(Condition("tag", "=", (Value(str(name), literal=True),)) for name in names))


Where = str | Filter | Mapping[str, object] | None
"""What callers may give for a filter: text, a `Filter`, or a mapping (see `filter_of`)."""


def filter_of(where: Where) -> Filter:
    """A filter from what a caller gave. Raises `UsageError` for nonsense.

    A mapping has a value, or several of which any is enough, for each name: `{"tag": "合同", "project": ["a", "b"]}`;
    a name that is none of ours is that of an own field. All must fit.
    """
    from ingest.filters.language import checked, parse

    if isinstance(where, str):
        return parse(where)
    if where is None or isinstance(where, Filter):
        return where or Filter()
    found = []
    for name, value in where.items():
        values = list(value) if isinstance(value, list | tuple | set | frozenset) else [value]
        if not values or any(isinstance(one, Mapping) or one is None for one in values):
            raise UsageError(
                Text(en=f"A filter's '{name}' has no value.", zh=f"过滤条件 “{name}” 没有值。"),
                Text(en='For example {"tag": "contract", "year": [2023, 2024]}.', zh='例如 {"tag": "合同"}。'),
            )
        own = name not in NAMES and not name.startswith(FIELD)
        key = FIELD + folded(name.removeprefix(FIELD)) if own or name.startswith(FIELD) else name
        found.append(checked(Condition(key, "=", tuple(Value(_written(one), literal=True) for one in values))))
    return Filter(tuple(found))


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
