"""`query_table` for the tables at hand: the SELECTs that an engine lets a model write name their real columns alone.

A regular language is enough for what is asked of a table: columns, aggregates, sums of two columns, conditions, groups,
order, limit. What needs more (a join, a query within a query) is left to models that nobody holds to a grammar.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NAME = "query_table"
_NUMBER = r"-?[0-9]{1,12}(\.[0-9]{1,6})?"
_TEXT = r"'[^'\n]{0,60}'"
_AGGREGATES = "(sum|avg|min|max|count|SUM|AVG|MIN|MAX|COUNT)"
_MOST_COLUMNS = 80


class Columns(Protocol):
    """What is known of a table."""

    @property
    def file(self) -> str:
        """As the tool takes it."""
        ...

    @property
    def name(self) -> str:
        """In SQL."""
        ...

    @property
    def columns(self) -> Sequence[str]:
        """In SQL."""
        ...


def select_pattern(tables: Sequence[Columns]) -> str:
    """A regular expression for SELECTs on `tables`."""
    names = "|".join(re.escape(name) for name in dict.fromkeys(table.name for table in tables))
    columns = list(dict.fromkeys(column for table in tables for column in table.columns))[:_MOST_COLUMNS]
    column = f"({'|'.join(re.escape(name) for name in columns)})"
    value = f"({column}|{_NUMBER}|{_TEXT})"
    sum_of = rf"{column}( [-+*/] ({column}|{_NUMBER}))?"
    aggregate = rf"{_AGGREGATES}\((\*|(DISTINCT )?{sum_of})\)"
    item = f"({aggregate}|{sum_of})"
    condition = (
        rf"({sum_of} (=|<>|!=|<|<=|>|>=) {value}( [-+*/] ({column}|{_NUMBER}))?"
        rf"|{column} (LIKE {_TEXT}|IN \({_TEXT}(, {_TEXT}){{0,8}}\)|IS (NOT )?NULL))"
    )
    return (  # a pattern, not a statement: it is matched, never run
        rf"SELECT (DISTINCT )?(\*|{item}(, {item}){{0,7}}) FROM ({names})"  # noqa: S608
        rf"( WHERE {condition}( (AND|OR) {condition}){{0,4}})?"
        rf"( GROUP BY {column}(, {column}){{0,2}})?"
        rf"( ORDER BY {item}( (ASC|DESC))?)?( LIMIT [0-9]{{1,3}})?"
    )


def narrowed(spec: Mapping[str, Any], tables: Sequence[Columns], others: Sequence[str] = ()) -> dict[str, Any]:
    """The spec of `query_table` with `sql` held to `tables` and `file` to them and `others`, tables whose columns nobody
    has looked at: with any, SQL is free. That of any other tool as it is."""
    function = spec["function"]
    if function["name"] != NAME or not tables:
        return dict(spec)
    parameters = function["parameters"]
    held = {
        name: {key: value for key, value in schema.items() if key != "default"}
        for name, schema in parameters["properties"].items()
    }
    held["file"]["enum"] = list(dict.fromkeys([*(table.file for table in tables), *others]))
    if others:
        return {
            **spec,
            "function": {**function, "parameters": {**parameters, "properties": held, "required": ["file"]}},
        }
    held["sql"]["pattern"] = f"^{select_pattern(tables)}$"
    return {
        **spec,
        "function": {**function, "parameters": {**parameters, "properties": held, "required": ["file", "sql"]}},
    }
