"""Harmony (gpt-oss): every reply comes in channels, and a call is a message to a function.

`<|channel|>analysis<|message|>thought<|end|><|start|>assistant<|channel|>commentary to=functions.NAME <|constrain|>json
<|message|>{…}<|call|>`, the answer in the channel `final`; the receiver may also stand before the channel. A reply ends with
its first call. https://cookbook.openai.com/articles/openai-harmony
"""

from __future__ import annotations

import re

from agents.llm.calls.family import Family, Found, Malformed, Thought
from agents.llm.calls.json_calls import call_with
from agents.llm.calls.lark import Lark, either, quoted
from agents.llm.calls.writing import Tool, Way

_CHANNEL, _MESSAGE, _START, _END = "<|channel|>", "<|message|>", "<|start|>", "<|end|>"
_CALL, _RETURN, _CONSTRAIN = "<|call|>", "<|return|>", "<|constrain|>"
_ANALYSIS = f"{_CHANNEL}analysis{_MESSAGE}"
_TO = f"{_CHANNEL}commentary to="
_ROLE_TO = f"{_START}assistant to="
_HEAD = re.compile(r"^(?:<\|start\|>assistant)?(?:<\|channel\|>\w+)?\s*to=(?:functions\.)?([^\s<]+)(.*)", re.DOTALL)


def begins(text: str) -> bool | None:
    """Whether a reply begins with a receiver: the prompt ends where the role is named."""
    return True if text.startswith(" to=") else None if " to=".startswith(text) else False


def parse(block: str) -> list[Found]:
    """The call in one block, or a thought that comes after the first one."""
    if block.startswith(_ANALYSIS):
        return [Thought(block.removeprefix(_ANALYSIS).removesuffix(_END))]
    head, sent, body = block.partition(_MESSAGE)
    to = _HEAD.match(head)
    if not to or not sent:
        return [Malformed(block, f"a call must look like {_TO}functions.NAME {_CONSTRAIN}json{_MESSAGE}{{…}}")]
    return [call_with(to[1], body.strip().removesuffix(_CALL).removesuffix(_END), block)]


def write(lark: Lark, tools: list[Tool], template: str) -> list[Way]:  # noqa: ARG001  # one form for all
    """The receiver in the channel, where the model itself writes it; before it, as the template writes history."""
    message, end = lark.text(_MESSAGE), f"({lark.text(_CALL)})?"
    kinds = f"({lark.text(f' {_CONSTRAIN}json')} | {quoted(' json')})?"
    bodies = [(f"functions.{tool.name}", lark.json(tool.parameters)) for tool in tools]
    plain = either([lark.rule(f"{quoted(name)} {kinds} {message} {body} {end}") for name, body in bodies])
    channel = lark.text(f"{_CHANNEL}commentary")
    by_role = either([lark.rule(f"{quoted(name)} {channel} {kinds} {message} {body} {end}") for name, body in bodies])
    return [Way(_TO, plain), Way(_ROLE_TO, by_role), Way("", "", head=" to=", after_head=by_role)]


HARMONY = Family(
    "harmony",
    (_ANALYSIS, f"{_CHANNEL}commentary"),
    {
        _TO: _CALL,
        f"{_CHANNEL}analysis to=": _CALL,
        _ROLE_TO: _CALL,
        _ANALYSIS: _END,
        f"{_CHANNEL}final{_MESSAGE}": f"{_CHANNEL}final{_MESSAGE}",
        f"{_CHANNEL}commentary{_MESSAGE}": f"{_CHANNEL}commentary{_MESSAGE}",
        f"{_START}assistant": f"{_START}assistant",
        _END: _END,
        _RETURN: _RETURN,
    },
    parse,
    begins,
    inner=(_CHANNEL, _MESSAGE, _START, _CONSTRAIN, _CALL),
    framed=True,
    answer=f"{_CHANNEL}final{_MESSAGE}",
    alone=True,
    write=write,
)
