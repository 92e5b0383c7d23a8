"""From messages and options to the tokens of a prompt and what the reply must look like."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from langchain_core.messages import BaseMessage

from agents.llm.calls import HERMES, Family, family_of
from agents.llm.calls.describing import described, written_out
from agents.llm.calls.marked_json import CLOSE, OPEN
from agents.llm.engine.engine import Engine
from agents.llm.prompting.grammar import Grammars
from agents.llm.prompting.messages import as_family, as_template_messages, with_system
from agents.llm.prompting.template import ChatTemplate
from agents.llm.prompting.wishes import Wishes
from agents.llm.thoughts import TAGS, opening_at_end

_SHOWN = [tag for pair in TAGS for tag in pair] + [OPEN, CLOSE]
"""Tags that are control tokens in some vocabularies and must be seen all the same."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the engine needs, and how to read what comes back."""

    tokens: list[int]
    grammar: str = ""
    calls: Family | None = None
    """The reply may hold tool calls, written as this family does, or other parts between its marks."""
    schemas: dict[str, dict[str, Any]] = field(default_factory=dict)
    """JSON schema of each tool's parameters, by the tool's name."""
    several: bool = True
    """The reply may hold more than one call."""
    begun: str | None = None
    """The reply is a call, and this is its beginning that the prompt ends with."""
    schema: dict[str, Any] | None = None
    """The reply is to follow this."""
    opened: str = ""
    """The thoughts' opening tag when the prompt already ends with it."""
    stable: int = 0
    """Tokens at the beginning that come from system message and tools alone: the next prompt has them too."""


class Prompter:
    """Writes prompts for one model, in an order that keeps their beginnings the same: system, tools, history."""

    def __init__(self, engine: Engine, template: str, arguments: dict[str, Any]) -> None:
        """`template` as in the GGUF; `arguments` go to it with every prompt."""
        self._engine, self._source, self._arguments = engine, template, arguments
        self._beginnings = Beginnings()

    @functools.cached_property
    def template(self) -> ChatTemplate:
        """The template with what it needs from the vocabulary."""
        weights = self._engine.weights
        return ChatTemplate(
            self._source, weights.text_of(weights.bos), weights.text_of(weights.eos), weights.control_texts
        )

    @functools.cached_property
    def _family(self) -> Family:
        """How the model calls tools: as its template shows, or else as we describe it."""
        return (family_of(self._source) if self.template.takes_tools else None) or HERMES

    def shown(self, prompt: Prompt) -> frozenset[int]:
        """Control tokens to be written out in the reply to `prompt`."""
        weights = self._engine.weights
        tags = (*_SHOWN, *(prompt.calls.marks if prompt.calls else ()))
        found = [weights.tokenize(tag, special=True) for tag in tags]
        return frozenset(tokens[0] for tokens in found if len(tokens) == 1)

    def _control(self, mark: str) -> int | None:
        """The number of a mark that is a control token."""
        weights = self._engine.weights
        return weights.tokenize(mark, special=True)[0] if mark in weights.control_texts else None

    def prompt(self, messages: list[BaseMessage], options: dict[str, Any]) -> Prompt:
        """Raises `ModelError`: content that is no text, a schema or tool choice that makes no sense."""
        wishes = Wishes.of(options)
        plain = as_template_messages(messages)
        if wishes.schema is not None:
            plain = with_system(plain, wishes.instruction)
        native, family = self.template.takes_tools, self._family
        grammars = Grammars(family, self._control, self._source)
        if wishes.tools and native and not grammars.ways(wishes.tools)[1]:
            # The family has no form for these names (a Python identifier is needed, say): describe the tools instead.
            native, family = False, HERMES
            grammars = Grammars(family, self._control, self._source)
        if wishes.tools and not native:
            plain = with_system(plain, described(wishes.tools))
        takes = self.template.takes_tools
        plain = as_family(plain, family) if takes else [written_out(message) for message in plain]
        render = functools.partial(self._rendered, wishes=wishes, native=native, options=options)
        prompt = self._constrained(render(plain), wishes, grammars, family)
        rest = [wishes.tools, options.get("template_arguments")] if native and wishes.tools else None
        stable = self._beginnings.length(prompt.tokens, plain, rest, lambda messages: render(messages)[0])
        return replace(prompt, stable=stable)

    def _rendered(
        self, messages: list[dict[str, Any]], wishes: Wishes, *, native: bool, options: dict[str, Any]
    ) -> tuple[list[int], str]:
        """The prompt's tokens, and the opening tag of a thought that it ends with."""
        given = {**self._arguments, **(options.get("template_arguments") or {})}
        if wishes.constrained and self.template.thinks:
            given.setdefault("enable_thinking", False)
        rendered = self.template.render(messages, tools=wishes.tools if native and wishes.tools else None, **given)
        tokens = self._tokens(rendered.parts)
        opened = opening_at_end(str(rendered))
        if wishes.constrained and opened:
            closing = f"\n{dict(TAGS)[opened]}\n\n"
            return tokens + self._engine.weights.tokenize(closing, special=True), ""
        return tokens, opened

    def _constrained(
        self, rendered: tuple[list[int], str], wishes: Wishes, grammars: Grammars, family: Family
    ) -> Prompt:
        tokens, opened = rendered
        tools, rules = wishes.tools, wishes.schema
        schemas = {tool["function"]["name"]: tool["function"].get("parameters") or {} for tool in tools}
        calls = family if tools or family.framed else None
        make = functools.partial(Prompt, calls=calls, schemas=schemas, several=wishes.several, opened=opened)
        if wishes.forces_call:
            begun, grammar = grammars.forced(wishes.chosen, several=wishes.several)
            return make(tokens + self._engine.weights.tokenize(begun, special=True), grammar, begun=begun)
        if rules is not None:
            if family.answer and not tools:
                tokens = tokens + self._engine.weights.tokenize(family.answer, special=True)
            return make(tokens, grammars.schema_or_call(rules, tools), schema=rules)
        return make(tokens, grammars.lazy(tools, opened, several=wishes.several) if tools else "")

    def _tokens(self, parts: tuple[str, ...]) -> list[int]:
        """Control texts of the template become control tokens, those from anyone's words stay text."""
        weights = self._engine.weights
        tokens: list[int] = []
        for i, part in enumerate(parts):
            tokens += weights.tokenize(part, special=i % 2 == 0)
        if weights.adds_bos and weights.bos >= 0 and tokens[:1] != [weights.bos]:
            tokens.insert(0, weights.bos)
        return tokens


_MOST = 32
"""Beginnings remembered; an application has a handful."""
_ANYTHING = "…"
"""Stands for whatever a user might say."""


class Beginnings:
    """Compares prompts with one of the same system message and tools in which the user says something else. So it
    holds for every template, wherever that puts the tools."""

    def __init__(self) -> None:
        """Knows nothing yet."""
        self._samples: dict[str, list[int]] = {}

    def length(
        self,
        tokens: Sequence[int],
        messages: Sequence[Mapping[str, Any]],
        rest: object,
        render: Callable[[list[dict[str, Any]]], list[int]],
    ) -> int:
        """Tokens of the prompt `tokens` of `messages` that will be the same next time; `rest` is all else (JSON) that
        decides about a prompt, `render` makes one's tokens. 0 where there is neither system message nor tool."""
        head = [dict(message) for message in messages if message["role"] == "system"][:1]
        if not head and not rest:
            return 0
        key = json.dumps([head, rest], ensure_ascii=False, default=str)
        sample = self._samples.get(key)
        if sample is None:
            while len(self._samples) >= _MOST:
                self._samples.pop(next(iter(self._samples)), None)
            sample = self._samples[key] = render([*head, {"role": "user", "content": _ANYTHING}])
        least = min(len(sample), len(tokens))
        return next((i for i in range(least) if sample[i] != tokens[i]), least)
