"""Where references of a schema lead, what types it names, and that nothing is fetched to find out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ingest.json_schema import NoTarget, is_kind, kinds_of, problem_of, references, resolved, target_of, validator_of
from tests.loopback import Request, Server

ROOT = {
    "$id": "https://example.org/it",
    "type": "object",
    "properties": {"n": {"type": "integer"}, "again": {"$ref": "#/properties/n"}},
    "$defs": {
        "x y": {"type": "boolean"},
        "a/b~c": {"$anchor": "named", "enum": ["a", None]},
        "list": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/list"}, {"items": {}, "type": "array"}]},
        "round": {"$ref": "#/$defs/about"},
        "about": {"$ref": "#/$defs/round"},
        "any": True,
    },
    "definitions": {"old": {"$ref": "#/$defs/x%20y"}},
}


@pytest.mark.parametrize(
    ("pointer", "target"),
    [
        ("#", ROOT),
        ("#/$defs/x%20y", {"type": "boolean"}),
        ("#/$defs/a~1b~0c", ROOT["$defs"]["a/b~c"]),
        ("#named", ROOT["$defs"]["a/b~c"]),
        ("#/$defs/list/anyOf/2/items", {}),
        ("#/$defs/any", True),
        ("https://example.org/it#/properties/n", {"type": "integer"}),
    ],
)
def test_a_reference_leads_to_its_place(pointer, target) -> None:
    assert target_of(ROOT, pointer) == target


@pytest.mark.parametrize(
    ("pointer", "outside"),
    [("#/$defs/none", False), ("#/$defs/list/anyOf/9", False), ("#nobody", False), ("#/type", False), ("#/type/0", False),
     ("https://example.org/other", True), ("other.json#/a", True), ("http://[", True), (3, True)],
)  # fmt: skip
def test_one_that_means_nothing_is_said_to(pointer, outside) -> None:
    with pytest.raises(NoTarget) as caught:
        target_of(ROOT, pointer)
    assert (caught.value.pointer, caught.value.outside) == (str(pointer), outside)


def test_references_are_followed_to_their_end_and_circles_have_one() -> None:
    assert resolved({"$ref": "#/definitions/old"}, ROOT) == {"type": "boolean"}
    assert resolved({"$ref": "#/$defs/round"}, ROOT, strict=True) == {}
    assert resolved({"$ref": "#/$defs/none"}, ROOT) == {}
    assert resolved(True, ROOT) == resolved({"$ref": "#/$defs/any"}, ROOT) == {}
    with pytest.raises(NoTarget):
        resolved({"$ref": "#/$defs/none"}, ROOT, strict=True)
    assert "#/$defs/about" in references(ROOT)
    assert len(list(references(ROOT))) == 5


def test_the_types_that_a_schema_names_in_any_of_its_forms() -> None:
    assert kinds_of({"$ref": "#/$defs/list"}, ROOT) == {"null", "array"}
    assert kinds_of({"$ref": "#/$defs/round"}, ROOT) == set()
    assert kinds_of({"oneOf": [{"type": ["string", "null"]}, {"const": 3}, True]}, ROOT) == {
        "string", "null", "integer", "number",
    }  # fmt: skip
    assert kinds_of({"type": "string", "enum": ["a", None]}, ROOT) == {"string", "null"}
    assert kinds_of({"allOf": [{"$ref": "#/definitions/old"}]}, ROOT) == {"boolean"}
    assert kinds_of({}, ROOT) == kinds_of(False, ROOT) == set()


def test_types_are_json_schemas() -> None:
    assert is_kind(3.0, "integer")
    assert not is_kind(True, "integer")
    assert not is_kind(True, "number")
    assert is_kind(None, "null")
    assert is_kind(None, "nonsense")
    assert is_kind(None, None)


@pytest.fixture
def address() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    class Handler(Request):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.answer({})

    with Server(Handler) as server:
        yield f"{server.url}/schema.json", asked


def test_what_lies_elsewhere_is_not_fetched(address: tuple[str, list[str]]) -> None:
    url, asked = address
    schema = {"type": "object", "properties": {"x": {"$ref": url}}}
    with pytest.raises(Exception, match="Unresolvable"):
        list(validator_of(schema).iter_errors({"x": 1}))
    assert problem_of({"x": 1}, schema) == ""
    with pytest.raises(NoTarget):
        target_of(schema, url)
    assert asked == []
