"""The one place that names concrete classes and puts a platform together."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.platform import Platform
from ingest.errors import UsageError
from ingest.language import Text
from ingest.settings import default_home, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from langchain_core.embeddings import Embeddings
    from langchain_core.language_models import BaseChatModel
    from langchain_core.tools import BaseTool

    from agents.proof.citations import Checked
    from agents.tasks.agent import Agent
    from agents.tasks.approval import Policy
    from agents.tasks.budget import Budget
    from agents.tasks.events import StepRecord
    from agents.tasks.state import TeamState
    from agents.tasks.team import Condition, Member
    from agents.tasks.team.speakers import Speakers
    from agents.tasks.team.team import Team
    from agents.tasks.telemetry import Telemetry
    from agents.tools.tool import Tool
    from ingest.settings import Settings

_ROUNDS = 4
"""Times each member of a team may speak when nobody said when to stop."""


def open_platform(
    home: Path | str | None = None, model: BaseChatModel | str | None = None, settings: Settings | None = None
) -> Platform:
    """Put a platform together; see `agents.open_platform`."""
    from ingest import open_library

    folder = Path(home).expanduser().absolute() if home else default_home()
    settings = settings or load_settings(folder)
    if isinstance(model, str):
        settings = dataclasses.replace(settings, model=model)
    library = open_library(folder, settings)

    def chat_model() -> BaseChatModel:
        if model is not None and not isinstance(model, str):
            return model
        from agents.llm import open_model

        return open_model(settings.model, settings, home=folder)

    def embeddings() -> Embeddings:
        from ingest.langchain import LibraryEmbeddings

        return LibraryEmbeddings(library.embedder)

    return Platform(
        library=library,
        settings=settings,
        model=chat_model,
        model_name=settings.model if model is None or isinstance(model, str) else _name_of(model),
        embeddings=embeddings,
    )


def with_model(platform: Platform, model: str) -> Platform:
    """The same library with another language model, named as in the settings; for a menu of models."""
    settings = dataclasses.replace(platform.settings, model=model)

    def chat_model() -> BaseChatModel:
        from agents.llm import open_model

        return open_model(model, settings, home=platform.home)

    return Platform(
        library=platform.library,
        settings=settings,
        model=chat_model,
        model_name=model,
        embeddings=lambda: platform.embeddings,
    )


def agent_of(
    platform: Platform,
    tools: Sequence[Tool | BaseTool | Callable[..., Any]],
    kb: str,
    *,
    policy: Policy | None,
    budget: Budget | None,
    model: BaseChatModel | None,
    builtins: Collection[str] | None,
) -> Agent:
    """Put an agent together; see `Platform.agent`."""
    from agents.tasks.agent import Agent
    from agents.tasks.approval import Policy
    from agents.tasks.budget import Budget
    from agents.tasks.profile import Profile, profile_of
    from agents.tasks.skills import ModelSkills
    from agents.tools.toolbox import Toolbox

    settings = platform.settings
    small = platform.extractive and model is None

    def opened() -> BaseChatModel:
        return model if model is not None else platform.chat_model

    def profile() -> Profile:
        if small:  # nothing is asked of the bundled model: it need not be loaded
            return Profile("rule", "any", settings.context or 2048, settings.max_tokens)
        return profile_of(opened(), small=False, context=settings.context, reply=settings.max_tokens)

    own = Toolbox(tools)
    box = Toolbox([*own, *_builtin(platform, kb, builtins)])
    skills = ModelSkills(profile, platform.library, platform.closeness(kb), platform.chooser(kb), own.names)
    return Agent(
        opened,
        platform.shown_model if model is None else _name_of(model),
        skills,
        tuple(box),
        platform.store,
        kb=kb,
        policy=policy or Policy.of(settings),
        budget=budget or Budget.of(settings),
    )


def team_of(
    platform: Platform,
    members: Sequence[Member],
    speakers: Speakers | str,
    stop: Condition | None,
    kb: str,
    *,
    policy: Policy | None,
    budget: Budget | None,
) -> Team:
    """Put a team together; see `Platform.team`."""
    from agents.llm.asking import Asker
    from agents.tasks.approval import Policy
    from agents.tasks.budget import Budget
    from agents.tasks.proving import checked as proven
    from agents.tasks.proving import sources_of
    from agents.tasks.team.members import checked
    from agents.tasks.team.speakers import speakers_of
    from agents.tasks.team.team import Team
    from agents.tasks.team.termination import ApprovalTermination, MaxMessageTermination

    settings = platform.settings

    def asker(member: Member | None, telemetry: Telemetry) -> Asker:
        own = member.model if member else None
        if own is None:
            return Asker(lambda: platform.chat_model, platform.shown_model, telemetry)
        if isinstance(own, str):
            other = with_model(platform, own)
            return Asker(lambda: other.chat_model, other.shown_model, telemetry)
        return Asker(lambda: own, _name_of(own), telemetry)

    def proof(state: TeamState, text: str, records: Sequence[StepRecord]) -> Checked:
        return proven(text, state, sources_of(state, records, platform.library), platform.closeness(kb))

    found = [dataclasses.replace(m, tools=_named(platform, kb, m.tools)) for m in checked(members)]
    return Team(
        found,
        speakers_of(speakers),
        stop or ApprovalTermination() | MaxMessageTermination(_ROUNDS * len(found)),
        asker=asker,
        reply=settings.max_tokens,
        policy=policy or Policy.of(settings),
        budget=budget or Budget.of(settings),
        name=platform.shown_model,
        store=platform.store,
        kb=kb,
        proof=proof,
    )


def _named(
    platform: Platform, kb: str, tools: Sequence[Tool | BaseTool | Callable[..., Any] | str]
) -> list[Tool | BaseTool | Callable[..., Any]]:
    """`tools` with the built-in ones in place of their names. Raises `UsageError` for a name there is none of."""
    from agents.tools.toolbox import Toolbox, UnknownTool

    box = Toolbox(_builtin(platform, kb, None)) if any(isinstance(tool, str) for tool in tools) else Toolbox()
    try:
        return [box.find(tool) if isinstance(tool, str) else tool for tool in tools]
    except UnknownTool as error:
        raise UsageError(Text(en=str(error), zh=str(error))) from error


def _builtin(platform: Platform, kb: str, names: Collection[str] | None) -> list[Tool]:
    """The built-in tools of those names and those of MCP servers, or all that the settings allow. Raises `UsageError` for
    a name there is none of."""
    from agents.tools.shipped import builtin

    found = builtin(platform.library, kb, platform.settings)
    servers = platform.mcp() if names is None or names else None
    if servers is not None:
        found = [*found, *servers.tools]
    known = [tool.name for tool in found]
    for name in names or ():
        if name not in known:
            raise UsageError(
                Text(en=f"There is no built-in tool '{name}'.", zh=f"没有内置工具 “{name}”。"),
                Text(en=f"There are: {', '.join(known)}.", zh=f"现有：{'、'.join(known)}。"),
            )
    return [tool for tool in found if names is None or tool.name in names]


def _name_of(model: BaseChatModel) -> str:
    """What a LangChain model calls itself."""
    for attribute in ("model_name", "model"):
        if isinstance(name := getattr(model, attribute, None), str) and name:
            return name
    return type(model).__name__
