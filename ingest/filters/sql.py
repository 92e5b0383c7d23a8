"""A filter as a query over the catalog's documents (`d`) and what is said of them (`field`)."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence

from ingest.attached import PREFIX
from ingest.filters.filter import Condition, Filter, Operator, Value
from ingest.filters.language import bytes_of, number
from ingest.filters.names import FAMILIES, FIELD, folded, language_tag
from ingest.periods import Period, period

Clause = tuple[str, list[object]]

_FILE_DAY = "CASE WHEN d.mtime_ns > 0 THEN strftime('%Y-%m-%d', d.mtime_ns / 1000000000, 'unixepoch') END"
_OWN_DAY = (
    "(SELECT min(f.sort) FROM field f WHERE f.document_id = d.id AND f.name = 'date' AND f.effective = 1"
    " AND typeof(f.sort) = 'text')"
)
_DAYS = {
    "date": f"coalesce({_OWN_DAY}, {_FILE_DAY})",
    "modified": _FILE_DAY,
    "added": "substr(d.added, 1, 10)",
}
_ATTACHED = "d.kb_id IN (SELECT id FROM kb WHERE substr(name, 1, ?) = ?)"
"""Files that were put into a conversation are meant, whatever the bases beside them are narrowed to."""
_FIELDS = "d.id {} (SELECT f.document_id FROM field f WHERE f.name = ? AND f.effective = 1 AND ({}))"


def clauses(wanted: Filter) -> Clause:
    """What stands after WHERE for the documents that fit, and its values; 'TRUE' for all."""
    parts = [_clause(condition) for condition in wanted.conditions]
    if not parts:
        return "TRUE", []
    fits = " AND ".join(f"({text})" for text, _ in parts)
    return f"({fits} OR {_ATTACHED})", [*(value for _, values in parts for value in values), len(PREFIX), PREFIX]


def _clause(condition: Condition) -> Clause:
    name, operator, values = condition.name, condition.operator, condition.values
    if name in _DAYS:
        return _on_days(_DAYS[name], operator, values)
    if name == "size":
        return _sized(operator, values)
    if name in _PATHS:
        return _either(operator, [_PATHS[name](value) for value in values])
    if operator in ("=", "!="):
        fold = language_tag if name == "language" else folded
        return _said(name.removeprefix(FIELD), operator, [_fits(value, fold, name) for value in values])
    return _compared(name.removeprefix(FIELD), operator, values[0].text)


def _either(operator: Operator, parts: Sequence[Clause]) -> Clause:
    text = " OR ".join(text for text, _ in parts)
    return f"NOT ({text})" if operator == "!=" else text, [value for _, values in parts for value in values]


def _said(name: str, operator: Operator, parts: Sequence[Clause]) -> Clause:
    text, values = _either("=", parts)
    return _FIELDS.format("NOT IN" if operator == "!=" else "IN", text), [name, *values]


def _fits(value: Value, fold: Callable[[str], str], name: str) -> Clause:
    if _stars(value):
        return "f.folded LIKE ? ESCAPE '\\'", [_pattern(folded(value.text))]
    wanted = fold(value.text)
    if name == "language":  # 'zh' is 'zh-cn' too
        return "f.folded = ? OR f.folded LIKE ?", [wanted, f"{wanted}-%"]
    return "f.folded = ?", [wanted]


def _stars(value: Value) -> bool:
    return not value.literal and "*" in value.text


def _pattern(text: str) -> str:
    for sign in ("\\", "%", "_"):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("*", "%")


# -- files ----------------------------------------------------------------------------------------------------------


def _kind(value: Value) -> Clause:
    wanted = folded(value.text).removeprefix(".")
    endings = FAMILIES.get(wanted, wanted).split()
    if _stars(value):
        return _ended([_pattern(wanted)])
    text, values = _ended([_pattern(ending) for ending in endings])
    if "text" in endings:  # given by a program, or without an ending
        text = f"{text} OR d.path LIKE 'text:%' OR (d.media_type = 'text/plain' AND d.path NOT LIKE '%.%')"
    return text, values


def _ended(endings: Sequence[str]) -> Clause:
    """By the name's ending; a text that a program gave has none, whatever its id looks like."""
    parts = " OR ".join("d.path LIKE ? ESCAPE '\\'" for _ in endings)
    return f"(d.path NOT LIKE 'text:%' AND ({parts}))", [f"%.{ending}" for ending in endings]


def _folder(value: Value) -> Clause:
    patterns = []
    for text in _forms(value.text.replace("\\", "/").rstrip("/") or "/"):
        inside = _pattern(text) if not value.literal else _pattern(text).replace("%", "*")
        rooted = text.startswith("/") or text[1:2] == ":"
        patterns.append(f"{inside.rstrip('/')}/%" if rooted else f"%/{inside}/%")
    return _path_like(patterns)


def _path(value: Value) -> Clause:
    patterns = []
    for text in _forms(value.text.replace("\\", "/")):
        inside = _pattern(text) if not value.literal else _pattern(text).replace("%", "*")
        patterns += [inside, f"%/{inside}"]
    return _path_like(patterns)


def _path_like(patterns: list[str]) -> Clause:
    once = list(dict.fromkeys(patterns))
    # Windows writes its separators the other way round.
    return " OR ".join("replace(d.path, '\\', '/') LIKE ? ESCAPE '\\'" for _ in once), [*once]


def _forms(text: str) -> tuple[str, str]:
    """As most systems write names, and as macOS does."""
    return unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)


_PATHS: dict[str, Callable[[Value], Clause]] = {"kind": _kind, "folder": _folder, "path": _path}


# -- what can be larger ---------------------------------------------------------------------------------------------


def _sized(operator: Operator, values: Sequence[Value]) -> Clause:
    counts: list[object] = [bytes_of(value.text) for value in values]
    if operator in ("=", "!="):
        return _either(operator, [("d.bytes = ?", [count]) for count in counts])
    return f"d.bytes {operator} ?", counts


def _on_days(day: str, operator: Operator, values: Sequence[Value]) -> Clause:
    """What has no day is NULL, for which nothing holds but `!=`."""
    if operator in ("=", "!="):
        parts: list[Clause] = []
        for value in values:
            if value.text == "*":
                parts.append((f"{day} IS NOT NULL", []))
            elif span := period(value.text):
                parts.append((f"coalesce({day} BETWEEN ? AND ?, FALSE)", [span.first, span.last]))
        return _either(operator, parts)
    span = period(values[0].text)
    assert span is not None  # `language.checked` saw to it
    return f"coalesce({day} {operator} ?, FALSE)", [_edge(span, operator)]


def _edge(span: Period, operator: Operator) -> str:
    return span.last if operator in (">", "<=") else span.first


def _compared(name: str, operator: Operator, text: str) -> Clause:
    count, span = number(text), period(text)
    parts: list[Clause] = []
    if count is not None:
        parts.append(
            (
                f"CASE WHEN typeof(f.sort) = 'real' THEN CAST(f.sort AS DOUBLE PRECISION) {operator} ? ELSE FALSE END",
                [count],
            )
        )
    if span is not None:
        parts.append((f"typeof(f.sort) = 'text' AND f.sort {operator} ?", [_edge(span, operator)]))
    return _said(name, "=", parts)
