"""A question, and the way to its proven answer: rewrite, search, show the evidence, write, check.

`stream` is the only way through; `ask` drains it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

from agents.chat.abstention import abstention
from agents.chat.answers import (
    Answer,
    Answered,
    Event,
    Found,
    Quoted,
    Standalone,
    Thought,
    Token,
    Withdrawn,
    last_answer,
)
from agents.chat.curated import CuratedAnswer, cited
from agents.chat.introduction import Introduction
from agents.chat.lookup import Lookup, Searchable
from agents.chat.loops import Loops
from agents.chat.progress import Progress
from agents.chat.rewrite import Turn, by_model, by_rule
from agents.chat.settling import Settled, Settling, certain
from agents.chat.signs import leans_back
from agents.chat.traces import Trace
from agents.chat.translation import translated
from agents.chat.writer import Writer
from agents.llm.asking import Piece, Reply, Void
from agents.proof.asked import without_yes_or_no
from agents.proof.citations import CitationChecker, Proof
from agents.proof.entailment import Judges
from agents.proof.markers import unfinished
from agents.proof.quotes import best_quotes, nearest_statements
from agents.proof.similarity import Closeness
from agents.proof.sources import Citation, Pages
from ingest.apart.threads import Cancelled
from ingest.documents import Hit
from ingest.errors import ZhikuError
from ingest.language import language_code, language_of, say
from ingest.queries import checked_query

History = Sequence[Turn | Answer | tuple[str, str]]

logger = logging.getLogger(__name__)

CURATED = "curated"
"""In the place of a model's name: people wrote or kept the answer."""
_VOTING = 0.15
"""Of the time an answer took, what a second vote on its sentences may take."""


class Sources(Pages, Searchable, Protocol):
    """The part of the library that a chat reads."""


class Memory(Protocol):
    """Where the turns of a conversation are kept."""

    def turns(self, conversation: str) -> list[Answer]:
        """Earlier answers, oldest first."""
        ...

    def append(self, conversation: str, answer: Answer) -> int:
        """Keep one more; returns its number."""
        ...


class Chat:
    """Answers questions from one knowledge base. One question at a time; make another `Chat` for another thread."""

    def __init__(
        self,
        sources: Sources,
        writer: Writer,
        *,
        kb: str = "default",
        k: int = 8,
        closeness: Closeness | None = None,
        judges: Judges | None = None,
        traces: Path | None = None,
        memory: Memory | None = None,
        conversation: str | None = None,
        introduction: Introduction | None = None,
        filtered: bool = False,
        curated: Callable[[str], CuratedAnswer | None] | None = None,
    ) -> None:
        """`filtered`: `sources` may hide documents that are there. `curated` gives the answer that people have kept for a
        question, which then wins over the passages."""
        self._curated = curated
        self._introduction = introduction
        self._filtered = filtered
        self._sources = sources
        self._writer = writer
        self._kb = kb
        self._k = k
        self._closeness = closeness
        self._judges = judges
        self._traces = traces
        self._memory = memory
        self._conversation = conversation
        self._cancel = threading.Event()

    def ask(self, question: str, history: History = ()) -> Answer:
        """The answer to `question`, after the earlier turns in `history` (those of the conversation when none are given).

        Raises `UsageError` for an empty or endless question or an unknown knowledge base. A model that fails does
        not raise: `Answer.error` says what happened and the proven quotes stand in its place.
        """
        return last_answer(self.stream(question, history))

    def quotes(self, question: str) -> tuple[Citation, ...]:
        """The documents' own sentences that answer `question`; () where none does. No model is asked, nothing is kept."""
        hits = Lookup(self._sources, self._kb, self._k)(question).hits
        return best_quotes(nearest_statements(question, hits, self._sources, self._closeness))

    def cancel(self) -> None:
        """Stop the latest question, from any thread. What has been written by then is checked and kept."""
        self._cancel.set()

    def stream(self, question: str, history: History = (), cancel: threading.Event | None = None) -> Iterator[Event]:
        """The events of one question (see `agents.chat.answers.Event`), the checked answer last. Raises as `ask` does, for
        the question itself at once. Closing the generator before its end stops the model; the turn is kept with what had
        been written.

        `cancel` stops this question as soon as it is set, at any moment from before the first event on; without one it
        gets its own, which `Chat.cancel` sets."""
        question = checked_query(question)
        self._cancel = cancel if cancel is not None else threading.Event()
        return self._events(question, history, self._cancel)

    def _events(self, question: str, history: History, cancel: threading.Event) -> Iterator[Event]:
        turns = self._earlier(history)
        now = Progress(question, question, Trace(self._traces), cancel)
        now.trace.step("question", question=question, kb=self._kb, turns=len(turns))
        if said := self._introduction and self._introduction.answer(question, self._kb):
            yield Found(())
            yield Quoted(())
            yield from self._told(now, Settled(Proof(said)))
            return
        lookup = Lookup(self._sources, self._kb, self._k)
        if turns and not cancel.is_set():
            now.standalone = self._standalone(question, turns, lookup, cancel)
            now.trace.step("rewrite", standalone=now.standalone)
            if now.standalone != question:
                yield Standalone(now.standalone)
        now.stopped = cancel.is_set()
        if now.stopped:
            yield self._finished(now, Settled(Proof("")))
            return
        if self._curated and (kept := self._curated(now.standalone)):
            now.trace.step("curated", id=kept.id, question=kept.question)
            yield Found(())
            yield Quoted(())
            yield from self._told(now, Settled(cited(kept)), model=CURATED)
            return
        looked = lookup(now.standalone)
        if looked.sufficient and (other := self._translated(now.standalone, looked.hits[0], cancel)):
            now.translated = other
            now.trace.step("translation", translated=other)
            looked = lookup.joined(now.standalone, other)
        now.hits = looked.hits
        now.mark("retrieve")
        now.found(looked.evidence)
        yield Found(now.hits)
        nearest = nearest_statements(now.standalone, now.hits, self._sources, self._closeness, now.translated)
        # Among few documents the search can't tell a good hit from a poor one; a statement that answers speaks for itself.
        enough = bool(looked.evidence and looked.evidence.sufficient) or certain(
            nearest.candidates, whole=len(now.hits) < self._k
        )
        if enough:
            now.nearest = tuple(nearest.candidates)
            now.quotes = best_quotes(nearest)
            now.mark("quotes")
        yield Quoted(now.quotes)
        settling = Settling(nearest, now.quotes, self._refusal(now))
        if not enough:
            yield from self._told(now, settling.refused())
        elif self._writer.writes:
            yield from self._write(now, settling, turns)
        else:
            yield from self._told(now, settling.quoted())

    def _earlier(self, history: History) -> list[Turn]:
        if not history and self._memory is not None and self._conversation is not None:
            history = self._memory.turns(self._conversation)
        return [_turn(item) for item in history if not (isinstance(item, Answer) and _introduced(item))]

    def _standalone(self, question: str, turns: list[Turn], lookup: Lookup, cancel: threading.Event) -> str:
        """By the model where one can be trusted with it, by rule otherwise; without any sign that the question leans
        back, as it is, unless that finds less."""
        if not leans_back(question):
            return lookup.better(question, by_rule(question, turns))
        if not self._writer.writes:
            return by_rule(question, turns)
        try:
            return by_model(question, turns, lambda messages: self._writer.complete(messages, cancel))
        except Exception as error:  # noqa: BLE001 - a model fails in any way its server likes; the rule always works
            logger.debug("rewriting failed: %s", error)
            return by_rule(question, turns)

    def _translated(self, question: str, best: Hit, cancel: threading.Event) -> str:
        """`question` in the language of the `best` passage, where that is another one and a model can say it."""
        language = language_of(best.text)
        if language in {"other", language_of(question)} or not self._writer.writes or cancel.is_set():
            return ""
        try:
            return translated(question, language, lambda messages: self._writer.complete(messages, cancel))
        except Exception as error:  # noqa: BLE001 - a model fails in any way its server likes; the question itself was searched for
            logger.debug("translating failed: %s", error)
            return ""

    def _told(self, now: Progress, settled: Settled, model: str = "") -> Iterator[Event]:
        """An answer that no model writes."""
        yield Token(settled.proof.text)
        now.mark("first_token")
        yield self._finished(now, settled, model)

    def _refusal(self, now: Progress) -> str:
        return abstention(language_code(now.question), empty=not now.hits, filtered=self._filtered)

    def _write(self, now: Progress, settling: Settling, turns: list[Turn]) -> Iterator[Event]:
        """The model's answer, token by token, then checked."""
        try:
            yield from self._tokens(now, turns)
        except Cancelled:
            pass  # what was written by then is the answer
        except Exception as error:
            logger.debug("writing failed", exc_info=True)
            now.error = _what_happened(error)
            now.trace.step("error", error=repr(error))
        except BaseException:  # whoever read along is gone: stop the model, keep what it wrote
            now.cancel.set()
            now.stopped = True
            self._finished(now, self._as_written(self._checked(now)))
            raise
        now.stopped = now.cancel.is_set()
        proof = self._checked(now)
        if now.stopped:
            yield self._finished(now, self._as_written(proof))
        elif proof.text:
            yield self._finished(now, settling.settle(proof))
        else:
            nothing = say(en="The model wrote nothing; these are quotes.", zh="模型没有写出回答，以下为原文引用。")
            yield from self._told(now, settling.quoted(nothing))

    @staticmethod
    def _as_written(proof: Proof) -> Settled:
        return Settled(proof, proof.sentences)

    def _checked(self, now: Progress) -> Proof:
        if not now.text.strip():
            return Proof("")
        judge = self._judges.entailment(now.standalone, _VOTING * now.waited, now.cancel) if self._judges else None
        checker = CitationChecker(now.standalone, now.hits, self._sources, self._closeness, judge)
        return checker.check(without_yes_or_no(now.text, now.standalone))

    def _tokens(self, now: Progress, turns: list[Turn]) -> Iterator[Event]:
        """What the model writes, until it ends or goes in circles. A marker is sent when it is whole."""
        code = language_code(now.question)
        request = self._writer.request(now.standalone, now.hits, turns, code, now.nearest, now.waited)
        now.prompt = request.prompt
        now.trace.step("prompt", **asdict(request.prompt), passages=request.passages, messages=request.messages)
        sent, loops = 0, Loops()
        for piece in self._writer.stream(request, now.cancel):
            if isinstance(piece, Reply):
                now.usage = piece.usage
            elif isinstance(piece, Void):
                now.text, sent, loops = "", 0, Loops()
                now.timings.pop("first_token", None)
                yield Withdrawn()
            elif piece.thought:
                now.thoughts += piece.thought
                yield Thought(piece.thought)
            if isinstance(piece, Piece) and piece.text:
                now.text += piece.text
                whole = len(now.text) - unfinished(now.text)
                if whole > sent:
                    now.mark("first_token")
                    yield Token(now.text[sent:whole])
                    sent = whole
                if (cut := loops.feed(piece.text)) >= 0:
                    now.trace.step("stopped", why="it said what it had said")
                    now.usage = self._writer.used(request, now.text)
                    now.text = now.text[:cut]
                    break

    def _finished(self, now: Progress, settled: Settled, model: str | None = None) -> Answered:
        answered = now.finished(settled, self._writer.name if model is None else model)
        if self._memory is not None and self._conversation is not None:
            self._memory.append(self._conversation, answered.answer)
        return answered


def _introduced(answer: Answer) -> bool:
    """Whether it is an `Introduction`: there is nothing in it that a later question could mean."""
    return not (answer.model or answer.abstained or answer.hits)


def _turn(item: Turn | Answer | tuple[str, str]) -> Turn:
    if isinstance(item, Answer):
        return Turn(item.standalone_question or item.question, item.text)
    return item if isinstance(item, Turn) else Turn(*item)


def _what_happened(error: Exception) -> str:
    if isinstance(error, ZhikuError):
        return str(error)
    detail = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return say(
        en=f"The model stopped in the middle ({detail}). What was found stays; ask again, or see `zhiku doctor`.",
        zh=f"模型中途出错（{detail}）。已找到的内容保留；请重试，或运行 `zhiku doctor`。",
    )
