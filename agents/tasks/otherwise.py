"""The other ways to reach what a step is for: told to the model after a call has failed, and gone by rule before a step is
given up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agents.tasks.events import StepRecord
from agents.tasks.moves import SEARCH, TABLES
from agents.tasks.parts import parts
from agents.tasks.state import State
from agents.tools.checking import validated
from agents.tools.tool import BadArguments, Tool
from ingest.language import say


def other_ways(
    state: State, records: Sequence[StepRecord], tools: Sequence[Tool]
) -> tuple[tuple[Tool, Mapping[str, Any]], ...]:
    """Calls by rule that the current step has not seen: a search for its goal, the table that is nearest to it."""
    step = state.step
    assert step is not None
    by_name = {tool.name: tool for tool in tools}
    made = [record for record in records if record.call.step == step.id and not record.observation.error]
    done = {record.call.tool for record in made}
    wanted: list[tuple[str, dict[str, str]]] = []
    searched = bool(state.evidence.passages) and step.goal in parts(state.task)
    if SEARCH not in done and not searched and any(map(str.isalnum, step.goal)):
        wanted.append((SEARCH, {"query": step.goal}))
    if TABLES not in done and not searched and state.evidence.tables:  # those near the task first
        wanted.append((TABLES, {"file": state.evidence.tables[0].file}))
    calls: list[tuple[Tool, Mapping[str, Any]]] = []
    for name, arguments in wanted:
        if name not in by_name or by_name[name].risk != "read":
            continue
        try:
            calls.append((by_name[name], validated(by_name[name], arguments).arguments))
        except BadArguments:
            continue
    return tuple(calls)


def hint_of(record: StepRecord, state: State, tools: Sequence[Tool]) -> str:
    """What the model may do instead of a call that failed, or found what stands above already; '' after any other."""
    tool = record.call.tool
    if not record.observation.error:
        known = {(hit.document_id, hit.page, hit.start) for hit in state.evidence.hits}
        again = bool(record.observation.hits) and all(
            (hit.document_id, hit.page, hit.start) in known for hit in record.observation.hits
        )
        return (
            say(
                en="All of this stands above already. Don't search for it again: answer from it, or work it out.",
                zh="以上内容前面都已列出。不要再检索，请直接据此回答，或用工具计算。",
            )
            if again
            else ""
        )
    others = [name for name in (SEARCH, TABLES) if name != tool and any(t.name == name for t in tools)]
    if tool == TABLES and state.evidence.tables:
        listed = "; ".join(f"{t.file}: {t.name}({', '.join(t.columns)})" for t in state.evidence.tables)
        return say(en=f"The tables are: {listed}.", zh=f"现有表格：{listed}。")
    if not others:
        return ""
    listed = ", ".join(others)
    if state.evidence.passages:
        return say(
            en=f"Call it otherwise, try {listed}, or answer from the passages above if they suffice.",
            zh=f"请换一种方式调用，或试用 {listed}；如果上面的段落已经足够，直接据此回答。",
        )
    return say(en=f"Call it otherwise, or try {listed}.", zh=f"请换一种方式调用，或试用 {listed}。")
