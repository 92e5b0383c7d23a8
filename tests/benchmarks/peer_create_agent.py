"""LangChain's `create_agent` beside our own: the same records on the same engine, the same faults."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from langchain_core.messages import BaseMessage

from ingest.errors import ZhikuError
from tests.benchmarks.bfcl.calling import Reply, reply_of
from tests.benchmarks.bfcl.records import Function
from tests.benchmarks.faulty_model import Endless, FaultyChat, ended
from tests.faults import agent_scripts as scripts


class ThroughCreateAgent:
    """The calls `create_agent` is about to carry out first: see `tests.benchmarks.bfcl.calling.Caller`."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def __call__(self, messages: Sequence[BaseMessage], functions: Sequence[Function], /) -> Reply:
        from langchain.agents import create_agent
        from langchain_core.messages import AIMessage
        from langchain_core.tools import StructuredTool

        def carried_out(**arguments: Any) -> str:
            return "OK"

        tools = [
            StructuredTool.from_function(
                carried_out, name=f.offered, description=f.description or f.name, args_schema=dict(f.parameters)
            )
            for f in functions
        ]
        begun = time.monotonic()
        try:
            agent = create_agent(self._model, tools, interrupt_before=["tools"])
            state = agent.invoke({"messages": list(messages)})
        except ZhikuError as error:
            return Reply(error=str(error.message), seconds=time.monotonic() - begun)
        last = state["messages"][-1]
        assert isinstance(last, AIMessage)
        return reply_of(last, time.monotonic() - begun)


def with_fault(script: Any) -> str:
    """What `create_agent` makes of a model with a fault."""
    from langchain.agents import create_agent

    if script.structure:
        return "–"
    model = FaultyChat(script=script, finish=lambda words: {"text": words}, role_of=lambda messages, tools: ("act", ""))
    try:
        state = create_agent(model, list(scripts.TOOLS)).invoke({"messages": [("user", scripts.TASK)]})
    except Endless:
        return "endless"
    except Exception as error:
        return f"exception: {type(error).__name__}"
    return ended(str(state["messages"][-1].text))
