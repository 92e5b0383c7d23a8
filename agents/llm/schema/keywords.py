"""The keywords of JSON Schema by what becomes of them here."""

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
