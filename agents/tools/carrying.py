"""Carrying out one call: whatever the tool does, there is an observation, in time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agents.tools.checking import validated
from agents.tools.rendering import bounded, observed
from agents.tools.tool import Observation, Tool, ToolContext, ToolError
from ingest.apart.threads import Cancelled, Clock, OutOfTime, result
from ingest.errors import ZhikuError
from ingest.language import say, speaking

logger = logging.getLogger(__name__)


def carry_out(tool: Tool, arguments: object, context: ToolContext) -> Observation:
    """Check `arguments`, run the tool in a thread of its own, and turn what comes of it into an observation.

    Wrong arguments, a tool's refusal, any exception and running out of `context.seconds` are observations with
    `error` set. Python can't end a thread: after time-out or cancel the tool's own `context.cancelled` is set, and
    what it still returns is dropped. Raises `Cancelled` when `context.cancelled` is set, nothing else.
    """
    with speaking("zh" if context.language == "zh" else "en"):
        try:
            checked = validated(tool, arguments).arguments
        except ToolError as error:
            return failed(str(error))
        if context.cancelled.is_set():
            raise Cancelled
        return _in_thread(tool, checked, context)


def failed(why: str) -> Observation:
    """An observation of something that went wrong; `why` is what the model reads."""
    text, cut = bounded(why.strip() or say("It failed without saying why.", "执行失败，未给出原因。"))
    return Observation(text=text, error=text, truncated=cut)


def _in_thread(tool: Tool, arguments: Mapping[str, Any], context: ToolContext) -> Observation:
    mine = replace(context, cancelled=threading.Event())
    clock = Clock.lasting(context.seconds, context.cancelled)
    try:
        return result(lambda: _outcome(tool, arguments, mine), clock, f"tool-{tool.name}")
    except Cancelled:
        mine.cancelled.set()
        raise
    except OutOfTime:
        mine.cancelled.set()
        return failed(
            say(
                f"{tool.name} took longer than {context.seconds:g} seconds and was stopped. Ask for less.",
                f"{tool.name} 超过 {context.seconds:g} 秒，已停止。请缩小任务。",
            )
        )


def _outcome(tool: Tool, arguments: Mapping[str, Any], context: ToolContext) -> Observation:
    """Run the tool here. Nothing gets out: also `SystemExit` from a tool is a failure of the tool."""
    try:
        return observed(tool.run(arguments, context))
    except (ToolError, ZhikuError) as error:
        return failed(str(error))
    except BaseException as error:
        logger.info("tool %s failed", tool.name, exc_info=True)
        return failed(
            say(
                f"{tool.name} failed: {type(error).__name__}: {_said(error)}",
                f"{tool.name} 执行失败：{type(error).__name__}：{_said(error)}",
            )
        )


def _said(error: BaseException) -> str:
    """An exception's own words, at most 500 characters of them."""
    try:
        return str(error)[:500]
    except Exception:  # noqa: BLE001 - an exception that can't even say what it is
        return "?"
