r"""Families that write calls as JSON objects between marks; what sets them apart is a table's row.

Hermes, Qwen 2.5 and 3, SmolLM, Granite 4 `<tool_call>{"name": …, "arguments": …}</tool_call>`; Granite 3 and Phi 4
`<|tool_call|>[{…}, …]`; MiniMax M1 `<tool_calls>{…}\\n{…}</tool_calls>`; Command R7B and A `<|START_ACTION|>[{"tool_name": …,
"parameters": …}]<|END_ACTION|>`; Command R a JSON fence after `Action:`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agents.llm.calls.family import Family, Found
from agents.llm.calls.json_calls import json_calls
from agents.llm.calls.lark import BLANKS, Lark, either, quoted
from agents.llm.calls.writing import Tool, Way, json_call

OPEN, CLOSE = "<tool_call>", "</tool_call>"


@dataclass(frozen=True)
class JsonForm:
    """How the objects stand between the marks."""

    opening: str
    closing: str
    name: str = "name"
    arguments: str = "arguments"
    layout: Literal["one", "lines", "list"] = "one"
    """In a block stands one call, or all of the reply's: one a line, or as one list."""
    lead: str = "\n"

    def parse(self, block: str) -> list[Found]:
        """The calls in one block, however they stand in there."""
        return json_calls(block.removeprefix(self.opening).removesuffix(self.closing))

    def write(self, lark: Lark, tools: list[Tool], template: str) -> list[Way]:  # noqa: ARG002  # one form for all
        """One call between the marks, or as many as the form has room for."""
        calls = either([json_call(lark, tool, self.arguments, name_key=self.name) for tool in tools])
        begin, between, end = _LAYOUTS[self.layout]
        close = f"{end} {BLANKS} {lark.text(self.closing)}" if self.closing else end
        several = f"{begin} {calls} ({between} {calls})* {close}" if between else ""
        return [Way(self.opening, f"{begin} {calls} {close}", several=several, lead=self.lead)]


_LAYOUTS = {
    "one": ("", "", ""),
    "lines": ("", r"/\n/", ""),
    "list": (f"{quoted('[')} {BLANKS}", r"/,[ \n]{0,6}/", f"{BLANKS} {quoted(']')}"),
}
"""What stands before the first call, between two and after the last."""


def _family(
    name: str, form: JsonForm, *marker: str, frames: tuple[str, ...] = (), inner: tuple[str, ...] = ()
) -> Family:
    blocks = {form.opening: form.closing} | {frame: frame for frame in frames}
    return Family(
        name,
        marker or (form.opening,),
        blocks,
        form.parse,
        inner=inner,
        framed=bool(frames),
        answer=next(iter(frames), ""),
        write=form.write,
    )


HERMES = _family("hermes", JsonForm(OPEN, CLOSE))
GRANITE3 = _family("granite3", JsonForm("<|tool_call|>", "", layout="list", lead=""))
MINIMAX_M1 = _family("minimax-m1", JsonForm("<tool_calls>", "</tool_calls>", layout="lines"))
COMMAND_R7B = _family(
    "command-r7b",
    JsonForm("<|START_ACTION|>", "<|END_ACTION|>", "tool_name", "parameters", "list", lead=""),
    frames=("<|START_RESPONSE|>", "<|END_RESPONSE|>", "<|START_TEXT|>", "<|END_TEXT|>"),
    inner=("<|START_THINKING|>", "<|END_THINKING|>"),
)
COMMAND_R = _family(
    "command-r",
    JsonForm("Action: ```json", "```", "tool_name", "parameters", "list"),
    "Action: ```json",
    "Action:```json",
)
