"""`python -m tests.benchmarks.crashes.ours begin|resume`: our agent, whose model wants three calls at once."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage

from tests.benchmarks import own_loop
from tests.benchmarks.crashes.deeds import DONE, TASK, WHO, send
from tests.benchmarks.faulty_model import as_message

PLAN = f"1. {TASK}"


def model() -> Any:
    """A function of what it is sent, as a model is: a resumed run asks a model that has forgotten everything."""
    from agents.llm.scripted import ScriptedChat

    def reply(messages: list[Any]) -> Any:
        names = [tool["function"]["name"] for tool in chat.options[-1].get("tools") or ()]
        role, words = own_loop.role_of(messages, names)
        if role == "structure":
            return PLAN if words == own_loop.PLAN else words
        if role == "words":
            return DONE
        if any(getattr(message, "tool_calls", ()) for message in messages):
            return as_message(own_loop.finish(DONE), 1)
        return AIMessage("", tool_calls=[{"name": "send", "args": {"to": to}, "id": f"send-{to}"} for to in WHO])

    chat = ScriptedChat(replies=[reply], repeat=True)
    return chat


def main(phase: str) -> None:
    from agents import Policy, open_platform, tool
    from ingest.settings import load_settings

    home = Path(os.environ["CRASH_FOLDER"]) / "home"
    platform = open_platform(home, model=model(), settings=replace(load_settings(home), embedder="hashing"))
    agent = platform.agent(tools=[tool(risk="write")(send)], builtins=(), policy=Policy(write="allow"))
    result = agent.run(TASK) if phase == "begin" else agent.resume(platform.runs.list()[0].id)
    unsure = [step for step in result.steps if "may or may not" in step.observation.error]
    print(json.dumps({"status": result.status, "told": bool(unsure), "text": result.text}))
    platform.close()


if __name__ == "__main__":
    main(sys.argv[1])
