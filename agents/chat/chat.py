"""A question, and the way to its proven answer: rewrite, search, show the evidence, write, check.

`stream` is the only way through; `ask` drains it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Protocol

import prompts
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
from agents.chat.history import Conversations
from agents.chat.introduction import Introduction
from agents.chat.lookup import Looked, Lookup, Searchable
from agents.chat.loops import Loops
from agents.chat.parts import questions
from agents.chat.progress import Progress
from agents.chat.rewrite import Turn, by_model, by_rule
from agents.chat.settling import Settled, Settling, certain
from agents.chat.several import in_turn, of_one_thing, together, told_beside
from agents.chat.signs import leans_back
from agents.chat.traces import Trace
from agents.chat.translation import Language, documents_language, translation
from agents.chat.writer import Request, Writer
from agents.llm.asking import Piece, Reply, Void
from agents.proof.citations import CitationChecker, Proof
from agents.proof.entailment import Judges
from agents.proof.markers import unfinished
from agents.proof.polarity import without_yes_or_no
from agents.proof.quotes import Nearest, best_quotes, nearest_statements
from agents.proof.similarity import Closeness
from agents.proof.sources import Citation, Pages
from ingest.apart.threads import Cancelled
from ingest.errors import ZhikuError
from ingest.language import language_code, language_name, language_of, say
from ingest.queries import checked_query
from prompts import neutral

History = Sequence[Turn | Answer | tuple[str, str]]

logger = logging.getLogger(__name__)

CURATED = "curated"
"""In the place of a model's name: people wrote or kept the answer."""
_VOTING = 0.15
"""Of the time an answer took, what a second vote on its sentences may take."""
RETOLD = 0.25
"""Closeness from which on a sentence may be another one said again: of 90 answers that the 1.5B said again in another language
all but one lie above .3, texts put together at random below .22."""


class Sources(Pages, Searchable, Protocol):
    """The part of the library that a chat reads."""


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
        memory: Conversations | None = None,
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
            yield from self._told(now, Settled(Proof(said)), searched=False)
            return
        lookup = Lookup(self._sources, self._kb, self._k, mixed=self._writer.writes)
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
            yield from self._told(now, Settled(cited(kept)), model=CURATED, searched=False)
            return
        now.parts = self._parts(now.standalone, lookup)
        looked = self._looked(now, lookup)
        now.mark("retrieve")
        now.found(looked.evidence)
        yield Found(now.hits)
        enough = [looked.enough(one.candidates) for one in now.nearest]
        now.nearest = of_one_thing(
            [one if some else replace(one, candidates=()) for one, some in zip(now.nearest, enough, strict=True)]
        )
        now.mark("quotes")
        yield Quoted(tuple(dict.fromkeys(quote for one in now.nearest for quote in best_quotes(one))))
        if not any(enough):
            yield from self._told(now, self._settled(now, Settling.refused))
        elif self._writer.writes:
            yield from self._write(now, turns)
        else:
            yield from self._told(now, self._settled(now, Settling.quoted))

    def _earlier(self, history: History) -> list[Turn]:
        if not history and self._memory is not None and self._conversation is not None:
            history = self._memory.turns(self._conversation)
        return [_turn(item) for item in history if not (isinstance(item, Answer) and _introduced(item))]

    def _standalone(self, question: str, turns: list[Turn], lookup: Lookup, cancel: threading.Event) -> str:
        """By the model where one can be trusted with it, by rule otherwise; without any sign that the question leans
        back, as it is, unless that finds less."""
        if not leans_back(question):
            return lookup.better(question, by_rule(question, turns))
        return by_model(question, turns, lambda messages: self._completed(messages, cancel))

    def _completed(self, messages: list[tuple[str, str]], cancel: threading.Event) -> str:
        """A short reply that can be done without; '' from a model that is too small for it or fails."""
        try:
            return self._writer.complete(messages, cancel) if self._writer.writes and not cancel.is_set() else ""
        except Exception as error:  # noqa: BLE001 - a model fails in any way its server likes
            logger.debug("completing failed: %s", error)
            return ""

    def _parts(self, question: str, lookup: Lookup) -> list[str]:
        """The questions in `question`, which stands alone; each with the first one before it where it leans on that, or finds less
        without it."""
        first, *others = questions(question)
        found = [first]
        for part in others:
            joined = by_rule(part, [Turn(first)])
            found.append(joined if leans_back(part) else lookup.better(part, joined))
        return found

    def _looked(self, now: Progress, lookup: Lookup) -> Looked:
        """The passages for what is asked, and the statements nearest to it; for a model that writes also those for the question in
        the documents' language, where that is another one."""
        looked = lookup.joined(*now.parts)
        now.hits = looked.hits
        if self._writer.writes and (language := self._other_language(now)):
            now.language = language
            messages = prompts.load("translate", language).render(question=neutral(now.standalone))
            now.translated = translation(self._completed(messages, now.cancel), now.standalone, language)
            now.trace.step("translation", translated=now.translated)
        if now.translated:
            looked = lookup.joined(*now.parts, *questions(now.translated))
            now.hits = looked.hits
        now.nearest = self._nearest(now)
        return looked

    def _other_language(self, now: Progress) -> Language | None:
        """That of the best passage; in documents of both languages that of any, where no statement in the question's own answers
        for sure."""
        asked, passages = language_of(now.standalone), [hit.text for hit in now.hits]
        if first := documents_language(now.standalone, passages):
            return first
        others = [code for text in passages if (code := documents_language(now.standalone, [text]))]
        if not others:
            return None
        own = ([c for c in one.candidates if language_of(c.statement.text) == asked] for one in self._nearest(now))
        return None if all(certain(candidates, whole=True) for candidates in own) else others[0]

    def _nearest(self, now: Progress) -> list[Nearest]:
        said = questions(now.translated)
        if len(said) != len(now.parts):
            said = [now.translated] * len(now.parts)
        return [
            nearest_statements(part, now.hits, self._sources, self._closeness, translated)
            for part, translated in zip(now.parts, said, strict=True)
        ]

    def _settled(self, now: Progress, settle: Callable[[Settling], Settled]) -> Settled:
        """What each part comes to by `settle`, as one answer."""
        code, parts = language_code(now.question), questions(now.standalone)
        settled = [
            settle(
                Settling(
                    one, code, asked=part, filtered=self._filtered, again=lambda said: self._again(now, code, said)
                )
            )
            for one, part in zip(now.nearest, parts, strict=True)
        ]
        return together(parts, told_beside(now.nearest, settled), code)

    def _told(self, now: Progress, settled: Settled, model: str = "", *, searched: bool = True) -> Iterator[Event]:
        """An answer that no model writes, with or without a search before it."""
        if not searched:
            yield Found(())
            yield Quoted(())
        yield Token(settled.proof.text)
        now.mark("first_token")
        yield self._finished(now, settled, model)

    def _write(self, now: Progress, turns: list[Turn]) -> Iterator[Event]:
        """The model's answer, token by token, then checked."""
        try:
            yield from self._tokens(now, self._request(now, turns))
        except Cancelled:
            pass  # what was written by then is the answer
        except Exception as error:
            logger.debug("writing failed", exc_info=True)
            now.error = _what_happened(error)
            now.trace.step("error", error=repr(error))
        except BaseException:  # whoever read along is gone: stop the model, keep what it wrote
            now.cancel.set()
            now.stopped = True
            self._finished(now, _as_written(self._checked(now, now.text, self._judges)))
            raise
        now.stopped = now.cancel.is_set()
        proof = self._checked(now, now.text, self._judges)
        if now.stopped:
            yield self._finished(now, _as_written(proof))
        elif proof.text and not proof.text.rstrip().endswith(("?", "？")):  # a question said again is no answer
            yield self._finished(now, self._settled(now, lambda settling: settling.settle(proof)))
        else:
            nothing = say(en="The model wrote no answer; these are quotes.", zh="模型没有写出回答，以下为原文引用。")
            yield from self._told(now, self._settled(now, lambda settling: settling.quoted(nothing)))

    def _checked(self, now: Progress, text: str, judges: Judges | None = None) -> Proof:
        """`text` of the model, held against what was found, for the question in its language; `judges` may vote on it."""
        if not text.strip():
            return Proof("")
        asked = (now.translated if language_of(text) == now.language else "") or now.standalone
        judge = judges.entailment(asked, _VOTING * now.waited, now.cancel) if judges else None
        checker = CitationChecker(asked, now.hits, self._sources, self._closeness, judge)
        return checker.check(without_yes_or_no(text, asked))

    def _request(self, now: Progress, turns: list[Turn]) -> Request:
        """What the model is to answer. Across languages it first says the question in the documents' language once more, with
        the passages before it, which it reads for the answer anyway: so it has their names for things."""
        nearest = in_turn([one.candidates for one in now.nearest])
        if nearest and not documents_language(now.standalone, [nearest[0].statement.text]):
            now.language = None  # among documents in both languages one in the asker's says it best
        code = now.language or language_code(now.question)
        request = self._writer.request(now.standalone, now.hits, turns, code, nearest)
        if now.language:
            reply = self._completed(request.asking(now.standalone, translate=True).messages, now.cancel)
            if asked := translation(reply, now.standalone, now.language):
                now.trace.step("translation", translated=asked)
                now.translated = asked
                now.nearest = of_one_thing(self._nearest(now))
            if now.translated:  # else the first one, which the search had
                request = request.asking(now.translated)
        now.prompt, now.messages = request.prompt.use, request.messages
        now.trace.step("prompt", **asdict(now.prompt), passages=request.passages, messages=now.messages)
        return request

    def _again(self, now: Progress, code: str, told: str) -> Proof:
        """`told`, what the model said or a quote, in the language of the question; '' where the model says something else."""
        ask = prompts.load("again", "zh" if code.startswith("zh") else "en").render(language=language_name(code))
        said = self._completed([*now.messages, ("ai", neutral(told)), *ask], now.cancel) if now.messages else ""
        another = self._closeness and said.strip() and self._closeness(told, [said])[0] < RETOLD
        return self._checked(now, "" if another else said)

    def _tokens(self, now: Progress, request: Request) -> Iterator[Event]:
        """What the model writes, until it ends or goes in circles. A marker is sent when it is whole."""
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


def _as_written(proof: Proof) -> Settled:
    return Settled(proof, proof.sentences)


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
