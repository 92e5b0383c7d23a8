"""The grammars of replies: one JSON value, a forced call, or free text in which every call that begins is a valid one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agents.llm.calls.family import Family
from agents.llm.calls.lark import ANY, BLANKS, Lark, either, regex
from agents.llm.calls.writing import Way, tools_of
from agents.llm.schema.compiling import json_rule
from agents.llm.thoughts import TAGS


class Grammars:
    """Grammars for one family and one vocabulary."""

    def __init__(self, family: Family, control: Callable[[str], int | None], template: str) -> None:
        """`control`: the number of a mark that is one control token of the vocabulary, or None."""
        self._family, self._control, self._template = family, control, template

    def ways(self, tools: Sequence[Mapping[str, Any]]) -> tuple[Lark, list[Way]]:
        """How calls of `tools` are written, with the rules that this takes; none if the family can't name them."""
        tags = [tag for pair in TAGS for tag in pair]
        lark = Lark([*self._family.marks, *tags], self._control)
        return lark, self._family.write(lark, tools_of(tools), self._template) if self._family.write else []

    def schema_or_call(self, schema: Mapping[str, Any], tools: Sequence[Mapping[str, Any]]) -> str:
        """One JSON value, or a call of one of `tools`. Raises `SchemaRefused`."""
        lark, ways = self.ways(tools) if tools else (Lark(), [])
        calls = [
            f"{lark.text(way.opening)} {BLANKS} {way.rest}" if way.opening else way.rest for way in ways if way.rest
        ]
        return lark.grammar(either([lark.rule(json_rule(schema)), *calls]))

    def forced(self, tools: Sequence[Mapping[str, Any]], *, several: bool = False) -> tuple[str, str]:
        """What a forced call begins with, to be put in the prompt, and the grammar of the rest: one call, or with
        `several` as many as the model likes, where its family writes more than one in a reply."""
        lark, ways = self.ways(tools)
        return ways[0].opening + ways[0].lead, lark.grammar(self._rest(lark, ways[0], several=several))

    def lazy(self, tools: Sequence[Mapping[str, Any]], opened: str, *, several: bool = True) -> str:
        """Any text; from where a call begins, a call of one of `tools`, and with `several` more of them. '' if the family
        can't name them. JSON without marks is free in families that don't write it: held to one spelling in the middle of
        its own, a small model's texts run on (1.5B: `"Hydrology Team 1010…"`); it is checked when it is there."""
        lark, ways = self.ways(tools)
        if not ways:
            return ""
        thinks = "<think>" in self._template
        return _Lazy(lark, self._family, ways, thinks=thinks, several=several and not self._family.alone).grammar(
            opened
        )

    def _rest(self, lark: Lark, way: Way, *, several: bool) -> str:
        """What follows the opening."""
        if not several or self._family.alone:
            return way.rest
        if way.several or not way.opening:
            return way.several or way.rest
        return f"{way.rest} ({BLANKS} {lark.text(way.opening)} {BLANKS} {way.rest})*"


def _text(lark: Lark, family: Family, begin: str = ANY) -> str:
    """Any text that begins as `begin`, with the marks in it that stand around other parts of a reply than calls."""
    if not family.framed:
        return begin
    tags = [tag for pair in TAGS for tag in pair]
    frames = [mark for mark in (*[m for m, end in family.blocks.items() if m == end], *tags) if lark.holds(mark)]
    if not frames:
        return begin
    return lark.rule(f"{lark.rule(begin)} ({either([lark.text(mark) for mark in frames])} {lark.rule(ANY)})*")


class _Lazy:
    """The grammar of a reply that may hold calls."""

    def __init__(self, lark: Lark, family: Family, ways: Sequence[Way], *, thinks: bool, several: bool) -> None:
        self._lark, self._family, self._thinks, self._several = lark, family, thinks, several
        self._marked = [way for way in ways if way.opening]
        self._bare = [way for way in ways if way.head]

    def grammar(self, opened: str) -> str:
        lark = self._lark
        excluded = [way.head for way in self._bare]
        thought, unfinished = self._thought(opened)
        if self._thinks and not opened and "<think>" not in lark.control:
            excluded.append(r"\s*<think>")
        # Only a reply's first words can be a call without a mark, so they are a terminal of their own.
        first = lark.terminal(f"{ANY} & ~{regex('(' + '|'.join(excluded) + ')(?s:.*)')}") if excluded else ANY
        first = _text(lark, self._family, first)
        after = self._after()
        forms = [lark.rule(first), *self._parts(first, after)]
        forms += [f"{lark.rule(regex(way.head), lazy=True)} {way.after_head} {self._stop()}" for way in self._bare]
        body = lark.rule(" | ".join(forms))
        if opened:
            # A model may end in the middle of a thought; that is its own affair.
            return lark.grammar(f"{thought} {body} | {lark.rule(ANY)}")
        return lark.grammar(f"{body} | {thought} {body} | {lark.rule(unfinished)}" if thought else body)

    def _thought(self, opened: str) -> tuple[str, str]:
        """A thought before the rest, and one that never ends."""
        if opened:
            return self._lark.until(ANY, dict(TAGS)[opened]), ""
        if not self._thinks:
            return "", ""
        if "<think>" in self._lark.control:
            tag = self._lark.text("<think>")
            return f"{tag} {self._lark.until(ANY, '</think>')}", f"{tag} {ANY}"
        unfinished = r"/\s*<think>(?s:.*)/"
        return self._lark.until(unfinished, "</think>"), unfinished

    def _after(self) -> str:
        """What follows a call: more of them, text, or a mark with which the model would go on by itself."""
        name, fill = self._lark.later()
        text = _text(self._lark, self._family)
        more = self._parts(text, name) if self._several else []
        fill(" | ".join([f"{self._lark.rule(text)} {self._stop()}", *more]))
        return name

    def _parts(self, text: str, after: str) -> list[str]:
        found = []
        for way in self._marked:
            body = (way.several if self._several else "") or way.rest
            call = f"{self._lark.until(text, way.opening)} {BLANKS} {body}"
            if self._family.blocks.get(way.opening):
                found.append(f"{call} {after}")
            else:  # what follows would be read as a part of the call
                again = f"({BLANKS} {self._lark.text(way.opening)} {BLANKS} {way.rest})*" if self._several else ""
                found.append(f"{call} {again} {self._stop()}")
        return found

    def _stop(self) -> str:
        stops = [self._lark.text(stop) for stop in self._family.stops if stop in self._lark.control]
        return f"({' | '.join(stops)})?" if stops else ""
