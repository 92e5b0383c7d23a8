"""A stage for the agent loop: a shelf of pages, a few real tools, a scripted model, a home of its own."""

from __future__ import annotations

import dataclasses
import threading
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage

from agents import Budget, Policy, ToolError, tool  # noqa: F401 - for the tests
from agents.llm.scripted import ScriptedChat
from agents.tasks.agent import Agent
from agents.tasks.effort import LEVELS, Profile
from agents.tasks.events import Finished
from agents.tasks.runs import Runs
from agents.tasks.skills import ModelSkills
from agents.tasks.store import Store
from agents.tools.adapting import adapt
from agents.tools.tool import Observation, Tool
from tests.agents import shelf

PLAN = "Two steps:\n1. days of annual leave\n2. add 5 to them"
ONE = "1. days of annual leave"
TASK = "How many days of annual leave do employees have after one year, and with 5 more?"
FOUND = "Employees are entitled to 15 days of paid annual leave after one year of service."


PLANNING, MENDING, WRITING = "plan it. Call change_plan", "has failed:", "Write the result"
"""Words of the questions that are not about the next call."""
LOOSE = dataclasses.replace(LEVELS["thorough"], moves=1000, spare=1000, revisions=6)
"""Asks for a plan, each move and the result, however many there are: what the loop does with replies is looked at."""


def call(name: str, **arguments: Any) -> AIMessage:
    return calls((name, arguments))


def calls(*wanted: tuple[str, dict[str, Any]]) -> AIMessage:
    listed = [{"name": name, "args": arguments, "id": f"c{n}"} for n, (name, arguments) in enumerate(wanted)]
    return AIMessage(content="", tool_calls=listed)


def search(query: str = "annual leave") -> AIMessage:
    return call("search_documents", query=query)


def done(finding: str = FOUND) -> AIMessage:
    return call("step_done", finding=finding)


class Relevant:
    """A chooser to which a tool is near whose name stands in a query."""

    def ranked(self, query: str, tools: Any, most: int = 8, always: Any = ()) -> list[Any]:
        return list(tools)[:most]

    def nearness(self, queries: Any, tools: Any) -> list[float]:
        return [3.0 * any(tool.name in query for query in queries) for tool in tools]


class Stage:
    def __init__(self, home: Path, *pages: str, sufficient: bool = True) -> None:
        self.home = home
        self.shelf = shelf.Shelf(*(pages or (shelf.EN, shelf.ZH)), sufficient=sufficient)
        self.store = Store(home)
        self.runs = Runs(self.store)
        self.sent: list[str] = []
        self.waiting = threading.Event()
        self.tools = self._tools()
        self.gatherer: Any = None

    def _tools(self) -> list[Tool]:
        def found(arguments: Any, context: Any) -> Observation:
            hits = tuple(self.shelf.search(arguments["query"]))
            return Observation("\n".join(f"[{hit.rank}] {hit.text}" for hit in hits), hits=hits)

        schema = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}

        @tool
        def add(a: float, b: float) -> float:
            "Add two numbers."
            return a + b

        @tool(risk="write")
        def send(text: str) -> str:
            "Send a text to somebody."
            self.sent.append(text)
            return f"sent {text}"

        @tool
        def broken(what: str = "") -> str:
            "Always fails."
            raise RuntimeError(f"no {what}")

        @tool
        def picky(what: str) -> str:
            "Says no."
            raise ToolError("not like that")

        @tool
        def slow(seconds: float = 30.0) -> str:
            "Takes its time."
            self.waiting.set()
            threading.Event().wait(seconds)
            return "at last"

        made = [adapt(thing) for thing in (add, send, broken, picky, slow)]
        return [Tool("search_documents", "Search the documents.", schema, found), *made]

    def agent(self, *replies: Any, kind: str = "plain", model: Any = None, **options: Any) -> Agent:
        self.model = model if model is not None else ScriptedChat(replies=list(replies))
        profile = Profile(kind, **options.pop("profile", {}))
        skills = ModelSkills(
            lambda: profile,
            self.shelf,
            None,
            options.pop("chooser", None),
            options.pop("own", ()),
            gathers=options.pop("gathers", False),
        )
        if self.gatherer is not None:
            skills._gatherer = self.gatherer
        options.setdefault("effort", LOOSE)
        tools = options.pop("tools", self.tools)
        return Agent(lambda: self.model, "scripted", skills, tools, self.store, **options)

    def ended(self, *replies: Any, task: str = TASK, **options: Any) -> tuple[Any, list[Any]]:
        """The result and all events; the last event is the only `Finished`."""
        events = list(self.agent(*replies, **options).stream(task))
        finished = [event for event in events if isinstance(event, Finished)]
        assert len(finished) == 1
        assert events[-1] is finished[0]
        return finished[0].result, events


def noted(events: list[Any], kind: str) -> list[str]:
    return [event.text for event in events if type(event).__name__ == "Noted" and event.kind == kind]


def named(events: list[Any]) -> list[str]:
    return [type(event).__name__ for event in events if type(event).__name__ not in ("Token", "Thought")]
