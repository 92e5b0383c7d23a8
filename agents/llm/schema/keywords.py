"""The keywords of JSON Schema by what becomes of them here, and the values of `format` as patterns: stricter than RFC 3339
where a reader may be strict (capital T and Z, seconds up to 59, days that exist)."""

from __future__ import annotations

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
