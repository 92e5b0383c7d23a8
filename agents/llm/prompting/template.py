"""A GGUF's own chat template, rendered in a sandbox, with a way out for what a template refuses.

The template is a program from a stranger: it can reach no attribute of a Python object (CVE-2024-34359 was
just that), and what it is given is plain data.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Template, TemplateError, meta, nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ingest.errors import ModelError
from ingest.language import Text

Message = dict[str, Any]
"""role, content (str), and where it applies tool_calls, tool_call_id, name; as OpenAI writes them."""

CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] "
    "+ '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
"""For a model that has no template: the format most fine-tunes were made with."""

_OPEN, _CLOSE = "\ue0fe", "\ue0ff"
"""Private-use characters around the number of a control text found in somebody's words."""


class TemplateRefused(ModelError):
    """The template does not accept these messages in any arrangement we know."""


@dataclass(frozen=True)
class Rendered:
    """A prompt in parts; only in the odd ones control texts are just text that someone wrote."""

    parts: tuple[str, ...]

    def __str__(self) -> str:
        return "".join(self.parts)


@dataclass(frozen=True)
class ChatTemplate:
    """Turns messages into a prompt."""

    source: str
    bos: str = ""
    eos: str = ""
    control_texts: frozenset[str] = field(default=frozenset(), repr=False)
    """In the content of messages these lose their power, so that no document can open a turn of its own."""

    @property
    def takes_tools(self) -> bool:
        """Whether the template itself writes tools into the prompt."""
        return "tools" in _variables(self.source or CHATML)

    @property
    def thinks(self) -> bool:
        """Whether the model was made to think before it answers, and can be told not to."""
        return "enable_thinking" in _variables(self.source)

    def render(
        self, messages: Iterable[Message], *, tools: list[dict[str, Any]] | None = None, **arguments: object
    ) -> Rendered:
        """The prompt up to where the assistant's reply begins.

        `arguments` are the template's own (`enable_thinking`). A template that refuses a system role, repeated
        roles or tool results gets the same messages folded into what it accepts; the words are all kept.
        Raises `TemplateRefused`.
        """
        disarmed, found = self._disarm(list(messages))
        refusal: Exception | None = None
        for arrange in _ARRANGEMENTS:
            try:
                text = _compiled(self.source or CHATML).render(
                    messages=arrange(disarmed),
                    tools=tools if self.takes_tools else None,
                    add_generation_prompt=True,
                    bos_token=self.bos,
                    eos_token=self.eos,
                    **arguments,
                )
            except (TemplateError, TypeError, ValueError, KeyError, AttributeError, OverflowError) as error:
                refusal = refusal or error
            else:
                return _restore(text, found)
        raise TemplateRefused(
            Text(f"The model's chat template can't be used: {refusal}.", f"无法使用该模型自带的对话模板：{refusal}。"),
            Text("Choose another model file.", "请换一个模型文件。"),
        ) from refusal

    def _disarm(self, messages: list[Message]) -> tuple[list[Message], list[str]]:
        found: list[str] = []
        pattern = _pattern(self.control_texts)

        def mark(match: re.Match[str]) -> str:
            found.append(match.group())
            return f"{_OPEN}{len(found) - 1}{_CLOSE}"

        def walk(value: Any) -> Any:  # noqa: ANN401
            if isinstance(value, str):
                return pattern.sub(mark, value)
            if isinstance(value, dict):
                return {key: walk(item) for key, item in value.items()}
            return [walk(item) for item in value] if isinstance(value, list) else value

        return [{**walk(message), "role": message["role"]} for message in messages], found


def _restore(text: str, found: list[str]) -> Rendered:
    parts = re.split(f"{_OPEN}(\\d+){_CLOSE}", text)
    for i in range(1, len(parts), 2):
        number = int(parts[i])
        parts[i] = found[number] if number < len(found) else parts[i]
    return Rendered(tuple(parts))


@functools.lru_cache(maxsize=16)
def _pattern(texts: frozenset[str]) -> re.Pattern[str]:
    # The marks themselves go too: nobody may write a mark of their own.
    longest_first = sorted(texts, key=lambda t: (-len(t), t))
    return re.compile("|".join(map(re.escape, [*longest_first, _OPEN, _CLOSE])))


class _Generation(Extension):
    """`{% generation %}` marks what training learns from; to us it is nothing but its body."""

    tags = {"generation"}  # noqa: RUF012  # jinja2's own way

    def parse(self, parser: Parser) -> list[nodes.Node]:
        next(parser.stream)
        return list(parser.parse_statements(("name:endgeneration",), drop_needle=True))


@functools.lru_cache(maxsize=1)
def _environment() -> ImmutableSandboxedEnvironment:
    """Set up as transformers does it: templates are written against that.

    https://huggingface.co/docs/transformers/chat_templating_writing
    """
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[loopcontrols, _Generation],
        autoescape=False,  # the output is a prompt, not HTML
    )

    def refuse(message: object = "") -> None:
        raise TemplateError(str(message))

    def now(form: str) -> str:
        return dt.datetime.now().astimezone().strftime(form)

    def tojson(value: object, indent: int | None = None, **options: Any) -> str:  # noqa: ANN401
        options.setdefault("ensure_ascii", False)
        return json.dumps(value, indent=indent, **options)

    environment.globals.update(raise_exception=refuse, strftime_now=now)
    environment.filters["tojson"] = tojson
    return environment


@functools.lru_cache(maxsize=16)
def _compiled(source: str) -> Template:
    return _environment().from_string(source)


@functools.lru_cache(maxsize=16)
def _variables(source: str) -> frozenset[str]:
    try:
        return frozenset(meta.find_undeclared_variables(_environment().parse(source)))
    except TemplateError:
        return frozenset()


def _arguments_as_text(messages: list[Message]) -> list[Message]:
    """The arguments of calls as JSON text, as OpenAI writes them: DeepSeek's templates put strings together."""

    def call_as_text(call: Message) -> Message:
        function = call["function"]
        if isinstance(function["arguments"], str):
            return call
        return {**call, "function": {**function, "arguments": json.dumps(function["arguments"], ensure_ascii=False)}}

    return [
        {**m, "tool_calls": [call_as_text(call) for call in m["tool_calls"]]} if m.get("tool_calls") else m
        for m in messages
    ]


def _merged(messages: list[Message]) -> list[Message]:
    """One message per turn, for templates that insist on alternation."""
    merged: list[Message] = []
    for message in messages:
        previous = merged[-1] if merged else None
        plain = previous and not (previous.get("tool_calls") or message.get("tool_calls"))
        if previous and plain and previous["role"] == message["role"] != "tool":
            merged[-1] = {**previous, "content": f"{previous['content']}\n\n{message['content']}"}
        else:
            merged.append(message)
    return merged


def _without_system(messages: list[Message]) -> list[Message]:
    """The system's words at the head of the first user message."""
    system = "\n\n".join(m["content"] for m in messages if m["role"] == "system")
    rest = [m for m in messages if m["role"] != "system"]
    if not system:
        return _merged(rest)
    for i, message in enumerate(rest):
        if message["role"] == "user":
            rest[i] = {**message, "content": f"{system}\n\n{message['content']}"}
            return _merged(rest)
    return _merged([{"role": "user", "content": system}, *rest])


def _plain(messages: list[Message]) -> list[Message]:
    """Only user and assistant, taking turns, user first; tool calls and results written out."""
    from agents.llm.calls.describing import written_out

    plain = _without_system([written_out(message) for message in messages])
    if plain and plain[0]["role"] != "user":
        plain.insert(0, {"role": "user", "content": "…"})
    return plain


_ARRANGEMENTS: tuple[Callable[[list[Message]], list[Message]], ...] = (
    list,
    _arguments_as_text,
    _merged,
    _without_system,
    _plain,
)
