"""What a model makes of tool-calling records: its calls, whether they are valid, and whether they are right.

Validity and rightness are kept apart: a grammar can make every call valid without making one of them right.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from langchain_core.messages import AIMessage, BaseMessage

from ingest.errors import ZhikuError
from tests.benchmarks.bfcl.matching import Made, match
from tests.benchmarks.bfcl.records import Function, Record, Turn

Outcome = Literal["right", "wrong", "invalid", "unparsable", "silent", "called", "failed"]
"""What one reply came to, the worst first to be counted: the request `failed`; the reply holds something meant as a
call that is none (`unparsable`); no call where one was due (`silent`) or one where none was (`called`); a call that
breaks its schema (`invalid`); valid calls that are not the expected ones (`wrong`); `right`."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The calls of one reply."""

    calls: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    """Name as offered, and arguments."""
    malformed: tuple[str, ...] = ()
    """What was meant as a call and is none."""
    text: str = ""
    seconds: float = 0.0
    tokens: int = 0
    """Written by the model."""
    error: str = ""
    """Why there is no reply."""


class Caller(Protocol):
    """A way to get calls out of a model: ours, or another library."""

    def __call__(self, messages: Sequence[BaseMessage], functions: Sequence[Function], /) -> Reply:
        """The model's reply to `messages` with `functions` offered. Errors go into the reply."""
        ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """One reply, judged."""

    id: str
    """The record's, with `/N` for turn N of a conversation."""
    outcome: Outcome
    reason: str
    """Why it is not right."""
    due: bool
    """Whether a call was expected."""
    calls: int
    """Calls made or tried."""
    valid: int
    """Of these, calls of an offered function that keep to its schema."""
    names: bool
    """Whether the names of the calls are the expected ones, in any order."""
    seconds: float
    tokens: int


@dataclass
class Scores:
    """The verdicts on one file, one way of calling."""

    verdicts: list[Verdict] = field(default_factory=list)
    conversations: list[bool] = field(default_factory=list)
    """Whether every turn of a conversation was right."""

    def add(self, record: Record, verdicts: Sequence[Verdict]) -> None:
        """Count a record's replies."""
        self.verdicts.extend(verdicts)
        if record.conversation:
            self.conversations.append(all(verdict.outcome == "right" for verdict in verdicts))

    def figures(self) -> dict[str, float]:
        """Shares over replies; those with nothing to count are left out.

        `accuracy`: right replies. `schema_valid`: of the calls made or tried, those that keep to the schema.
        `valid_but_wrong`, `invalid`, `unparsable`, `no_call`: of the replies where a call was due. `irrelevance`: no
        call, of the replies where none was due. Of conversations: `name_match`, and `conversations_right`.
        """
        due = [verdict for verdict in self.verdicts if verdict.due]
        counts = Counter(verdict.outcome for verdict in due)
        calls = sum(verdict.calls for verdict in self.verdicts)
        figures: dict[str, float] = {"replies": float(len(self.verdicts)), "calls": float(calls)}
        figures["accuracy"] = _share([verdict.outcome == "right" for verdict in self.verdicts])
        if calls:
            figures["schema_valid"] = round(sum(verdict.valid for verdict in self.verdicts) / calls, 4)
        if due:
            shares: dict[str, Outcome] = {"valid_but_wrong": "wrong", "invalid": "invalid", "unparsable": "unparsable"}
            figures |= {name: round(counts[outcome] / len(due), 4) for name, outcome in shares.items()}
            figures["no_call"] = round(counts["silent"] / len(due), 4)
        if len(due) < len(self.verdicts):
            figures["irrelevance"] = _share([v.outcome == "right" for v in self.verdicts if not v.due])
        if self.conversations:
            figures["name_match"] = _share([verdict.names for verdict in self.verdicts])
            figures["conversations_right"] = _share(self.conversations)
        figures["failed"] = float(sum(verdict.outcome == "failed" for verdict in self.verdicts))
        figures["seconds"] = round(sum(verdict.seconds for verdict in self.verdicts), 1)
        return figures

    @property
    def failure(self) -> str:
        """Why the first request that failed did, or ''."""
        return next((verdict.reason for verdict in self.verdicts if verdict.outcome == "failed"), "")


def _share(values: Sequence[bool]) -> float:
    return round(sum(values) / len(values), 4) if values else 0.0


def judge(record: Record, turn: Turn, reply: Reply, number: int = 0) -> Verdict:
    """What a reply to `turn` of `record` came to. An attempt at a call counts as a call where none was due."""
    names = {function.offered: function.name for function in record.functions}
    made: list[Made] = [(names.get(name, name), arguments) for name, arguments in reply.calls]
    problems = [invalid(name, arguments, record.functions) for name, arguments in reply.calls]
    attempts = len(made) + len(reply.malformed)
    wanted = sorted(expected.name for expected in turn.expected)
    outcome, reason = _outcome(record, turn, reply, made, problems)
    return Verdict(
        id=f"{record.id}/{number}" if number else record.id,
        outcome=outcome,
        reason=reason,
        due=bool(turn.expected),
        calls=attempts,
        valid=sum(not problem for problem in problems),
        names=not reply.malformed and sorted(name for name, _ in made) == wanted,
        seconds=reply.seconds,
        tokens=reply.tokens,
    )


def _outcome(
    record: Record, turn: Turn, reply: Reply, made: Sequence[Made], problems: Sequence[str]
) -> tuple[Outcome, str]:
    if reply.error:
        return "failed", reply.error
    if not turn.expected:
        return ("called", "a call where none is right") if made or reply.malformed else ("right", "")
    if reply.malformed:
        return "unparsable", reply.malformed[0][:200]
    if not made:
        return "silent", reply.text[:200]
    if problem := next((problem for problem in problems if problem), ""):
        return "invalid", problem
    reason = match(made, turn.expected, record.functions)
    return ("wrong", reason) if reason else ("right", "")


def invalid(name: str, arguments: Mapping[str, Any], functions: Sequence[Function]) -> str:
    """Why a call is not valid, '' when it is: an offered function, and arguments that keep to its schema, none of
    them unknown to it."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError, best_match

    function = next((f for f in functions if f.offered == name), None)
    if function is None:
        return f"there is no function {name}"
    try:
        Draft202012Validator.check_schema(function.parameters)
        problem = best_match(
            Draft202012Validator({"additionalProperties": False, **function.parameters}).iter_errors(dict(arguments))
        )
    except SchemaError as error:
        return f"the schema of {name} is none: {error.message}"
    return str(problem.message) if problem else ""


def replies(record: Record, caller: Caller) -> Iterator[Verdict]:
    """Ask for each turn of a record and judge the reply.

    Later turns of a conversation are shown after the reference calls of the earlier ones, as if the model had made
    them: without simulated tools a conversation can't go on from what the model itself did. That is stricter than
    with them, and a lower bound: other sequences of calls can be right too.
    """
    from langchain_core.messages import convert_to_messages

    history: list[BaseMessage] = []
    for number, turn in enumerate(record.turns, 1):
        history += convert_to_messages([dict(message) for message in turn.messages])
        verdict = judge(record, turn, caller(history, record.functions), number if record.conversation else 0)
        yield verdict
        history += _shown(record, turn, number)


def _shown(record: Record, turn: Turn, number: int) -> list[BaseMessage]:
    """The reference calls of a turn as the model's own, each with a result that says nothing."""
    from langchain_core.messages import AIMessage, ToolMessage

    names = {function.name: function.offered for function in record.functions}
    calls = [
        {
            "name": names[call.name],
            "args": {k: _plain(v[0]) for k, v in call.accepted.items()},
            "id": f"call_{number}_{i}",
        }
        for i, call in enumerate(turn.expected)
    ]
    if not calls:
        return [AIMessage("OK.")]
    results = [ToolMessage("OK", tool_call_id=str(call["id"]), name=str(call["name"])) for call in calls]
    return [AIMessage("", tool_calls=calls), *results]


def _plain(accepted: Any) -> Any:
    """The value behind an accepted one: of each key of an object the first."""
    if isinstance(accepted, dict):
        return {key: _plain(values[0]) for key, values in accepted.items()}
    return [_plain(item) for item in accepted] if isinstance(accepted, list) else accepted


def reply_of(message: AIMessage, seconds: float = 0.0) -> Reply:
    """The calls of a model's message."""
    usage = message.usage_metadata
    return Reply(
        calls=tuple((call["name"], call["args"]) for call in message.tool_calls),
        malformed=tuple(str(call["args"]) for call in message.invalid_tool_calls),
        text=str(message.text),
        seconds=seconds,
        tokens=usage["output_tokens"] if usage else 0,
    )


class Bound:
    """A chat model with the functions bound to it, as LangChain has it."""

    def __init__(self, model: Any, **options: Any) -> None:
        """`options` go to `bind_tools`: `tool_choice`, and what else the model understands."""
        self._model = model
        self._options = options

    def __call__(self, messages: Sequence[BaseMessage], functions: Sequence[Function], /) -> Reply:
        """See `Caller`."""
        begun = time.monotonic()
        try:
            bound = self._model.bind_tools([function.as_openai() for function in functions], **self._options)
            message = bound.invoke(list(messages))
        except ZhikuError as error:
            return Reply(error=str(error.message), seconds=time.monotonic() - begun)
        return reply_of(message, time.monotonic() - begun)
