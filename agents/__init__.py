"""Thinking: a chat that answers with proof from the library, on the user's own model.

    from agents import open_platform
    platform = open_platform()
    answer = platform.chat(kb="handbook").ask("年假有几天?")

Importing this loads nothing heavy; a name is resolved when it is first used. What is offered stands in the imports for type
checkers, and nowhere else.
"""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from agents.access.accounts import HOURS as HOURS
    from agents.access.audit import Audit as Audit
    from agents.access.audit import Entry as Entry
    from agents.access.keys import Key as Key
    from agents.access.people import GROUP as GROUP
    from agents.access.people import People as People
    from agents.access.people import User as User
    from agents.access.policy import AccessPolicy as AccessPolicy
    from agents.access.rights import EVERY as EVERY
    from agents.access.rights import LOCAL as LOCAL
    from agents.access.rights import ROLES as ROLES
    from agents.access.rights import VERBS as VERBS
    from agents.access.rights import Verb as Verb
    from agents.access.rights import Who as Who
    from agents.access.task_views import AgentView as AgentView
    from agents.access.task_views import agent_due as agent_due
    from agents.access.views import PlatformView as PlatformView
    from agents.assistants.assistant import Assistant as Assistant
    from agents.assistants.assistant import exported as exported
    from agents.assistants.store import Assistants as Assistants
    from agents.assistants.store import Version as Version
    from agents.chat.activity import Week as Week
    from agents.chat.activity import unanswered as unanswered
    from agents.chat.activity import weeks as weeks
    from agents.chat.answers import Answer as Answer
    from agents.chat.answers import Answered as Answered
    from agents.chat.answers import Event as Event
    from agents.chat.answers import Found as Found
    from agents.chat.answers import Quoted as Quoted
    from agents.chat.answers import Standalone as Standalone
    from agents.chat.answers import Thought as Thought
    from agents.chat.answers import Token as Token
    from agents.chat.answers import Withdrawn as Withdrawn
    from agents.chat.chat import Chat as Chat
    from agents.chat.conversation import Conversation as Conversation
    from agents.chat.conversation import Feedback as Feedback
    from agents.chat.conversation import StoredTurn as StoredTurn
    from agents.chat.curated import CuratedAnswer as CuratedAnswer
    from agents.chat.curated import CuratedAnswers as CuratedAnswers
    from agents.chat.curated import pairs_of as pairs_of
    from agents.chat.history import Conversations as Conversations
    from agents.evaluation.figures import figures as figures
    from agents.evaluation.figures import paired as paired
    from agents.evaluation.own import OwnQuestion as OwnQuestion
    from agents.evaluation.own import OwnQuestions as OwnQuestions
    from agents.evaluation.own import OwnRun as OwnRun
    from agents.evaluation.own import OwnRuns as OwnRuns
    from agents.evaluation.own import made_from as made_from
    from agents.evaluation.own import outcomes as outcomes
    from agents.evaluation.own import records_in as records_in
    from agents.evaluation.record import circumstances as circumstances
    from agents.llm import open_model as open_model
    from agents.llm.engine.loading import Preview as Preview
    from agents.llm.engine.loading import preview as preview
    from agents.llm.hub.offers import Offer as Offer
    from agents.llm.hub.pull import gigabytes as gigabytes
    from agents.llm.listing import ModelFile as ModelFile
    from agents.llm.models import Advice as Advice
    from agents.llm.models import InMemory as InMemory
    from agents.llm.models import Models as Models
    from agents.llm.models import shown_model as shown_model
    from agents.llm.placing.plan import Share as Share
    from agents.llm.scripted import ScriptedChat as ScriptedChat
    from agents.llm.trying import Tried as Tried
    from agents.llm.usage import Usage as Usage
    from agents.platform import Platform as Platform
    from agents.proof.checking import Checked as Checked
    from agents.proof.checking import CheckedSentence as CheckedSentence
    from agents.proof.checking import Quote as Quote
    from agents.proof.checking import check_answer as check_answer
    from agents.proof.sources import CallSource as CallSource
    from agents.proof.sources import Citation as Citation
    from agents.proof.sources import KeptSource as KeptSource
    from agents.proof.sources import PageSource as PageSource
    from agents.proof.sources import source_of as source_of
    from agents.tasks.agent import Agent as Agent
    from agents.tasks.approval import Policy as Policy
    from agents.tasks.budget import Budget as Budget
    from agents.tasks.effort import effort_of as effort_of
    from agents.tasks.events import ApprovalWanted as ApprovalWanted
    from agents.tasks.events import Call as Call
    from agents.tasks.events import Called as Called
    from agents.tasks.events import Finished as Finished
    from agents.tasks.events import Message as Message
    from agents.tasks.events import Noted as Noted
    from agents.tasks.events import Observed as Observed
    from agents.tasks.events import Planned as Planned
    from agents.tasks.events import PlanStep as PlanStep
    from agents.tasks.events import Result as Result
    from agents.tasks.events import Revised as Revised
    from agents.tasks.events import RunEvent as RunEvent
    from agents.tasks.events import Speaking as Speaking
    from agents.tasks.events import Spoke as Spoke
    from agents.tasks.events import Status as Status
    from agents.tasks.events import StepEnded as StepEnded
    from agents.tasks.events import StepRecord as StepRecord
    from agents.tasks.events import StepStarted as StepStarted
    from agents.tasks.export import as_answer as as_answer
    from agents.tasks.export import as_markdown as as_markdown
    from agents.tasks.planning import PLAN_CALL as PLAN_CALL
    from agents.tasks.runs import Runs as Runs
    from agents.tasks.schedules import Schedule as Schedule
    from agents.tasks.schedules import Schedules as Schedules
    from agents.tasks.schedules import Timekeeper as Timekeeper
    from agents.tasks.store import Run as Run
    from agents.tasks.team.members import Member as Member
    from agents.tasks.team.members import Thread as Thread
    from agents.tasks.team.speakers import HandOff as HandOff
    from agents.tasks.team.speakers import RoundRobin as RoundRobin
    from agents.tasks.team.speakers import Selector as Selector
    from agents.tasks.team.speakers import Speakers as Speakers
    from agents.tasks.team.team import Team as Team
    from agents.tasks.team.termination import ApprovalTermination as ApprovalTermination
    from agents.tasks.team.termination import Condition as Condition
    from agents.tasks.team.termination import ExternalTermination as ExternalTermination
    from agents.tasks.team.termination import FunctionCallTermination as FunctionCallTermination
    from agents.tasks.team.termination import HandoffTermination as HandoffTermination
    from agents.tasks.team.termination import MaxMessageTermination as MaxMessageTermination
    from agents.tasks.team.termination import SourceMatchTermination as SourceMatchTermination
    from agents.tasks.team.termination import Stop as Stop
    from agents.tasks.team.termination import TextMentionTermination as TextMentionTermination
    from agents.tasks.team.termination import TimeoutTermination as TimeoutTermination
    from agents.tasks.team.termination import TokenUsageTermination as TokenUsageTermination
    from agents.tasks.view import RunView as RunView
    from agents.tasks.view import StepView as StepView
    from agents.tasks.view import view_of as view_of
    from agents.tasks.written import WrittenFile as WrittenFile
    from agents.tools.function import tool as tool
    from agents.tools.mcp import open_servers as open_servers
    from agents.tools.tool import BadArguments as BadArguments
    from agents.tools.tool import Observation as Observation
    from agents.tools.tool import Risk as Risk
    from agents.tools.tool import Tool as Tool
    from agents.tools.tool import ToolContext as ToolContext
    from agents.tools.tool import ToolError as ToolError
    from ingest import Settings
    from ingest.apart.background import CancelToken as CancelToken
    from prompts import PromptUse as PromptUse


def _offered() -> dict[str, str]:
    """By name the module that defines it: of the imports above each `NAME as NAME`; the rest is for signatures here."""
    block = next(node for node in ast.parse(Path(__file__).read_text("utf-8")).body if isinstance(node, ast.If))
    lines = [line for line in block.body if isinstance(line, ast.ImportFrom)]
    return {alias.name: str(line.module) for line in lines for alias in line.names if alias.asname}


_MODULES = dict(sorted(_offered().items()))
__all__ = [*sorted([*_MODULES, "open_platform"])]  # noqa: PLE0604 - they are


def open_platform(
    home: Path | str | None = None,
    model: BaseChatModel | str | None = None,
    settings: Settings | None = None,
    *,
    key: str = "",
) -> Platform:
    """The library in the folder `home` with a model beside it, as `agents.platform.open_platform` opens them; or, for an
    address such as "https://zhiku.example", what `zhiku serve` there offers to who has that `key`: the same methods (see
    `agents.remote.platform.RemotePlatform`), on its documents, with its model and tools."""
    if isinstance(home, str) and home.startswith(("http://", "https://")):
        from agents.remote.platform import RemotePlatform

        return cast("Platform", RemotePlatform(home, key))
    from agents.platform import open_platform as opened

    return opened(home, model, settings)


if not TYPE_CHECKING:  # a type checker is to know every name, not to believe any

    def __getattr__(name: str) -> object:
        """A name's module is imported when the name is first used (PEP 562)."""
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = globals()[name] = getattr(import_module(_MODULES[name]), name)
        return found

    def __dir__() -> list[str]:
        """What is offered, imported yet or not."""
        return [*globals(), *__all__]
