"""`@tool`: what a model is shown of a function, and what the function gets."""

from __future__ import annotations

import dataclasses
import enum
import inspect
import json
import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal, Optional, TypedDict

import pytest
from pydantic import BaseModel, Field

from agents import Tool, ToolContext, tool
from agents.tools.adapting import adapt
from agents.tools.function import FunctionTool
from agents.tools.tool import Wording
from ingest.errors import UsageError

if TYPE_CHECKING:
    from nowhere import Nothing  # type: ignore[import-not-found]


class Unit(enum.Enum):
    CELSIUS = "celsius"
    FAHRENHEIT = "fahrenheit"


class Address(BaseModel):
    title: str
    zip: int = Field(ge=1)


class Node(BaseModel):
    name: str
    children: list[Node] = []


@dataclasses.dataclass
class Point:
    x: int
    y: float = 0.5


class Movie(TypedDict, total=False):
    title: str
    tags: list[str]


def properties(made: Tool) -> dict[str, Any]:
    return dict(made.parameters["properties"])


def test_the_contracts_example_is_a_tool_and_still_the_function() -> None:
    @tool
    def headcount(team: str) -> int:
        "People in a team."
        return len(team)

    assert isinstance(headcount, Tool)
    assert headcount("abc") == 3
    assert headcount.as_openai() == {
        "type": "function",
        "function": {
            "name": "headcount",
            "description": "People in a team.",
            "parameters": {"properties": {"team": {"type": "string"}}, "required": ["team"], "type": "object"},
        },
    }
    assert (headcount.risk, headcount.repeatable) == ("read", False)
    assert headcount.__doc__ == "People in a team."
    assert str(inspect.signature(headcount)) == "(team: 'str') -> 'int'"


def test_risk_name_and_repeatable_are_taken_from_the_decorator() -> None:
    @tool(risk="write", name="file-report", repeatable=True)
    def report(text: str) -> None:
        """File it."""

    assert (report.name, report.risk, report.repeatable) == ("file-report", "write", True)


def test_every_kind_of_hint_becomes_compact_json_schema() -> None:
    @tool
    def everything(
        count: Annotated[int, "how many"],
        unit: Unit = Unit.CELSIUS,
        mode: Literal["fast", "exact"] = "fast",
        limit: Annotated[int, Field(ge=1, le=50, description="at most")] = 8,
        ratio: float | None = None,
        tags: Optional[list[str]] = None,  # noqa: UP045 - many still write it so
        address: Address | None = None,
        point: Point = Point(1),  # noqa: B008
        movie: Movie | None = None,
        day: date | None = None,
        weights: dict[str, float] = {},  # noqa: B006
        *,
        dry: bool = False,
    ) -> None:
        """Everything."""

    assert properties(everything) == {
        "count": {"type": "integer", "description": "how many"},
        "unit": {"type": "string", "enum": ["celsius", "fahrenheit"], "default": "celsius"},
        "mode": {"type": "string", "enum": ["fast", "exact"], "default": "fast"},
        "limit": {"type": "integer", "minimum": 1, "maximum": 50, "description": "at most", "default": 8},
        "ratio": {"type": "number"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "address": {
            "type": "object",
            "properties": {"title": {"type": "string"}, "zip": {"type": "integer", "minimum": 1}},
            "required": ["title", "zip"],
        },
        "point": {
            "type": "object",
            "properties": {"x": {"type": "integer"}, "y": {"type": "number", "default": 0.5}},
            "required": ["x"],
        },
        "movie": {
            "type": "object",
            "properties": {"title": {"type": "string"}, "tags": {"type": "array", "items": {"type": "string"}}},
        },
        "day": {"type": "string", "format": "date"},
        "weights": {"type": "object", "additionalProperties": {"type": "number"}},
        "dry": {"type": "boolean", "default": False},
    }
    assert everything.parameters["required"] == ["count"]
    assert "$defs" not in everything.parameters


def test_a_definition_that_contains_itself_stays_a_reference() -> None:
    @tool
    def walk(root: Node) -> str:
        """Walk."""
        return root.children[0].name

    assert properties(walk)["root"] == {"$ref": "#/$defs/Node"}
    assert walk.parameters["$defs"]["Node"]["properties"]["children"]["items"] == {"$ref": "#/$defs/Node"}


GOOGLE = """Weather of a city.

        It is made up.

        Args:
            city: Where, in
                full.
            days (int): How many days.

        Returns:
            A secret of programmers.
        """
NUMPY = """Weather of a city.

        It is made up.

        Parameters
        ----------
        city : str
            Where, in
            full.
        days : int, optional
            How many days.

        Returns
        -------
        str
            A secret of programmers.
        """
REST = """Weather of a city.

        It is made up.

        :param city: Where, in
            full.
        :param int days: How many days.
        :returns: A secret of programmers.
        """


@pytest.mark.parametrize("text", [GOOGLE, NUMPY, REST], ids=["google", "numpy", "rest"])
def test_docstrings_of_three_styles_say_the_same(text: str) -> None:
    def weather(city: str, days: int = 1) -> str:
        return city

    weather.__doc__ = text
    made = tool(weather)
    assert made.description == "Weather of a city. It is made up."
    assert properties(made)["city"]["description"] == "Where, in full."
    assert properties(made)["days"]["description"] == "How many days."


def test_a_function_without_docstring_is_described_by_its_name() -> None:
    @tool
    def count_people(team: str) -> int:
        return 1

    assert count_people.description == "count people"


def test_nested_arguments_arrive_as_the_objects_the_hints_name(context: ToolContext) -> None:
    @tool
    def take(point: Point, address: Address, unit: Unit, day: date, movies: list[Movie]) -> Any:
        """Take."""
        return point, address, unit, day, movies

    got = take.run(
        {
            "point": {"x": 3},
            "address": {"title": "t", "zip": 2},
            "unit": "fahrenheit",
            "day": "2026-11-23",
            "movies": [{"title": "m"}],
        },
        context,
    )
    assert got == (Point(3), Address(title="t", zip=2), Unit.FAHRENHEIT, date(2026, 11, 23), [{"title": "m"}])


def test_the_context_is_given_and_not_shown(context: ToolContext) -> None:
    @tool
    def where(part: str, context: ToolContext, other: ToolContext | None = None) -> tuple[str, str, bool]:
        """Where."""
        return part, context.run_id, other is context

    assert set(properties(where)) == {"part"}
    assert where.run({"part": "a"}, context) == ("a", "run", True)


def test_a_return_hint_for_type_checkers_only_is_no_hindrance() -> None:
    @tool
    def fetch(name: str) -> Nothing:
        """Fetch."""

    assert set(properties(fetch)) == {"name"}


def test_names_that_pydantic_forbids_are_allowed(context: ToolContext) -> None:
    @tool
    def odd(_hidden: int, schema: str, model_config: str = "c", copy: bool = True) -> list[Any]:
        """Odd."""
        return [_hidden, schema, model_config, copy]

    assert set(properties(odd)) == {"_hidden", "schema", "model_config", "copy"}
    assert odd.run({"_hidden": 1, "schema": "s", "copy": False}, context) == [1, "s", "c", False]


def test_positional_only_parameters_and_fields_as_defaults(context: ToolContext) -> None:
    @tool
    def power(base: float, exponent: int = 2, /, digits: int = Field(3, ge=1, description="digits")) -> float:
        """Power."""
        return round(base**exponent, digits)

    assert properties(power)["digits"] == {"type": "integer", "minimum": 1, "default": 3, "description": "digits"}
    assert power.run({"base": 1.23456}, context) == 1.524


def test_coroutines_are_run_to_their_end(context: ToolContext) -> None:
    @tool
    async def later(n: int) -> int:
        """Later."""
        return n + 1

    assert later.run({"n": 1}, context) == 2


@pytest.mark.parametrize("stars", ["*numbers: int", "**options: int"])
def test_stars_are_refused_when_the_tool_is_made(stars: str) -> None:
    scope: dict[str, Any] = {}
    exec(f"def total({stars}): ...", scope)
    with pytest.raises(UsageError, match=r"'total' takes \*.*list\[float\]"):
        tool(scope["total"])


def test_a_missing_hint_an_unknown_name_and_an_impossible_type_are_refused() -> None:
    with pytest.raises(UsageError, match="'x' of 'bare' has no type hint"):

        @tool
        def bare(x):  # type: ignore[no-untyped-def]
            """Bare."""

    with pytest.raises(UsageError, match="type hint of 'unknown' can't be read"):

        @tool
        def unknown(x: Nothing) -> None:
            """Unknown."""

    with pytest.raises(UsageError, match="'impossible' can't be described"):

        @tool
        def impossible(x: subprocess.Popen[str]) -> None:
            """Impossible."""


def test_a_name_no_provider_takes_is_refused() -> None:
    with pytest.raises(UsageError, match="A-Z a-z 0-9"):

        @tool
        def 人数(team: str) -> int:  # noqa: PLC2401
            """People."""
            return 1


def test_chinese_wording_replaces_descriptions_only() -> None:
    @tool(zh=Wording("团队人数。", {"team": "团队名称"}))
    def headcount(team: Annotated[str, "name of the team"], year: int = 2026) -> int:
        "People in a team."
        return 1

    zh = headcount.as_openai("zh")["function"]
    assert zh["description"] == "团队人数。"
    assert zh["parameters"]["properties"] == {
        "team": {"type": "string", "description": "团队名称"},
        "year": {"type": "integer", "default": 2026},
    }
    assert headcount.as_openai("en")["function"]["description"] == "People in a team."
    assert json.dumps(headcount.as_openai()) == json.dumps(headcount.as_openai("en"))


def test_plain_callables_methods_and_objects_are_adapted(context: ToolContext) -> None:
    class Desk:
        def __init__(self) -> None:
            self.notes: list[str] = []

        def note(self, text: str) -> int:
            """Note it."""
            self.notes.append(text)
            return len(self.notes)

        def __call__(self, text: str) -> str:
            """Say it."""
            return text

    desk = Desk()
    made = adapt(desk.note, risk="write")
    assert (made.name, made.description, made.risk) == ("note", "Note it.", "write")
    assert made.run({"text": "a"}, context) == 1
    assert adapt(made) is made
    assert adapt(desk).name == "Desk"
    assert isinstance(adapt(desk), FunctionTool)
    with pytest.raises(UsageError, match="A int is no tool"):
        adapt(3)  # type: ignore[arg-type]


def test_importing_agents_stays_light_and_still_offers_tool() -> None:
    code = (
        "import sys, agents; heavy = {'pydantic', 'langchain_core', 'jsonschema', 'asyncio', 'duckdb', 'openpyxl'}; "
        "assert not heavy & set(sys.modules), heavy & set(sys.modules); "
        "assert callable(agents.tool) and 'tool' in agents.__all__; assert not heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_unknown_risk_is_refused():
    with pytest.raises(UsageError, match="'harmless' is no risk"):

        @tool(risk="harmless")
        def thing() -> str:
            """Does a thing."""
            return ""
