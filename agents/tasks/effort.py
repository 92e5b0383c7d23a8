"""How much a run may ask of its model: three levels, how many questions that comes to at most, and what the model can be
trusted with. Code does the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from agents.chat.parts import parts
from agents.llm.abilities import Abilities
from ingest.errors import UsageError
from ingest.language import Text

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

Level = Literal["quick", "normal", "thorough"]
SPARE = 2
"""Steps that a plan may have beyond the parts of its task."""
ABLE = 4.0
"""Billions from which on a plan and revisions of its own help more than they cost (DESIGN.md, issue 4)."""


@dataclass(frozen=True, slots=True)
class Effort:
    """What a level allows."""

    level: Level
    moves: int
    """Questions per step; 0: the steps are carried out by rule."""
    plans: bool = False
    """Whether the model is asked for a plan of any task; else the parts of the task are its plan."""
    writes: bool = False
    """Whether the model is asked for the result; else it is put together from the findings."""
    searches: bool = False
    """Whether a step that is no part of the task, and so was not searched for before, begins with a search by rule."""
    checks: bool = False
    """Whether a finding that nothing proves goes back to the model once."""
    revisions: int = 0
    """Times the plan may be mended by the model."""
    spare: int = SPARE
    """Steps beyond the parts of the task."""

    def steps(self, task: str) -> int:
        """The most steps that are begun for `task`."""
        return len(parts(task)) + self.spare

    def questions(self, task: str) -> int:
        """The most questions that a run on `task` asks of its model."""
        count = len(parts(task))
        if not self.moves:
            return count + 2  # the arguments of an own tool per part, and one answer, asked again at most once
        planning = 2 if self.plans or count > 1 else 0
        writing = 2 if self.writes or count > 1 else 0
        return count + planning + self.steps(task) * self.moves + self.revisions + writing


LEVELS: dict[Level, Effort] = {
    "quick": Effort("quick", 0, writes=True),
    "normal": Effort("normal", 6),
    "thorough": Effort("thorough", 12, plans=True, writes=True, searches=True, checks=True, revisions=2),
}
"""One by one: the rules and one answer; a plan where one is needed, and tools; several searches, every finding held
against the evidence, revision."""


def effort_of(level: str) -> Effort:
    """What that level allows. Raises `UsageError` where there is none of that name."""
    if level in LEVELS:
        return LEVELS[level]
    raise UsageError(
        Text(en=f"There is no effort '{level}'.", zh=f"没有名为 “{level}” 的投入程度。"),
        Text(en=f"Choose one of {', '.join(LEVELS)}.", zh=f"请从 {'、'.join(LEVELS)} 中选择。"),
    )


@dataclass(frozen=True, slots=True)
class Profile:
    """How far a model is trusted."""

    kind: Literal["rule", "plain", "able"]
    """'rule': plan, calls and result are made by rule; 'plain': the model is asked for each; 'able': it also plans a
    task of several parts and may change the plan while at work."""
    choice: Literal["auto", "any"] = "auto"
    """'any': every reply of the caller is a call, held to the schemas by the engine's grammar."""
    context: int = 8192
    """Tokens the model holds."""
    reply: int = 1024
    """Tokens of a reply without its thoughts."""

    @property
    def plans(self) -> bool:
        """Whether the model makes the plan, the calls and the result."""
        return self.kind != "rule"


def profile_of(model: BaseChatModel, *, context: int = 0, reply: int = 1024) -> Profile:
    """The profile of an open model; loads a local one."""
    able = Abilities(model)
    parameters = able.parameters
    kind: Literal["rule", "plain", "able"] = "able"
    if able.small:
        kind = "rule"
    elif parameters is not None and parameters < ABLE:
        kind = "plain"
    if kind == "rule":
        return Profile("rule", "any", context or 2048, reply)
    return Profile(kind, "any" if able.holds_calls else "auto", able.context(context), reply)
