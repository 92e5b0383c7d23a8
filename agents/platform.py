"""The platform: a library and a language model, and what they do together."""

from __future__ import annotations

import threading
from functools import cached_property
from typing import TYPE_CHECKING, Any

from agents.chat.chat import Chat
from agents.chat.history import Conversations
from agents.chat.writer import Writer
from agents.proof.similarity import Closeness

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from langchain_core.embeddings import Embeddings
    from langchain_core.language_models import BaseChatModel
    from langchain_core.tools import BaseTool

    from agents.tasks.agent import Agent
    from agents.tasks.approval import Policy
    from agents.tasks.budget import Budget
    from agents.tasks.runs import Runs
    from agents.tasks.store import Store
    from agents.tasks.team import Condition, Member
    from agents.tasks.team.speakers import Speakers
    from agents.tasks.team.team import Team
    from agents.tools.choosing import Chooser
    from agents.tools.mcp.opening import Servers
    from agents.tools.tool import Tool
    from ingest.library import Library
    from ingest.settings import Settings

BUNDLED = "bundled"


class Platform:
    """Made by `agents.open_platform`, which puts the parts in. The model is loaded when it is first needed."""

    def __init__(
        self,
        *,
        library: Library,
        settings: Settings,
        model: Callable[[], BaseChatModel],
        model_name: str,
        embeddings: Callable[[], Embeddings],
    ) -> None:
        self.library = library
        self.settings = settings
        self.model_name = model_name
        """What the user called the model."""
        self._open_model = model
        self._open_embeddings = embeddings
        self._closeness: dict[str, Closeness] = {}
        self._choosers: dict[str, Chooser] = {}
        self._mcp: list[Servers | None] = []
        self._mcp_lock = threading.Lock()

    @property
    def home(self) -> Path:
        """The folder everything is kept in."""
        return self.library.home

    @cached_property
    def chat_model(self) -> BaseChatModel:
        """The language model as LangChain has it. Raises `ModelError` when it is missing or broken."""
        return self._open_model()

    @cached_property
    def embeddings(self) -> Embeddings:
        """The library's embedder as LangChain has it."""
        return self._open_embeddings()

    @cached_property
    def conversations(self) -> Conversations:
        """Earlier conversations."""
        return Conversations(self.home)

    @property
    def shown_model(self) -> str:
        """The model's name as it may be shown and recorded: an address without its password."""
        from agents.llm.names import displayed

        return displayed(self.model_name)

    @property
    def extractive(self) -> bool:
        """True when the model is the small bundled one, whose answers are sentences quoted from the documents."""
        return self.model_name == BUNDLED

    def chat(self, kb: str = "default", conversation: str | None = None, k: int | None = None) -> Chat:
        """Questions to one knowledge base. With the id of a conversation, earlier turns are read from it and new ones
        are kept in it. Several chats may run in several threads; the model serves them in turn."""
        writer = Writer(
            lambda: self.chat_model,
            self.shown_model,
            small=self.extractive,
            context=self.settings.context,
            max_tokens=self.settings.max_tokens,
        )
        return Chat(
            self.library,
            writer,
            kb=kb,
            k=k or self.settings.k,
            closeness=self.closeness(kb),
            traces=self.home / "traces",
            memory=self.conversations if conversation else None,
            conversation=conversation,
        )

    def agent(
        self,
        tools: Sequence[Tool | BaseTool | Callable[..., Any]] = (),
        kb: str = "default",
        *,
        policy: Policy | None = None,
        budget: Budget | None = None,
        model: BaseChatModel | None = None,
        builtins: Collection[str] | None = None,
    ) -> Agent:
        """An agent that carries out tasks on one knowledge base with your `tools` and the built-in ones.

        `builtins` names the built-in tools to have (None: all that the settings allow, () for none); `policy` and `budget`
        come from the settings; `model` is another LangChain chat model than the platform's. The model is opened when a
        run begins. Raises `UsageError` for two tools of one name and for a built-in tool that doesn't exist.
        """
        from agents.wiring import agent_of

        return agent_of(self, tools, kb, policy=policy, budget=budget, model=model, builtins=builtins)

    def team(
        self,
        members: Sequence[Member],
        speakers: Speakers | str = "round_robin",
        stop: Condition | None = None,
        kb: str = "default",
        *,
        policy: Policy | None = None,
        budget: Budget | None = None,
    ) -> Team:
        """Several models at one task (`agents.tasks.team`): each `Member` has its part, its tools and perhaps its own model.

        `speakers` says who comes next: 'round_robin', 'selector' (the platform's model chooses), 'handoff' (members hand
        over by a call), or one of `RoundRobin`, `Selector`, `HandOff`. `stop` is a condition or several combined with `|`
        and `&`; None: when a member approves, and at the latest when each has spoken four times. Built-in tools may be
        given to members by name. Raises `UsageError` for a team that makes no sense.
        """
        from agents.wiring import team_of

        return team_of(self, members, speakers, stop, kb, policy=policy, budget=budget)

    @cached_property
    def store(self) -> Store:
        """Where runs are kept."""
        from agents.tasks.store import Store

        return Store(self.home)

    @property
    def runs(self) -> Runs:
        """Earlier runs of agents: listed, told again, branched, removed."""
        from agents.tasks.runs import Runs

        return Runs(self.store)

    def mcp(self) -> Servers | None:
        """The MCP servers that the user has configured, started at the first call and ended by `close`; None without
        any. Their tools can't have the names of ours, offered or not: what the user allows by name is meant for ours.
        Raises `UsageError` for a file that makes no sense."""
        from agents.tasks.moves import RESERVED as LOOPS
        from agents.tasks.team.nodes import RESERVED as TEAMS
        from agents.tools.mcp import start_servers
        from agents.tools.shipped import NAMES

        with self._mcp_lock:
            if not self._mcp:
                self._mcp.append(start_servers(self.settings, self.home, NAMES.union(LOOPS, TEAMS)))
            return self._mcp[0]

    def closeness(self, kb: str = "default") -> Closeness:
        """How close texts are in meaning, by the embedder of a knowledge base."""
        embedder = self.library.embedder_of(kb)
        key = embedder.identity.key
        if key not in self._closeness:
            self._closeness[key] = Closeness(embedder, lambda: self.library.calibration(embedder))
        return self._closeness[key]

    def chooser(self, kb: str = "default") -> Chooser:
        """Finds the tools a task needs, by the embedder of a knowledge base; it remembers the tools it has embedded."""
        embedder = self.library.embedder_of(kb)
        key = embedder.identity.key
        if key not in self._choosers:
            from agents.tools.choosing import Chooser

            self._choosers[key] = Chooser(embedder)
        return self._choosers[key]

    def close(self) -> None:
        """Close what is open; the object is not used afterwards."""
        for servers in self._mcp:
            if servers is not None:
                servers.close()
        if "conversations" in self.__dict__:
            self.conversations.close()
        if "store" in self.__dict__:
            self.store.close()
        self.library.close()
