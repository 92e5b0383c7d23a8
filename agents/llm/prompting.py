"""From messages and options to the tokens of a prompt and what the reply must look like."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agents.llm import grammar
from agents.llm.messages import as_template_messages, with_system
from agents.llm.template import ChatTemplate
from agents.llm.thoughts import TAGS, opening_at_end
from agents.llm.tool_calls import HERMES, family_of
from agents.llm.tools import CLOSE, OPEN, described, written_out

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

    from agents.llm.engine import Engine
    from agents.llm.tool_calls import Family

_SHOWN = [tag for pair in TAGS for tag in pair] + [OPEN, CLOSE]
"""Tags that are control tokens in some vocabularies and must be seen all the same."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the engine needs, and how to read what comes back."""

    tokens: list[int]
    grammar: str = ""
    forces_call: bool = False
    """The reply is the JSON of one tool call and nothing else."""
    calls: Family | None = None
    """The reply may hold tool calls, written as this family does."""
    schemas: dict[str, dict[str, Any]] = field(default_factory=dict)
    """JSON schema of each tool's parameters, by the tool's name."""
    opened: str = ""
    """The thoughts' opening tag when the prompt already ends with it."""


class Prompter:
    """Writes prompts for one model, in an order that keeps their beginnings the same: system, tools, history."""

    def __init__(self, engine: Engine, template: str, arguments: dict[str, Any]) -> None:
        """`template` as in the GGUF; `arguments` go to it with every prompt."""
        self._engine = engine
        self._source = template
        self._arguments = arguments

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
        return self._control_tokens((*_SHOWN, *(prompt.calls.marks if prompt.calls else ())))

    def _control_tokens(self, tags: tuple[str, ...]) -> frozenset[int]:
        weights = self._engine.weights
        found = [weights.tokenize(tag, special=True) for tag in tags]
        return frozenset(tokens[0] for tokens in found if len(tokens) == 1)

    def prompt(self, messages: list[BaseMessage], options: dict[str, Any]) -> Prompt:
        """Raises `ModelError`: content that is no text, a schema or tool choice that makes no sense."""
        plain = as_template_messages(messages)
        choice = _choice(options.get("tool_choice"))
        tools = options.get("tools") or []
        if choice == "none":
            tools = []
        rules = _schema(options.get("response_format"))
        if rules is not None:
            plain = with_system(plain, _schema_instruction(rules))
        native = bool(tools) and self.template.takes_tools
        if tools and not native:
            plain = with_system(plain, described(tools))
        if not self.template.takes_tools:
            plain = [written_out(message) for message in plain]
        arguments = {**self._arguments, **(options.get("template_arguments") or {})}
        rendered = self.template.render(plain, tools=tools if native else None, **arguments)
        tokens = self._tokens(rendered.parts)
        opened = opening_at_end(str(rendered))
        if tools and choice not in ("auto", "none"):
            only = None if choice == "any" else choice
            call = self._engine.weights.tokenize(f"{OPEN}\n", special=True)
            return Prompt(tokens + call, grammar.of_calls(tools, only), forces_call=True)
        if rules is not None:
            return Prompt(tokens, grammar.of_schema(rules))
        schemas = {tool["function"]["name"]: tool["function"].get("parameters") or {} for tool in tools}
        return Prompt(tokens, calls=self._family if tools else None, schemas=schemas, opened=opened)

    def _tokens(self, parts: tuple[str, ...]) -> list[int]:
        """Control texts of the template become control tokens, those from anyone's words stay text."""
        weights = self._engine.weights
        tokens: list[int] = []
        for i, part in enumerate(parts):
            tokens += weights.tokenize(part, special=i % 2 == 0)
        if weights.adds_bos and weights.bos >= 0 and tokens[:1] != [weights.bos]:
            tokens.insert(0, weights.bos)
        return tokens


def _choice(choice: object) -> str:
    """'auto', 'none', 'any' or a tool's name."""
    if isinstance(choice, dict):
        return str(choice.get("function", {}).get("name") or choice.get("name") or "any")
    if choice in (None, False, "auto", ""):
        return "auto"
    return "any" if choice in (True, "any", "required") else str(choice)


def _schema(response_format: Any) -> dict[str, Any] | None:  # noqa: ANN401
    """The schema of either spelling: OpenAI's json_schema and json_object, or llama.cpp's with `schema` inside."""
    if not response_format:
        return None
    wrapped = response_format.get("json_schema") or {}
    schema = wrapped.get("schema") or response_format.get("schema") or {"type": "object"}
    return dict(schema) if response_format.get("type") != "text" else None


def _schema_instruction(schema: dict[str, Any]) -> str:
    if not schema.get("properties") and not schema.get("anyOf"):
        return "Reply with one JSON object and nothing else."
    text = json.dumps(schema, ensure_ascii=False)
    return f"Reply with one JSON object that follows this JSON schema, and nothing else:\n{text}"
