"""Who carries tasks out: the product at each effort and by rules, and LangChain's `create_agent`."""

from __future__ import annotations

import inspect
import threading
from typing import TYPE_CHECKING, Any, Protocol

from agents.proof.markers import without
from tests.benchmarks.tasks.judging import Ended
from tests.benchmarks.tasks.world import ASKED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agents.platform import Platform
    from agents.tools.tool import Tool
    from tests.benchmarks.tasks.judging import Task
    from tests.benchmarks.tasks.world import World

KB = "tasks"
EFFORTS = {"zhiku-quick": "quick", "zhiku": "normal", "zhiku-thorough": "thorough"}
PEERS_TOOLS = ("search_documents", "calculator", "query_table", "date_time", ASKED)
"""Of the built-in tools those that the tasks need; the product has all of its own, as users have them."""
SYSTEM = """You carry out tasks for a user. Use the tools; search_documents finds passages in the user's documents. \
Answer in the language of the task, briefly. If something can't be found out or done, say so."""
"""For the peers."""
QUESTIONS = 12
"""To the model, that a peer may ask in one task."""


class Chain(Protocol):
    """Someone who carries out tasks."""

    def carry_out(self, task: Task, world: World) -> Ended:
        """How it ended; exceptions count as having given up."""
        ...

    def close(self) -> None:
        """Free what it holds."""
        ...


def opened(name: str, platform: Platform, rules: Platform) -> Chain:
    """The chain of that name. Raises `LookupError` with a sentence when it isn't here."""
    if name == "rules":
        return Ours(rules)
    if name in EFFORTS:
        return Ours(platform, EFFORTS[name])
    if name == "agent-framework":
        from tests.benchmarks.tasks.framework import AgentFramework

        return AgentFramework(platform)
    return CreateAgent(platform)


class Ours:
    """The product: `platform.agent(tools).run(task)`."""

    def __init__(self, platform: Platform, effort: str = "") -> None:
        """Raises `LookupError` when the product has no efforts and another than the normal one is wanted."""
        self._platform = platform
        self._effort: dict[str, Any] = {"effort": effort} if effort else {}
        if effort and "effort" not in inspect.signature(platform.agent).parameters:
            if effort != "normal":
                message = f"zhiku-{effort}: not measured, this version has one effort."
                raise LookupError(message)
            self._effort = {}

    def carry_out(self, task: Task, world: World) -> Ended:
        agent = self._platform.agent(tools=world.tools, kb=KB, **self._effort)
        result = agent.run(task.question.question)
        while result.status == "needs_approval":
            call = result.pending[0]
            if world.may(call.tool):
                agent.approve(result.run_id, call.id)
            else:
                agent.reject(result.run_id, call.id)
            result = agent.resume(result.run_id)
        how = f"{result.status}: {result.reason}" if result.reason else result.status
        return Ended(without(result.text), result.status != "done", how)

    def close(self) -> None:
        """The platform is its opener's."""


class CreateAgent:
    """LangChain's `create_agent` on our chat model, which asks its user by `HumanInTheLoopMiddleware`."""

    def __init__(self, platform: Platform) -> None:
        self._model = platform.chat_model
        self._builtin = given(platform)

    def carry_out(self, task: Task, world: World) -> Ended:
        from langchain.agents import create_agent
        from langchain.agents.middleware import HumanInTheLoopMiddleware
        from langgraph.checkpoint.memory import InMemorySaver
        from langgraph.types import Command

        agent: Any = create_agent(
            self._model,
            [*map(_structured, self._builtin), *world.tools],
            system_prompt=SYSTEM,
            middleware=[HumanInTheLoopMiddleware({ASKED: {"allowed_decisions": ["approve", "reject"]}})],
            checkpointer=InMemorySaver(),
        )
        config = {"configurable": {"thread_id": "task"}, "recursion_limit": 3 * QUESTIONS}
        wish: Any = {"messages": [("user", task.question.question)]}
        try:
            state = agent.invoke(wish, config)
            while asked := state.get("__interrupt__"):
                wanted = [request["name"] for one in asked for request in one.value["action_requests"]]
                decisions = [{"type": "approve" if world.may(name) else "reject"} for name in wanted]
                state = agent.invoke(Command(resume={"decisions": decisions}), config)
        except Exception as error:
            return failed(error)
        return Ended(str(state["messages"][-1].text), how="done")

    def close(self) -> None:
        """The model is its opener's."""


def failed(error: Exception) -> Ended:
    """An exception is an end that nobody takes for a result."""
    return Ended(f"{type(error).__name__}: {error}"[:300], gave_up=True, how="exception")


def given(platform: Platform) -> list[Tool]:
    """The built-in tools that peers get."""
    return list(platform.agent(kb=KB, builtins=PEERS_TOOLS).tools)


def carried_out(tool: Tool, arguments: Mapping[str, Any], folder: Any) -> str:
    """What a call of one of our tools brings, as its model reads it."""
    from agents.tools.carrying import carry_out
    from agents.tools.tool import ToolContext

    context = ToolContext("", "", "", KB, "en", folder, threading.Event())
    return carry_out(tool, arguments, context).text


def _structured(tool: Tool) -> Any:
    """One of our tools as LangChain's."""
    import tempfile
    from pathlib import Path

    from langchain_core.tools import StructuredTool

    def call(**arguments: Any) -> str:
        with tempfile.TemporaryDirectory() as folder:
            return carried_out(tool, arguments, Path(folder))

    return StructuredTool.from_function(
        call, name=tool.name, description=tool.description, args_schema=dict(tool.parameters)
    )
