"""Takes the calls out of a streaming reply: in the marks of the model's family, or as JSON by itself.

Whatever the family, a reply that is nothing but a call of a known tool is one: small models write their calls as a fenced
JSON object, whatever their template shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agents.llm.calls import plain_json
from agents.llm.calls.family import Call, Family, Found, Malformed
from agents.llm.thoughts import sure_length
from ingest.json_schema import kinds_of
from ingest.lenient_json import value_of

_PLAIN = "plain"
"""In the place of a mark: a call that is nothing but JSON."""


class FamilyStream:
    """Feed it text as it comes; it gives back what is certain."""

    def __init__(self, family: Family, schemas: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        """`schemas`: JSON schema of each tool's parameters, by the tool's name."""
        self._family = family
        self._schemas = schemas or {}
        self._plain = family.bare or bool(schemas)
        self._held = ""
        self._opening: str | None = None
        """What opened the block we are in: a mark, '' for the family's own form without one, or `_PLAIN`."""
        self._first = True
        """Nothing was said yet."""

    def feed(self, text: str) -> list[Found]:
        """Text that is certainly not part of a call, and calls that are complete, in order."""
        self._held += text
        return self._read(ended=False)

    def finish(self) -> list[Found]:
        """What was held back; a block cut off at the end counts if it is complete but for its closing mark."""
        found = self._read(ended=True)
        held, self._held = self._held, ""
        opening, self._opening = self._opening, None
        if opening is None:
            return [*found, held] if held else found
        found += self._bare_calls(held) if opening == _PLAIN else self._calls(held)
        last = found[-1] if found else None
        if isinstance(last, Malformed) and self._family.blocks.get(opening):
            found[-1] = replace(last, problem=f"cut off before its end: {last.problem}")
        return found

    def _read(self, *, ended: bool) -> list[Found]:
        found: list[Found] = []
        while self._opening is not None or self._open(found, ended=ended):
            block = self._closed()
            if block is None:
                break
            found += self._calls(block)
        return found

    def _open(self, found: list[Found], *, ended: bool) -> bool:
        """Look for the beginning of a block; text that can't be part of one goes to `found`."""
        places = [place for place in (self._own(), self._marked(ended=ended), self._bare()) if place]
        at, opening = min(places, key=lambda place: place[0], default=(len(self._held), None))
        if not places or (opening is None and ended):
            # Blank lines before a block belong to the block, so they wait too.
            at = min((sure_length(self._held, mark) for mark in self._family.blocks), default=at)
            at = min(at, len(self._held.rstrip())) if self._plain else at
            before, self._held = self._held[:at], self._held[at:]
        else:
            before = self._held[:at].rstrip()
            self._held = self._held[at:] if opening is not None else self._held[len(before) :]
        if before:
            found.append(before)
            self._first = self._first and not before.strip()
        self._opening = opening
        return opening is not None

    def _own(self) -> tuple[int, str | None] | None:
        """The family's own form without a mark: where it begins, and '' if that is certain."""
        if not (self._first and self._family.begins):
            return None
        begun = self._family.begins(self._held)
        return None if begun is False else (0, "" if begun else None)

    def _marked(self, *, ended: bool) -> tuple[int, str | None] | None:
        """The first mark, and of those that begin there the longest; no mark while a longer one may be coming."""
        found = [(at, -len(mark), mark) for mark in self._family.blocks if (at := self._held.find(mark)) >= 0]
        if not found:
            return None
        at, _, mark = min(found)
        rest = self._held[at:]
        longer = not ended and any(len(other) > len(rest) and other.startswith(rest) for other in self._family.blocks)
        return at, None if longer else mark

    def _bare(self) -> tuple[int, str | None] | None:
        """JSON that may be a call by itself."""
        place = plain_json.place(self._held, first=self._first) if self._plain else None
        return place and (place[0], _PLAIN if place[1] else None)

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
        self._first = False
        return block

    def _calls(self, block: str) -> list[Found]:
        if self._family.blocks.get(block) == block != "":
            return []  # a mark around something else, or one whose opening mark was forgotten
        found = list(self._family.parse(block))
        if not self._family.textual:
            return found
        return [_typed(item, self._schemas.get(item.name, {})) if isinstance(item, Call) else item for item in found]

    def _bare_calls(self, text: str) -> list[Found]:
        found = plain_json.read(text, self._schemas, first=self._first, own=self._family.bare)
        if found != [text]:
            return found
        rest = FamilyStream(self._family, self._schemas)  # no call by itself, but there may be marks in it
        rest._plain = rest._first = False
        return rest.feed(text) + rest.finish()


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
