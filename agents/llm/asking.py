"""The way to ask a model: streamed, thoughts apart, counted, stopped at once when the run is, tried again when it fails.

Retries are on one level. What fails before the first token is tried again by the model itself where it can do that: only
a pool of servers knows another server, and when the same one may be asked again. The `Asker` tries again for models that
can't, and where a stream breaks off: what was shown of it can only be taken back by whoever showed it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agents.llm.abilities import Abilities
from agents.llm.counting import estimate
from agents.llm.errors import PromptTooLong
from agents.llm.thoughts import Kind, ThoughtSplitter
from agents.llm.usage import Usage
from ingest.apart.threads import Cancelled, Clock, OutOfTime, apart
from ingest.language import say

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage


logger = logging.getLogger(__name__)

THOUGHT_TOKENS = 2048
"""A thought that is longer than that is cut: it has run in a circle more often than not."""
ANSWER_TOKENS = 2048
"""Of a reply, for models that don't say what they hold to."""
WAITS = (0.2, 1.0)
"""Seconds before the second and third try."""
_CHARS = 4
"""Characters a token is taken for where they can't be counted; Chinese has fewer, so that more is let through."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What comes while a model replies."""

    text: str = ""
    thought: str = ""


@dataclass(frozen=True, slots=True)
class Void:
    """The text of all pieces before is void: it was a thought, which comes next as one, or the model failed and is asked
    again."""

    why: str


@dataclass(frozen=True, slots=True)
class Invalid:
    """A call the model tried to write, and what is wrong with it."""

    text: str
    problem: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply."""

    text: str = ""
    thought: str = ""
    calls: tuple[tuple[str, Any], ...] = ()
    """Name and arguments, as the model's own way of calling had them."""
    invalid: tuple[Invalid, ...] = ()
    usage: Usage = field(default_factory=Usage)
    seconds: float = 0.0
    reason: str = ""
    """Why it ended, where the model says: 'stop', 'length', …; 'thought' when the thought was cut."""


class Asker:
    """One model. Loaded when it is first asked."""

    def __init__(self, model: Callable[[], BaseChatModel], name: str) -> None:
        self._model, self.name = model, name

    @property
    def abilities(self) -> Abilities:
        """What the model can do. Raises what opening it does."""
        return Abilities(self._model())

    def whole(
        self,
        messages: Sequence[BaseMessage | tuple[str, str]],
        clock: Clock | None = None,
        **options: Any,  # noqa: ANN401 - as `ask` has them
    ) -> Reply:
        """The reply to a question that nobody reads along with. Raises as `ask` does."""
        reply = Reply()
        for piece in self.ask(messages, clock or Clock(threading.Event()), **options):
            if isinstance(piece, Reply):
                reply = piece
        return reply

    def ask(
        self,
        messages: Sequence[BaseMessage | tuple[str, str]],
        clock: Clock,
        *,
        again: bool = False,
        tools: Sequence[dict[str, Any]] = (),
        choice: str = "auto",
        max_tokens: int | None = ANSWER_TOKENS,
    ) -> Iterator[Piece | Void | Reply]:
        """Pieces as they come, the whole `Reply` last.

        `again`: a model that fails is asked again, at most twice, after a pause; for those who can take back what they
        have shown. `choice` of `tools` as LangChain has it. `max_tokens` None: as many as the model was set up for,
        thoughts included. Raises `Cancelled`, `OutOfTime`, `PromptTooLong`, `ModelError`, and whatever else a model that
        isn't ours may raise.
        """
        able = self.abilities
        options: dict[str, Any] = {"cancel": clock.cancelled} if able.cancels else {}
        if able.cancels and max_tokens is not None:
            options["max_tokens"] = max_tokens
        for wait in (*WAITS, None):
            shown = False
            try:
                clock.check()
                for piece in _once(*_with_tools(able.model, messages, tools, choice), clock, options, max_tokens):
                    shown = True
                    yield piece
            except Exception as error:
                tried = able.retries and not shown
                if not again or wait is None or tried or not _worth_another_try(error):
                    raise
                logger.debug("the model failed", exc_info=True)
                yield Void(f"{type(error).__name__}: {error}"[:300])
                clock.wait(wait)
            else:
                return


def _once(
    runnable: Any,  # noqa: ANN401 - LangChain's, with tools bound or none
    messages: Sequence[BaseMessage | tuple[str, str]],
    clock: Clock,
    options: dict[str, Any],
    max_tokens: int | None,
) -> Iterator[Piece | Void | Reply]:
    from langchain_core.messages import AIMessageChunk

    began = time.monotonic()
    message: Any = None
    said, cut = _Said(), ""
    for chunk in apart(lambda: runnable.stream(list(messages), **options), clock):
        message = chunk if message is None else message + chunk
        yield from said.feed(chunk)
        if cut := said.too_much(max_tokens):
            break
    yield from said.finish()
    if message is None:
        message = AIMessageChunk(content="")
    yield Reply(
        text=said.text.strip(),
        thought=said.thought.strip(),
        calls=() if cut else tuple((call["name"], call["args"]) for call in message.tool_calls),
        invalid=()
        if cut
        else tuple(
            Invalid(str(bad.get("args") or ""), str(bad.get("error") or "")) for bad in message.invalid_tool_calls
        ),
        usage=_usage(message.usage_metadata, messages, said.text + said.thought),
        seconds=round(time.monotonic() - began, 4),
        reason=cut or str(message.response_metadata.get("finish_reason") or ""),
    )


class _Said:
    """Text and thoughts of a reply, in whichever way its model keeps them apart."""

    def __init__(self) -> None:
        self.text = ""
        self.thought = ""
        self._splitter = ThoughtSplitter(lone=True)

    def feed(self, chunk: Any) -> Iterator[Piece | Void]:  # noqa: ANN401 - LangChain's message or chunk of one
        thought = str(chunk.additional_kwargs.get("reasoning_content") or "")
        if isinstance(chunk.content, list):  # parts, as some servers send them
            thought += "".join(b.get("reasoning", "") for b in chunk.content_blocks if b["type"] == "reasoning")
        if thought:
            # A server may leave the tags in the text. Where thoughts come apart, there are none to find.
            self._splitter.settle()
            yield from self._kept("thought", thought)
        for kind, part in self._splitter.feed(str(chunk.text)):
            yield from self._kept(kind, part)

    def finish(self) -> Iterator[Piece | Void]:
        for kind, part in self._splitter.finish():
            yield from self._kept(kind, part)

    def too_much(self, max_tokens: int | None) -> str:
        """Why the reply is to be cut here, as a `Reply.reason`; ''."""
        if max_tokens is None:
            return ""
        if len(self.thought) > _CHARS * THOUGHT_TOKENS:
            return "thought"
        return "length" if len(self.text) > 2 * _CHARS * max_tokens else ""

    def _kept(self, kind: Kind, part: str) -> Iterator[Piece | Void]:
        if kind == "answer":
            self.text += part
            yield Piece(text=part)
            return
        if kind == "unsaid":
            self.text = ""
            yield Void(say("What was written so far was a thought.", "此前写出的是思考过程。"))
        self.thought += part
        yield Piece(thought=part)


def _with_tools(
    model: BaseChatModel, messages: Sequence[Any], tools: Sequence[dict[str, Any]], choice: str
) -> tuple[Any, Sequence[Any]]:
    """The model with the tools bound; told about them in words where it knows no other way."""
    if not tools:
        return model, messages
    try:
        return model.bind_tools(list(tools), tool_choice=choice), messages
    except NotImplementedError:
        from agents.llm.calls.describing import described

        return model, [("system", described(list(tools))), *messages]


def _usage(told: Any, messages: Sequence[BaseMessage | tuple[str, str]], written: str) -> Usage:  # noqa: ANN401
    """As the model counted; estimated where it didn't, so that a budget holds with any server."""
    if told:
        cached = int((told.get("input_token_details") or {}).get("cache_read") or 0)
        return Usage(int(told.get("input_tokens", 0)), cached, int(told.get("output_tokens", 0)))
    asked = sum(estimate(str(m[1] if isinstance(m, tuple) else m.content)) for m in messages)
    return Usage(asked, 0, estimate(written))


def _worth_another_try(error: Exception) -> bool:
    """A failure that may pass. Not: a stop, a prompt that is too long, a script or a programme that is wrong."""
    return not isinstance(
        error, Cancelled | OutOfTime | PromptTooLong | AssertionError | TypeError | NotImplementedError
    )
