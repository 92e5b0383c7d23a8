"""Going in circles, seen without asking a model: the same call that brings the same again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.language import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agents.tasks.events import StepRecord

TWICE = 2
"""A call may be made twice: the second time it may bring something new. When it didn't, there is no third time."""


def repeated(tool: str, arguments: Mapping[str, object], records: Sequence[StepRecord]) -> StepRecord | None:
    """The latest of the earlier calls that this one repeats, when the last two of them brought the same; also when
    others came in between (A, B, A, B, A)."""
    wanted = dict(arguments)
    same = [r for r in records if r.call.tool == tool and r.call.arguments == wanted]
    if len(same) < TWICE:
        return None
    one, two = same[-2:]
    return two if one.observation.text == two.observation.text else None


def refusal(earlier: StepRecord) -> str:
    """What the model is told."""
    text = earlier.observation.text
    shown = text if len(text) <= 500 else f"{text[:500]}…"
    return say(
        en=f"This call was made twice already and brought the same both times; it is not made again. It brought: {shown}",
        zh=f"这个调用已执行两次，结果相同，不再执行。结果是：{shown}",
    )
