"""A language model at work on an answer: what it is sent, fitted to its context, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import prompts
from agents.chat.passages import fitting
from agents.llm.counting import UNKNOWN_CONTEXT, counter
from agents.llm.usage import Usage
from agents.proof.markers import without
from ingest.language import language_name
from prompts import PromptUse, neutral

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Sequence

    from langchain_core.language_models import BaseChatModel

    from agents.chat.rewrite import Turn
    from ingest.documents import Hit

PASSAGE_TOKENS = 6000
"""Enough for eight passages; more only slows the reading down."""
_HISTORY_TURNS = 3
_REWRITE_TOKENS = 200


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent for one answer."""

    messages: list[tuple[str, str]]
    prompt: PromptUse
    passages: int
    """How many of the hits are in it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one chunk of a stream brought."""

    text: str = ""
    thought: str = ""
    usage: Usage | None = None


class Writer:
    """One model, loaded when it first writes. `small` marks one that can't be trusted to write an answer: it is left
    to quotes."""

    def __init__(
        self,
        model: Callable[[], BaseChatModel],
        name: str,
        *,
        small: bool = False,
        context: int = 0,
        max_tokens: int = 1024,
    ) -> None:
        self._model = model
        self.name = name
        self._small = small
        self._context = context
        self._max_tokens = max_tokens

    def writes(self, code: str) -> bool:  # noqa: ARG002 - a model that knows some languages only will ask
        """Whether it can write an answer in the language `code`."""
        return not self._small

    @property
    def rewrites(self) -> bool:
        """Whether it can be trusted to rewrite a question."""
        return not self._small

    def request(self, question: str, hits: Sequence[Hit], turns: Sequence[Turn], code: str) -> Request:
        """Prompt, history and passages for one answer, in the order that keeps the beginning the same from turn to turn
        (system, history, passages, question), fitted to the model's context."""
        model = self._model()
        count = counter(model)
        context = int(getattr(model, "context_tokens", 0) or self._context or UNKNOWN_CONTEXT)
        lang = "zh" if code.startswith("zh") else "en"
        prompt = prompts.load("answer", lang)
        inputs = {"question": neutral(question), "language": language_name(code)}
        fixed = sum(count(text) for _, text in prompt.render(passages=[], **inputs)) + 32
        room = context - min(self._max_tokens, context // 3) - fixed
        told = _history(turns, max(0, room // 4), count)
        room -= sum(count(text) + 8 for _, text in told)
        passages = fitting(hits, max(64, min(room, PASSAGE_TOKENS)), count)
        system, *rest = prompt.render(passages=passages, **inputs)
        return Request([system, *told, *rest], PromptUse(prompt.name, prompt.lang, prompt.sha256), len(passages))

    def stream(self, request: Request, cancelled: threading.Event) -> Iterator[Piece]:
        """The answer as it is written; ends soon after `cancelled` is set."""
        model = self._model()
        options: dict[str, Any] = {"cancel": cancelled} if getattr(model, "accepts_cancel", False) else {}
        usage = Usage()
        chunks = model.stream(list(request.messages), **options)
        try:
            for chunk in chunks:
                usage = _added(usage, getattr(chunk, "usage_metadata", None))
                thought = str(chunk.additional_kwargs.get("reasoning_content") or "")
                text = _text(chunk.content)
                if text or thought:
                    yield Piece(text, thought)
                if cancelled.is_set():
                    break
        finally:
            close = getattr(chunks, "close", None)
            if close:
                close()
        yield Piece(usage=usage)

    def complete(self, messages: list[tuple[str, str]], cancelled: threading.Event) -> str:
        """A short reply, whole."""
        model = self._model()
        options: dict[str, Any] = {"cancel": cancelled} if getattr(model, "accepts_cancel", False) else {}
        if options:
            options["max_tokens"] = _REWRITE_TOKENS
        return _text(model.invoke(list(messages), **options).content)


def _history(turns: Sequence[Turn], room: int, count: Callable[[str], int]) -> list[tuple[str, str]]:
    """The latest turns that fit, oldest first, without their markers, which number other passages."""
    kept: list[tuple[str, str]] = []
    for turn in reversed(list(turns)[-_HISTORY_TURNS:]):
        pair = [("human", neutral(turn.question)), ("ai", neutral(without(turn.answer)))]
        room -= sum(count(text) + 8 for _, text in pair)
        if room < 0:
            break
        kept = pair + kept
    return kept


def _text(content: object) -> str:
    """The text of a message's content, which some servers send as a list of parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(part if isinstance(part, str) else str(part.get("text", "")) for part in content)
    return ""


def _added(usage: Usage, more: Any) -> Usage:  # noqa: ANN401 - LangChain's usage metadata, a dict or None
    if not more:
        return usage
    return Usage(
        usage.prompt_tokens + int(more.get("input_tokens", 0)),
        usage.cached_tokens + int((more.get("input_token_details") or {}).get("cache_read") or 0),
        usage.completion_tokens + int(more.get("output_tokens", 0)),
    )
