from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.language_models.chat_models import generate_from_stream
from langchain_core.messages import AIMessage, HumanMessage

from agents.llm.calls import FAMILIES, Call, FamilyStream, Malformed, Thought, family_of
from agents.llm.prompting.messages import as_template_messages
from agents.llm.prompting.prompting import Prompt, Prompter
from agents.llm.prompting.reply import Reply
from tests.agents.llm.calls.replies import joined, read

_BY_NAME = {family.name: family for family in FAMILIES}
_SCHEMAS = {
    "typed": {
        "properties": {
            "n": {"type": "integer"},
            "b": {"type": "boolean"},
            "l": {"type": "array"},
            "s": {"type": "string"},
            "m": {"anyOf": [{"type": "number"}, {"type": "null"}]},
            "e": {"enum": ["1", "2"]},
        }
    }
}
_F = Call("f", {"a": 1})
_G = Call("g", {})
_Q = Call("f", {"q": "年假 {多少} 天"})


def bad(problem: str, text: str = "") -> tuple[str, str]:
    """A failed call whose problem and text have these in them."""
    return problem, text


_DS = "<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>", "<｜tool▁sep｜>", "<｜tool▁call▁end｜>", "<｜tool▁calls▁end｜>"
_TO = "<|channel|>commentary to=functions."
_KS, _KC = "<|tool_calls_section_begin|>", "<|tool_calls_section_end|>"
_KB, _KA, _KE = "<|tool_call_begin|>", "<|tool_call_argument_begin|>", "<|tool_call_end|>"
_MM, _EMM = "<minimax:tool_call>", "</minimax:tool_call>"
_SFC, _EFC = "<start_function_call>", "<end_function_call>"
_TC, _ETC = "<tool_call>", "</tool_call>"

CASES = [
    # Hermes
    ("hermes", _TC + '\n{"name": "f", "arguments": {"q": "年假 {多少} 天"}}\n' + _ETC, [_Q]),
    ("hermes", "Let me see.\n\n" + _TC + '{"name":"f","arguments":"{\\"a\\":1}"}' + _ETC, ["Let me see.", _F]),
    ("hermes", f'{_TC}{{"name":"f","arguments":{{"a":1}}}}{_ETC}\n{_TC}{{"name":"g"}}{_ETC}', [_F, _G]),
    ("hermes", _TC + '{"name":"f","arguments":{"a":1}}\n{"name":"g","arguments":null}' + _ETC, [_F, _G]),
    ("hermes", _TC + '[{"name":"f","arguments":{"a":1}},{"name":"g"}]' + _ETC, [_F, _G]),
    ("hermes", _TC + '{"name": "f", "arguments": {"q": "a\nb"}}' + _ETC, [Call("f", {"q": "a\nb"})]),
    ("hermes", _TC + "{not json}" + _ETC + "ok", [bad("not valid JSON", "{not json}"), "ok"]),
    ("hermes", _TC + '{"name": 3}' + _ETC, [bad("'name'", '{"name": 3}')]),
    ("hermes", _TC + "null" + _ETC, [bad("must be a JSON object", "null")]),
    ("hermes", _TC + '```json\n{"name":"f","parameters":{"a":1}}\n```' + _ETC, [_F]),
    ("hermes", _TC + '{"type":"function","function":{"name":"f","arguments":{"a":1}}}' + _ETC, [_F]),
    ("hermes", _TC + '{"name": "f", "arguments": {"a": 1}}', [_F]),
    ("hermes", _TC + '{"name": "f", "argu', [bad("cut off", '"argu')]),
    ("hermes", _TC, [bad("cut off")]),
    ("hermes", _TC + _ETC + "so", [bad("no call"), "so"]),
    ("hermes", _TC + "[]" + _ETC, [bad("no call in it")]),
    ("hermes", _TC + "{'name': 'f'}" + _ETC, [bad("not valid JSON", "'f'")]),
    ("hermes", _TC + '{"name":"f","arguments":[1]}' + _ETC, [bad("JSON object", "[1]")]),
    ("hermes", _TC + '{"name":"f","arguments":"a=1"}' + _ETC, [bad("arguments of 'f'", "a=1")]),
    ("hermes", _TC + '{"name":"f","arguments":{"a":NaN}}' + _ETC, [bad("NaN")]),
    ("hermes", _TC + '{"arguments":{}}' + _ETC, [bad("'name'")]),
    ("hermes", _TC + '{"name":"f","arguments":{"a":1}}{"name"' + _ETC, [_F, bad("not valid JSON", '{"name"')]),
    ("hermes", _TC + "[" * 9999 + _ETC, [bad("not valid JSON")]),
    ("hermes", "a <tool_ b < c ", ["a <tool_ b < c "]),
    ("hermes", '{"name":"f","arguments":{"a":1}}', ['{"name":"f","arguments":{"a":1}}']),
    # Qwen3-Coder
    ("qwen3-coder", f"{_TC}\n<function=f>\n<parameter=q>\n年假 {{多少}} 天\n</parameter>\n</function>\n{_ETC}", [_Q]),
    ("qwen3-coder", f"ok\n{_TC}<function=g></function>{_ETC}", ["ok", _G]),
    ("qwen3-coder", f"<function=g>\n</function>\n{_ETC}", [_G]),
    ("qwen3-coder", f"{_TC}<function=g></function>\n<function=g></function>{_ETC}", [_G, _G]),
    ("qwen3-coder", "<function=g></function></tool_call>Done.", [_G, "Done."]),
    (
        "qwen3-coder",
        ("<function=typed><parameter=n>3</parameter><parameter=b>True</parameter><parameter=l>[1]</parameter>"
        "<parameter=s>3</parameter><parameter=m>null</parameter><parameter=e>1</parameter>"
        "<parameter=x>3</parameter></function>"),
        [Call("typed", {"n": 3, "b": True, "l": [1], "s": "3", "m": None, "e": "1", "x": "3"})],
    ),
    ("qwen3-coder", "<function=typed><parameter=n>three</parameter></function>", [Call("typed", {"n": "three"})]),
    (
        "qwen3-coder",
        f"{_TC}<function=f><parameter=q>a <function=b> < </tag>\n\nx</parameter></function>{_ETC}",
        [Call("f", {"q": "a <function=b> < </tag>\n\nx"})],
    ),
    ("qwen3-coder", '<function=f>{"a": 1}</function>', [_F]),
    ("qwen3-coder", '<function=f>{"a": }</function>', [bad("arguments of 'f'")]),
    ("qwen3-coder", f"{_TC}<function=f><parameter=q>1</function>{_ETC}", [bad("<parameter=", "<function=f>")]),
    ("qwen3-coder", "<function=f><parameter=q>1", [bad("cut off")]),
    ("qwen3-coder", "<function=></function>", [bad("name of the tool")]),
    ("qwen3-coder", _TC + '{"name":"f"}' + _ETC, [bad("must begin with <function=")]),
    # GLM
    (
        "glm",
        f"Yes.\n{_TC}typed\n<arg_key>n</arg_key>\n<arg_value>3</arg_value>\n<arg_key>s</arg_key><arg_value>3</arg_value>{_ETC}",
        ["Yes.", Call("typed", {"n": 3, "s": "3"})],
    ),
    ("glm", _TC + "g" + _ETC, [_G]),
    ("glm", _TC + "f<arg_key>a</arg_key><arg_val" + _ETC, [bad("<arg_key>KEY")]),
    ("glm", _TC + '{"name":"g"}' + _ETC, [bad("name of the tool")]),
    # Llama 3
    ("llama3", '{"name": "f", "parameters": {"a": 1}}', [_F]),
    ("llama3", '\n\n{"type": "function", "name": "f", "parameters": {"a": 1}}', [_F]),
    ("llama3", '<|python_tag|>{"name": "f", "parameters": {"a": 1}}; {"name": "g", "parameters": {}}', [_F, _G]),
    ("llama3", '{"name":"f","parameters":{"a":1}}\nDone.', [_F, "Done."]),
    ("llama3", 'I look.<|python_tag|>f.call(q="年假 {多少} 天")', ["I look.", _Q]),
    ("llama3", "<|python_tag|>import os\nos.remove('x')", [bad("neither a JSON", "import os")]),
    ("llama3", "<|python_tag|>", [bad("no call")]),
    ("llama3", '{"name": "f", "parameters": {"a": 1', [bad("not valid JSON")]),
    ("llama3", "{'name': 'f', 'parameters': {}}", [bad("not valid JSON", "'f'")]),
    ("llama3", '{"name": "Ada", "born": 1815}', ['{"name": "Ada", "born": 1815}']),
    ("llama3", '{"answer": 4}', ['{"answer": 4}']),
    ("llama3", 'For example:\n{"name": "f", "parameters": {}}', ['For example:\n{"name": "f", "parameters": {}}']),
    # Mistral
    ("mistral", '[TOOL_CALLS][{"name":"f","arguments":{"a":1},"id":"abcdefghi"}, {"name":"g","arguments":{}}]', [_F, _G]),
    ("mistral", 'Ok. [TOOL_CALLS]f[ARGS]{"a": 1}[TOOL_CALLS]g[ARGS]{}', ["Ok.", _F, _G]),
    ("mistral", '[TOOL_CALLS]f[CALL_ID]123456789[ARGS]{"q": "年假 {多少} 天"}', [_Q]),
    ("mistral", '[TOOL_CALLS]f{"a": 1}', [_F]),
    ("mistral", '[TOOL_CALLS]f[ARGS]"{\\"a\\": 1}"', [_F]),
    ("mistral", '[TOOL_CALLS]f[ARGS]"a"', [bad("arguments of 'f'")]),
    ("mistral", ' [{"name":"f","arguments":{"a":1}}]', [_F]),
    ("mistral", '[TOOL_CALLS][{"name":"f","arguments":{"a":1}}', [bad("not valid JSON")]),
    ("mistral", "[TOOL_CALLS]f[ARGS]", [bad("missing", "f[ARGS]")]),
    ("mistral", '[TOOL_CALLS]f[ARGS]{"a": 1', [bad("arguments of 'f'")]),
    ("mistral", "[TOOL_CALLS][ARGS]{}", [bad("name of the tool")]),
    ("mistral", "[TOOL_CALLS][]", [bad("no call in it")]),
    ("mistral", "[1] and [TOOL_ BOX]", ["[1] and [TOOL_ BOX]"]),
    # DeepSeek
    ("deepseek", f'{_DS[0]}{_DS[1]}f{_DS[2]}{{"a": 1}}{_DS[3]}{_DS[1]}g{_DS[2]}{{}}{_DS[3]}{_DS[4]}', [_F, _G]),
    ("deepseek", f'hm\n{_DS[0]}{_DS[1]}function{_DS[2]}f\n```json\n{{"a": 1}}\n```{_DS[3]}{_DS[4]}', ["hm", _F]),
    ("deepseek", f'{_DS[1]}f{_DS[2]}{{"a": 1}}{_DS[3]}\n{_DS[4]}', [_F]),
    ("deepseek", f'{_DS[0]}{_DS[1]}f{_DS[2]}{{"a": 1}}', [_F]),
    ("deepseek", f'{_DS[0]}{_DS[1]}f{_DS[2]}{{"a": ', [bad("cut off")]),
    ("deepseek", f"{_DS[0]}{_DS[1]}f {{}}{_DS[3]}{_DS[4]}", [bad("is missing between")]),
    ("deepseek", f"{_DS[0]}f{_DS[4]}", [bad("must begin with")]),
    ("deepseek", f"{_DS[1]}f{_DS[2]}[1]{_DS[3]}", [bad("one JSON object")]),
    # FunctionGemma, Gemma 4
    ("functiongemma", f"{_SFC}call:f{{q:<escape>年假 {{多少}} 天<escape>}}{_EFC}", [_Q]),
    ("functiongemma", f"{_SFC}call:g{{}}{_EFC}{_SFC}call:f{{a:1}}{_EFC}", [_G, _F]),
    (
        "functiongemma",
        f"{_SFC}call:f{{l:[<escape>a, b<escape>,-2.5],o:{{t:true,n:null}},e:[]}}{_EFC}",
        [Call("f", {"l": ["a, b", -2.5], "o": {"t": True, "n": None}, "e": []})],
    ),
    ("functiongemma", f"{_SFC}call:f{{a:Paris}}{_EFC}", [bad("'Paris' is neither")]),
    ("functiongemma", f"{_SFC}call:g{{}} call:f{{a:Paris}}{_EFC}", [_G, bad("'Paris' is neither")]),
    ("functiongemma", f"{_SFC}call:f{{a:<escape>Par", [bad("cut off")]),
    ("functiongemma", f"{_SFC}call:f{{:1}}{_EFC}", [bad("Expecting property name")]),
    ("functiongemma", f"{_SFC}call:f{{a:}}{_EFC}", [bad("Expecting value")]),
    ("functiongemma", f"{_SFC}call:f{{a 1}}{_EFC}", [bad("'a 1' is neither")]),
    ("functiongemma", f"{_SFC}f(1){_EFC}", [bad("call:NAME")]),
    ("functiongemma", f"{_SFC}call:f{{a:{'[' * 9999}}}{_EFC}", [bad("arguments of 'f'")]),
    ("gemma4", 'Hi\n<|tool_call>call:f{q:<|"|>年假 {多少} 天<|"|>}<tool_call|>', ["Hi", _Q]),
    ("gemma4", '<|tool_call>call:f{"a":1}<tool_call|>', [_F]),
    ("gemma4", '<|tool_call>call:f{a:"x"}', [Call("f", {"a": "x"})]),
    # Pythonic
    ("pythonic", "[f(a=1), g()]", [_F, _G]),
    ("pythonic", 'Sure: <|tool_call_start|>[f(q="年假 {多少} 天")]<|tool_call_end|>!', ["Sure:", _Q, "!"]),
    ("pythonic", "```tool_code\nprint(f(a=1))\nx = g()\n```", [_F, _G]),
    (
        "pythonic",
        "[f(a=[1, {'k': None}], b=-2, c=true, d=False)]",
        [Call("f", {"a": [1, {"k": None}], "b": -2, "c": True, "d": False})],
    ),
    ("pythonic", "[f(1)]", [bad("needs its name")]),
    ("pythonic", "[f(a=open('x'))]", [bad("plain values")]),
    ("pythonic", "[f(a={1: 2})]", [bad("must be texts")]),
    ("pythonic", "[f(a=b'1')]", [bad("no place in JSON")]),
    ("pythonic", "[f(a=1", [bad("Python's syntax")]),
    ("pythonic", "[f(a=1), 2]", [_F, bad("NAME(KEY=VALUE")]),
    ("pythonic", "[1] says so (see [2]).", ["[1] says so (see [2])."]),
    # Harmony
    ("harmony", _TO + 'f <|constrain|>json<|message|>{"q": "年假 {多少} 天"}<|call|>', [_Q]),
    ("harmony", _TO + 'f<|message|>{"a": 1}', [_F]),
    ("harmony", ' to=functions.f<|channel|>commentary json<|message|>{"a": 1}<|call|>', [_F]),
    ("harmony", '<|start|>assistant to=functions.f<|channel|>commentary <|constrain|>json<|message|>{"a":\n 1}<|call|>', [_F]),
    (
        "harmony",
        "<|channel|>commentary<|message|>I look it up.<|end|><|start|>assistant<|channel|>analysis<|message|>Which?<|end|>"
        "<|start|>assistant" + _TO + "g json<|message|>{}<|call|>",
        ["I look it up.", Thought("Which?"), _G],
    ),
    ("harmony", "<|channel|>final<|message|>15 days <|channel|>, no?<|return|>", ["15 days <|channel|>, no?"]),
    ("harmony", "<|start|>assistant<|channel|>final<|message|>15 天。", ["15 天。"]),
    ("harmony", "Hello <b>there</b>", ["Hello <b>there</b>"]),
    ("harmony", _TO + "browser.search code<|message|>{}<|call|>", [Call("browser.search", {})]),
    ("harmony", _TO + 'f json<|message|>{"a": {"b": ["x\\"y", null]}}', [Call("f", {"a": {"b": ['x"y', None]}})]),
    ("harmony", _TO + 'f <|constrain|>json<|message|>{"a": ', [bad("cut off", '{"a":')]),
    ("harmony", _TO + "func", [bad("cut off before its end: a call must look like")]),
    ("harmony", "<|start|>assistant", []),
    # Kimi K2
    ("kimi-k2", f'Ok.{_KS}{_KB}functions.f:0{_KA}{{"q": "年假 {{多少}} 天"}}{_KE}{_KC}', ["Ok.", _Q]),
    ("kimi-k2", f'{_KS}{_KB}functions.f:2{_KA}{{"a": 1}}{_KE}{_KB}functions.g:3{_KA}{{}}{_KE}{_KC}', [_F, _G]),
    ("kimi-k2", f'{_KS}\n{_KB}\nfunctions.f:0{_KA}\n{{"a": 1}}\n{_KE}\n{_KC}\n\nSo.', [_F, "\n\nSo."]),
    ("kimi-k2", f"{_KS}{_KB}a.b{_KA}{{}}{_KE}{_KC}", [Call("a.b", {})]),
    ("kimi-k2", f'{_KB}functions.f:0{_KA}{{"a": 1}}{_KE}{_KC}', [_F]),
    ("kimi-k2", f'{_KS}{_KB}functions.f:0{_KA}{{"a": 1}}', [_F]),
    ("kimi-k2", f'{_KS}{_KB}functions.f:0{_KA}{{"a', [bad("cut off")]),
    ("kimi-k2", f"{_KS}{_KB}functions.f:0 {{}}{_KE}{_KC}", [bad("is missing between")]),
    # MiniMax
    (
        "minimax-m2",
        f'Yes.\n{_MM}\n<invoke name="f">\n<parameter name="q">年假 {{多少}} 天</parameter>\n</invoke>\n{_EMM}',
        ["Yes.", _Q],
    ),
    (
        "minimax-m2",
        (f'{_MM}<invoke name="g">\n</invoke>\n<invoke name="typed">\n<parameter name="n">3</parameter>\n'
        f'<parameter name="l">[{{"k": "a\\"b"}}]</parameter><parameter name="s">\n 3 > 2\n</parameter></invoke>{_EMM}'),
        [_G, Call("typed", {"n": 3, "l": [{"k": 'a"b'}], "s": " 3 > 2"})],
    ),
    ("minimax-m2", '<invoke name="g"></invoke>' + _EMM + "Done.", [_G, "Done."]),
    ("minimax-m2", f'{_MM}<invoke name="f"><parameter name="q">1', [bad("cut off")]),
    ("minimax-m2", f'{_MM}<invoke name="f"><parameter name="q">1</invoke>{_EMM}', [bad('<parameter name="KEY">')]),
    ("minimax-m2", f'{_MM}{{"name": "g"}}{_EMM}', [bad('must begin with <invoke name="NAME">')]),
    ("minimax-m1", '<tool_calls>\n{"name": "f", "arguments": {"q": "年假 {多少} 天"}}\n</tool_calls>', [_Q]),
    ("minimax-m1", 'Hm.<tool_calls>{"name":"f","arguments":{"a":1}}\n{"name":"g","arguments":{}}\n</tool_calls>', ["Hm.", _F, _G]),
    ("minimax-m1", '<tool_calls>{"name":"f","arguments":{"a":', [bad("cut off")]),
    # Command R
    (
        "command-r7b",
        ('<|START_ACTION|>[\n    {"tool_call_id": "0", "tool_name": "f", "parameters": {"q": "年假 {多少} 天"}},\n'
        '    {"tool_call_id": "1", "tool_name": "g", "parameters": {}}\n]<|END_ACTION|>'),
        [_Q, _G],
    ),
    ("command-r7b", "<|START_RESPONSE|>15 days.<|END_RESPONSE|>", ["15 days."]),
    ("command-r7b", '<|START_ACTION|>{"tool_name":"f","parameters":{"a":1}}<|END_ACTION|>', [_F]),
    ("command-r7b", '<|START_ACTION|>[{"tool_name": "f", "parameters": {"a": 1', [bad("cut off")]),
    ("command-r7b", '<|START_ACTION|>[{"tool_name": "f", "parameters": [1]}]<|END_ACTION|>', [bad("JSON object")]),
    (
        "command-r",
        ('Plan: look.\nAction: ```json\n[\n    {\n        "tool_name": "f",\n        "parameters": {\n            "a": 1\n        }\n'
        '    },\n    {"tool_name": "g", "parameters": {}}\n]```'),
        ["Plan: look.", _F, _G],
    ),
    ("command-r", 'Action: ```json\n[{"tool_name": "f", "parameters": {"q": "年假 {多少} 天"}}]```', [_Q]),
    ("command-r", 'Action: ```json\n[{"tool_name": "f", ', [bad("cut off")]),
    # Granite
    ("granite3", '<|tool_call|>[{"name": "f", "arguments": {"q": "年假 {多少} 天"}}, {"name": "g", "arguments": {}}]', [_Q, _G]),
    ("granite3", 'Yes. <|tool_call|> [{"name": "f", "arguments": {"a": 1}}]', ["Yes.", _F]),
    ("granite3", '<|tool_call|>[{"name": "f", "arguments": {"a": ', [bad("not valid JSON")]),
    # Plain JSON
    ("json", '{"name": "f", "arguments": {"a": 1}}', [_F]),
    ("json", '```json\n[{"name": "f", "arguments": {"a": 1}}, {"name": "g", "parameters": {}}]\n```', [_F, _G]),
    ("json", '{"function": {"name": "f", "arguments": "{\\"a\\": 1}"}, "type": "function"}', [_F]),
    ("json", "well" + _TC + '{"name":"f","arguments":{"a":1}}' + _ETC, ["well", _F]),
    ("json", '{"name": "f", "arguments": ', [bad("not valid JSON")]),
    ("json", '{"name": 3, "arguments": {}}', [bad("'name'")]),
    ("json", '[{"name": "g", "arguments": {}}, {"nam": "g"}]', [_G, bad("'name'")]),
    ("json", '```python\nprint("hi")\n```', ['```python\nprint("hi")\n```']),
    ("json", "`f` is no call", ["`f` is no call"]),
    ("json", "  ", ["  "]),
    ("json", "", []),
]  # fmt: skip


def _matches(found: object, expected: object) -> bool:
    if isinstance(expected, tuple):
        return isinstance(found, Malformed) and expected[0] in found.problem and expected[1] in found.text
    return type(found) is type(expected) and found == expected


@pytest.mark.parametrize(("name", "reply", "expected"), CASES, ids=lambda value: str(value)[:40])
def test_a_reply_gives_its_calls_wherever_it_is_cut(name, reply, expected) -> None:
    family = _BY_NAME[name]
    whole = read(family, reply, _SCHEMAS)
    assert len(whole) == len(expected), whole
    for found, wanted in zip(whole, expected, strict=True):
        assert _matches(found, wanted), (found, wanted)
    cuts = range(len(reply)) if len(reply) < 1000 else range(0, len(reply), 997)
    for cut in cuts:
        stream = FamilyStream(family, _SCHEMAS)
        pieces = stream.feed(reply[:cut]) + stream.feed(reply[cut:]) + stream.finish()
        assert joined(pieces) == whole, cut
    if len(reply) < 1000:
        stream = FamilyStream(family, _SCHEMAS)
        pieces = [item for character in reply for item in stream.feed(character)] + stream.finish()
        assert joined(pieces) == whole


def test_every_family_is_in_the_table_with_calls_and_failures() -> None:
    assert len(CASES) >= 50
    for family in FAMILIES:
        expected = [item for name, _, items in CASES if name == family.name for item in items]
        assert any(isinstance(item, Call) for item in expected), family.name
        assert family.name == "gemma4" or any(isinstance(item, tuple) for item in expected), family.name


def test_text_is_not_held_back_longer_than_a_mark_may_take() -> None:
    for family in FAMILIES:
        stream = FamilyStream(family)
        assert "".join(map(str, stream.feed("The leave is 15 days."))) == "The leave is 15 days."


_MARKS = sorted({mark for family in FAMILIES for mark in family.marks})
_BITS = st.sampled_from(
    [
        *_MARKS,
        '{"name":"f",',
        '"arguments":',
        "{",
        "}",
        "[",
        "]",
        "call:f",
        "f(",
        "a=1",
        ")",
        "```",
        "\n",
        " ",
        '"',
        "年",
        "9" * 5000,
    ]
)


@settings(max_examples=60)
@given(st.lists(_BITS, max_size=12), st.integers(0, 60))
def test_nothing_raises_and_cutting_never_matters(bits, cut) -> None:
    reply = "".join(bits)
    for family in FAMILIES:
        whole = read(family, reply)
        stream = FamilyStream(family)
        assert joined(stream.feed(reply[:cut]) + stream.feed(reply[cut:]) + stream.finish()) == whole
        for item in whole:
            assert isinstance(item, (str, Call, Thought)) or item.problem
        opened = next((mark for mark in family.blocks if mark in reply and family.blocks[mark] != mark), None)
        assert opened is None or any(not isinstance(item, str) for item in whole)


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{{ '<tool_call>' }}", "hermes"), ("<tool_call>\n<function=", "qwen3-coder"), ("[TOOL_CALLS]", "mistral"),
        ("<tool_call>{function-name}<arg_key>", "glm"), ("<｜tool▁calls▁begin｜>", "deepseek"),
        ("<|python_tag|>", "llama3"), ("Environment: ipython", "llama3"), ("<start_function_call>", "functiongemma"),
        ("'<|tool_call>call:'", "gemma4"), ("<|start|>assistant<|channel|>commentary", "harmony"),
        ("<|tool_calls_section_begin|>", "kimi-k2"), ("= '<minimax:tool_call>'", "minimax-m2"), ("<tool_calls>", "minimax-m1"),
        ("<|START_ACTION|>[ ```json", "command-r7b"), ("Action: ```json", "command-r"), ("<|tool_call|>", "granite3"), ("<|tool_list_start|>", "pythonic"), ("{% if tools %}", "json"),
    ],
)  # fmt: skip
def test_the_family_is_read_off_the_template(template, name) -> None:
    family = family_of(template)
    assert family is not None
    assert family.name == name


def test_a_template_without_tools_has_no_family() -> None:
    assert family_of("{{ messages }}") is None


class _Weights:
    """A vocabulary of characters, with `marks` as its control tokens."""

    bos = eos = -1
    adds_bos = False

    def __init__(self, *marks: str) -> None:
        self.control_texts = frozenset(marks)
        self._marks = list(marks)

    def text_of(self, token: int) -> str:
        return ""

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        return [-2 - self._marks.index(text)] if special and text in self._marks else [ord(c) for c in text]


def _prompt(template: str, marks: tuple[str, ...] = (), **options) -> tuple[Prompter, Prompt]:
    engine = type("Engine", (), {"weights": _Weights(*marks)})()
    prompter = Prompter(engine, template, {})
    tools = [{"type": "function", "function": {"name": "typed", "parameters": _SCHEMAS["typed"]}}]
    return prompter, prompter.prompt([HumanMessage("?")], {"tools": tools, **options})


def _said(prompt: Prompt, text: str, *stops: str, reason: str = "stop") -> AIMessage:
    reply = Reply(prompt, list(stops))
    raw = text.encode()
    chunks = [chunk for i in range(0, len(raw), 5) for chunk in reply.feed(raw[i : i + 5])]
    return generate_from_stream(iter([*chunks, *reply.finish(reason)])).generations[0].message


_NATIVE = "{{% for tool in tools or [] %}}{}{{{{ tool }}}}{{% endfor %}}{{{{ messages[0].content }}}}"


def test_the_chat_model_reads_calls_as_the_models_template_shows_them() -> None:
    _, prompt = _prompt(_NATIVE.format("<function="))
    message = _said(prompt, "Yes.\n<tool_call><function=typed><parameter=n>3</parameter></function></tool_call>")
    assert message.content == "Yes."
    assert [(call["name"], call["args"]) for call in message.tool_calls] == [("typed", {"n": 3})]
    _, prompt = _prompt(_NATIVE.format("Environment: ipython"))
    assert _said(prompt, '{"name": "typed", "parameters": {"n": 3}}').tool_calls[0]["args"] == {"n": 3}


def test_a_model_whose_template_takes_no_tools_is_read_as_it_was_told_to_write() -> None:
    _, prompt = _prompt("{{ messages[0].content }}<｜tool▁calls▁begin｜>")
    assert prompt.calls is not None
    assert prompt.calls.name == "hermes"
    assert _said(prompt, '<tool_call>{"name": "typed"}</tool_call>').tool_calls[0]["name"] == "typed"


BARE = [  # what Qwen2.5-Coder's 0.5B and 1.5B files wrote with tools in their prompt
    '```json\n{\n  "name": "typed",\n  "arguments": {\n    "n": 3\n  }\n}\n```',
    '{"name": "typed", "arguments": {"n": 3}}',
    '\n```\n{"name": "typed", "parameters": {"n": 3}}\n```\n',
    '[{"name": "typed", "arguments": {"n": 3}}]',
    '```json\n{"type": "function", "function": {"name": "typed", "arguments": "{\\"n\\": 3}"}}\n```',
    'I look it up:\n\n```json\n{"name": "typed", "arguments": {"n": 3}}\n```',
    '好的，我来查一下。\n{"name": "typed", "arguments": {"n": 3}}',
    'First the number.\n```json\n{"name": "typed", "arguments": {"n": 3}}\n```\nThen I tell you.',
    '</think>\n\n{"name": "typed", "arguments": {"n": 3}}',
]
TEXT = [
    '{"name": "Ada", "arguments": "none"}',
    '```json\n{"name": "other", "arguments": {"n": 3}}\n```',
    '{"answer": {"name": "typed", "arguments": {"n": 3}}}',
    '{"name": "typed"}',
    'So it is written:\n```json\n{"name": "typed", "arguments": {"n": 3}}\n```\n\nIt has two parts.\n\nThe name is one.',
    "Use `typed` for it.\n```python\ntyped(n=3)\n```",
    'The file says {"name": "typed", "arguments": {"n": 3}} in its second line.',
]


@pytest.mark.parametrize("family", [family for family in FAMILIES if not family.bare], ids=lambda family: family.name)
def test_a_reply_that_is_nothing_but_a_call_of_a_known_tool_is_a_call_in_every_family(family) -> None:
    prompt = Prompt([], calls=family, schemas={"typed": _SCHEMAS["typed"], "g": {}})
    for reply in BARE:
        message = _said(prompt, reply)
        assert [(call["name"], call["args"]) for call in message.tool_calls] == [("typed", {"n": 3})], reply
        assert "{" not in message.content, reply
    two = _said(
        prompt, '```json\n{"name": "typed", "arguments": {"n": 1}}\n```\n```json\n{"name": "g", "arguments": {}}\n```'
    )
    assert [call["name"] for call in two.tool_calls] == ["typed", "g"]
    for reply in TEXT:
        message = _said(prompt, reply)
        assert (message.content.strip(), message.tool_calls, message.invalid_tool_calls) == (reply, [], []), reply


def test_a_list_where_one_value_belongs_is_a_call_for_each() -> None:
    several = '<tool_call>{"name": "typed", "arguments": {"n": [1, 2, 3]}}</tool_call>'
    prompt = Prompt([], calls=_BY_NAME["hermes"], schemas={"typed": _SCHEMAS["typed"]})
    assert [call["args"] for call in _said(prompt, several).tool_calls] == [{"n": 1}, {"n": 2}, {"n": 3}]
    for reply in (several.replace("2, 3", '"two"'), several.replace("1, 2, 3", "")):
        assert _said(prompt, reply).tool_calls == []
    assert _said(replace(prompt, several=False), several).tool_calls == []


def test_json_that_is_no_call_does_not_hide_one_in_the_familys_own_marks() -> None:
    prompt = Prompt([], calls=_BY_NAME["hermes"], schemas={"typed": _SCHEMAS["typed"]})
    message = _said(prompt, '{"name": "Ada", "id": 3}\n<tool_call>{"name": "typed", "arguments": {"n": 3}}</tool_call>')
    assert message.content == '{"name": "Ada", "id": 3}'
    assert message.tool_calls[0]["args"] == {"n": 3}


@pytest.mark.parametrize("reason", ["length", "cancelled", "repetition"])
@pytest.mark.parametrize(
    "reply", ['```json\n{"name": "typed", "arguments": {"n": ', '<tool_call>{"name": "typed", "argum']
)
def test_a_call_cut_off_in_the_middle_is_no_call_and_says_so(reply, reason) -> None:
    prompt = Prompt([], calls=_BY_NAME["hermes"], schemas={"typed": _SCHEMAS["typed"]})
    message = _said(prompt, reply, reason=reason)
    assert (message.tool_calls, message.content) == ([], "")
    (failed,) = message.invalid_tool_calls
    assert any(words in failed["args"] for words in ("cut off", "cancelled", "in circles"))
    (plain,) = as_template_messages([message])
    assert "tool_calls" not in plain
    assert "was not carried out" in plain["content"]
    assert "{" not in plain["content"]


def test_without_tools_nothing_is_taken_for_a_call() -> None:
    _, prompt = _prompt(_NATIVE.format("<|python_tag|>"), tool_choice="none")
    message = _said(prompt, '{"name": "typed", "parameters": {}}')
    assert (message.content, message.tool_calls) == ('{"name": "typed", "parameters": {}}', [])


@pytest.mark.parametrize(
    "text", ['<tool_call>{"name": "f", "argu', '<tool_call>{"name": 3}</tool_call>', "<tool_call>"]
)
def test_a_failed_call_is_never_mended_into_one(text) -> None:
    _, prompt = _prompt("{{ messages[0].content }}")
    message = _said(prompt, text)
    assert message.tool_calls == []
    assert message.invalid_tool_calls[0]["args"].startswith("Malformed call (")


def test_marks_that_are_control_tokens_are_seen_when_there_are_tools() -> None:
    marks = ("<start_function_call>", "<escape>", "<start_function_response>", "<other>")
    prompter, prompt = _prompt(_NATIVE.format("<start_function_call>"), marks)
    assert prompter.shown(prompt) == {-2, -3, -4}
    _, without = _prompt(_NATIVE.format("<start_function_call>"), marks, tool_choice="none")
    assert prompter.shown(without) == frozenset()


def test_a_framed_reply_is_read_without_tools_too_and_structured_answers_begin_in_their_channel() -> None:
    template = _NATIVE.format("<|channel|>analysis<|message|>")
    _, prompt = _prompt(template, tools=[])
    message = _said(
        prompt, "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>15 days."
    )
    assert (message.content, message.additional_kwargs["reasoning_content"]) == ("15 days.", "Hm.")
    _, prompt = _prompt(template, tools=[], response_format={"type": "json_object"})
    assert "".join(map(chr, prompt.tokens)).endswith("<|channel|>final<|message|>")


def test_a_tool_whose_schema_is_odd_does_not_keep_the_template_from_showing_the_others() -> None:
    shown = "{% for t in tools or [] %}{% for k, v in t.function.parameters.properties | items %}{{ k }}:{{ v.type }} {% endfor %}{% endfor %}"
    odd = [None, {}, {"properties": None}, {"properties": []}, {"properties": {"a": True}}, {"properties": {"a": "x"}}]
    tools = [{"type": "function", "function": {"name": f"f{i}", "parameters": part}} for i, part in enumerate(odd)]
    good = {"type": "function", "function": {"name": "typed", "parameters": _SCHEMAS["typed"]}}
    _, prompt = _prompt(shown + "<tool_call>", tools=[*tools, good])
    assert "n:integer b:boolean" in "".join(map(chr, prompt.tokens))


def test_a_reply_ends_before_the_model_makes_up_a_result() -> None:
    _, prompt = _prompt(_NATIVE.format("<start_function_call>"))
    message = _said(prompt, f"{_SFC}call:typed{{}}{_EFC}<start_function_response>response:g{{value:1}}")
    assert (message.content, [call["name"] for call in message.tool_calls]) == ("", ["typed"])
