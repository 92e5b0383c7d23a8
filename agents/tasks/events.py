"""What a task comes to: plan, steps, calls, the result, and the events on the way there. All of it is frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from agents.chat.answers import Thought, Token
from agents.llm.usage import Usage
from agents.proof.sources import Citation
from agents.tools.tool import Observation, Risk
from prompts import PromptUse

Status = Literal["done", "gave_up", "limit", "cancelled", "needs_approval", "error"]
"""How a run ends, or for `needs_approval` pauses. There is no other way."""

StepState = Literal["open", "active", "done", "failed", "dropped"]


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One piece of the task."""

    id: int
    """Never changes and is never used again, however the plan is revised."""
    goal: str
    done_when: str = ""
    """What would show it done."""
    state: StepState = "open"
    finding: str = ""
    """What came of it, in a sentence or two."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of one tool, as it will be carried out and as it was shown for approval."""

    id: str
    tool: str
    arguments: Mapping[str, Any]
    risk: Risk
    step: int
    """Id of the plan's step."""
    key: str
    """Idempotency key: a digest of run, step, place in the step, tool and arguments."""
    unasked: bool = False
    """Whether the task asks for no such call, or not with these arguments: the user is shown it, whatever its risk."""


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One call and what came of it, as the result lists them."""

    call: Call
    observation: Observation
    seconds: float = 0.0
    approved: Literal["", "user", "policy"] = ""
    """Who allowed it; '' for calls that need nobody's leave."""


@dataclass(frozen=True, slots=True)
class Result:
    """The end of a run (or its pause)."""

    task: str
    run_id: str
    status: Status
    text: str
    """Markdown with `[n]` markers; with `gave_up` and `limit` what was found by then."""
    reason: str = ""
    """Why it ended so, in the user's language: which limit, what failed, what is to be approved."""
    plan: tuple[PlanStep, ...] = ()
    steps: tuple[StepRecord, ...] = ()
    citations: tuple[Citation, ...] = ()
    """Where nothing was found out, what comes nearest."""
    unsupported_sentences: tuple[str, ...] = ()
    usage: Usage = field(default_factory=Usage)
    seconds: float = 0.0
    model: str = ""
    trace: str = ""
    limit: str = ""
    """'steps', 'calls', 'tokens', 'seconds' when the status is `limit`."""
    pending: tuple[Call, ...] = ()
    """The calls that wait for approval."""

    @property
    def abstained(self) -> bool:
        """Whether nothing was found out: a quote that proves anything stands for a sentence."""
        return not self.text or (bool(self.citations) and not any(one.sentence for one in self.citations))


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a team's member: the calls it made, then what it said."""

    speaker: str
    text: str
    calls: tuple[StepRecord, ...] = ()
    to: str = ""
    """The member it handed over to, if any."""
    approved: bool = False
    """True when the member said that the work is done and good."""
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True)
class Planned:
    """The first plan."""

    plan: tuple[PlanStep, ...]
    by: Literal["model", "rule", "user"] = "model"
    prompt: PromptUse | None = None


@dataclass(frozen=True, slots=True)
class StepStarted:
    """Work on a step begins."""

    step: PlanStep


@dataclass(frozen=True, slots=True)
class Called:
    """A call is about to be carried out."""

    call: Call


@dataclass(frozen=True, slots=True)
class ApprovalWanted:
    """The run pauses until this very call is approved, edited or rejected."""

    call: Call


@dataclass(frozen=True, slots=True)
class Observed:
    """What a call brought back."""

    record: StepRecord


@dataclass(frozen=True, slots=True)
class StepEnded:
    """A step is done, has failed or was dropped; its finding stands in it."""

    step: PlanStep


@dataclass(frozen=True, slots=True)
class Revised:
    """The plan changed."""

    change: Literal["add", "drop", "reorder", "replace"]
    reason: str
    plan: tuple[PlanStep, ...]


@dataclass(frozen=True, slots=True)
class Noted:
    """Something the loop did that people should be able to see: a repair, a refusal, a summary, a retry."""

    kind: Literal[
        "evidence", "repaired", "asked_again", "refused", "summarised", "dropped", "retried", "budget", "uncertain"
    ]
    """'retried': the tokens of the reply so far are void, it comes anew or was a thought; 'uncertain': a crash came between the beginning
    and the end of a call that must not be carried out twice."""
    text: str


@dataclass(frozen=True, slots=True)
class Speaking:
    """The turn of a team's member begins (or goes on after an approval); tokens that follow are its own."""

    member: str


@dataclass(frozen=True, slots=True)
class Spoke:
    """A member's turn is over."""

    message: Message


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event, always."""

    result: Result


RunEvent = (
    Planned
    | StepStarted
    | Thought
    | Called
    | ApprovalWanted
    | Observed
    | StepEnded
    | Revised
    | Noted
    | Token
    | Speaking
    | Spoke
    | Finished
)
"""What `Agent.stream` and `Team.stream` yield; `Finished` is the last, whatever happens. `Planned`, `StepStarted`,
`StepEnded` and `Revised` are an agent's, `Speaking` and `Spoke` a team's."""
