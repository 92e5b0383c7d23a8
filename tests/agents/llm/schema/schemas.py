"""JSON schemas of every kind that is promised, for hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

_NAMES = ["name", "年龄", "a b", "x-1", 'q"uote', "n"]


def _without_none(**values):
    return {key: value for key, value in values.items() if value is not None}


_strings = st.one_of(
    st.builds(
        lambda least, more: _without_none(
            type="string", minLength=least, maxLength=None if more is None else (least or 0) + more
        ),
        st.none() | st.integers(0, 6),
        st.none() | st.integers(0, 6),
    ),
    st.sampled_from(["date", "time", "date-time", "uuid", "email", "ipv4", "uri"]).map(
        lambda name: {"type": "string", "format": name}
    ),
    st.sampled_from(["^[a-c]{2,4}$", "^(ab|cd)+$", r"^\d{3}-\d{2}$", "^z", "^年[0-9]$", r"^[^\"]{1,3}$"]).map(
        lambda pattern: {"type": "string", "pattern": pattern}
    ),
)
_numbers = st.builds(
    lambda kind, low, span, exclusive: {
        "type": kind,
        ("exclusiveMinimum" if exclusive else "minimum"): low,
        "maximum": low + span,
    },
    st.sampled_from(["integer", "number"]),
    st.integers(-2000, 2000),
    st.integers(2, 500),
    st.booleans(),
) | st.sampled_from(
    [{"type": "integer"}, {"type": "number"}, {"type": "integer", "minimum": 7}, {"type": "number", "maximum": 0.5}]
)
_plain = st.one_of(
    _strings,
    _numbers,
    st.sampled_from(
        [
            {"type": "boolean"},
            {"type": "null"},
            {"type": ["integer", "null"]},
            {"type": "string", "nullable": True},
            {"type": "object"},
        ]
    ),
    st.lists(st.sampled_from(["a", "年", 1, 2.5, True, None, [1], {"k": "v"}]), min_size=1, max_size=3).map(
        lambda values: {"enum": values}
    ),
    st.sampled_from(["x", 0, None, {"a": [1]}]).map(lambda value: {"const": value}),
    st.just({"$ref": "#/$defs/node"}),
)


def _objects(inner):
    def build(properties, required, rest):
        return _without_none(
            type="object",
            properties=properties,
            required=[name for name in properties if name in required],
            additionalProperties=rest,
        )

    return st.builds(
        build,
        st.dictionaries(st.sampled_from(_NAMES), inner, max_size=3),
        st.sets(st.sampled_from(_NAMES)),
        st.none() | st.booleans() | st.just({"type": "integer", "minimum": 0, "maximum": 9}),
    )


def _arrays(inner):
    return st.builds(
        lambda item, least, more: _without_none(
            type="array", items=item, minItems=least, maxItems=None if more is None else (least or 0) + more
        ),
        inner,
        st.none() | st.integers(0, 2),
        st.none() | st.integers(0, 2),
    )


_NODE = {
    "type": "object",
    "properties": {"v": {"type": "integer"}, "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}},
    "required": ["v", "next"],
}


def _nested(inner):
    tagged = st.builds(
        lambda a, b: {
            "oneOf": [
                {"type": "object", "properties": {"kind": {"const": "a"}, "v": a}, "required": ["kind", "v"]},
                {"type": "object", "properties": {"kind": {"const": "b"}, "v": b}, "required": ["kind"]},
            ]
        },
        inner,
        inner,
    )
    parents = st.builds(
        lambda a, b: {
            "allOf": [
                {"type": "object", "properties": {"p": a}, "required": ["p"]},
                {"type": "object", "properties": {"q": b}},
            ]
        },
        inner,
        inner,
    )
    either = st.lists(inner, min_size=1, max_size=3).map(lambda forms: {"anyOf": forms})
    return st.one_of(_objects(inner), _arrays(inner), either, tagged, parents)


schemas = st.recursive(_plain, _nested, max_leaves=6).map(lambda schema: {**schema, "$defs": {"node": _NODE}})
"""Any of them, with a definition that contains itself."""
