"""Families that write a call as its tool's name and then its arguments as JSON, with marks before, between and behind.

DeepSeek V3.1 `NAME<｜tool▁sep｜>{…}`, its R1 and V3 `function<｜tool▁sep｜>NAME` and a JSON fence; Kimi K2
`functions.NAME:0<|tool_call_argument_begin|>{…}`. Distilled models often forget the outer marks, or leave the last ones off.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from agents.llm.calls.family import Family, Found, Malformed
from agents.llm.calls.json_calls import call_with
from agents.llm.calls.lark import Lark, either
from agents.llm.calls.writing import Tool, Way

_FENCED = re.compile(r"([^\n`]*)\n\s*(```.*)", re.DOTALL)
_NUMBERED = re.compile(r"(?:functions\.)?(.*?)(?::\d+)?", re.DOTALL)


@dataclass(frozen=True)
class NamedForm:
    """The marks around a section of calls, and around and in each call."""

    opening: str
    closing: str
    begin: str
    separator: str
    end: str
    numbered: bool = False
    """Names are written `functions.NAME:0`, counted through the conversation."""

    def parse(self, block: str) -> list[Found]:
        """The calls in one block."""
        inside = block.removeprefix(self.opening).removesuffix(self.closing)
        before, *calls = inside.split(self.begin)
        found = [self._call(text.strip().removesuffix(self.end).strip()) for text in calls]
        if before.strip() or not calls:
            found.insert(0, Malformed(before.strip(), f"a call must begin with {self.begin}"))
        return found

    def _call(self, text: str) -> Found:
        name, separated, rest = text.partition(self.separator)
        if not separated:
            return Malformed(text, f"{self.separator} is missing between the name and the arguments")
        name = name.strip()
        if self.numbered:
            name = str(_NUMBERED.fullmatch(name)[1])  # type: ignore[index]  # matches anything
        elif fenced := _FENCED.fullmatch(rest.strip()):
            name, rest = fenced.groups()
        return call_with(name.strip(), rest, text)

    def write(self, lark: Lark, tools: list[Tool], template: str) -> list[Way]:
        """As the template writes them: DeepSeek's with a JSON fence up to R1 and V3, bare from V3.1 on."""
        fenced = not self.numbered and "```json" in template
        calls = either([self._written(lark, tool, fenced=fenced) for tool in tools])
        begin, end, close = (lark.text(mark) for mark in (self.begin, self.end, self.closing))
        more = rf"(/\n?/ {begin} {calls} {end})*"
        one = f"{begin} {calls} {end} {close}"
        return [
            Way(self.opening, one, several=f"{begin} {calls} {end} {more} {close}"),
            Way(self.begin, rf"{calls} {end} {more} (/\n?/ {close})?"),  # distilled models forget the outer marks
        ]

    def _written(self, lark: Lark, tool: Tool, *, fenced: bool) -> str:
        arguments = lark.json(tool.parameters)
        if self.numbered:
            return lark.rule(
                f"{lark.text(f'functions.{tool.name}:')} /[0-9]{{1,3}}/ {lark.text(self.separator)} {arguments}"
            )
        if fenced:
            head = lark.text(f"function{self.separator}{tool.name}\n```json\n")
            return lark.rule(f"{head} {arguments} {lark.text(chr(10) + '```')}")
        return lark.rule(f"{lark.text(tool.name + self.separator)} {arguments}")

    def family(self, name: str) -> Family:
        """The family that writes so."""
        return Family(
            name,
            (self.opening,),
            {self.opening: self.closing, self.begin: self.end, self.closing: self.closing},
            self.parse,
            inner=(self.separator,),
            numbered_ids=self.numbered,
            write=self.write,
        )


DEEPSEEK = NamedForm(
    "<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>", "<｜tool▁call▁begin｜>", "<｜tool▁sep｜>", "<｜tool▁call▁end｜>"
).family("deepseek")
KIMI_K2 = NamedForm(
    "<|tool_calls_section_begin|>",
    "<|tool_calls_section_end|>",
    "<|tool_call_begin|>",
    "<|tool_call_argument_begin|>",
    "<|tool_call_end|>",
    numbered=True,
).family("kimi-k2")
