"""Who is in a team, and what it has said so far: every member reads the same thread."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agents.tasks.events import Message
from agents.tools.tool import Tool
from ingest.errors import UsageError
from ingest.language import Text

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.tools import BaseTool

USER = "user"
"""Whoever set the task: one may hand over to it."""
_NAME = re.compile(r"\w[\w .-]{0,40}")


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a team."""

    name: str
    """What the others call it; any language. Raises `UsageError` for one that a prompt can't hold."""
    role: str
    """Its part in a sentence: the others, and a model that chooses who speaks, read it."""
    instructions: str = ""
    """What else only this member is told."""
    tools: Sequence[Tool | BaseTool | Callable[..., Any] | str] = ()
    """What it may call; a string names a built-in tool."""
    model: BaseChatModel | str | None = None
    """Its own model, as for `open_platform`; None: the platform's."""
    handoffs: Sequence[str] | None = None
    """Members it may hand over to, 'user' included; None: all others. Used by `HandOff` alone."""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or self.name.casefold() == USER:
            raise UsageError(
                Text(
                    en=f"A member can't be called '{self.name}'.",
                    zh=f"成员不能命名为 “{self.name}”。",
                ),
                Text(
                    en=f"Use letters, digits and blanks, at most 41; '{USER}' is the person who asks.",
                    zh=f"请使用字母、数字或空格，最多 41 个字符；'{USER}' 指提问的人。",
                ),
            )


def checked(members: Sequence[Member]) -> tuple[Member, ...]:
    """`members` as they are. Raises `UsageError` when there is none, when two share a name, or when one may hand over to
    nobody there is."""
    names = [member.name for member in members]
    if not names:
        raise UsageError(
            Text(en="A team needs members.", zh="团队需要成员。"),
            Text(en="platform.team([Member(…), …])", zh="platform.team([Member(…), …])"),
        )
    folded = [name.casefold() for name in names]
    if twice := next((name for name in names if folded.count(name.casefold()) > 1), None):
        raise UsageError(Text(en=f"Two members are called '{twice}'.", zh=f"有两个成员都叫 “{twice}”。"))
    for member in members:
        for other in member.handoffs or ():
            if other not in (*names, USER):
                raise UsageError(
                    Text(
                        en=f"{member.name} can't hand over to '{other}': there is no such member.",
                        zh=f"{member.name} 无法交给 “{other}”：没有这个成员。",
                    ),
                    Text(en=f"There are {', '.join(names)} and {USER}.", zh=f"现有 {'、'.join(names)} 和 {USER}。"),
                )
    return tuple(members)


@dataclass(frozen=True, slots=True)
class Thread:
    """Everything that conditions and speakers look at."""

    task: str
    messages: tuple[Message, ...] = ()
    """Of the members, in order; the task is not among them."""
    seconds: float = 0.0
    """Since the run began, pauses for approval left out."""

    @property
    def tokens(self) -> int:
        """Read and written by all models."""
        return sum(m.usage.prompt_tokens + m.usage.completion_tokens for m in self.messages)
