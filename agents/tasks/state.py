"""Where a run stands between two nodes: what is saved after each. Small and JSON, whatever the length of the run.

What was called, observed and said is not in it: the saved events hold that, and `events` says how many of them count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from agents.llm.usage import Usage
from agents.proof.sources import Citation  # read back by its hint
from agents.tasks.budget import Spent
from agents.tasks.events import Call, PlanStep, Status
from agents.tasks.evidence import Evidence
from ingest.records import from_json, to_json


@dataclass(frozen=True, slots=True)
class Exchange:
    """One entry of the conversation with the model within a step, or within a member's turn, in order."""

    kind: Literal["call", "said", "refused"]
    record: int = -1
    """For 'call': place of the call among the run's records."""
    said: str = ""
    """For 'said': what the model wrote that was no usable call; for 'refused': the call, as JSON."""
    problem: str = ""
    """For both: what it is told."""


@dataclass(slots=True)
class RunState:
    """What every run has, of an agent or of a team. Nodes change it in place; between nodes it is JSON."""

    run_id: str
    task: str
    kb: str = "default"
    """The name of the knowledge base, or of several (`Scope.name`)."""
    code: str = "en"
    """Language of the task, as `ingest.language.language_code` tells it."""
    next: str = "choose"
    """The node that comes; 'end' after the last."""
    plan: tuple[PlanStep, ...] = ()
    current: int = 0
    """Number of the step, or of the member's turn, under way; 0 between two."""
    turns: tuple[Exchange, ...] = ()
    """Of it, the latest."""
    earlier: int = 0
    """Calls of it that are no longer among the turns."""
    queue: tuple[Call, ...] = ()
    """Chosen and not carried out yet."""
    approved: Literal["", "user", "policy"] = ""
    """Who allowed the first of the queue."""
    asks: int = 0
    """How often the model was asked again for the same thing."""
    refusals: int = 0
    """Calls of the step or turn that were not carried out: repeated, rejected or forbidden."""
    records: int = 0
    events: int = 0
    spent: Spent = field(default_factory=Spent)
    status: Status | Literal[""] = ""
    reason: str = ""
    limit: str = ""
    text: str = ""
    citations: tuple[Citation, ...] = ()
    unsupported: tuple[str, ...] = ()
    evidence: Evidence = field(default_factory=Evidence)
    """What was found for the task before the first question; of a team's nothing."""
    kbs: tuple[str, ...] = ()
    """Several, or one that is filtered; () for the one of that name, all of it."""
    where: str = ""
    """The filter that its documents fit."""

    @property
    def lang(self) -> Literal["zh", "en"]:
        """Of prompts and messages."""
        return "zh" if self.code.startswith("zh") else "en"

    @property
    def step(self) -> PlanStep | None:
        """The step under way; a team has none."""
        return next((step for step in self.plan if step.id == self.current), None)

    def begin(self, current: int) -> None:
        """A step or a turn begins: nothing has been said or called in it."""
        self.current, self.turns, self.earlier, self.queue, self.asks, self.refusals = current, (), 0, (), 0, 0

    def reopen(self) -> None:
        """Go on after a limit, as if it had not been met."""
        self.status, self.limit, self.reason, self.text = "", "", "", ""
        self.citations, self.unsupported = (), ()
        self.next = "choose"


S = TypeVar("S", bound=RunState)
"""One of the two kinds below."""


@dataclass(slots=True)
class State(RunState):
    """An agent's run."""

    next: str = "gather"
    ids: int = 0
    """The highest id any step has had."""
    revisions: int = 0
    asked: int = 0
    """Questions to the model in the step."""
    effort: str = "normal"
    """The level it was begun with."""
    review: bool = False
    """Whether its user sees the plan before anything of it is carried out."""
    agreed: int = 0
    """Steps of the plan that they agreed to: so many are begun whatever the effort."""

    def begin(self, current: int) -> None:
        """See `RunState.begin`."""
        RunState.begin(self, current)
        self.asked = 0

    def put(self, changed: PlanStep) -> None:
        """Replace the step of the same id."""
        self.plan = tuple(changed if step.id == changed.id else step for step in self.plan)


@dataclass(slots=True)
class TeamState(RunState):
    """A team's run. Its turns are numbered from 1; `current` is the one under way."""

    speaker: str = ""
    """Whose turn it is; '' between two."""
    first: int = 0
    """Records before the turn."""
    before: Usage = field(default_factory=Usage)
    """What the models had taken before the turn."""


_KINDS: dict[str, type[RunState]] = {"task": State, "team": TeamState}


def state_to_json(state: RunState) -> dict[str, Any]:
    """For the store; `state_from_json` reads it back."""
    kind = next(name for name, cls in _KINDS.items() if isinstance(state, cls))
    return {"kind": kind, **to_json(state)}


def state_from_json(data: Mapping[str, Any]) -> RunState:
    """The state of either kind that `state_to_json` wrote."""
    return from_json(_KINDS[data["kind"]], data)
