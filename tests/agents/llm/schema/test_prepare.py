from __future__ import annotations

from typing import Literal

import pytest
from llguidance import LLMatcher
from pydantic import BaseModel, Field

from agents.llm.calls import FAMILIES
from agents.llm.calls.writing import tools_of
from agents.llm.prompting.grammar import Grammars
from agents.llm.schema.compiling import embedded, enforced, json_rule
from agents.llm.schema.prepare import prepare
from agents.llm.schema.refusals import SchemaRefused
from ingest.json_schema import problem_of
from ingest.language import speaking


def test_objects_are_closed_and_numbers_bounded_but_only_where_nothing_is_merged() -> None:
    found = prepare({"type": "object", "properties": {"n": {"type": "integer", "minimum": 3}}, "title": "T"})
    assert found["additionalProperties"] is False
    assert found["properties"]["n"] == {"type": "integer", "minimum": 3, "maximum": 999_999_999_999_999 + 3}
    assert "title" not in found
    open_one = {"type": "object", "properties": {"a": {"type": "string"}}, "anyOf": [{"required": ["a"]}]}
    assert "additionalProperties" not in prepare(open_one)
    kept = prepare({"type": "object", "properties": {"a": {}}, "additionalProperties": {"type": "integer"}})
    assert kept["additionalProperties"]["type"] == "integer"


def test_inheritance_becomes_one_closed_object() -> None:
    base = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
    found = prepare(
        {
            "allOf": [{"$ref": "#/$defs/base"}, {"properties": {"b": {"type": "boolean"}}, "required": ["b"]}],
            "$defs": {"base": base},
        }
    )
    assert list(found["properties"]) == ["a", "b"]
    assert (found["required"], found["additionalProperties"]) == (["a", "b"], False)


def test_references_of_any_kind_end_up_in_defs() -> None:
    found = prepare(
        {
            "type": "object",
            "properties": {
                "child": {"anyOf": [{"$ref": "#"}, {"type": "null"}]},
                "twin": {"$ref": "#/definitions/x%20y"},
            },
            "definitions": {"x y": {"type": "boolean"}},
        }
    )
    assert found["$defs"][found["properties"]["twin"]["$ref"].rpartition("/")[2]] == {"type": "boolean"}
    root = found["$defs"][found["properties"]["child"]["anyOf"][0]["$ref"].rpartition("/")[2]]
    assert root["properties"]["child"] == found["properties"]["child"]


def test_older_spellings_mean_the_same() -> None:
    assert prepare({"type": "string", "nullable": True}) == {"anyOf": [{"type": "string"}, {"type": "null"}]}
    exclusive = prepare({"type": "integer", "minimum": 3, "exclusiveMinimum": True, "maximum": 9})
    assert exclusive == {"type": "integer", "exclusiveMinimum": 3, "maximum": 9}
    pair = prepare({"type": "array", "items": [{"type": "null"}], "additionalItems": False})
    assert (pair["prefixItems"], pair["items"]) == ([{"type": "null"}], False)
    assert prepare({"pattern": "^a$"})["type"] == "string"


class _Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = Field(ge=0, le=9)


class _Dog(BaseModel):
    kind: Literal["dog"]


class _Zoo(BaseModel):
    pets: list[_Cat | _Dog] = Field(min_length=1)
    boss: _Cat | _Dog = Field(discriminator="kind")
    annex: _Zoo | None = None


def test_a_pydantic_class_with_a_discriminated_union_and_recursion_is_enforced() -> None:
    assert json_rule(_Zoo.model_json_schema()).startswith("%json {")


REFUSED = [
    ({"not": {"type": "null"}}, "not", "#/not"),
    ({"type": "object", "if": {}, "then": {}}, "if", "#/if"),
    ({"type": "object", "dependentRequired": {"a": ["b"]}}, "dependentRequired", "#/dependentRequired"),
    ({"properties": {"a/b": {"items": {"uniqueItems": True}}}}, "uniqueItems", "#/properties/a/b/items/uniqueItems"),
    ({"type": "array", "contains": {"const": 1}}, "contains", "#/contains"),
    ({"type": "object", "propertyNames": {"pattern": "a"}}, "propertyNames", "#/propertyNames"),
    ({"type": "object", "minProperties": 3}, "minProperties", "#/minProperties"),
    ({"type": "string", "pattern": "(?=a)"}, "pattern", "#/pattern"),
    ({"type": "string", "pattern": r"(a)\1"}, "pattern", "#/pattern"),
    ({"type": "string", "format": "iri"}, "format", "#/format"),
    ({"$ref": "https://example.org/x"}, "$ref", "#/$ref"),
    ({"properties": {"a": {"oneOf": [{"type": "number"}, {"type": "integer"}]}}}, "oneOf", "#/properties/a/oneOf"),
    ({"properties": {"a": {"type": "text"}}}, "type", "#/properties/a"),
]


@pytest.mark.parametrize(("schema", "keyword", "path"), REFUSED, ids=lambda value: str(value)[:30])
def test_what_cannot_be_enforced_is_named_with_its_place_in_both_languages(schema, keyword, path) -> None:
    with pytest.raises(SchemaRefused) as caught:
        json_rule(schema)
    assert f"'{keyword}' at {path} " in str(caught.value)
    with speaking("zh"):
        assert f"{path} 处的 “{keyword}”" in str(caught.value)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"$ref": "#/$defs/none"}, "points nowhere"),
        ({"type": "string", "minLenght": 2}, "is 'minLength' meant"),
        ({"type": "array", "minItems": 3, "maxItems": 2}, "nothing can follow it"),
        ({"properties": {"a": {"type": "integer", "minimum": 3, "maximum": 2}}, "required": ["a"]}, "#/properties/a"),
        ({"anyOf": []}, "a list with something in it"),
        ({"properties": {"a": 3}}, "must be an object"),
    ],
)
def test_a_schema_that_makes_no_sense_is_an_error(schema, words) -> None:
    with pytest.raises(SchemaRefused, match="schema is wrong at .*" + words if words[0] != "#" else words):
        json_rule(schema)


def test_a_form_that_cannot_be_enforced_is_passed_over_where_another_can() -> None:
    found = prepare({"anyOf": [{"type": "string", "pattern": "(?!a)"}, {"type": "null"}]})
    assert found == {"anyOf": [{"type": "null"}]}


@pytest.mark.parametrize("schema", [case[0] for case in REFUSED], ids=str)
def test_tools_keep_working_with_what_is_left_to_the_validation(schema) -> None:
    said = LLMatcher.validate_grammar(LLMatcher.grammar_from_lark("start: " + embedded(enforced(schema, strict=False))))
    assert said == ""


def test_enforcing_without_strictness_keeps_the_rest() -> None:
    loose = enforced({"type": "array", "items": {"type": "integer"}, "uniqueItems": True, "maxItems": 4}, strict=False)
    assert (loose["maxItems"], loose["items"]["type"]) == (4, "integer")


_GOOD = {"type": "object", "properties": {"c": {"type": "string"}}, "required": ["c"]}
_ODD = {
    "unanchored pattern": {"type": "string", "pattern": "[a-z]+"},
    "half-anchored pattern": {"type": "string", "pattern": "^a|b$"},
    "pattern that is none": {"type": "string", "pattern": "(["},
    "reference without its $defs": {"$ref": "#/$defs/X"},
    "items without their definitions": {"type": "array", "items": {"$ref": "#/definitions/X"}},
    "reference to an address": {"$ref": "https://example.org/x"},
    "number or null": {"anyOf": [{"type": "number"}, {"type": "null"}]},
    "integer or number": {"anyOf": [{"type": "integer"}, {"type": "number"}]},
    "one of two numbers": {"oneOf": [{"type": "integer"}, {"type": "number"}]},
    "anything beside": {"type": "object", "additionalProperties": {}},
    "type that is none": {"type": "text"},
    "no schema": "string",
    "nothing can follow it": {"type": "integer", "minimum": 5, "maximum": 2},
    "empty enum": {"enum": []},
}


@pytest.mark.parametrize("odd", _ODD.values(), ids=list(_ODD))
@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_one_odd_tool_disables_neither_the_others_nor_its_other_arguments(family, odd) -> None:
    schema = {"type": "object", "properties": {"odd": odd, "n": {"type": "integer"}}, "additionalProperties": {}}
    tools = [{"function": {"name": name, "parameters": part}} for name, part in (("good", _GOOD), ("bad", schema))]
    grammars = Grammars(family, lambda mark: None, "")
    for grammar in (grammars.forced(tools, several=True)[1], grammars.lazy(tools, "")):
        assert grammar
        assert LLMatcher.validate_grammar(LLMatcher.grammar_from_lark(grammar)) == ""
    (kept,) = tools_of(tools[1:])
    assert kept.parameters["properties"]["n"]["type"] == "integer"
    assert "odd" in kept.properties
    assert "'x'" in problem_of({"n": "x"}, schema)
    assert isinstance(problem_of({"odd": "5", "n": 5}, schema), str)
