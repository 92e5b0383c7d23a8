"""A forced call in every family's own form, and free text in which every call that begins is a valid one."""

from __future__ import annotations

import random

import numpy as np
import pytest
from llguidance import LLMatcher, LLTokenizer, TokenizerWrapper

from agents.llm.calls import FAMILIES, HERMES, Call
from agents.llm.calls.pythonic import PYTHONIC
from agents.llm.prompting.grammar import Grammars
from agents.llm.prompting.messages import as_family
from agents.llm.prompting.template import ChatTemplate
from agents.llm.prompting.wishes import Wishes
from ingest.json_schema import problem_of
from tests.agents.llm.calls.replies import read

_NODE = {
    "type": "object",
    "properties": {"x": {"type": "number", "minimum": 0, "maximum": 1}, "k": {"$ref": "#/$defs/N"}},
}
_WEATHER = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "maxLength": 12},
        "n": {"type": "integer", "minimum": 0, "maximum": 99},
        "unit": {"enum": ["c", "f"]},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 4}, "maxItems": 2},
        "node": {"$ref": "#/$defs/N"},
        "day": {"type": "string", "format": "date"},
        "note": {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "null"}]},
        "hot": {"type": "boolean"},
    },
    "required": ["city", "n"],
    "$defs": {"N": {**_NODE, "required": ["x"]}},
}
_TOOLS = [
    {"type": "function", "function": {"name": "weather", "parameters": _WEATHER}},
    {"type": "function", "function": {"name": "now", "parameters": {"type": "object", "properties": {}}}},
]
_SCHEMAS = {"weather": _WEATHER, "now": {"type": "object"}}
_ALL_MARKS = {mark for family in FAMILIES for mark in family.marks} | {"<think>", "</think>"}
_MARKS = sorted(mark for mark in _ALL_MARKS if not any(other != mark and other in mark for other in _ALL_MARKS))
_END, _FIRST = 256, 257
_VARIANTS = {
    "mistral": ["", '"id"', "[ARGS]", "[ARGS][CALL_ID]"],
    "deepseek": ["", "```json"],
    "pythonic": ["", "<|tool_call_start|>"],
}
FORMS = [(family, template) for family in FAMILIES for template in _VARIANTS.get(family.name, [""])]


class _Bytes:
    """Single bytes, and every mark of every family that isn't made of others as a control token."""

    eos_token_id = _END
    bos_token_id = None
    special_token_ids = tuple(range(_END, _FIRST + len(_MARKS)))
    tokens = [bytes([i]) for i in range(256)] + [b"<end>"] + [mark.encode() for mark in _MARKS]

    def __call__(self, text):
        return list(text if isinstance(text, bytes) else text.encode())


@pytest.fixture(scope="module")
def tokenizer() -> LLTokenizer:
    return LLTokenizer(TokenizerWrapper(_Bytes()))


def _number(mark: str) -> int | None:
    return _FIRST + _MARKS.index(mark) if mark in _MARKS else None


def _matcher(tokenizer, grammar: str) -> LLMatcher:
    matcher = LLMatcher(tokenizer, LLMatcher.grammar_from_lark(grammar), log_level=0)
    assert not matcher.is_error(), matcher.get_error()
    return matcher


def _walk(matcher: LLMatcher, seed: int) -> str:
    draw = random.Random(seed)
    written = bytearray()
    while len(written) < 5000:
        allowed = [i for i in np.flatnonzero(np.frombuffer(matcher.compute_logit_bias(), dtype=np.uint8)) if i != _END]
        if matcher.is_accepting() and (not allowed or draw.random() < 0.5):
            return written.decode()
        marks = [i for i in allowed if i > _END]
        ways_out = [i for i in allowed if i < _END and i in b'"'] or [i for i in allowed if i < _END and i in b"}]n<"]
        token = int(draw.choice(marks or (ways_out if ways_out and draw.random() < 0.4 else allowed)))
        assert matcher.consume_token(token)
        written += _Bytes.tokens[token]
    raise AssertionError(written.decode(errors="replace")[:300])


def _accepts(matcher: LLMatcher, text: str, control) -> bool:
    """Whether a reply may begin with `text`."""
    tokens: list[int] = []
    while text:
        mark = next((mark for mark in _MARKS if control(mark) is not None and text.startswith(mark)), None)
        tokens += [control(mark)] if mark else list(text[0].encode())
        text = text[len(mark) :] if mark else text[1:]
    return matcher.deep_copy().try_consume_tokens(tokens) == len(tokens)


@pytest.mark.parametrize("control", [_number, lambda mark: None], ids=["control", "text"])
@pytest.mark.parametrize(("family", "template"), FORMS, ids=lambda value: getattr(value, "name", value))
def test_a_forced_call_is_read_by_the_familys_own_parser_and_follows_the_schema(
    tokenizer, family, template, control
) -> None:
    grammars = Grammars(family, control, template)
    begun, grammar = grammars.forced(_TOOLS)
    matcher = _matcher(tokenizer, grammar)
    for seed in range(12):
        text = begun + _walk(matcher.deep_copy(), seed)
        found = read(family, text, _SCHEMAS)
        assert len(found) == 1, text
        assert isinstance(found[0], Call), (text, found)
        assert problem_of(found[0].arguments, _SCHEMAS[found[0].name]) == "", text


_SINGLE = {"harmony", "llama3"}
"""Their templates write one call a message."""


@pytest.mark.parametrize(("family", "template"), FORMS, ids=lambda value: getattr(value, "name", value))
def test_a_forced_reply_may_hold_several_calls_where_the_family_writes_them(tokenizer, family, template) -> None:
    begun, grammar = Grammars(family, lambda mark: None, template).forced(_TOOLS, several=True)
    matcher, most = _matcher(tokenizer, grammar), 0
    for seed in range(12 if family.name in _SINGLE else 200):
        text = begun + _walk(matcher.deep_copy(), seed)
        found = read(family, text, _SCHEMAS)
        assert all(isinstance(call, Call) and not problem_of(call.arguments, _SCHEMAS[call.name]) for call in found), (
            text
        )
        most = max(most, len(found))
        if most > 1:
            break
    assert (most > 1) is (family.name not in _SINGLE)


def test_one_call_a_reply_when_parallel_calls_are_not_wanted(tokenizer) -> None:
    text = lambda mark: None  # noqa: E731
    call = '<tool_call>{"name": "now", "arguments": {}}</tool_call>'
    lazy = Grammars(HERMES, text, "").lazy(_TOOLS, "", several=False)
    assert _accepts(_matcher(tokenizer, lazy), call + " And so on", text)
    assert not Wishes.of({"tools": _TOOLS, "parallel_tool_calls": False}).several
    assert Wishes.of({"tools": _TOOLS}).several
    assert not Wishes.of({"tools": _TOOLS, "tool_choice": "any"}).several
    assert Wishes.of({"tools": _TOOLS, "tool_choice": "any", "parallel_tool_calls": True}).several


def test_only_the_chosen_tools_can_be_called(tokenizer) -> None:
    _, grammar = Grammars(HERMES, lambda mark: None, "").forced(_TOOLS[1:])
    assert _accepts(_matcher(tokenizer, grammar), '{"name": "now"', lambda mark: None)
    assert not _accepts(_matcher(tokenizer, grammar), '{"name": "w', lambda mark: None)


def test_a_name_that_is_no_identifier_has_no_form_in_python() -> None:
    tool = {"function": {"name": "get-weather", "parameters": {"type": "object", "properties": {}}}}
    assert Grammars(PYTHONIC, lambda mark: None, "").ways([tool])[1] == []


GOOD = [
    ("hermes", 'Hi <tool_call>\n{"name": "now", "arguments": {}}\n</tool_call> <tool_call>{"name": "now", "arguments": {}}</tool_call>'),
    ("hermes", 'plain { "name": <b>'),
    ("qwen3-coder", "<function=now>\n</function>\n</tool_call>"),
    ("qwen3-coder", "x <tool_call>\n<function=weather>\n<parameter=city>\nA <b>\n</parameter>\n<parameter=n>\n3\n</parameter>\n</function>\n</tool_call> ok"),
    ("glm", "x <tool_call>now\n</tool_call>"),
    ("mistral", 'Ok. [TOOL_CALLS] [{"name": "now", "arguments": {}}]'),
    ("deepseek", "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>now<｜tool▁sep｜>{}<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>now<｜tool▁sep｜>{}<｜tool▁call▁end｜><｜tool▁calls▁end｜>"),
    ("functiongemma", "<start_function_call>call:now{}<end_function_call>"),
    ("gemma4", "<|tool_call>call:now{}<tool_call|>"),
    ("pythonic", '[now(), weather(city="x", n=3)]'),
    ("pythonic", "[1] says [more](x)"),
    ("llama3", '{"name": "weather", "parameters": {"city": "x", "n": 3}}'),
    ("llama3", '{"name": "Ada", "born": 1815}'),
    ("harmony", "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>15 days."),
    ("harmony", "<|channel|>commentary to=functions.now <|constrain|>json<|message|>{}<|call|>"),
    ("harmony", "<|channel|>commentary<|message|>I look.<|end|><|start|>assistant<|channel|>commentary to=functions.now json<|message|>{}"),
    ("harmony", " to=functions.now<|channel|>commentary json<|message|>{}<|call|>"),
    ("kimi-k2", "x<|tool_calls_section_begin|><|tool_call_begin|>functions.now:0<|tool_call_argument_begin|>{}<|tool_call_end|><|tool_call_begin|>functions.now:1<|tool_call_argument_begin|>{}<|tool_call_end|><|tool_calls_section_end|>"),
    ("minimax-m2", '<minimax:tool_call>\n<invoke name="now">\n</invoke>\n<invoke name="weather">\n<parameter name="city">A "b"</parameter>\n<parameter name="n">3</parameter>\n</invoke>\n</minimax:tool_call>'),
    ("minimax-m1", '<tool_calls>\n{"name": "now", "arguments": {}}\n{"name": "now", "arguments": {}}\n</tool_calls>'),
    ("command-r7b", '<|START_THINKING|>Hm.<|END_THINKING|><|START_ACTION|>[\n{"tool_name": "now", "parameters": {}},\n    {"tool_name": "now", "parameters": {}}\n]<|END_ACTION|>'),
    ("command-r7b", "<|START_RESPONSE|>Fifteen.<|END_RESPONSE|>"),
    ("command-r", 'Action: ```json\n[{"tool_name": "now", "parameters": {}}]```'),
    ("granite3", '<|tool_call|>[{"name": "now", "arguments": {}}, {"name": "now", "arguments": {}}]'),
    ("hermes", '```json\n{\n  "name": "weather", "arguments": {"city": "x", "n": 3}}\n```'),
    ("hermes", '```json\n[{"name": "now", "arguments": {}}, {"name": "now", "arguments": {}}]\n```'),
    ("hermes", '{"name": "now", "arguments": {}}\n{"name": "now", "arguments": {}}'),
    ("hermes", '```json\n{\n  "name": "weather",\n  "arguments": {\n    "city": "x",\n    "n": 3\n  }\n}\n```'),
    ("qwen3-coder", '{"name": "Ada", "arguments": 1}'),
    ("json", 'See <tool_call>{"name": "now", "arguments": {}}</tool_call>'),
]  # fmt: skip
BAD = [
    ("hermes", '<tool_call>{"name": "other'),
    ("hermes", '<tool_call>\n{"name": "weather", "arguments": {"n"'),
    ("qwen3-coder", "<function=other"),
    ("glm", "<tool_call>{"),
    ("mistral", '[TOOL_CALLS][{"name": "x'),
    ("deepseek", "<｜tool▁calls▁begin｜>now"),
    ("functiongemma", "<start_function_call>now"),
    ("gemma4", "<|tool_call>x"),
    ("pythonic", "[now(1"),
    ("llama3", '{"name": "now", "arguments'),
    ("json", '{"name": "now", "parameters'),
    ("harmony", "<|channel|>commentary to=functions.other"),
    ("harmony", "<|channel|>commentary to=functions.weather json<|message|>{}"),
    ("kimi-k2", "<|tool_calls_section_begin|><|tool_call_begin|>functions.other"),
    ("minimax-m2", '<minimax:tool_call>\n<invoke name="other'),
    ("minimax-m1", '<tool_calls>\n{"name": "other'),
    ("command-r7b", '<|START_ACTION|>[{"tool_name": "other'),
    ("command-r", 'Action: ```json\n[{"tool_name": "other'),
    ("granite3", '<|tool_call|>[{"name": "other'),
]


@pytest.mark.parametrize("control", [_number, lambda mark: None], ids=["control", "text"])
def test_in_free_text_only_a_valid_call_can_begin(tokenizer, control) -> None:
    by_name = {family.name: family for family in FAMILIES}
    made = {name: _matcher(tokenizer, Grammars(family, lambda m, f=family: control(m) if m in f.marks else None, "").lazy(_TOOLS, "")) for name, family in by_name.items()}  # fmt: skip
    for name, text in GOOD:
        mine = lambda mark, family=by_name[name]: control(mark) if mark in family.marks else None  # noqa: E731
        assert _accepts(made[name], text, mine), (name, text)
        assert _accepts(made[name], "A < b, [x] { and so on.", mine)
    for name, text in BAD:
        mine = lambda mark, family=by_name[name]: control(mark) if mark in family.marks else None  # noqa: E731
        assert not _accepts(made[name], text, mine), (name, text)


def test_a_mark_in_a_thought_begins_no_call(tokenizer) -> None:
    text = lambda mark: None  # noqa: E731
    lazy = _matcher(tokenizer, Grammars(HERMES, text, "<think>").lazy(_TOOLS, ""))
    assert _accepts(lazy, "<think>I could <tool_call> it</think>No.", text)
    assert not _accepts(lazy, "<think>I could <tool_call> it</think>No <tool_call>it", text)
    opened = _matcher(tokenizer, Grammars(HERMES, text, "<think>").lazy(_TOOLS, "<think>"))
    assert _accepts(opened, "I could <tool_call> it</think>No.", text)


_ROUND = "{% for m in messages %}{% for t in m.tool_calls or [] %}"
_END_ROUND = "{% endfor %}{{ m.content if not m.tool_calls }}{% endfor %}{{ tools }}"
TEMPLATES = [
    ("hermes", _ROUND + "<tool_call>\n{{ t.function | tojson }}\n</tool_call>" + _END_ROUND),
    ("mistral", _ROUND + "{% if t.id | length != 9 %}{{ raise_exception('Tool call IDs should be alphanumeric strings with length 9!') }}{% endif %}"
     '[TOOL_CALLS][{"name": "{{ t.function.name }}", "arguments": {{ t.function.arguments | tojson }}, "id": "{{ t.id }}"}]' + _END_ROUND),
    ("mistral", _ROUND + "[TOOL_CALLS]{{ t.function.name }}[ARGS]{{ t.function.arguments | tojson }}" + _END_ROUND),
    ("deepseek", _ROUND + "{{ '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>' + t.function.name + '\\n```json\\n' + t.function.arguments + '\\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>' }}" + _END_ROUND),
    ("llama3", _ROUND + '{"name": "{{ t.function.name }}", "parameters": {{ t.function.arguments | tojson }}}' + _END_ROUND),
    ("kimi-k2", _ROUND.replace("{% for t in", "{{ '<|tool_calls_section_begin|>' if m.tool_calls }}{% for t in") + "<|tool_call_begin|>{{ t.id }}<|tool_call_argument_begin|>{{ t.function.arguments | tojson }}<|tool_call_end|>{{ '<|tool_calls_section_end|>' if loop.last }}" + _END_ROUND),
    ("minimax-m2", _ROUND + "{{ '<minimax:tool_call>\n' if loop.first }}<invoke name=\"{{ t.function.name }}\">\n{% for k, v in t.function.arguments | items %}<parameter name=\"{{ k }}\">{{ v if v is string else v | tojson }}</parameter>\n{% endfor %}</invoke>\n{{ '</minimax:tool_call>' if loop.last }}" + _END_ROUND),
    ("minimax-m1", _ROUND + '<tool_calls>\n{"name": "{{ t.function.name }}", "arguments": {{ t.function.arguments | tojson }}}\n</tool_calls>' + _END_ROUND),
    ("command-r7b", _ROUND + '<|START_ACTION|>[\n    {"tool_call_id": "0", "tool_name": "{{ t.function.name }}", "parameters": {{ t.function.arguments | tojson }}}\n]<|END_ACTION|>' + _END_ROUND),
    ("command-r", _ROUND + 'Action: ```json\n[\n    {\n        "tool_name": "{{ t.function.name }}",\n        "parameters": {{ t.function.arguments | tojson }}\n    }]```' + _END_ROUND),
    ("granite3", _ROUND + '<|tool_call|>[{"name": "{{ t.function.name }}", "arguments": {{ t.function.arguments | tojson }}}]' + _END_ROUND),
    ("harmony", _ROUND + "<|start|>assistant to=functions.{{ t.function.name }}<|channel|>commentary json<|message|>{{ t.function.arguments | tojson }}<|call|>" + _END_ROUND),
    ("qwen3-coder", _ROUND + "<tool_call>\n<function={{ t.function.name }}>\n{% for k, v in t.function.arguments | items %}<parameter={{ k }}>\n{{ v if v is string else v | tojson }}\n</parameter>\n{% endfor %}</function>\n</tool_call>" + _END_ROUND),
]  # fmt: skip


@pytest.mark.parametrize(("name", "source"), TEMPLATES, ids=[f"{name}{i}" for i, (name, _) in enumerate(TEMPLATES)])
@pytest.mark.parametrize("call_id", ["a1B2c3D4e", "call_of_another_model"])
def test_a_forced_call_survives_the_template_as_history(tokenizer, name, source, call_id) -> None:
    family = next(family for family in FAMILIES if family.name == name)
    begun, grammar = Grammars(family, lambda mark: None, source).forced(_TOOLS)
    (call,) = read(family, begun + _walk(_matcher(tokenizer, grammar), 3), _SCHEMAS)
    history = [
        {"role": "user", "content": ""},
        {"role": "assistant", "content": "", "tool_calls": [{"type": "function", "id": call_id, "function": {"name": call.name, "arguments": call.arguments}}]},
    ]  # fmt: skip
    rendered = str(ChatTemplate(source).render(as_family(history, family))).strip()
    assert read(family, rendered.removesuffix("None"), _SCHEMAS) == [call], rendered
