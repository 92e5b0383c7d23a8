"""What sets one family of models apart from another in how it writes tool calls, and the reading of a reply."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from agents.llm.thoughts import sure_length
from ingest.json_schema import kinds_of
from ingest.lenient_json import value_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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


Found = Call | Malformed | str
"""What a reply is made of: calls, failed calls, and text."""


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
    """For families that also call without a mark: whether a reply that begins so is a call, None while that can't be
    told. Only at a reply's start, for what comes later is an example."""
    inner: tuple[str, ...] = ()
    """Other marks in a block; like those of `blocks`, control tokens in some vocabularies."""
    stops: tuple[str, ...] = ()
    """With these the model begins to make up the tool's result: the reply ends before."""
    textual: bool = False
    """Arguments come as bare text; what type they are, only the tool's schema says."""
    write: Callable[[Lark, list[Tool], str], list[Way]] | None = None
    """How a grammar spells calls of these tools; the chat template tells a family's variants apart. The first way is for
    forced calls; none when the family has no form for one of the tools."""

    @property
    def marks(self) -> tuple[str, ...]:
        """Everything that must be seen in a reply, whether it is a control token or not."""
        return (*self.blocks, *filter(None, self.blocks.values()), *self.inner, *self.stops)


class FamilyStream:
    """Takes the calls out of a streaming reply."""

    def __init__(self, family: Family, schemas: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        """`schemas`: JSON schema of each tool's parameters, by the tool's name."""
        self._family = family
        self._schemas = schemas or {}
        self._held = ""
        self._opening: str | None = None
        """What opened the block we are in ('' for one without a mark)."""
        self._at_start = family.begins is not None

    def feed(self, text: str) -> list[Found]:
        """Text that is certainly not part of a call, and calls that are complete, in order."""
        self._held += text
        found: list[Found] = []
        while self._opening is not None or self._open(found):
            block = self._closed()
            if block is None:
                return found
            found += self._calls(block)
        return found

    def finish(self) -> list[Found]:
        """What was held back; a block cut off at the end counts if it is complete but for its closing mark."""
        held, self._held = self._held, ""
        opening, self._opening = self._opening, None
        if opening is None:
            return [held] if held else []
        found = self._calls(held)
        last = found[-1] if found else None
        if isinstance(last, Malformed) and self._family.blocks.get(opening):
            found[-1] = replace(last, problem=f"cut off before its end: {last.problem}")
        return found

    def _open(self, found: list[Found]) -> bool:
        """Look for the beginning of a block; text that can't be part of one goes to `found`."""
        if self._at_start and self._family.begins:
            begun = self._family.begins(self._held)
            if begun is None:
                return False
            self._at_start = False
            if begun:
                self._opening = ""
                return True
        places = [(at, mark) for mark in self._family.blocks if (at := self._held.find(mark)) >= 0]
        if places:
            at, self._opening = min(places)
            before, self._held = self._held[:at].rstrip(), self._held[at:]
        else:
            # Blank lines before a block belong to the block, so they wait too.
            cut = min((sure_length(self._held, mark) for mark in self._family.blocks), default=len(self._held))
            before, self._held = self._held[:cut], self._held[cut:]
        if before:
            found.append(before)
        return bool(places)

    def _closed(self) -> str | None:
        """The block we are in, once its closing mark has come."""
        opening = self._opening or ""
        closing = self._family.blocks.get(opening, "")
        if closing == opening != "":
            end = len(opening)
        else:
            at = self._held.find(closing, len(opening)) if closing else -1
            if at < 0:
                return None
            end = at + len(closing)
        block, self._held, self._opening = self._held[:end], self._held[end:], None
        return block

    def _calls(self, block: str) -> list[Found]:
        if self._family.blocks.get(block) == block != "":
            return []  # its opening mark was forgotten, and the calls are already read
        found = list(self._family.parse(block))
        if not self._family.textual:
            return found
        return [_typed(item, self._schemas.get(item.name, {})) if isinstance(item, Call) else item for item in found]


def _typed(call: Call, schema: Mapping[str, Any]) -> Call:
    """`call` with each text that stands for a number, list and so on replaced by it, as the tool's schema has it.

    A text that is no such value stays text: whoever checks the arguments against the schema says so.
    """
    arguments, properties = dict(call.arguments), schema.get("properties") or {}
    for name, value in call.arguments.items():
        kinds = kinds_of(properties.get(name), schema)
        if isinstance(value, str) and kinds and "string" not in kinds:
            arguments[name] = value_of({"True": "true", "False": "false", "None": "null"}.get(value, value), value)
    return Call(call.name, arguments)
