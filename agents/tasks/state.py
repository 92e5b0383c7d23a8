"""Where a run stands between two nodes: what LangGraph saves. Small and JSON, whatever the length of the run.

What was called and observed is not in it: the saved events hold that, and `events` says how many of them count.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from agents.proof.citations import Citation  # noqa: TC001 - read back by its hint
from agents.tasks.budget import Spent
from agents.tasks.codec import from_json, to_json
from agents.tasks.events import Call, PlanStep  # noqa: TC001 - the same

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agents.tasks.events import Status

Node = Literal["plan", "choose", "ask", "approve", "act", "revise", "write", "end"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One entry of the conversation with the caller within a step, in order."""

    kind: Literal["call", "said", "refused"]
    record: int = -1
    """For 'call': place of the call among the run's records."""
    said: str = ""
    """For 'said': what the model wrote that was no usable call; for 'refused': the call, as JSON."""
    problem: str = ""
    """For both: what it is told."""


@dataclass(slots=True)
class State:
    """One run. Nodes change it in place; between nodes it is JSON."""

    run_id: str
    task: str
    kb: str = "default"
    code: str = "en"
    """Language of the task, as `agents.chat.abstention.language_code` tells it."""
    next: Node = "plan"
    plan: tuple[PlanStep, ...] = ()
    ids: int = 0
    """The highest id any step has had."""
    current: int = 0
    """Id of the step under way; 0 between steps."""
    turns: tuple[Turn, ...] = ()
    """Of the current step, the latest."""
    earlier: int = 0
    """Calls of the current step that are no longer among the turns."""
    queue: tuple[Call, ...] = ()
    """Chosen and not carried out yet."""
    approved: str = ""
    """Who allowed the first of the queue: '', 'user', 'policy'."""
    asks: int = 0
    """How often the model was asked again for the same call."""
    refusals: int = 0
    """Of repeated calls within the step."""
    records: int = 0
    events: int = 0
    spent: Spent = field(default_factory=Spent)
    revisions: int = 0
    ledger: str = ""
    status: Status | Literal[""] = ""
    reason: str = ""
    limit: str = ""
    text: str = ""
    citations: tuple[Citation, ...] = ()
    unsupported: tuple[str, ...] = ()

    @property
    def lang(self) -> Literal["zh", "en"]:
        """Of prompts and messages."""
        return "zh" if self.code.startswith("zh") else "en"

    @property
    def step(self) -> PlanStep | None:
        """The step under way."""
        return next((step for step in self.plan if step.id == self.current), None)

    def put(self, changed: PlanStep) -> None:
        """Replace the step of the same id."""
        self.plan = tuple(changed if step.id == changed.id else step for step in self.plan)

    def to_json(self) -> dict[str, Any]:
        """For the checkpoint."""
        whole: dict[str, Any] = to_json(self)
        return whole

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> State:
        """What `to_json` wrote."""
        return from_json(cls, data)
