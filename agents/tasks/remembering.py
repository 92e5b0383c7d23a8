"""What the caller is shown of the past, within bounds that hold after two hundred steps as after two.

By rule, not by a model: the plan's rows are cut to those that matter now; of a step's calls the latest are shown whole,
older ones by their first line, the oldest not at all. The border moves in leaps, so that between two leaps every prompt
begins with the one before it and a local model reads only what is new.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from agents.llm.counting import estimate
from agents.tasks.events import PlanStep, StepRecord
from agents.tasks.state import Exchange, RunState, State
from ingest.language import say, speaking
from prompts import neutral

WHOLE = 4
"""Calls shown whole at least; up to twice as many before the border leaps."""
SHORTENED = 12
"""Calls before those that are shown by their first line."""
KEPT = 16
"""Turns kept beyond those that are shown, before they are let go of."""
ROWS_DONE, ROWS_OPEN = 8, 6
"""Rows of the plan: finished steps with their findings, and those that are still to come."""
_FIRST_LINE = 160
_FINDING = 300


def border(calls: int) -> int:
    """How many of a step's `calls` are no longer shown whole."""
    return max(0, (calls // WHOLE - 1) * WHOLE)


def forgotten(calls: int) -> int:
    """How many of them are not shown at all."""
    return max(0, border(calls) - SHORTENED)


def cut(text: str, tokens: int) -> str:
    """The beginning of `text` in about `tokens`, by the same estimate that bounds the prompt."""
    if estimate(text) <= tokens:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if estimate(text[:middle]) <= tokens else (low, middle - 1)
    return f"{text[:low].rstrip()} …"


def plan_rows(state: State, tokens: int) -> list[dict[str, str]]:
    """The plan as the prompt lists it: what is done with its findings, the step now, what comes."""
    before = [step for step in state.plan if step.state in ("done", "failed")]
    after = [step for step in state.plan if step.state in ("open", "active")]
    hidden, shown = before[:-ROWS_DONE], before[-ROWS_DONE:]
    rows: list[dict[str, str]] = []
    if hidden:
        with speaking(state.lang):
            told = say(
                en=f"{len(hidden)} earlier steps, {sum(s.state == 'done' for s in hidden)} of them done",
                zh=f"较早的 {len(hidden)} 个步骤，其中 {sum(s.state == 'done' for s in hidden)} 个已完成",
            )
        rows.append({"id": f"{hidden[0].id}-{hidden[-1].id}", "state": "…", "goal": told, "finding": ""})
    rows += [_row(step) for step in [*shown, *after[:ROWS_OPEN]]]
    while len(rows) > 2 and sum(estimate(row["goal"] + row["finding"]) + 8 for row in rows) > max(tokens, 200):
        longest = max(rows, key=lambda row: len(row["finding"]))
        if not longest["finding"]:
            rows.pop(0)
            continue
        longest["finding"] = longest["finding"][:60] + "…" if len(longest["finding"]) > 61 else ""
    return rows


def _row(step: PlanStep) -> dict[str, str]:
    finding = step.finding if len(step.finding) <= _FINDING else step.finding[:_FINDING] + "…"
    return {"id": str(step.id), "state": step.state, "goal": neutral(step.goal), "finding": neutral(finding)}


def earlier_calls(state: State, records: Sequence[StepRecord]) -> list[dict[str, str]]:
    """The step's calls that are no longer shown whole: a line each, the oldest not at all."""
    calls = [turn for turn in state.turns if turn.kind == "call"]
    count = state.earlier + len(calls)
    lines = []
    for turn in calls[max(0, forgotten(count) - state.earlier) : max(0, not_whole(state))]:
        record = records[turn.record]
        arguments = json.dumps(record.call.arguments, ensure_ascii=False, default=str)
        line = " ".join(record.observation.text.split())
        shortened = line if len(line) <= _FIRST_LINE else f"{line[:_FIRST_LINE]}…"
        lines.append({"line": neutral(f"{record.call.tool} {arguments[:_FIRST_LINE]} → {shortened}")})
    return lines


def remembered(state: RunState) -> None:
    """Let go of turns that no prompt will show again, so that a checkpoint stays small however long a step is."""
    calls = sum(turn.kind == "call" for turn in state.turns)
    gone = forgotten(state.earlier + calls) - state.earlier
    if gone < KEPT:
        return
    kept = list(state.turns)
    while gone:
        turn = kept.pop(0)
        gone -= turn.kind == "call"
        state.earlier += turn.kind == "call"
    state.turns = tuple(kept)


def conversation(turns: Sequence[Exchange], records: Sequence[StepRecord], tokens: int, hidden: int = 0) -> list[Any]:
    """The latest calls with what they brought, and what the model was told, as LangChain messages, in `tokens`; without
    the first `hidden` calls."""
    calls = [turn for turn in turns if turn.kind == "call"]
    old = {id(turn) for turn in calls[: max(0, hidden)]}
    each = max(80, tokens // 4)
    told = [turn for turn in turns if turn.kind != "call"]
    stale = {id(turn) for turn in told[:-4]}
    shown = [
        _told(turn) if turn.kind != "call" else _call(turn, records[turn.record], each)
        for turn in turns
        if id(turn) not in old | stale
    ]
    sizes = [sum(estimate(str(m.content)) + 24 for m in pair) for pair in shown]
    while len(shown) > 1 and sum(sizes) > tokens:
        shown.pop(0)
        sizes.pop(0)
    return [message for pair in shown for message in pair]


def not_whole(state: RunState) -> int:
    """How many of the calls among the state's turns are no longer shown whole."""
    calls = sum(turn.kind == "call" for turn in state.turns)
    return border(state.earlier + calls) - state.earlier


def _told(turn: Exchange) -> list[Any]:
    from langchain_core.messages import AIMessage, HumanMessage

    return [AIMessage(content=neutral(turn.said[:1000]) or "…"), HumanMessage(content=neutral(turn.problem))]


def _call(turn: Exchange, record: StepRecord, tokens: int) -> list[Any]:
    from langchain_core.messages import AIMessage, ToolMessage

    call = record.call
    bounded = {key: cut(value, 300) if isinstance(value, str) else value for key, value in call.arguments.items()}
    wanted = {"name": call.tool, "args": bounded, "id": call.id, "type": "tool_call"}
    text = f"<observation>\n{cut(neutral(record.observation.text), tokens)}\n</observation>"
    note = f"\n{neutral(turn.problem)}" if turn.problem else ""
    return [AIMessage(content="", tool_calls=[wanted]), ToolMessage(content=text + note, tool_call_id=call.id)]
