"""A platform as one caller may use it: the same methods, on what is theirs. Whatever is not named here takes the right to
administer the server, so that a method somebody adds is closed until somebody opens it.

For a face that is handed objects, as the application is; requests over HTTP ask the policy themselves (`visit`).
"""

from __future__ import annotations

from functools import partial
from inspect import signature
from typing import TYPE_CHECKING, Any, Literal

from agents.access.gate import Opened, of_one, require
from agents.access.policy import AccessPolicy, NotFound
from agents.access.task_views import AgentView, RunsView, agent_for
from ingest.attached import attached_to
from ingest.language import Text
from ingest.places import is_url
from ingest.uploads import is_upload

if TYPE_CHECKING:
    import builtins
    from collections.abc import Callable, Iterable

    from agents.access.rights import Verb, Who
    from agents.assistants.assistant import Assistant
    from agents.chat.attachments import Attachments
    from agents.chat.chat import Chat
    from agents.chat.conversation import Conversation
    from agents.chat.curated import CuratedAnswer
    from agents.tasks.effort import Level
    from agents.tasks.schedules import Schedules
    from agents.tools.mcp.opening import Servers
    from ingest.catalog import KnowledgeBase
    from ingest.filters import Where
    from ingest.finding import Bases
    from ingest.library import Library

_ON_BASES: dict[str, tuple[Verb, str]] = {
    "kb": ("read", "name"),
    "documents": ("read", "kb"),
    "document": ("read", "kb"),
    "tags": ("read", "kb"),
    "search": ("read", "kb"),
    "add": ("write", "kb"),
    "remove": ("write", "kb"),
    "tag": ("write", "kb"),
    "correct": ("write", "kb"),
    "corrections": ("write", "kb"),
    "revert": ("write", "kb"),
    "remove_kb": ("admin", "name"),
}
"""Methods of a library: the right they take, and the parameter that says on which knowledge bases."""
_ON_A_DOCUMENT = frozenset({"pages", "page_text", "page_places", "chunks", "trace"})
"""Those that are given a document's number."""
_LISTS = frozenset(
    {"kb", "documents", "document", "tags", "corrections", "pages", "page_places", "chunks", "trace", "disliked", "log"}
)
"""What a page asks whenever it is drawn: written down only where it is refused."""


_OF_EVERYBODY = frozenset({"disliked", "handled", "log"})
"""Of conversations: what comes from all of them."""


class PlatformView:
    """Of one caller, for as long as a page is drawn or an answer takes: rights are read when it is made."""

    def __init__(self, platform: Opened, policy: AccessPolicy, who: Who) -> None:
        self._platform = platform
        self._policy, self._who = policy, who
        self._require = partial(require, policy, who)
        self.conversations = ConversationsView(platform, policy, who)
        self.attachments = AttachmentsView(platform.attachments, self.conversations)
        self.library = LibraryView(platform.library, policy, who, self.conversations)
        self.runs = RunsView(platform, policy, who)
        self.answers = AnswersView(platform, policy, who)
        self.assistants = AssistantsView(platform, policy, who)

    def chat(
        self,
        kb: Bases = "default",
        conversation: str | None = None,
        k: int | None = None,
        *,
        where: Where = None,
        assistant: Assistant | None = None,
    ) -> Chat:
        """As `Platform.chat`. Raises `NotFound` for bases and conversations that are not theirs."""
        self._require("read", assistant.kbs if assistant else kb, "chat")
        if conversation is not None:
            self.conversations.get(conversation)
        return self._platform.chat(kb, conversation, k, where=where, assistant=assistant)

    def agent(
        self, *, kb: Bases = "default", where: Where = None, effort: Level | None = None, review: bool = False
    ) -> AgentView:
        """As `agent_for` makes it. Raises `NotFound`."""
        self._require("read", kb, "agent")
        agent = agent_for(self._platform, self._who, kbs=kb, where=where, effort=effort, review=review)
        return AgentView(agent, self._policy, self._who)

    def agent_of(self, run_id: str) -> AgentView:
        """For a run of theirs. Raises `NotFound`."""
        self.runs.get(run_id)
        return AgentView(agent_for(self._platform, self._who, run_id=run_id), self._policy, self._who)

    @property
    def schedules(self) -> Schedules:
        """Of who administers the server: what they begin has its maker's rights while nobody sits there."""
        self._require("admin", None, "")
        return self._platform.schedules

    def mcp(self) -> Servers | None:
        """Whose tools only tasks of administrators have."""
        return self._platform.mcp() if self._who.may("admin") else None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - as the platform has it
        if name not in {"home", "settings", "model_name", "shown_model", "extractive"}:
            self._require("admin", None, name)
        return getattr(self._platform, name)


class LibraryView:
    """Of one caller."""

    def __init__(self, library: Library, policy: AccessPolicy, who: Who, conversations: ConversationsView) -> None:
        self._library, self._conversations, self._who = library, conversations, who
        self._require = partial(require, policy, who)

    def kbs(self) -> list[KnowledgeBase]:
        """Those they may know of."""
        return [kb for kb in self._library.kbs() if self._who.may("read", kb.name)]

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - as the library has it
        if name in _ON_BASES or name in _ON_A_DOCUMENT:
            return partial(self._checked, name, getattr(self._library, name))
        if name not in {"home", "settings"}:
            self._require("admin", None, name)
        return getattr(self._library, name)

    def _checked(self, name: str, method: Callable[..., Any], *arguments: Any, **named: Any) -> Any:  # noqa: ANN401
        """What `method` gives. Raises as the policy does."""
        if name == "correct":
            named["who"] = self._who.user
        given = signature(method).bind(*arguments, **named)
        given.apply_defaults()
        told = "" if name in _LISTS else name
        if name in _ON_A_DOCUMENT:
            base = self._library.base_of(given.arguments["document_id"])
            self._conversations.get(of) if (of := attached_to(base)) else self._require("read", base, told)
        else:
            verb, parameter = _ON_BASES[name]
            self._require(verb, given.arguments[parameter], told)
        if name == "add" and not self._who.may("admin"):
            for path in map(str, given.arguments["paths"]):
                if not is_url(path) and not is_upload(self._library.home, path):
                    self._require("admin", None, "add a file of the server")
        return method(*arguments, **named)


class ConversationsView:
    """Of one caller: their own; to who administers, also those of nobody, from before people signed in."""

    def __init__(self, platform: Opened, policy: AccessPolicy, who: Who) -> None:
        self._kept = platform.conversations
        self._policy, self._who = policy, who

    def list(self, kb: str | None = None) -> builtins.list[Conversation]:
        """The last used first."""
        found = self._kept.list(kb)
        mine = self._policy.mine(self._who, "conversation", [one.id for one in found])
        return [one for one in found if one.id in mine and all(self._who.may("read", base) for base in one.kbs)]

    def get(self, conversation: str) -> Conversation:
        """Raises `NotFound`."""
        for found in self.list():
            if found.id == conversation:
                return found
        raise NotFound(Text("There is no such conversation.", "没有该对话。"))

    def create(self, kb: Bases = "default", title: str = "", assistant: str = "", *, where: Where = None) -> str:
        """Theirs. Raises `NotFound`."""
        require(self._policy, self._who, "read", kb, "")
        identity = self._kept.create(kb, title, assistant, where=where)
        self._policy.own(self._who, "conversation", identity)
        return identity

    def find(self, words: str) -> set[str]:
        """Ids of theirs."""
        return self._kept.find(words) & {one.id for one in self.list()}

    def rate(self, turn: int, thumb: Literal["up", "down"] | None, note: str = "") -> None:
        """A turn's number is known to none but who was shown it by `stored`."""
        self._kept.rate(turn, thumb, note)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """What is done with one; what is told of everybody's is for who administers the server."""
        if name in _OF_EVERYBODY:
            require(self._policy, self._who, "admin", None, "" if name in _LISTS else name)
            return getattr(self._kept, name)  # type: ignore[no-any-return]
        return of_one(self.get, getattr(self._kept, name))


class AttachmentsView:
    """Files of the caller's own conversations."""

    def __init__(self, kept: Attachments, conversations: ConversationsView) -> None:
        self._kept, self._get = kept, conversations.get

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return of_one(self._get, getattr(self._kept, name))


class AssistantsView:
    """Those whose bases the caller may all read; made and changed by who administers the server."""

    def __init__(self, platform: Opened, policy: AccessPolicy, who: Who) -> None:
        self._kept = platform.assistants
        self._platform, self._who = platform, who
        self._require = partial(require, policy, who)

    def list(self) -> builtins.list[Assistant]:
        """By name."""
        readable = {kb.name for kb in self._platform.library.kbs() if self._who.may("read", kb.name)}
        return [one for one in self._kept.list() if one.readable(readable)]

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - as the store has it
        self._require("admin", None, name)
        return getattr(self._kept, name)


class AnswersView:
    """Kept answers of the bases that the caller may read, changed in those that they may write."""

    def __init__(self, platform: Opened, policy: AccessPolicy, who: Who) -> None:
        self._kept = platform.answers
        self._require = partial(require, policy, who)

    def list(self, kb: str) -> builtins.list[CuratedAnswer]:
        """Of one base. Raises `NotFound`."""
        self._require("read", kb, "")
        return self._kept.list(kb)

    def add(self, kb: str, pairs: Iterable[tuple[str, str]]) -> int:
        """As `CuratedAnswers.add`. Raises `NotFound`."""
        self._require("write", kb, "keep an answer")
        return self._kept.add(kb, pairs)

    def remove(self, number: int) -> None:
        """Raises `NotFound` for one that is not theirs to change."""
        base = next((kept.kb for kept in self._kept.list() if kept.id == number), "")
        self._require("write", base, "remove a kept answer")
        self._kept.remove(number)
