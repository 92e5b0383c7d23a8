from __future__ import annotations

import pytest

from agents.llm.calls import HERMES, Call, FamilyStream, Malformed
from agents.llm.calls.parsed import json_calls

CASES = [
    ('<tool_call>\n{"name": "f", "arguments": {"q": "年假"}}\n</tool_call>', [Call("f", {"q": "年假"})]),
    (
        'Let me see.\n<tool_call>{"name":"f","arguments":"{\\"a\\":1}"}</tool_call>',
        ["Let me see.", Call("f", {"a": 1})],
    ),
    ('<tool_call>[{"name":"f","arguments":{}},{"name":"g"}]</tool_call>', [Call("f", {}), Call("g", {})]),
    ('<tool_call>{"name": "f", "arguments": {"q": "a\nb"}}</tool_call>', [Call("f", {"q": "a\nb"})]),
    ("<tool_call>{not json}</tool_call>ok", [Malformed("{not json}"), "ok"]),
    ('<tool_call>{"name": "f", "arguments": {}}', [Call("f", {})]),
    ('<tool_call>{"name": "f", "argu', [Malformed('{"name": "f", "argu')]),
    ("a <tool_ b < c", ["a <tool_ b < c"]),
    ('<tool_call>{"name": 3}</tool_call>', [Malformed('{"name": 3}')]),
]


def _joined(found: list) -> list:
    joined: list = []
    for item in found:
        if isinstance(item, str) and joined and isinstance(joined[-1], str):
            joined[-1] += item
        else:
            joined.append(item)
    return joined


@pytest.mark.parametrize(("text", "expected"), CASES)
@pytest.mark.parametrize("step", [1, 5, 1000])
def test_calls_come_out_however_the_text_is_cut(text, expected, step) -> None:
    stream = FamilyStream(HERMES)
    found = [f for i in range(0, len(text), step) for f in stream.feed(text[i : i + step])] + stream.finish()
    assert _joined(found) == expected


def test_parse_never_raises() -> None:
    for text in ("", "null", "[]", "[1]", '{"name":"f","arguments":[1]}', '{"name":"f","arguments":"x"}', "9" * 5000):
        assert all(isinstance(item, (Call, Malformed)) for item in json_calls(text))
