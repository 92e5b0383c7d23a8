"""Arguments: what is mended, what is refused, and what the model is told."""

from __future__ import annotations

import enum
import json
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, field_validator

from agents.tools.checking import validated
from agents.tools.function import tool
from agents.tools.tool import BadArguments, Tool
from ingest.language import speaking


class Level(enum.Enum):
    HIGH = "High"
    LOW = "Low"


class Address(BaseModel):
    street: str
    zip_code: int = Field(ge=1)


@tool
def book(
    city: str,
    nights: Annotated[int, Field(ge=1, le=30)] = 1,
    price: float | None = None,
    rooms: list[int] = [],  # noqa: B006
    level: Level = Level.LOW,
    mode: Literal["fast_lane", "slow"] = "slow",
    breakfast: bool = False,
    address: Address | None = None,
    tags: list[str] | None = None,
) -> str:
    """Book."""
    return city


@tool
def calculate(expression: str) -> str:
    """Calculate."""
    return expression


MENDED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"city": "x", "nights": "3"}, {"city": "x", "nights": 3}),
    ({"city": "x", "nights": " 3 "}, {"city": "x", "nights": 3}),
    ({"city": "x", "nights": "3.0"}, {"city": "x", "nights": 3}),
    ({"city": "x", "price": "1,234.5"}, {"city": "x", "price": 1234.5}),
    ({"city": "x", "price": "7"}, {"city": "x", "price": 7}),
    ({"city": "x", "breakfast": "true"}, {"city": "x", "breakfast": True}),
    ({"city": "x", "breakfast": "否"}, {"city": "x", "breakfast": False}),
    ({"city": 2026}, {"city": "2026"}),
    ({"city": ["x"]}, {"city": "x"}),
    ({"city": "x", "rooms": 4}, {"city": "x", "rooms": [4]}),
    ({"city": "x", "rooms": "4"}, {"city": "x", "rooms": [4]}),
    ({"city": "x", "rooms": "4, 5,6"}, {"city": "x", "rooms": [4, 5, 6]}),
    ({"city": "x", "rooms": "[4, 5]"}, {"city": "x", "rooms": [4, 5]}),
    ({"city": "x", "rooms": ["4", 5]}, {"city": "x", "rooms": [4, 5]}),
    ({"city": "x", "tags": "a, b"}, {"city": "x", "tags": ["a, b"]}),
    ({"city": "x", "level": "high"}, {"city": "x", "level": "High"}),
    ({"city": "x", "mode": "Fast Lane"}, {"city": "x", "mode": "fast_lane"}),
    ({"city": "x", "price": None, "tags": None, "level": None}, {"city": "x"}),
    ({"city": "x", "price": "null", "nights": ""}, {"city": "x"}),
    ({"City": "x", "NIGHTS": 2}, {"city": "x", "nights": 2}),
    ({"citty": "x", "night": 2, "break_fast": True}, {"city": "x", "nights": 2, "breakfast": True}),
    ({"city": "x", "unknown": None}, {"city": "x"}),
    (
        {"city": "x", "address": '{"street": "s", "zipCode": "7"}'},
        {"city": "x", "address": {"street": "s", "zip_code": 7}},
    ),
    ({"arguments": {"city": "x"}}, {"city": "x"}),
    ({"name": "book", "parameters": '{"city": "x"}'}, {"city": "x"}),
]


@pytest.mark.parametrize(("given", "mended"), MENDED, ids=[json.dumps(given)[:60] for given, _ in MENDED])
def test_what_leaves_no_choice_is_mended_and_said(given: dict[str, Any], mended: dict[str, Any]) -> None:
    for form in (given, json.dumps(given), f"```json\n{json.dumps(given)}\n```"):
        found = validated(book, form)
        assert found.arguments == mended
        assert {key: type(value) for key, value in found.arguments.items()} == {
            key: type(value) for key, value in mended.items()
        }
        assert found.repairs or given == {"city": "x", "unknown": None}


def test_what_fits_is_left_as_it_is_without_a_word() -> None:
    given = {
        "city": "3",
        "nights": 3,
        "price": 2,
        "rooms": [],
        "level": "Low",
        "mode": "slow",
        "breakfast": False,
        "address": {"street": "12", "zip_code": 4},
        "tags": ["a"],
    }
    found = validated(book, given)
    assert (found.arguments, found.repairs) == (given, ())
    assert validated(book, {"city": "", "tags": []}).arguments == {"city": "", "tags": []}


def test_repairs_say_what_became_of_what_in_either_language() -> None:
    assert validated(book, {"City": "x", "nights": "3"}).repairs == ("took 'City' as 'city'", 'nights: "3" → 3')
    with speaking("zh"):
        assert validated(book, {"City": "x"}).repairs == ("把 “City” 视为 “city”",)


def test_the_only_parameter_takes_whatever_came() -> None:
    assert validated(calculate, "1 + 1").arguments == {"expression": "1 + 1"}
    assert validated(calculate, "12").arguments == {"expression": "12"}
    assert validated(calculate, "null").arguments == {"expression": "null"}
    assert validated(calculate, {"expr": "1 + 1"}).arguments == {"expression": "1 + 1"}
    assert validated(calculate, [{"expression": "1"}]).arguments == {"expression": "1"}


REFUSED: list[tuple[object, str, str]] = [
    ({}, "'city' is missing", "缺少 “city”"),
    (None, "'city' is missing", "缺少 “city”"),
    ("", "'city' is missing", "缺少 “city”"),
    ({"city": "x", "nights": "many"}, "'nights' must be a whole number, not \"many\"", "“nights” 应为整数"),
    ({"city": "x", "nights": 2.5}, "'nights' must be a whole number, not 2.5", "“nights” 应为整数"),
    ({"city": "x", "nights": True}, "'nights' must be a whole number, not true", "“nights” 应为整数"),
    ({"city": "x", "nights": "0"}, "'nights' must be at least 1, not 0", "“nights” 至少为 1"),
    ({"city": "x", "nights": 31}, "'nights' must be at most 30, not 31", "“nights” 最多为 30"),
    ({"city": "x", "level": "Medium"}, '\'level\' must be one of "High", "Low"', "“level” 应为"),
    ({"city": "x", "rooms": [1, "b"]}, "'rooms[1]' must be a whole number", "“rooms[1]” 应为整数"),
    ({"city": "x", "breakfast": "maybe"}, "'breakfast' must be true or false", "“breakfast” 应为true 或 false"),
    ({"city": "x", "color": "red"}, "there is no 'color'", "没有 “color” 这个参数"),
    ({"city": "x", "address": {"street": "s"}}, "'address.zip_code' is missing", "缺少 “address.zip_code”"),
    ({"city": "x", "address": {"street": "s", "zip_code": 0}}, "'address.zip_code' must be at least 1", "至少为 1"),
    ({"city": None}, "'city' must be text, not null", "“city” 应为文本"),
    ({"city": {"name": "x"}}, "'city' must be text", "“city” 应为文本"),
    ("no json", "no valid JSON", "不是合法的 JSON"),
    ("[1, 2]", "no JSON object", "不是 JSON 对象"),
    (7, "no JSON object", "不是 JSON 对象"),
    ('{"city": "x"', "no valid JSON", "不是合法的 JSON"),
]


@pytest.mark.parametrize(("given", "en", "zh"), REFUSED, ids=[str(given)[:50] for given, _, _ in REFUSED])
def test_what_does_not_fit_is_named_with_the_valid_form(given: object, en: str, zh: str) -> None:
    form = '"city": text, "nights"?: whole number (≥ 1, ≤ 30), "price"?: number, "rooms"?: [whole number, …]'
    with pytest.raises(BadArguments) as caught:
        validated(book, given)
    assert en in str(caught.value)
    assert f"Valid form: book({{{form}" in str(caught.value)
    assert '"level"?: "High" | "Low"' in str(caught.value)
    assert "\n" not in str(caught.value)
    with speaking("zh"), pytest.raises(BadArguments) as caught:
        validated(book, given)
    assert zh in str(caught.value)
    assert "正确形式：book(" in str(caught.value)


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(BadArguments) as caught:
        validated(book, {"nights": 99, "level": "x", "color": 1})
    for part in ("'city' is missing", "at most 30", "one of", "no 'color'"):
        assert part in str(caught.value)


def test_two_names_equally_near_are_not_guessed() -> None:
    @tool
    def route(from_a: str, from_b: str = "") -> str:
        """Route."""
        return from_a

    with pytest.raises(BadArguments, match="no 'from_c'"):
        validated(route, {"from_c": "x"})


def test_a_union_is_mended_only_to_one_thing() -> None:
    @tool
    def mark(value: int | bool, amount: int | str = 0) -> str:
        """Mark."""
        return str(value)

    assert validated(mark, {"value": "3"}).arguments == {"value": 3}
    assert validated(mark, {"value": 1, "amount": "3"}).arguments == {"value": 1, "amount": "3"}
    with pytest.raises(BadArguments, match="'value' must be"):
        validated(mark, {"value": [1, 2]})


def test_what_only_the_models_own_validators_see_is_told_as_well() -> None:
    class Even(BaseModel):
        n: int

        @field_validator("n")
        @classmethod
        def even(cls, n: int) -> int:
            if n % 2:
                raise ValueError("n must be even")
            return n

    @tool
    def take(even: Even) -> int:
        """Take."""
        return even.n

    assert validated(take, {"even": {"n": "2"}}).arguments == {"even": {"n": 2}}
    with pytest.raises(BadArguments, match=r"'even\.n': .*must be even"):
        validated(take, {"even": {"n": 3}})


def raw(schema: dict[str, Any]) -> Tool:
    return Tool("raw", "Raw.", schema, lambda arguments, _: arguments)


def test_a_schema_of_somebody_elses_is_held_too() -> None:
    schema = {
        "type": "object",
        "properties": {
            "kind": {"const": "a"},
            "when": {"type": ["integer", "null"]},
            "code": {"type": "string", "pattern": "^[A-Z]{3}$"},
            "many": {"type": "array", "items": {"$ref": "#/definitions/Item"}, "minItems": 1, "uniqueItems": True},
        },
        "required": ["kind"],
        "definitions": {"Item": {"type": "integer", "multipleOf": 2}},
    }
    assert validated(raw(schema), {"kind": "A", "when": "4", "many": "2"}).arguments == {
        "kind": "a",
        "when": 4,
        "many": [2],
    }
    assert validated(raw(schema), {"kind": "a", "when": None}).arguments == {"kind": "a", "when": None}
    for wrong, said in (
        ({"kind": "a", "code": "abc"}, r"'code' must match \^\[A-Z\]"),
        ({"kind": "a", "many": [3]}, r"'many\[0\]' must be a multiple of 2"),
        ({"kind": "a", "many": [2, 2]}, "'many' must not repeat"),
        ({"kind": "a", "many": []}, "'many' must have at least 1"),
    ):
        with pytest.raises(BadArguments, match=said):
            validated(raw(schema), wrong)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"x": {"$ref": "http://127.0.0.1:1/schema.json"}}},
        {"type": "object", "properties": {"x": {"type": "nonsense"}}},
        {"type": "object", "properties": {"x": {"type": "string", "pattern": "("}}},
    ],
    ids=["remote", "type", "pattern"],
)
def test_a_broken_schema_is_a_refusal_and_fetches_nothing(schema: dict[str, Any]) -> None:
    with pytest.raises(BadArguments, match="can't be checked"):
        validated(raw(schema), {"x": "a"})


def test_a_schema_that_lets_others_in_does() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": True}
    assert validated(raw(schema), {"a": 1, "zebra": 2}).arguments == {"a": 1, "zebra": 2}
    assert validated(raw({"type": "object", "properties": {}}), {}).arguments == {}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200)
@given(
    st.one_of(
        JSON,
        st.text(max_size=30),
        st.dictionaries(
            st.sampled_from(["city", "nights", "rooms", "level", "address", "tags", "x"]), JSON, max_size=4
        ),
    )
)
def test_whatever_comes_either_fits_or_is_refused_and_mending_is_stable(arguments: object) -> None:
    try:
        found = validated(book, arguments)
    except BadArguments as error:
        assert "Valid form" in str(error)  # noqa: PT017 - either is right, and each has its conditions
        return
    again = validated(book, found.arguments)
    assert (again.arguments, again.repairs) == (found.arguments, ())
