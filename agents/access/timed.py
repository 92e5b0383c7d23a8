"""Scheduled tasks, begun for whoever has scheduled them with the rights they have by then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.access.policy import NotFound
from agents.access.rights import LOCAL
from agents.access.task_views import AgentView, agent_for
from ingest.language import Text

if TYPE_CHECKING:
    from agents.access.gate import Opened
    from agents.access.policy import AccessPolicy
    from agents.tasks.schedules import Schedule


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
