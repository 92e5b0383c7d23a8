"""The nodes as a LangGraph graph: saved after every node, resumable, paused for approval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict, get_args

from agents.tasks.approval import Verdict
from agents.tasks.codec import from_json
from agents.tasks.state import Node, State
from ingest.apart.threads import OutOfTime
from ingest.language import speaking

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_core.runnables import RunnableConfig
    from langgraph.graph.state import CompiledStateGraph

    from agents.tasks.nodes import Nodes
    from agents.tasks.store import Store
    from agents.tasks.work import Work

NODES: tuple[str, ...] = get_args(Node)[:-1]
UNBOUNDED = 10**9
"""LangGraph's own limit of steps; budgets are the loop's business."""


class Saved(TypedDict):
    """The graph's state: one JSON object, so that a checkpoint needs no class of ours to be read."""

    run: dict[str, Any]


def compiled_empty(store: Store) -> CompiledStateGraph[Any, Any, Any, Any]:
    """The graph's shape without anything in its nodes: enough to read and write checkpoints."""
    return _shaped({name: lambda saved: saved for name in NODES}, store)


def compiled(nodes: Nodes, work: Work) -> CompiledStateGraph[Any, Any, Any, Any]:
    """The graph of one run at work."""
    from langgraph.config import get_stream_writer
    from langgraph.types import interrupt

    def node(name: str) -> Callable[[Saved], Saved]:
        action = getattr(nodes, name)

        def run(saved: Saved) -> Saved:
            state = State.from_json(saved["run"])
            arguments: list[Any] = []
            if name == "approve":
                arguments = [from_json(Verdict, interrupt(saved["run"]["queue"][0]))]
            work.enter(state, get_stream_writer())
            with speaking(state.lang):
                try:
                    work.clock.check()
                    action(state, *arguments)
                except OutOfTime:
                    nodes.stop(state, "seconds")
            work.leave(state)
            return {"run": state.to_json()}

        return run

    return _shaped({name: node(name) for name in NODES}, work.store)


def _shaped(actions: dict[str, Any], store: Store) -> CompiledStateGraph[Any, Any, Any, Any]:
    from langgraph.graph import END, START, StateGraph

    def route(saved: Saved) -> str:
        following: str = saved["run"]["next"]
        return END if following == "end" else following

    graph = StateGraph(Saved)
    for name, action in actions.items():
        graph.add_node(name, action)
        graph.add_conditional_edges(name, route, [*NODES, END])
    graph.add_conditional_edges(START, route, [*NODES, END])
    return graph.compile(checkpointer=store.saver)


def config_of(run: str) -> RunnableConfig:
    """LangGraph's settings for a run."""
    return {"configurable": {"thread_id": run}, "recursion_limit": UNBOUNDED}


def saved_state(store: Store, run: str) -> State | None:
    """Where a run stands by its last checkpoint and what was saved of the node after it; None before its first."""
    values = compiled_empty(store).get_state(config_of(run)).values
    return State.from_json(values["run"]) if values else None
