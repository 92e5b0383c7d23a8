"""How every question of a run begins: the same words and the same tools, so that a local model reads them once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import prompts
from agents.tasks.by_rule import SEARCH, TABLES, parts
from agents.tasks.gathering import LIST
from agents.tasks.known import ON_FILES
from agents.tasks.moves import pseudo_tools
from agents.tools.choosing import AHEAD, BEHIND, MEANT, NEAR
from agents.tools.files import NAMES as FILES
from ingest.language import language_name
from prompts import neutral

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from agents.tasks.effort import Effort
    from agents.tasks.evidence import Table
    from agents.tasks.moves import Chooser
    from agents.tasks.profile import Profile
    from agents.tasks.state import State
    from agents.tools.tool import Tool
    from prompts import Prompt

MOST_TOOLS, MOST_PLAIN = 8, 6
"""Shown to the model at once, to one that is able and to others: more cost prompt and accuracy alike."""
_READING = {SEARCH, "read_page", "list_files", "read_file", "python"}
"""What brings nothing that is missing where the documents answer every part of a task: sums are the calculator's."""
FEW = 12
"""Up to so many, the same are shown for all steps: reading others anew costs more than a better choice brings."""


class Opening:
    """What stands before planner's, caller's and writer's own words."""

    def __init__(
        self, profile: Profile, effort: Effort, chooser: Chooser | None = None, own: Collection[str] = ()
    ) -> None:
        """`own`: names of the tools that are the user's."""
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

    def meant(self, goal: str, tools: Sequence[Tool]) -> Tool | None:
        """The user's own tool that `goal` is clearly about; None where several may be, and for a model that is able."""
        own = self._own_of(tools)
        if not own or self._chooser is None or self._profile.kind == "able":
            return None
        near = sorted(zip(self._chooser.nearness([goal], own), own, strict=True), key=lambda pair: -pair[0])
        ahead = len(near) == 1 or near[0][0] >= near[1][0] + AHEAD
        return near[0][1] if near[0][0] >= MEANT and ahead else None

    def _own_of(self, tools: Sequence[Tool]) -> list[Tool]:
        return [tool for tool in tools if tool.name in self._own]

    def _related(self, state: State, tools: Sequence[Tool]) -> Sequence[Tool]:
        """Those of the user's own tools that the task, a part of it or the step is about; a model that is able judges for
        itself."""
        own = self._own_of(tools)
        if not own or self._chooser is None or self._profile.kind == "able":
            return own
        about = dict.fromkeys([state.task, *parts(state.task), *([state.step.goal] if state.step else [])])
        kept: set[str] = set()
        for query in about:
            near = self._chooser.nearness([query], own)
            least = max(NEAR, max(near) - BEHIND)
            kept |= {tool.name for tool, distance in zip(own, near, strict=True) if distance >= least}
        return [tool for tool in own if tool.name in kept]

    def tools(self, state: State, tools: Sequence[Tool]) -> list[Tool]:
        """Those shown now, the most relevant first, then the words of the loop's own."""
        step, query = state.step, state.task
        most = MOST_TOOLS if self._profile.kind == "able" else MOST_PLAIN
        # What stands in the prompt already is not offered to be looked for: small models look again and again.
        known = {LIST} if state.evidence.documents else set()
        if complete := state.evidence.complete and not self._effort.plans:
            known |= _READING if state.evidence.tables else {*_READING, TABLES}
        if self._profile.kind == "plain" and not ON_FILES.search(state.task):
            known |= FILES
        known |= {tool.name for tool in self._own_of(tools)} - {tool.name for tool in self._related(state, tools)}
        if step is not None and self.meant(step.goal, tools):  # where a tool was made for it, nothing else that reads
            known |= {"python", "read_page"} if state.evidence.tables else {"python", "read_page", TABLES}
        tools = [tool for tool in tools if tool.name not in known]
        if self._chooser is not None and tools:
            # A tool that was asked for by name and exists joins those chosen.
            asked = " ".join(f"{turn.said} {turn.problem}" for turn in state.turns if turn.kind == "said")
            named = tuple(tool.name for tool in tools if tool.name in asked)[:2]
            if step is not None and len(tools) > FEW:
                query = f"{step.goal} {step.done_when}".strip()
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
