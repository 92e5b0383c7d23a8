"""How much a run may ask of its model: three levels, and how many questions that comes to at most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agents.chat.parts import parts
from ingest.errors import UsageError
from ingest.language import Text

Level = Literal["quick", "normal", "thorough"]
SPARE = 2
"""Steps that a plan may have beyond the parts of its task."""


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
