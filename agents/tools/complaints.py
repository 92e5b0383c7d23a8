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
    "string": Text(en="text", zh="文本"),
    "integer": Text(en="a whole number", zh="整数"),
    "number": Text(en="a number", zh="数字"),
    "boolean": Text(en="true or false", zh="true 或 false"),
    "array": Text(en="a list", zh="列表"),
    "object": Text(en="an object", zh="对象"),
    "null": Text(en="null", zh="null"),
}

_WORDS = {
    "string": _KINDS["string"],
    "integer": Text(en="whole number", zh="整数"),
    "number": Text(en="number", zh="数字"),
    "boolean": "true | false",
}
"""The same in a call's form, where there is less room."""

_LIMITS: dict[str, Callable[[Any], Text]] = {
    "minimum": lambda limit: Text(en=f"must be at least {limit}", zh=f"至少为 {limit}"),
    "maximum": lambda limit: Text(en=f"must be at most {limit}", zh=f"最多为 {limit}"),
    "exclusiveMinimum": lambda limit: Text(en=f"must be more than {limit}", zh=f"必须大于 {limit}"),
    "exclusiveMaximum": lambda limit: Text(en=f"must be less than {limit}", zh=f"必须小于 {limit}"),
    "multipleOf": lambda limit: Text(en=f"must be a multiple of {limit}", zh=f"必须是 {limit} 的倍数"),
    "minLength": lambda limit: Text(en=f"must have at least {limit} characters", zh=f"至少 {limit} 个字符"),
    "maxLength": lambda limit: Text(en=f"must have at most {limit} characters", zh=f"最多 {limit} 个字符"),
    "minItems": lambda limit: Text(en=f"must have at least {limit} items", zh=f"至少 {limit} 项"),
    "maxItems": lambda limit: Text(en=f"must have at most {limit} items", zh=f"最多 {limit} 项"),
    "uniqueItems": lambda _: Text(en="must not repeat an item", zh="各项不得重复"),
    "pattern": lambda limit: Text(en=f"must match {limit}", zh=f"必须符合 {limit}"),
}


def complaint(error: ValidationError, schema: Mapping[str, Any]) -> str:
    """One thing that doesn't fit, as a clause."""
    place = _place(error.absolute_path)
    keyword, value = str(error.validator), error.instance
    wanted: Any = error.validator_value
    if keyword == "required":
        missing = [name for name in wanted if name not in value] if isinstance(value, dict) else []
        return "; ".join(
            say(en=f"'{_join(place, name)}' is missing", zh=f"缺少 “{_join(place, name)}”") for name in missing[:5]
        )
    if keyword == "additionalProperties" and isinstance(value, dict):
        return _unknown(error, place, value, schema)
    what = shown(value)
    where = say(en=f"'{place}' ", zh=f"“{place}” ") if place else ""
    if keyword == "type":
        kinds = [wanted] if isinstance(wanted, str) else list(wanted)
        names = say(en=" or ", zh=" 或 ").join(str(_KINDS.get(kind, Text(kind, kind))) for kind in kinds)
        return say(en=f"{where}must be {names}, not {what}", zh=f"{where}应为{names}，而不是 {what}")
    if keyword in {"enum", "const"}:
        options = wanted if keyword == "enum" else [wanted]
        listed = ", ".join(shown(option) for option in options[:12])
        return say(en=f"{where}must be one of {listed}, not {what}", zh=f"{where}应为 {listed} 之一，而不是 {what}")
    if keyword in _LIMITS:
        limit = _LIMITS[keyword](wanted)
        return say(en=f"{where}{limit.en}, not {what}", zh=f"{where}{limit.zh}，而不是 {what}")
    return say(en=f"{where}does not fit: {what}", zh=f"{where}不符合要求：{what}")


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
            say(en=f"there is no '{_join(place, name)}'", zh=f"没有 “{_join(place, name)}” 这个参数")
            + (say(en=f" (did you mean '{near[0]}'?)", zh=f"（您是指 “{near[0]}” 吗？）") if near else "")
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
