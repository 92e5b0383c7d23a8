"""The platform: a library, a language model, and what was kept; it opens chats, agents and teams.

The one place that names concrete classes and puts them together.
"""

from __future__ import annotations

import dataclasses
import threading
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.assistants.store import Assistants
from agents.chat.attachments import Attachments
from agents.chat.chat import Chat
from agents.chat.curated import CuratedAnswers
from agents.chat.history import Conversations
from agents.chat.language_model import LanguageModel, open_configured
from agents.chat.meaning import Meaning
from agents.llm.abilities import Abilities
from agents.llm.models import Models
from agents.tasks.approval import Policy
from agents.tasks.budget import Budget
from agents.tasks.schedules import Schedules
from ingest.closing import Closing
from ingest.selection import Scope
from ingest.settings import Settings, default_home, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from langchain_core.embeddings import Embeddings
    from langchain_core.language_models import BaseChatModel
    from langchain_core.tools import BaseTool

    from agents.assistants.assistant import Assistant
    from agents.llm.asking import Asker
    from agents.proof.citations import Proof
    from agents.proof.similarity import Closeness
    from agents.tasks.agent import Agent
    from agents.tasks.effort import Level, Profile
    from agents.tasks.events import Result, StepRecord
    from agents.tasks.runs import Runs
    from agents.tasks.state import TeamState
    from agents.tasks.store import Store
    from agents.tasks.team.members import Member
    from agents.tasks.team.speakers import Speakers
    from agents.tasks.team.team import Team
    from agents.tasks.team.termination import Condition
    from agents.tools.mcp.opening import Servers
    from agents.tools.tool import Tool
    from ingest.filters import Where
    from ingest.finding import Bases
    from ingest.library import Library

_ROUNDS = 4
"""Times each member of a team may speak when nobody said when to stop."""


class Platform(Closing):
    """Made by `agents.open_platform`, which puts the parts in. The model is loaded when it is first needed."""

    def __init__(self, *, library: Library, settings: Settings, model: LanguageModel) -> None:
        self.library, self.settings = library, settings
        self.language_model = model
        """The one in use; an assistant may have another."""
        self._models = {"": model}
        self._meaning = Meaning(library, lambda: self.answers)
        self._mcp: list[Servers | None] = []
        self._mcp_lock = threading.Lock()

    @property
    def home(self) -> Path:
        """The folder everything is kept in."""
        return self.library.home

    @property
    def model_name(self) -> str:
        """What the user called the model."""
        return self.language_model.name

    @property
    def shown_model(self) -> str:
        """The model's name as it may be shown and recorded."""
        return self.language_model.shown

    @property
    def chat_model(self) -> BaseChatModel:
        """The language model as LangChain has it. Raises `ModelError` when it is missing or broken."""
        return self.language_model.chat

    @property
    def extractive(self) -> bool:
        """True when the model is too small to write: see `LanguageModel.extractive`."""
        return self.language_model.extractive

    @cached_property
    def embeddings(self) -> Embeddings:
        """The library's embedder as LangChain has it."""
        from ingest.langchain import LibraryEmbeddings

        return LibraryEmbeddings(self.library.embedder, self.library)

    @cached_property
    def conversations(self) -> Conversations:
        """Earlier conversations."""
        return Conversations(self.home, self.settings.store, self.attachments.forget)

    @cached_property
    def attachments(self) -> Attachments:
        """Files of one conversation each."""
        return Attachments(self.library)

    @cached_property
    def assistants(self) -> Assistants:
        """Who answers from what, and how: made by people (`agents.assistants`)."""
        return Assistants(
            self.home,
            self.settings.store,
            models=lambda: {*Models(self.home, self.settings).names(), self.model_name},
            tools=lambda: [tool.name for tool in self._builtin(self.library, "default", None)],
            kbs=self.library.identities,
        )

    @cached_property
    def answers(self) -> CuratedAnswers:
        """Answers that people have kept for certain questions."""
        return CuratedAnswers(self.home, self.settings.store)

    def chat(
        self,
        kb: Bases | None = None,
        conversation: str | None = None,
        k: int | None = None,
        *,
        where: Where = None,
        assistant: Assistant | str | None = None,
    ) -> Chat:
        """Questions to one knowledge base or several, or to their documents that fit a filter (docs/filters.md). With the id
        of a conversation, earlier turns are read from it and new ones are kept in it; without `kb` they are put to what it
        was begun with, else to 'default', with its own files. An `assistant`, or the one of that name, brings its own bases, filter, model and
        `k`. Several chats may run in several threads; the model serves them in turn."""
        who = self.assistants.named(assistant)
        if who is not None:
            kb, where, k = who.kbs, who.where, k or who.k
        elif kb is None and conversation is not None:
            kept = self.conversations.get(conversation)
            kb, where = kept.kbs, kept.where if where is None else where
        kb = kb or "default"
        model = self._model_of(who)
        own = self.attachments.beside(scope := Scope.of(kb, where), conversation or "")
        return Chat(
            shelf := own.within(self.library),
            model.writer(who.instructions if who else ""),
            kb=scope.name,
            k=k or self.settings.k,
            closeness=self.closeness(kb),
            judges=model.judges,
            traces=self.home / "traces",
            memory=self.conversations if conversation else None,
            conversation=conversation,
            introduction=self._meaning.introduction(kb).of(shelf, who.greeting if who else ""),
            filtered=bool(scope.where),
            curated=None if scope.where or own != scope else partial(self._meaning.curated, scope.kbs),
        )

    def _model_of(self, assistant: Assistant | None) -> LanguageModel:
        """The model, or the one that an assistant has. Raises `UsageError` as `Assistants.settings`."""
        changes = self.assistants.settings(assistant) if assistant else {}
        if not changes:
            return self.language_model
        made = self.language_model.with_settings(changes, partial(open_configured, home=self.home))
        return self._models.setdefault(str(sorted(changes.items())), made)

    def check(self, answer: str, kb: str = "default", question: str = "") -> Proof:
        """Any text held against a knowledge base, sentence by sentence: see `agents.proof.searching`."""
        from agents.proof.searching import proven_by

        return proven_by(self.library, kb, self.closeness(kb), answer, question)

    def agent(
        self,
        tools: Sequence[Tool | BaseTool | Callable[..., Any]] = (),
        kb: Bases = "default",
        *,
        where: Where = None,
        policy: Policy | None = None,
        budget: Budget | None = None,
        model: BaseChatModel | None = None,
        builtins: Collection[str] | None = None,
        effort: Level | None = None,
        review: bool = False,
        assistant: Assistant | str | None = None,
    ) -> Agent:
        """An agent that carries out tasks on one knowledge base or several, or on their documents that fit a filter, with your `tools` and the built-in ones.

        `builtins` names the built-in tools to have (None: all that the settings allow, () for none). `policy`, `budget` and
        `effort`, which says how much is asked of the model, come from the settings; `model` is another LangChain chat
        model than the platform's. It is opened when a run begins. With `review` the plan waits for your word (`Agent.agree`). An `assistant` brings bases, filter, model, tools and
        effort of its own, as far as they are not given. Raises `UsageError` for two tools of one name and for a built-in tool that doesn't exist.
        """
        from agents.tasks.agent import Agent
        from agents.tasks.effort import Profile, effort_of, profile_of
        from agents.tasks.skills import ModelSkills
        from agents.tools.toolbox import Toolbox

        if (who := self.assistants.named(assistant)) is not None:
            kb, where, builtins = who.kbs, who.where, who.tools if builtins is None else builtins
            effort = effort or who.effort or None
        own_model = self._model_of(who)
        settings = own_model.settings

        def opened() -> BaseChatModel:
            return model if model is not None else own_model.chat

        def profile() -> Profile:
            if own_model.extractive and model is None:  # nothing is asked of the bundled model: it need not be loaded
                return Profile("rule", "any", settings.context or 2048, settings.max_tokens)
            return profile_of(opened(), context=settings.context, reply=settings.max_tokens)

        own = Toolbox(tools)
        shelf = (scope := Scope.of(kb, where)).within(self.library)
        box = Toolbox([*own, *self._builtin(shelf, scope.name, builtins)])
        skills = ModelSkills(profile, shelf, self.closeness(kb), self._meaning.chooser(kb), own.names)
        return Agent(
            opened,
            own_model.shown if model is None else Abilities(model).name,
            skills,
            tuple(box),
            self.store,
            kb=scope.name,
            policy=policy or Policy.of(settings),
            budget=budget or Budget.of(settings),
            effort=effort_of(effort or settings.effort),
            scope=None if scope.whole else scope,
            review=review,
        )

    def agent_of(self, run_id: str, **options: Any) -> Agent:  # noqa: ANN401 - as `agent` has them
        """The agent that goes on with an earlier run: on the knowledge bases and documents that it was begun on. Raises
        `UsageError`."""
        scope = self.runs.scope(run_id)
        return self.agent(kb=scope.kbs, where=scope.where, **options)

    def run(self, task: str, *arguments: Any, **options: Any) -> Result:  # noqa: ANN401 - as `agent` has them
        """The result of one task, by an agent made with what else is given; raises as `Agent.run` does, too."""
        return self.agent(*arguments, **options).run(task)

    def team(
        self,
        members: Sequence[Member],
        speakers: Speakers | str = "round_robin",
        stop: Condition | None = None,
        kb: Bases = "default",
        *,
        where: Where = None,
        policy: Policy | None = None,
        budget: Budget | None = None,
    ) -> Team:
        """Several models at one task (`agents.tasks.team`): each `Member` has its part, its tools and perhaps its own model.

        `speakers` says who comes next: 'round_robin', 'selector' (the platform's model chooses), 'handoff' (members hand
        over by a call), or one of `RoundRobin`, `Selector`, `HandOff`. `stop` is a condition or several combined with `|`
        and `&`; None: when a member approves, and at the latest when each has spoken four times. Built-in tools may be
        given to members by name. Raises `UsageError` for a team that makes no sense.
        """
        from agents.llm.asking import Asker
        from agents.tasks.proving import checked as proven
        from agents.tasks.proving import sources_of
        from agents.tasks.team.members import checked
        from agents.tasks.team.speakers import speakers_of
        from agents.tasks.team.team import Team
        from agents.tasks.team.termination import ApprovalTermination, MaxMessageTermination
        from agents.tools.shipped import by_name

        settings = self.settings

        def asker(member: Member | None) -> Asker:
            own = member.model if member else None
            if own is None or isinstance(own, str):
                other = self.with_model(own) if own else self
                return Asker(lambda: other.chat_model, other.shown_model)
            return Asker(lambda: own, Abilities(own).name)

        def proof(state: TeamState, text: str, records: Sequence[StepRecord]) -> Proof:
            return proven(text, state, sources_of(state, records, shelf), self.closeness(kb))

        shelf = (scope := Scope.of(kb, where)).within(self.library)
        shipped = cache(lambda: self._builtin(shelf, scope.name, None))
        found = [dataclasses.replace(m, tools=by_name(m.tools, shipped)) for m in checked(members)]
        return Team(
            found,
            speakers_of(speakers),
            stop or ApprovalTermination() | MaxMessageTermination(_ROUNDS * len(found)),
            asker=asker,
            reply=settings.max_tokens,
            name=self.shown_model,
            store=self.store,
            policy=policy or Policy.of(settings),
            budget=budget or Budget.of(settings),
            kb=scope.name,
            chooser=self._meaning.chooser(kb),
            proof=proof,
            scope=None if scope.whole else scope,
        )

    def with_model(self, model: str) -> Platform:
        """The same library with another language model, named as in the settings; for a menu of models."""
        return Platform(
            library=self.library,
            settings=dataclasses.replace(self.settings, model=model),
            model=self.language_model.with_settings({"model": model}, partial(open_configured, home=self.home)),
        )

    @cached_property
    def store(self) -> Store:
        """Where runs are kept."""
        from agents.tasks.store import Store

        return Store(self.home, self.settings.store)

    @cached_property
    def schedules(self) -> Schedules:
        """Tasks that come again."""
        return Schedules(self.home, self.settings.store)

    @property
    def runs(self) -> Runs:
        """Earlier runs of agents: listed, told again, branched, removed."""
        from agents.tasks.runs import Runs
        from agents.tools.shipped import allowed_folder

        return Runs(self.store, partial(allowed_folder, self.home, self.settings))

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

    def closeness(self, kb: Bases = "default") -> Closeness:
        """How close texts are in meaning, by the embedder of a knowledge base."""
        return self._meaning.closeness(kb)

    def close(self) -> None:
        """Close what is open; the object is not used afterwards."""
        kept = map(self.__dict__.get, ("conversations", "store", "schedules", "assistants", "answers"))
        for opened in (*self._mcp, *self._models.values(), *kept):
            if opened is not None:
                opened.close()
        self.library.close()

    def _builtin(self, shelf: Library, kb: str, names: Collection[str] | None) -> list[Tool]:
        """The built-in tools of those names and those of MCP servers, or all that the settings allow. Raises `UsageError`
        for a name there is none of."""
        from agents.tools.shipped import builtin, selected

        servers = self.mcp() if names is None or names else None
        found = [*builtin(shelf, kb, self.settings), *(servers.tools if servers else ())]
        return selected(found, names)


def open_platform(
    home: Path | str | None = None, model: BaseChatModel | str | None = None, settings: Settings | None = None
) -> Platform:
    """Open the library in `home` and a model beside it (None: the configured ones).

    `model` is a name, the path of a .gguf, an OpenAI-compatible URL, or any LangChain chat model. It is loaded
    when it is first needed. Raises `LibraryUnavailable`, `UsageError`; `ModelError` comes from the first use.
    """
    from ingest import open_library

    folder = Path(home).expanduser().absolute() if home else default_home()
    settings = settings or load_settings(folder)
    if isinstance(model, str):
        settings = dataclasses.replace(settings, model=model)
    library = open_library(folder, settings)
    own = model if model is not None and not isinstance(model, str) else None
    return Platform(
        library=library,
        settings=settings,
        model=LanguageModel(
            settings.model if own is None else Abilities(own).name,
            settings,
            lambda wanted: own if own is not None else open_configured(wanted, folder),
        ),
    )
