"""The keywords of JSON Schema by what becomes of them here, and what is added to a schema so that a weak model comes to an end:
all of it only narrows. The values of `format` are patterns, stricter than RFC 3339 where a reader may be strict (capital T and
Z, seconds up to 59, days that exist)."""

from __future__ import annotations

from typing import Any

OF_TYPE = {
    "object": ("properties", "required", "additionalProperties", "patternProperties", "minProperties", "maxProperties"),
    "array": ("items", "prefixItems", "minItems", "maxItems"),
    "string": ("minLength", "maxLength", "pattern", "format"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
"""Keywords that say nothing about values of other types: whoever writes them means this type."""
COMBINING = ("anyOf", "oneOf", "allOf", "$ref")
ENFORCED = frozenset(("type", "enum", "const", *COMBINING)) | {key for keys in OF_TYPE.values() for key in keys}
"""The grammar holds a reply to these."""
REFUSED: dict[str, tuple[object, ...]] = {
    "not": (False,),
    "if": (),
    "then": (),
    "else": (),
    "dependentRequired": ({},),
    "dependentSchemas": ({},),
    "dependencies": ({},),
    "uniqueItems": (False,),
    "contains": (),
    "minContains": (),
    "maxContains": (),
    "propertyNames": (True, {}, {"type": "string"}),
    "unevaluatedProperties": (True, {}),
    "unevaluatedItems": (True, {}),
    "$dynamicRef": (),
    "$recursiveRef": (),
    "extends": (),
    "disallow": (),
    "divisibleBy": (),
}
"""No grammar of bearable size says these (llama.cpp's own converter ignores them), and the values that say nothing."""
NAMED = frozenset({"$defs", "definitions"})
"""Looked up when something refers to them."""


_LONG = r"(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])"
_SHORT = r"(0[469]|11)-(0[1-9]|[12][0-9]|30)"
_FEBRUARY = r"02-(0[1-9]|1[0-9]|2[0-8])"
_LEAP = r"([12][0-9](0[48]|[2468][048]|[13579][26])|(12|16|20|24|28)00)-02-29"
_DATE = rf"([12][0-9]{{3}}-({_LONG}|{_SHORT}|{_FEBRUARY})|{_LEAP})"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
_HEX = "[0-9a-f]"

PATTERNS = {
    "date": f"^{_DATE}$",
    "time": f"^{_TIME}$",
    "date-time": f"^{_DATE}T{_TIME}$",
    "uuid": f"^{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}$",
    "email": r"^[A-Za-z0-9_+-]{1,32}(\.[A-Za-z0-9_+-]{1,32}){0,3}@([A-Za-z0-9][A-Za-z0-9-]{0,30}\.){1,4}[A-Za-z]{2,12}$",
    "uri": r"^(https?|ftp)://([A-Za-z0-9-]{1,63}\.){0,5}[A-Za-z0-9-]{1,63}(:[0-9]{1,5})?(/[A-Za-z0-9._~!$&'()*+,;=:@%-]{0,200}){0,8}$",
}
"""What is written for a format; narrower than the format where nobody needs the rest of it."""
NATIVE = frozenset({"duration", "hostname", "ipv4", "ipv6"})
"""llguidance knows these by itself."""
NUMBERS = {
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "int64": None,
    "uint64": None,
    "float": None,
    "double": None,
}
"""OpenAPI's formats of numbers, as limits where they are narrower than ours."""
HINTS = frozenset({"password", "textarea", "multi-line", "markdown", "html", "color"})
"""For whoever draws a form; they say nothing about the text."""


Schema = dict[str, Any]
MOST = 999_999_999_999_999
"""Beyond 2**53 numbers lose digits in most readers of JSON."""
_DEEPEST_ANY = 3


def modern(schema: Schema) -> Schema:
    """Older drafts' spellings in today's."""
    schema = dict(schema)
    items = schema.get("items")
    if isinstance(items, list):
        schema["prefixItems"] = items
        schema["items"] = schema.get("additionalItems", True)
    schema.pop("additionalItems", None)  # without a list of items it says nothing
    for limit in ("minimum", "maximum"):
        name = "exclusive" + limit.capitalize()
        if isinstance(schema.get(name), bool) and schema.pop(name) and limit in schema:
            schema[name] = schema.pop(limit)
    if schema.get("unevaluatedProperties") is False and not any(key in schema for key in COMBINING):
        schema.pop("unevaluatedProperties")
        schema.setdefault("additionalProperties", False)
    return schema


def name_type(schema: Schema) -> None:
    """Name the type that the keywords are about: a schema with nothing but a `pattern` also lets numbers pass."""
    if any(key in schema for key in ("type", "enum", "const", *COMBINING)):
        return
    meant = next((kind for kind, keys in OF_TYPE.items() if any(key in schema for key in keys)), None)
    if meant:
        schema["type"] = meant


def spell_format(schema: Schema) -> bool:
    """Replace `format` by a pattern or limits; false when it is not known here, and then it is left out."""
    name = schema.pop("format", None)
    if name is None or name in HINTS:
        return True
    if name in NUMBERS:
        low, high = NUMBERS[name] or (-MOST, MOST)
        schema["minimum"] = max(schema.get("minimum", low), low)
        schema["maximum"] = min(schema.get("maximum", high), high)
    elif name in NATIVE:
        schema["format"] = name
    elif name not in PATTERNS:
        return False
    elif "pattern" in schema:
        schema["allOf"] = [*schema.get("allOf", []), {"type": "string", "pattern": PATTERNS[name]}]
    else:
        schema["pattern"] = PATTERNS[name]
    return True


def narrow(schema: Schema) -> None:
    """Close objects and bound numbers."""
    kinds = schema.get("type")
    kinds = [kinds] if isinstance(kinds, str) else list(kinds or ())
    if "object" in kinds and "additionalProperties" not in schema:
        named = schema.get("properties") or {}
        closed = schema.get("patternProperties") or (named and set(schema.get("required") or ()) <= set(named))
        schema["additionalProperties"] = False if closed else anything()
    if "array" in kinds and "items" not in schema:
        schema["items"] = "prefixItems" not in schema and anything()
    if ("integer" in kinds or "number" in kinds) and "enum" not in schema and "const" not in schema:
        low = schema.get("minimum", schema.get("exclusiveMinimum"))
        high = schema.get("maximum", schema.get("exclusiveMaximum"))
        if low is None:
            schema["minimum"] = min(-MOST, (high or 0) - MOST)
        if high is None:
            schema["maximum"] = max(MOST, (low or 0) + MOST)


def anything(depth: int = _DEEPEST_ANY) -> Schema:
    """Any JSON value, nested at most `depth` deep."""
    number = {"type": "number", "minimum": -MOST, "maximum": MOST}
    plain: list[Schema] = [{"type": "string"}, number, {"type": "boolean"}, {"type": "null"}]
    if depth <= 0:
        return {"anyOf": plain}
    inner = anything(depth - 1)
    nested = [{"type": "object", "additionalProperties": inner}, {"type": "array", "items": inner}]
    return {"anyOf": [*nested, *plain]}
