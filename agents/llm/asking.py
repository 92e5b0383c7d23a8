"""One question to a model: streamed, counted, stopped at once when the run is, tried again when the server fails."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from agents.llm.errors import PromptTooLong
from agents.llm.thoughts import ThoughtSplitter
from agents.llm.usage import Usage
from ingest.apart.threads import apart
from ingest.errors import ModelError
from ingest.language import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

    from ingest.apart.threads import Clock

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
class Invalid:
    """A call the model tried to write, and what is wrong with it."""

    name: str
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


class Spans(Protocol):
    """Where a question to a model is reported to: `agents.tasks.telemetry`."""

    def chat(self, model: str, max_tokens: int) -> AbstractContextManager[Span]:
        """Around one question."""
        ...


class Span(Protocol):
    """One question under way."""

    def used(self, usage: Usage, reason: str = "") -> None:
        """Tokens, and why the model stopped."""
        ...


class Asker:
    """One model. Loaded when it is first asked."""

    def __init__(self, model: Callable[[], BaseChatModel], name: str, telemetry: Spans) -> None:
        self._model = model
        self.name = name
        self._telemetry = telemetry

    @property
    def model(self) -> BaseChatModel:
        """The model itself. Raises `ModelError` when it is missing or broken."""
        return self._model()

    def ask(
        self,
        messages: Sequence[BaseMessage | tuple[str, str]],
        clock: Clock,
        *,
        retried: Callable[[str], None],
        tools: Sequence[dict[str, Any]] = (),
        choice: str = "auto",
        max_tokens: int = ANSWER_TOKENS,
    ) -> Iterator[Piece | Reply]:
        """Pieces as they come, the whole `Reply` last.

        A model that fails is asked again, at most twice, after a pause that `retried` hears about. Raises
        `Cancelled`, `OutOfTime`, `PromptTooLong`, and `ModelError` for everything a model or its server may raise.
        """
        for attempt, wait in enumerate((*WAITS, None)):
            try:
                with self._telemetry.chat(self.name, max_tokens) as span:
                    for piece in self._once(messages, clock, tools, choice, max_tokens):
                        if isinstance(piece, Reply):
                            span.used(piece.usage, piece.reason)
                        yield piece
            except Exception as error:
                if not _worth_another_try(error) or wait is None:
                    raise _as_model_error(error) from error
                logger.debug("attempt %d failed", attempt + 1, exc_info=True)
                retried(f"{type(error).__name__}: {error}"[:300])
                clock.wait(wait)
            else:
                return

    def _once(
        self,
        messages: Sequence[BaseMessage | tuple[str, str]],
        clock: Clock,
        tools: Sequence[dict[str, Any]],
        choice: str,
        max_tokens: int,
    ) -> Iterator[Piece | Reply]:
        from langchain_core.messages import AIMessageChunk

        began = time.monotonic()
        model = self._model()
        options: dict[str, Any] = {}
        if getattr(model, "accepts_cancel", False):
            options = {"cancel": clock.cancelled, "max_tokens": max_tokens}
        runnable, messages = _with_tools(model, messages, tools, choice)
        whole: Any = None
        splitter, text, thought, cut = ThoughtSplitter(), "", "", ""
        for chunk in apart(lambda: runnable.stream(list(messages), **options), clock):
            whole = chunk if whole is None else whole + chunk
            reasoned = str(chunk.additional_kwargs.get("reasoning_content") or "")
            pieces = [Piece(thought=reasoned)] if reasoned else []
            # A server may leave the think tags in the text; ours takes them out, and then there are none to find.
            pieces += [_piece(kind, part) for kind, part in splitter.feed(_text(chunk.content))]
            for piece in pieces:
                text, thought = text + piece.text, thought + piece.thought
                yield piece
            if len(thought) > _CHARS * THOUGHT_TOKENS:
                cut = "thought"
            elif len(text) > 2 * _CHARS * max_tokens:
                cut = "length"
            if cut:
                break
        for kind, part in splitter.finish():
            piece = _piece(kind, part)
            text, thought = text + piece.text, thought + piece.thought
            yield piece
        message = whole if whole is not None else AIMessageChunk(content="")
        yield Reply(
            text=text.strip(),
            thought=thought.strip(),
            calls=() if cut else tuple((call["name"], call["args"]) for call in message.tool_calls),
            invalid=()
            if cut
            else tuple(
                Invalid(str(bad.get("name") or ""), str(bad.get("args") or ""), str(bad.get("error") or ""))
                for bad in message.invalid_tool_calls
            ),
            usage=_usage(getattr(message, "usage_metadata", None), messages, text + thought),
            seconds=round(time.monotonic() - began, 4),
            reason=cut or str(message.response_metadata.get("finish_reason") or ""),
        )


def _with_tools(
    model: BaseChatModel, messages: Sequence[Any], tools: Sequence[dict[str, Any]], choice: str
) -> tuple[Any, Sequence[Any]]:
    """The model with the tools bound; told about them in words where it knows no other way."""
    if not tools:
        return model, messages
    try:
        return model.bind_tools(list(tools), tool_choice=choice), messages
    except NotImplementedError:
        from agents.llm.tools import described

        return model, [("system", described(list(tools))), *messages]


def _piece(kind: str, part: str) -> Piece:
    return Piece(thought=part) if kind == "thought" else Piece(text=part)


def _text(content: object) -> str:
    """The text of a message's content, which some servers send as a list of parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(part if isinstance(part, str) else str(part.get("text", "")) for part in content)
    return ""


def _usage(told: Any, messages: Sequence[BaseMessage | tuple[str, str]], written: str) -> Usage:  # noqa: ANN401
    """As the model counted; estimated where it didn't, so that a budget holds with any server."""
    if told:
        cached = int((told.get("input_token_details") or {}).get("cache_read") or 0)
        return Usage(int(told.get("input_tokens", 0)), cached, int(told.get("output_tokens", 0)))
    from agents.llm.counting import estimate

    asked = sum(estimate(str(m[1] if isinstance(m, tuple) else m.content)) for m in messages)
    return Usage(asked, 0, estimate(written))


def _worth_another_try(error: Exception) -> bool:
    """A failure that may pass. Not: a stop, a prompt that is too long, a script or a programme that is wrong."""
    from ingest.apart.threads import Cancelled, OutOfTime

    return not isinstance(
        error, Cancelled | OutOfTime | PromptTooLong | AssertionError | TypeError | NotImplementedError
    )


def _as_model_error(error: Exception) -> Exception:
    from ingest.apart.threads import Cancelled, OutOfTime

    if isinstance(error, Cancelled | OutOfTime | ModelError):
        return error
    detail = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return ModelError(
        Text(en=f"The model failed ({detail[:500]}).", zh=f"模型出错（{detail[:500]}）。"),
        Text(
            en="What was found by then stays. Go on with the run later, or see `zhiku doctor`.",
            zh="此前的发现均已保留。请稍后继续该运行，或查看 `zhiku doctor`。",
        ),
    )
