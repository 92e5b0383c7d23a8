"""What sets one family of models apart from another in how it writes tool calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agents.llm.calls.lark import Lark
from agents.llm.calls.writing import Tool, Way


@dataclass(frozen=True, slots=True)
class Call:
    """One call as the model wrote it."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Malformed:
    """Something that was meant as a call and is none."""

    text: str
    problem: str = field(default="", compare=False)
    """What is wrong, in English: it is the model that gets to read it, to do better."""


@dataclass(frozen=True, slots=True)
class Thought:
    """A thought in the middle of a reply."""

    text: str


Found = Call | Malformed | Thought | str
"""What a reply is made of: calls, failed calls, thoughts, and text."""


@dataclass(frozen=True)
class Family:
    """How one family of models writes tool calls."""

    name: str
    marker: tuple[str, ...]
    """A chat template with one of these belongs to the family."""
    blocks: Mapping[str, str]
    """What opens a block of calls → what closes it; '' when the block takes the rest of the reply.

    A mark that closes itself is one to leave out, such as a closing mark whose opening one was forgotten.
    """
    parse: Callable[[str], Sequence[Found]]
    """Reads one block of calls as the model wrote it, its marks included; the closing one may be missing. Never raises,
    and never gives back nothing for a block that was meant to hold a call."""
    begins: Callable[[str], bool | None] | None = None
    """For families that also call without a mark in a form of their own: whether a reply that begins so is a call, None
    while that can't be told. Only at a reply's start, for what comes later is an example."""
    bare: bool = False
    """A reply that is a JSON object with a name is a call even when no such tool is known: the family writes calls so."""
    inner: tuple[str, ...] = ()
    """Other marks in a block; like those of `blocks`, control tokens in some vocabularies."""
    stops: tuple[str, ...] = ()
    """With these the model begins to make up the tool's result: the reply ends before."""
    textual: bool = False
    """Arguments come as bare text; what type they are, only the tool's schema says."""
    framed: bool = False
    """Its marks stand around every part of a reply, whether there are tools or not."""
    answer: str = ""
    """The marks that an answer begins with, where it is framed."""
    alone: bool = False
    """Its template writes one call a message."""
    short_ids: bool = False
    """Its template takes ids of nine letters and digits only."""
    numbered_ids: bool = False
    """Its template writes a call's id where the name belongs: `functions.NAME:0`, counted through the conversation."""
    write: Callable[[Lark, list[Tool], str], list[Way]] | None = None
    """How a grammar spells calls of these tools; the chat template tells a family's variants apart. The first way is for
    forced calls; none when the family has no form for one of the tools."""

    @property
    def marks(self) -> tuple[str, ...]:
        """Everything that must be seen in a reply, whether it is a control token or not."""
        return (*self.blocks, *filter(None, self.blocks.values()), *self.inner, *self.stops)
