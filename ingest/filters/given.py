"""A filter from what a caller gives: text, a filter, or a mapping."""

from __future__ import annotations

from collections.abc import Mapping

from ingest.errors import UsageError
from ingest.filters.filter import Condition, Filter, Value, Where
from ingest.filters.language import checked, parse
from ingest.filters.names import FIELD, NAMES, folded
from ingest.language import Text


def filter_of(where: Where) -> Filter:
    """A filter from what a caller gave. Raises `UsageError` for nonsense.

    A mapping has a value, or several of which any is enough, for each name: `{"tag": "合同", "project": ["a", "b"]}`;
    a name that is none of ours is that of an own field. All must fit.
    """
    if isinstance(where, str):
        return parse(where)
    if where is None or isinstance(where, Filter):
        return where or Filter()
    found = []
    for name, value in where.items():
        values = list(value) if isinstance(value, list | tuple | set | frozenset) else [value]
        if not values or any(isinstance(one, Mapping) or one is None for one in values):
            raise UsageError(
                Text(f"A filter's '{name}' has no value.", f"筛选条件 “{name}” 没有值。"),
                Text('For example {"tag": "contract", "year": [2023, 2024]}.', '例如 {"tag": "合同"}。'),
            )
        own = name not in NAMES and not name.startswith(FIELD)
        key = FIELD + folded(name.removeprefix(FIELD)) if own or name.startswith(FIELD) else name
        written = (str(one).lower() if isinstance(one, bool) else str(one) for one in values)
        found.append(checked(Condition(key, "=", tuple(Value(one, literal=True) for one in written))))
    return Filter(tuple(found))
