"""What is wrong with arguments, and how they should look: a clause each, for a small model to act on."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ingest.json_schema import resolved
from ingest.language import Text, say

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_KINDS = {
    "string": Text("text", "文本"),
    "integer": Text("a whole number", "整数"),
    "number": Text("a number", "数字"),
    "boolean": Text("true or false", "true 或 false"),
    "array": Text("a list", "列表"),
    "object": Text("an object", "对象"),
    "null": Text("null", "null"),
}

_WORDS = {
    "string": _KINDS["string"],
    "integer": Text("whole number", "整数"),
    "number": Text("number", "数字"),
    "boolean": "true | false",
}
"""The same in a call's form, where there is less room."""

_LIMITS: dict[str, Callable[[Any], Text]] = {
    "minimum": lambda limit: Text(f"must be at least {limit}", f"至少为 {limit}"),
    "maximum": lambda limit: Text(f"must be at most {limit}", f"最多为 {limit}"),
    "exclusiveMinimum": lambda limit: Text(f"must be more than {limit}", f"必须大于 {limit}"),
    "exclusiveMaximum": lambda limit: Text(f"must be less than {limit}", f"必须小于 {limit}"),
    "multipleOf": lambda limit: Text(f"must be a multiple of {limit}", f"必须是 {limit} 的倍数"),
    "minLength": lambda limit: Text(f"must have at least {limit} characters", f"至少 {limit} 个字符"),
    "maxLength": lambda limit: Text(f"must have at most {limit} characters", f"最多 {limit} 个字符"),
    "minItems": lambda limit: Text(f"must have at least {limit} items", f"至少 {limit} 项"),
    "maxItems": lambda limit: Text(f"must have at most {limit} items", f"最多 {limit} 项"),
    "uniqueItems": lambda _: Text("must not repeat an item", "各项不得重复"),
    "pattern": lambda limit: Text(f"must match {limit}", f"必须符合 {limit}"),
}


def complaint(error: ValidationError, schema: Mapping[str, Any]) -> str:
    """One thing that doesn't fit, as a clause."""
    place = _place(error.absolute_path)
    keyword, value = str(error.validator), error.instance
    wanted: Any = error.validator_value
    if keyword == "required":
        missing = [name for name in wanted if name not in value] if isinstance(value, dict) else []
        return "; ".join(
            say(f"'{_join(place, name)}' is missing", f"缺少 “{_join(place, name)}”") for name in missing[:5]
        )
    if keyword == "additionalProperties" and isinstance(value, dict):
        return _unknown(error, place, value, schema)
    what = shown(value)
    where = say(f"'{place}' ", f"“{place}” ") if place else ""
    if keyword == "type":
        kinds = [wanted] if isinstance(wanted, str) else list(wanted)
        names = say(" or ", " 或 ").join(str(_KINDS.get(kind, Text(kind, kind))) for kind in kinds)
        return say(f"{where}must be {names}, not {what}", f"{where}应为{names}，而不是 {what}")
    if keyword in {"enum", "const"}:
        options = wanted if keyword == "enum" else [wanted]
        listed = ", ".join(shown(option) for option in options[:12])
        return say(f"{where}must be one of {listed}, not {what}", f"{where}应为 {listed} 之一，而不是 {what}")
    if keyword in _LIMITS:
        limit = _LIMITS[keyword](wanted)
        return say(f"{where}{limit.en}, not {what}", f"{where}{limit.zh}，而不是 {what}")
    return say(f"{where}does not fit: {what}", f"{where}不符合要求：{what}")


def valid_form(name: str, schema: Mapping[str, Any]) -> str:
    """A call of the tool in one line: `calculator({"expression": text, "digits"?: whole number})`."""
    return f"{name}({_object(schema, schema, 0)})"


def _unknown(error: ValidationError, place: str, value: dict[str, Any], schema: Mapping[str, Any]) -> str:
    import difflib

    here = error.schema if isinstance(error.schema, dict) else schema
    known = list(here.get("properties", {}))
    clauses = []
    for name in [name for name in value if name not in known][:3]:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        clauses.append(
            say(f"there is no '{_join(place, name)}'", f"没有 “{_join(place, name)}” 这个参数")
            + (say(f" (did you mean '{near[0]}'?)", f"（您是指 “{near[0]}” 吗？）") if near else "")
        )
    return "; ".join(clauses)


def _object(schema: Mapping[str, Any], root: Mapping[str, Any], depth: int) -> str:
    required = schema.get("required", ())
    parts = [
        f'"{name}"{"" if name in required else "?"}: {_form(part, root, depth + 1)}'
        for name, part in schema.get("properties", {}).items()
    ]
    return "{" + ", ".join(parts) + "}"


def _form(schema: Any, root: Mapping[str, Any], depth: int) -> str:  # noqa: ANN401 - JSON
    if isinstance(schema, dict) and "$ref" in schema and depth > 3:
        return "{…}"
    schema = resolved(schema, root)
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " | ".join(_form(choice, root, depth) for choice in schema[key][:6])
    if "enum" in schema or "const" in schema:
        options = schema.get("enum", [schema.get("const")])
        return " | ".join(shown(option) for option in options[:12])
    kind = schema.get("type")
    if kind == "object":
        return _object(schema, root, depth) if schema.get("properties") and depth <= 3 else "{…}"
    if kind == "array":
        return f"[{_form(schema.get('items', {}), root, depth)}, …]"
    kinds = [kind] if isinstance(kind, str) else list(kind or ())
    words = " | ".join(str(_WORDS.get(kind, kind)) for kind in kinds) or "…"
    return words + _bounds(schema)


def _bounds(schema: dict[str, Any]) -> str:
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    parts = [f"{sign} {schema[key]}" for key, sign in signs.items() if key in schema]
    return f" ({', '.join(parts)})" if parts else ""


def _place(path: Any) -> str:  # noqa: ANN401 - a deque of names and indices
    found = ""
    for part in path:
        found = f"{found}[{part}]" if isinstance(part, int) else _join(found, str(part))
    return found


def _join(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def shown(value: object) -> str:
    """A value as JSON, its beginning when it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "…"
