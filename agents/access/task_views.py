"""Tasks of one caller: their runs, and the agents that may carry them out; scheduled ones with the rights their maker has then."""

from __future__ import annotations

import builtins
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from agents.access.gate import Opened, of_one, require
from agents.access.policy import AccessPolicy, NotFound
from agents.access.rights import LOCAL, Who
from agents.tasks.approval import Policy
from agents.tasks.effort import Level
from agents.tasks.events import RunEvent
from agents.tasks.store import Run
from ingest.filters import Where
from ingest.finding import Bases
from ingest.language import Text
from ingest.settings import Settings

if TYPE_CHECKING:
    from agents.tasks.agent import Agent
    from agents.tasks.schedules import Schedule

HARMLESS = ("search_documents", "read_page", "list_documents", "calculator", "date_time")
"""Tools that see nothing but the documents a task is put to."""


def agent_for(
    platform: Opened,
    who: Who,
    *,
    run_id: str = "",
    kbs: Bases = (),
    where: Where = "",
    effort: Level | None = None,
    review: bool = False,
) -> Agent:
    """The agent for a new task on those bases, or to go on with `run_id`. Who does not administer the server gets the tools
    that see the documents alone, and what is more than reading waits for somebody who does."""
    trusted = who.may("admin")
    builtins = None if trusted else HARMLESS
    policy = None if trusted else _asking(platform.settings)
    if run_id:
        return platform.agent_of(run_id, effort=effort, builtins=builtins, policy=policy)
    return platform.agent(kb=kbs, where=where, effort=effort, review=review, builtins=builtins, policy=policy)


class RunsView:
    """Of one caller: their own; to who administers, also those of nobody and those that wait for approval."""

    def __init__(self, platform: Opened, policy: AccessPolicy, who: Who) -> None:
        self._kept = platform.runs
        self._policy, self._who = policy, who

    def list(self) -> builtins.list[Run]:
        """The latest first."""
        found = self._kept.list()
        mine = self._policy.mine(self._who, "run", [run.id for run in found])
        if self._who.may("admin"):
            mine |= {run.id for run in found if run.status == "needs_approval"}
        return [run for run in found if run.id in mine and self._readable(run.id)]

    def get(self, run_id: str) -> Run:
        """Raises `NotFound`."""
        if self._policy.owned(self._who, "run", [run_id]) and self._readable(run_id):
            return self._kept.get(run_id)
        raise NotFound(Text("There is no such task.", "没有该任务。"))

    def branch(self, run_id: str, step: int) -> str:
        """Theirs. Raises `NotFound`."""
        self.get(run_id)
        new = self._kept.branch(run_id, step)
        self._policy.own(self._who, "run", new)
        return new

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """What is done with one."""
        return of_one(self.get, getattr(self._kept, name))

    def _readable(self, run_id: str) -> bool:
        return all(self._who.may("read", kb) for kb in self._kept.scope(run_id).kbs)


class AgentView:
    """An agent whose runs belong to the caller, and whose calls are approved by who administers the server."""

    def __init__(self, agent: Agent, policy: AccessPolicy, who: Who) -> None:
        self._agent, self._policy, self._who = agent, policy, who

    def stream(self, task: str, cancel: threading.Event | None = None) -> Iterator[RunEvent]:
        """As `Agent.stream`."""
        events = self._agent.stream(task, cancel)
        self._policy.own(self._who, "run", self._agent.run_id)
        return events

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - as the agent has it
        if name not in {"questions", "run_id", "resume_stream", "agree"}:
            require(self._policy, self._who, "admin", None, name)
        return getattr(self._agent, name)


def _asking(settings: Settings) -> Policy:
    """As the settings have it; what they allow without asking is asked for when somebody else's task wants it."""
    set_up = Policy.of(settings)
    rules = {
        risk: "ask" if rule == "allow" else rule
        for risk in ("write", "network", "execute")
        if (rule := getattr(set_up, risk))
    }
    return Policy(set_up.read, **rules)  # type: ignore[arg-type]


def agent_due(platform: Opened, policy: AccessPolicy, one: Schedule) -> AgentView:
    """Who carries out a scheduled task whose time has come; the run belongs to whose the schedule is. Raises `NotFound`
    when that is nobody any more, or may no longer read a knowledge base of it."""
    who = policy.people.person(one.owner) if one.owner else LOCAL
    if who is None:
        raise NotFound(Text(f"There is no user '{one.owner}' any more.", f"用户 “{one.owner}” 已不存在。"))
    for kb in one.scope.kbs:
        policy.require(who, "read", kb, "scheduled task", "app")
    agent = agent_for(platform, who, kbs=one.scope.kbs, where=one.scope.where, effort=one.effort)
    return AgentView(agent, policy, who)
