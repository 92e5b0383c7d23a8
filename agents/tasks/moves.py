"""What a caller may want next, and the tools that are no tools: 'this step is done', 'I give up', 'change the plan'."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from agents.tools.checking import validated
from agents.tools.tool import Tool, ToolContext

SEARCH, LIST, CALCULATE, CALENDAR, TABLES = (
    "search_documents",
    "list_documents",
    "calculator",
    "date_time",
    "query_table",
)
"""Names of the built-in tools that the rules know."""
DONE, GIVE_UP, CHANGE = "step_done", "give_up", "change_plan"
PLAN = "carry_out_plan"
"""What its user is asked to approve where they want to see the plan first (`agents.tasks.planning`)."""
RESERVED = (DONE, GIVE_UP, CHANGE, PLAN)


@dataclass(frozen=True, slots=True)
class Move:
    """One of the fields below says something; `repaired` may go with each, and a problem with calls: some were usable."""

    calls: tuple[tuple[Tool, Mapping[str, Any]], ...] = ()
    """Tool and checked arguments."""
    unasked: frozenset[str] = frozenset()
    """Those of the tools that the task does not ask to be called so."""
    finding: str | None = None
    """The step is done, and this came of it."""
    gave_up: str | None = None
    """The step can't be done, and why."""
    changes: tuple[Mapping[str, Any], ...] = ()
    """Changes to the plan."""
    problem: str = ""
    """The reply was no usable move: what the model is told."""
    said: str = ""
    """With a problem: what it wrote."""
    repaired: str = ""
    """How the reply was mended, for people."""


def move_to(tool: Tool, arguments: Mapping[str, Any]) -> Move:
    """The call of `tool` with `arguments`. Raises `BadArguments`."""
    return Move(calls=((tool, validated(tool, arguments).arguments),))


class Chooser(Protocol):
    """Picks the relevant ones of many tools."""

    def ranked(self, query: str, tools: Sequence[Tool], most: int = ..., always: Collection[str] = ...) -> list[Tool]:
        """At most `most` of `tools`, best first; those named in `always` are among them."""
        ...

    def nearness(self, queries: Sequence[str], tools: Sequence[Tool]) -> list[float]:
        """How near the nearest of `queries` lies to each of `tools`, in standard deviations above everyday questions."""
        ...


def pseudo_tools(lang: str, *, able: bool) -> list[Tool]:
    """`step_done` and `give_up`; `change_plan` where the model may plan."""
    zh = lang == "zh"
    done = answered_here(
        DONE,
        "这一步已完成。finding 写明查到的内容。" if zh else "This step is done. 'finding' says what was found out.",
        {"finding": {"type": "string"}},
    )
    give_up = answered_here(
        GIVE_UP,
        "工具无法完成这一步。reason 写明原因。" if zh else "The tools can't do this step. 'reason' says why.",
        {"reason": {"type": "string"}},
    )
    if not able:
        return [done, give_up]
    change = answered_here(
        CHANGE,
        "制定或修改计划：add 是要增加的步骤，drop 是不再需要的步骤编号，order 是未完成步骤的新顺序。"
        if zh
        else "Make the plan, or change it: 'add' lists goals of new steps, 'drop' ids of steps that are not needed any more, "
        "'order' the ids of all open steps as they shall come.",
        {
            "reason": {"type": "string"},
            "add": {"type": "array", "items": {"type": "string"}},
            "drop": {"type": "array", "items": {"type": "integer"}},
            "order": {"type": "array", "items": {"type": "integer"}},
        },
        ["reason"],
    )
    return [done, give_up, change]


def answered_here(
    name: str, description: str, properties: dict[str, Any], required: Sequence[str] | None = None
) -> Tool:
    """A tool that is none: whoever reads the call answers it. All of its `properties` are required unless said."""
    wanted = [*properties] if required is None else [*required]
    shape = {"type": "object", "properties": properties, "required": wanted, "additionalProperties": False}
    return Tool(name, description, shape, _never)


def _never(arguments: Mapping[str, Any], context: ToolContext, /) -> Any:  # noqa: ANN401, ARG001 - the shape of a tool
    raise AssertionError("the loop itself answers this one")
