"""What a model is told after a call that was in vain: what else there is."""

from __future__ import annotations

from collections.abc import Sequence

from agents.tasks.events import StepRecord
from agents.tasks.moves import SEARCH, TABLES
from agents.tasks.state import State
from agents.tools.tool import Tool
from ingest.language import say


def hint_of(record: StepRecord, state: State, tools: Sequence[Tool]) -> str:
    """What the model may do instead of a call that failed, or found what stands above already; '' after any other."""
    tool = record.call.tool
    if not record.observation.error:
        found, known = (
            {(h.document_id, h.page, h.start) for h in hits} for hits in (record.observation.hits, state.evidence.hits)
        )
        if not found or found - known:
            return ""
        return say(
            en="All of this stands above already. Don't search for it again: answer from it, or work it out.",
            zh="以上内容前面都已列出。不要再检索，请直接据此回答，或用工具计算。",
        )
    others = [name for name in (SEARCH, TABLES) if name != tool and any(t.name == name for t in tools)]
    if not others:
        return ""
    listed = ", ".join(others)
    if state.evidence.passages:
        return say(
            en=f"Call it otherwise, try {listed}, or answer from the passages above if they suffice.",
            zh=f"请换一种方式调用，或试用 {listed}；如果上面的段落已经足够，直接据此回答。",
        )
    return say(en=f"Call it otherwise, or try {listed}.", zh=f"请换一种方式调用，或试用 {listed}。")
