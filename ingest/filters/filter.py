"""Conditions on documents as values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ingest.filters.names import FIELD

Operator = Literal["=", "!=", ">=", "<=", ">", "<"]
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
    def tagged(cls, tags: object) -> Filter:
        """Documents that have all of these tags."""
        names = [tags] if isinstance(tags, str) else list(tags)  # type: ignore[call-overload]
        return cls(tuple(Condition("tag", "=", (Value(str(name), literal=True),)) for name in names))


Where = str | Filter | Mapping[str, object] | None
"""What callers may give for a filter: text, a `Filter`, or a mapping (see `ingest.filters.language`)."""
