"""How every question of a run begins: the same words and the same tools, so that a local model reads them once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import prompts
from agents.chat.parts import parts
from agents.proof.asked import asked_for
from agents.tasks.effort import Effort, Profile
from agents.tasks.evidence import Table
from agents.tasks.known import ON_FILES
from agents.tasks.moves import CALCULATE, CALENDAR, LIST, SEARCH, TABLES, Chooser, pseudo_tools
from agents.tasks.own_tools import OwnTools
from agents.tasks.spoken_tools import arithmetic, calendar
from agents.tasks.state import State
from agents.tools.choosing import MEANT
from agents.tools.files import NAMES as FILES
from agents.tools.tool import Tool
from ingest.language import language_name
from prompts import Prompt, neutral

MOST_TOOLS, MOST_PLAIN = 8, 6
"""Shown to the model at once, to one that is able and to others: more cost prompt and accuracy alike."""
_READING = {SEARCH, "read_page", "list_files", "read_file", "python"}
"""What brings nothing that is missing where the documents answer every part of a task: sums are the calculator's."""
FEW = 12
"""Up to so many, the same are shown for all steps: reading others anew costs more than a better choice brings."""


class Opening:
    """What stands before planner's, caller's and writer's own words."""

    def __init__(self, profile: Profile, effort: Effort, own: OwnTools, chooser: Chooser | None = None) -> None:
        self._profile = profile
        self._effort = effort
        self._chooser = chooser
        self._own = own

    def messages(self, prompt: Prompt, state: State, *, evidence: bool = True, **inputs: object) -> list[Any]:
        """System and user message: the shared beginning, then `prompt` with its inputs. Without `evidence` for a prompt
        that would not fit otherwise."""
        shown = state.evidence
        beginning = prompts.load("task", state.lang).render(
            task=neutral(state.task),
            passages=[{"n": p.n, "source": p.source, "text": p.text} for p in shown.passages] if evidence else [],
            tables=[_row(table) for table in shown.tables] if evidence else [],
            files=neutral(", ".join(shown.files)),
            documents=neutral("; ".join(shown.documents)),
            language=language_name(state.code),
        )
        [(_, asked)] = prompt.render(**inputs)
        *before, (role, text) = beginning
        return [*before, (role, f"{text}\n\n{asked}")]

    def tools(self, state: State, tools: Sequence[Tool]) -> list[Tool]:
        """Those shown now, the most relevant first, then the words of the loop's own."""
        step, query = state.step, state.task
        most = MOST_TOOLS if self._profile.kind == "able" else MOST_PLAIN
        # What stands in the prompt already is not offered to be looked for: small models look again and again.
        known = {LIST} if state.evidence.documents else set()
        complete = state.evidence.complete and not self._effort.plans
        if complete or (self._profile.kind == "plain" and state.evidence.passages and not self._effort.plans):
            known |= _READING if state.evidence.tables else {*_READING, TABLES}
        if self._profile.kind == "plain" and not ON_FILES.search(state.task):
            known |= FILES
        if self._profile.kind != "able":  # which judges for itself
            about = [state.task, *parts(state.task), *([step.goal] if step else [])]
            known |= {tool.name for tool in self._own.among(tools)} - self._own.related(about, tools, MEANT)
            known |= _of_no_use(about)
        if (
            step is not None and self._profile.kind != "able" and self._own.meant(step.goal, tools)
        ):  # where a tool was made for it, nothing else that reads
            known |= {"python", "read_page"} if state.evidence.tables else {"python", "read_page", TABLES}
        tools = [tool for tool in tools if tool.name not in known]
        if self._chooser is not None and tools:
            # A tool that was asked for by name and exists joins those chosen.
            asked = " ".join(f"{turn.said} {turn.problem}" for turn in state.turns if turn.kind == "said")
            named = tuple(tool.name for tool in tools if tool.name in asked)[:2]
            if step is not None and len(tools) > FEW:
                query = step.goal
            tools = self._chooser.ranked(query, tools, most, named)
        able = self._profile.kind == "able" or self._effort.plans or self._effort.revisions > 0
        loops = pseudo_tools(state.lang, able=able)
        return [*loops, *tools[:most]] if complete else [*tools[:most], *loops]  # what stands first is called first

    def specs(self, state: State, tools: Sequence[Tool]) -> list[dict[str, Any]]:
        """The tools as the model is shown them; a table's file can only be one that there is where the engine holds calls."""
        specs = [tool.as_openai(state.lang) for tool in tools]
        files = list(dict.fromkeys([*(table.file for table in state.evidence.tables), *state.evidence.files]))
        if self._profile.choice != "any" or not files:
            return specs
        return [_held(spec, files) if spec["function"]["name"] == TABLES else spec for spec in specs]

    def forced(self, name: str) -> str:
        """The choice of the one tool `name`, where the engine holds to it; others are merely asked for it."""
        return name if self._profile.choice == "any" else "auto"


def _of_no_use(texts: Sequence[str]) -> set[str]:
    """The tools whose result is of a kind that none of `texts` asks for: a small model calls what it is shown."""
    asked = [asked_for(text) for text in texts]
    timed = any(one.date or one.units & {"days", "months", "seconds"} for one in asked) or any(map(calendar, texts))
    counts = timed or any(one.wants_number for one in asked) or any(arithmetic(text) for text in texts)
    return (set() if timed else {CALENDAR}) | (set() if counts else {CALCULATE})


def _held(spec: dict[str, Any], files: Sequence[str]) -> dict[str, Any]:
    function = spec["function"]
    parameters = function["parameters"]
    held = {**parameters["properties"].get("file", {"type": "string"}), "enum": [*files]}
    parameters = {**parameters, "properties": {**parameters["properties"], "file": held}}
    return {**spec, "function": {**function, "parameters": parameters}}


def _row(table: Table) -> dict[str, str]:
    columns = ", ".join(table.columns)
    return {
        "file": neutral(table.file),
        "name": neutral(table.name),
        "columns": neutral(columns),
        "rows": str(table.rows),
    }
