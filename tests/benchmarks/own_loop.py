"""Our own loop with the faults of tests/faults/agent_scripts.py."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from langchain_core.messages import BaseMessage

from tests.benchmarks.faulty_model import Endless, FaultyChat, ended
from tests.faults import agent_scripts as scripts

PLAN = "1. Find the code in row 2, column 3"


def role_of(messages: Sequence[BaseMessage], tools: Sequence[str]) -> tuple[str, str]:
    """What is asked for stands in the last question: a plan, changes to it, the next move, or the result."""
    asked = next(str(message.content) for message in reversed(messages) if message.type == "human")
    if "Call change_plan" in asked:
        return "structure", '{"changes": []}' if "has failed:" in asked else PLAN
    if "All steps are over" in asked:
        return "words", scripts.finished(scripts.FINISH, " ".join(str(message.content) for message in messages))
    return "act", ""


def finish(words: str) -> dict[str, Any]:
    return {"calls": [["step_done", {"finding": words}]]}


def with_fault(script: Any, home: Path) -> str:
    """What our loop makes of a model with a fault."""
    import dataclasses

    from agents import open_platform
    from ingest.settings import load_settings

    model = FaultyChat(script=script, finish=finish, role_of=role_of)
    settings = dataclasses.replace(load_settings(home), embedder="hashing")
    platform = open_platform(home, model=model, settings=settings)
    try:
        result = platform.agent(tools=list(scripts.TOOLS), builtins=()).run(scripts.TASK)
    except Endless:
        return "endless"
    except Exception as error:
        return f"exception: {type(error).__name__}"
    finally:
        platform.close()
    if result.status == "done":
        return ended(result.text)
    told = result.limit or result.status
    return ended(result.text, told=f"{told}, with the answer" if scripts.ANSWER in result.text else told)
