"""A language model at work on an answer: what it is sent, fitted to its context, and what comes back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import prompts
from agents.chat.passages import fitting
from agents.chat.rewrite import Turn
from agents.llm.asking import Asker, Piece, Reply, Void
from agents.llm.usage import Usage
from agents.proof.markers import without
from agents.proof.quotes import Candidate
from ingest.apart.threads import Clock
from ingest.documents import Hit
from ingest.language import language_name
from prompts import Prompt, neutral

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

PASSAGE_TOKENS = 6000
"""Enough for eight passages; more only slows the reading down."""
LEAST_TOKENS = 240
"""Of passages, however slowly they are read: three of the nearest statements with their sources."""
_HISTORY_TURNS = 3
_REWRITE_TOKENS = 200


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent for one answer."""

    prompt: Prompt
    inputs: Mapping[str, Any]
    history: Sequence[tuple[str, str]]

    @property
    def passages(self) -> int:
        """How many of the hits are in it."""
        return len(self.inputs["passages"])

    @property
    def messages(self) -> list[tuple[str, str]]:
        """In the order that keeps the beginning the same from turn to turn: system, history, passages, question."""
        system, *rest = self.prompt.render(**self.inputs)
        return [system, *self.history, *rest]

    def asking(self, question: str, *, translate: bool = False) -> Request:
        """The same passages with another question, or for the question in their language, so that a local model reads them
        once."""
        return replace(self, inputs={**self.inputs, "question": neutral(question), "translate": translate})


class Writer:
    """One model, loaded when it first writes."""

    def __init__(
        self,
        model: Callable[[], BaseChatModel],
        name: str,
        *,
        small: Callable[[], bool] = lambda: False,
        context: int = 0,
        max_tokens: int = 1024,
        first_token_target: float = 0.0,
        instructions: str = "",
    ) -> None:
        """`instructions`: of an assistant, on manner; what the rules of an answer are stands before them. `small` says
        whether it can't be trusted to write an answer, and is left to quotes. `first_token_target`: seconds of reading to
        which passages are cut where the model says how quickly it reads; 0: they never are."""
        self._asker = Asker(model, name)
        self.name = name
        self._small = small
        self._context = context
        self._max_tokens = max_tokens
        self._target = first_token_target
        self._instructions = neutral(instructions)

    @property
    def writes(self) -> bool:
        """Whether it can be trusted to rewrite a question and to write an answer."""
        return not self._small()

    def request(
        self,
        question: str,
        hits: Sequence[Hit],
        turns: Sequence[Turn],
        code: str,
        nearest: Sequence[Candidate] = (),
    ) -> Request:
        """Prompt, history and passages for one answer in the language of `code`, fitted to the model's context and to the
        time it may take to read them. `nearest` are the statements of the hits, the nearest to the question first."""
        able = self._asker.abilities
        count, context = able.count, able.context(self._context)
        lang = "zh" if code.startswith("zh") else "en"
        prompt = prompts.load("answer", lang)
        inputs = {
            "question": neutral(question),
            "language": language_name(code),
            "instructions": self._instructions,
            "translate": False,
        }
        frame = [count(text) for _, text in prompt.render(passages=[], **inputs)]
        room = context - min(self._max_tokens, context // 3) - sum(frame) - 32
        told = _history(turns, max(0, room // 4), count)
        history = sum(count(text) + 8 for _, text in told)
        most = min(room - history, PASSAGE_TOKENS)
        if self._target and (speed := able.reading_speed):
            # The system message is read once and stays in the cache.
            readable = int(self._target * speed) - sum(frame[1:]) - history
            most = min(most, max(LEAST_TOKENS, readable))
        passages = fitting(hits, max(64, most), count, nearest)
        return Request(prompt, {**inputs, "passages": passages}, told)

    def stream(self, request: Request, cancelled: threading.Event) -> Iterator[Piece | Void | Reply]:
        """The answer as it is written, the whole `Reply` last. Raises as `Asker.ask` does, `Cancelled` soon after
        `cancelled` is set. A failure is the end: what a reader has seen of an answer doesn't come twice."""
        yield from self._asker.ask(request.messages, Clock(cancelled), max_tokens=None)

    def used(self, request: Request, text: str) -> Usage:
        """What a reply cost that was stopped at `text`, which the model then doesn't say; the template left out."""
        count = self._asker.abilities.count
        return Usage(sum(count(part) for _, part in request.messages), 0, count(text))

    def complete(self, messages: list[tuple[str, str]], cancelled: threading.Event) -> str:
        """A short reply, whole. Raises as `stream` does."""
        return self._asker.whole(messages, Clock(cancelled), max_tokens=_REWRITE_TOKENS).text


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
