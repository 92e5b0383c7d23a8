"""`python -m tests.benchmarks.crashes.langgraph begin|resume`: `create_agent` with LangGraph's SQLite checkpointer, which
writes before each step goes on (durability 'sync')."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage

from tests.benchmarks.crashes.deeds import DONE, TASK, WHO, send


def model() -> Any:
    from agents.llm.scripted import ScriptedChat

    def reply(messages: list[Any]) -> Any:
        if any(message.type == "tool" for message in messages):
            return DONE
        return AIMessage("", tool_calls=[{"name": "send", "args": {"to": to}, "id": f"send-{to}"} for to in WHO])

    return ScriptedChat(replies=[reply], repeat=True)


def main(phase: str) -> None:
    from langchain.agents import create_agent
    from langgraph.checkpoint.sqlite import SqliteSaver

    with SqliteSaver.from_conn_string(str(Path(os.environ["CRASH_FOLDER"]) / "threads.db")) as saver:
        agent: Any = create_agent(model(), [send], checkpointer=saver)
        config = {"configurable": {"thread_id": "1"}, "max_concurrency": 1}
        wish = {"messages": [("user", TASK)]} if phase == "begin" else None
        state = agent.invoke(wish, config, durability="sync")
    print(json.dumps({"status": "done", "told": False, "text": str(state["messages"][-1].text)}))


if __name__ == "__main__":
    main(sys.argv[1])
