"""Which tool calls count as right: each rule of BFCL's comparison with cases of our own."""

from __future__ import annotations

import pytest

from tests.benchmarks.bfcl.matching import accepts, folded, has_type, match, mismatch, pairs
from tests.benchmarks.bfcl.records import Expected, as_json_schema, expected_of, offered

BOOK = {
    "name": "hotel.book",
    "description": "Book a room.",
    "parameters": {
        "type": "dict",
        "properties": {
            "city": {"type": "string"},
            "nights": {"type": "integer"},
            "price": {"type": "float"},
            "breakfast": {"type": "boolean"},
            "guests": {"type": "array", "items": {"type": "string"}},
            "scores": {"type": "tuple", "items": {"type": "float"}},
            "address": {"type": "dict", "properties": {"street": {"type": "string"}}},
            "legs": {"type": "array", "items": {"type": "dict"}},
            "note": {"type": "any"},
        },
        "required": ["city", "nights"],
    },
}
FUNCTIONS = offered([BOOK, {"name": "hotel_book", "description": "", "parameters": {"type": "dict", "properties": {}}}])


def wants(**accepted: list[object]) -> Expected:
    return Expected("hotel.book", {"city": ["Paris"], "nights": [2], **accepted})


def made(**arguments: object) -> tuple[str, dict[str, object]]:
    return "hotel.book", {"city": "Paris", "nights": 2, **arguments}


def test_types_are_named_as_json_schema_does_and_names_as_providers_accept_them() -> None:
    schema = FUNCTIONS[0].parameters
    kinds = {name: inner["type"] for name, inner in schema["properties"].items()}
    assert schema["type"] == "object"
    assert kinds["price"] == "number"
    assert kinds["scores"] == "array"
    assert schema["properties"]["scores"]["items"] == {"type": "number"}
    assert kinds["note"] == "string"
    assert [function.offered for function in FUNCTIONS] == ["hotel_book", "hotel_book_2"]
    assert as_json_schema({"type": "integer", "default": 3}) == {"type": "integer", "default": 3}


@pytest.mark.parametrize(
    ("arguments", "accepted", "right"),
    [
        ({}, {}, True),
        ({"city": "  p-a.r/i*s "}, {}, True),
        ({"city": "Rome"}, {}, False),
        ({"nights": 2.0}, {}, False),
        ({"nights": True}, {"nights": [1]}, False),
        ({"nights": "2"}, {}, False),
        ({"price": 80}, {"price": [80.0]}, True),
        ({"price": True}, {"price": [1.0]}, False),
        ({"breakfast": 1}, {"breakfast": [True]}, False),
        ({"breakfast": True}, {"breakfast": [True, ""]}, True),
        ({}, {"breakfast": [True, ""]}, True),
        ({}, {"breakfast": [True]}, False),
        ({"breakfast": True}, {}, False),
        ({"pets": 1}, {"pets": [1]}, False),
        ({"guests": ["ANN", "bo b"]}, {"guests": [["Ann", "Bob"]]}, True),
        ({"guests": ["Bob", "Ann"]}, {"guests": [["Ann", "Bob"]]}, False),
        ({"guests": ["Ann"]}, {"guests": [["Ann", "Bob"]]}, False),
        ({"guests": ["Ann", 3]}, {"guests": [["Ann", 3]]}, False),
        ({"guests": "Ann"}, {"guests": [["Ann"]]}, False),
        ({"scores": [1, 2.5]}, {"scores": [[1.0, 2.5]]}, True),
        ({"address": {"street": "High St."}}, {"address": [{"street": ["high st", "main st"]}]}, True),
        ({"address": {"street": "Low St."}}, {"address": [{"street": ["high st"]}]}, False),
        ({"address": {"street": "High St", "no": 1}}, {"address": [{"street": ["high st"]}]}, False),
        ({"address": {}}, {"address": [{"street": ["high st", ""]}]}, True),
        ({"address": {}}, {"address": [{"street": ["high st"]}]}, False),
        ({"legs": [{"to": "Nice"}, {"to": "Rome"}]}, {"legs": [[{"to": ["nice"]}, {"to": ["rome"]}]]}, True),
        ({"legs": [{"to": "Rome"}, {"to": "Nice"}]}, {"legs": [[{"to": ["nice"]}, {"to": ["rome"]}]]}, False),
        ({"nights": "stay"}, {"nights": ["stay", 2]}, True),
        ({"nights": "Stay"}, {"nights": ["stay"]}, False),
        ({"nights": ""}, {"nights": [2, ""]}, False),
        ({"note": "it's"}, {"note": ['IT"S']}, True),
    ],
)
def test_one_call(arguments: dict[str, object], accepted: dict[str, list[object]], right: bool) -> None:
    assert (mismatch(made(**arguments), wants(**accepted), FUNCTIONS) == "") is right


def test_a_required_parameter_and_the_functions_name_must_be_right() -> None:
    assert "missing" in mismatch(("hotel.book", {"city": "Paris"}), wants(nights=[2, ""]), FUNCTIONS)
    assert "in place of" in mismatch(("hotel_book", {"city": "Paris", "nights": 2}), wants(), FUNCTIONS)


def test_as_many_calls_as_expected_in_any_order_each_used_once() -> None:
    paris, rome = wants(), Expected("hotel.book", {"city": ["Rome", "Paris"], "nights": [2]})
    assert match([made(), made(city="Rome")], [paris, rome], FUNCTIONS) == ""
    assert match([made(city="Rome"), made()], [paris, rome], FUNCTIONS) == ""
    # 'Paris' fits both: taken for the second, nothing is left for the first
    assert match([made(), made(city="Rome")], [rome, paris], FUNCTIONS) == ""
    assert match([made(city="Rome"), made(city="Rome")], [paris, rome], FUNCTIONS) != ""
    assert "expected" in match([made()], [paris, rome], FUNCTIONS)
    assert match([made(), made()], [paris], FUNCTIONS) != ""
    assert match([], [], FUNCTIONS) == ""
    assert match([made()], [], FUNCTIONS) != ""


def test_pairing_finds_the_best() -> None:
    assert pairs([["", ""], ["", "x"]]) == 2
    assert pairs([["", "x"], ["", "x"]]) == 1
    assert pairs([["x", "x"]]) == 0


def test_types_of_items_are_looked_at_one_level_down_only() -> None:
    lists = {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}}
    assert has_type([["a"]], lists)
    assert not has_type([1], lists)
    assert has_type([1, "a"], {"type": "array"})
    assert accepts([["a"]], [[["A"]]], lists)


def test_what_strings_are_compared_by() -> None:
    assert folded(" A,b.C/d-e_f*g^H'") == 'abcdefgh"'


def test_calls_written_in_python_are_read() -> None:
    call = expected_of("hotel.book('Nice', 3, address={'street': 'A'}, guests=['x'])", FUNCTIONS)
    assert call.accepted == {"city": ["Nice"], "nights": [3], "address": [{"street": ["A"]}], "guests": [["x"]]}
    right = ("hotel.book", {"city": "nice", "nights": 3, "address": {"street": "a"}, "guests": ["X"]})
    assert mismatch(right, call, FUNCTIONS) == ""
    for wrong in ("1 + 1", "unknown()", "hotel.book("):
        with pytest.raises((ValueError, SyntaxError)):
            expected_of(wrong, FUNCTIONS)
