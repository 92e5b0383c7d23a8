"""A question, and the way to its proven answer: rewrite, search, show the evidence, write, check.

`stream` is the only way through; `ask` drains it.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Protocol

from agents.chat.abstention import abstention
from agents.chat.answers import Answer, Answered, Event, Found, Quoted, Standalone, Thought, Token, Withdrawn
from agents.chat.lookup import Lookup, Searchable
from agents.chat.rewrite import Turn, by_model, by_rule
from agents.chat.signs import leans_back
from agents.chat.traces import Trace
from agents.llm.asking import Reply, Void
from agents.llm.usage import Usage
from agents.proof.citations import CitationChecker, Proof
from agents.proof.quotes import best_quotes, quoted_answer
from agents.proof.sources import Citation, Pages
from ingest.apart.threads import Cancelled
from ingest.errors import ZhikuError
from ingest.language import language_code, say
from ingest.queries import checked_query

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from agents.chat.introduction import Introduction
    from agents.chat.writer import Writer
    from agents.proof.entailment import Judges
    from agents.proof.similarity import Closeness
    from ingest.documents import Hit
    from ingest.evidence import Evidence
    from prompts import PromptUse

    History = Sequence[Turn | Answer | tuple[str, str]]

logger = logging.getLogger(__name__)

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


@dataclass
class _Progress:
    """What is known so far about the answer under way."""

    question: str
    standalone: str
    began: float
    trace: Trace
    cancel: threading.Event
    hits: tuple[Hit, ...] = ()
    quotes: tuple[Citation, ...] = ()
    text: str = ""
    thoughts: str = ""
    usage: Usage = field(default_factory=Usage)
    prompt: PromptUse | None = None
    timings: dict[str, float] = field(default_factory=dict)
    error: str = ""
    stopped: bool = False

    def mark(self, name: str) -> None:
        """Note the seconds passed, the first time."""
        self.timings.setdefault(name, round(time.monotonic() - self.began, 4))


_NOTHING = Proof("")


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
    ) -> None:
        self._introduction = introduction
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
        for event in self.stream(question, history):
            if isinstance(event, Answered):
                return event.answer
        raise AssertionError("a stream ends with its answer")

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
        trace = Trace(self._traces)
        now = _Progress(question, question, time.monotonic(), trace, cancel)
        trace.step("question", question=question, kb=self._kb, turns=len(turns))
        if said := self._introduction and self._introduction.answer(question, self._kb):
            yield from self._introduce(now, said)
            return
        lookup = Lookup(self._sources, self._kb, self._k)
        if turns and not cancel.is_set():
            now.standalone = self._standalone(question, turns, lookup, cancel)
            trace.step("rewrite", standalone=now.standalone)
            if now.standalone != question:
                yield Standalone(now.standalone)
        now.stopped = cancel.is_set()
        if now.stopped:
            yield self._finished(now, _NOTHING, model=self._writer.name)
            return
        looked = lookup(now.standalone)
        now.hits, evidence = looked.hits, looked.evidence
        now.mark("retrieve")
        _trace_search(trace, now.hits, evidence)
        yield Found(now.hits)
        if evidence is None or not evidence.sufficient:
            yield Quoted(())
            yield from self._abstain(now)
            return
        now.quotes = best_quotes(now.standalone, now.hits, self._sources, self._closeness)
        now.mark("quotes")
        yield Quoted(now.quotes)
        code = language_code(question)
        if self._writer.writes:
            yield from self._write(now, turns, code)
        else:
            yield from self._quote(now)

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

    def _introduce(self, now: _Progress, said: str) -> Iterator[Event]:
        """The answer to a greeting: nothing is searched, nothing is written by a model."""
        yield Found(())
        yield Quoted(())
        yield Token(said)
        now.mark("first_token")
        yield self._finished(now, Proof(said), model="")

    def _abstain(self, now: _Progress) -> Iterator[Event]:
        text = abstention(language_code(now.question), empty=not now.hits)
        yield Token(text)
        now.mark("first_token")
        yield self._finished(now, Proof(text), abstained=True, model="")

    def _quote(self, now: _Progress, note: str = "") -> Iterator[Event]:
        """The answer that stands by itself: proven sentences."""
        text = quoted_answer(now.quotes)
        if not text:
            yield from self._abstain(now)
            return
        yield Token(text)
        now.mark("first_token")
        notes = (note,) if note else ()
        yield self._finished(now, Proof(text, citations=now.quotes), extractive=True, model="extractive", notes=notes)

    def _write(self, now: _Progress, turns: list[Turn], code: str) -> Iterator[Event]:
        """The model's answer, token by token, then checked."""
        try:
            yield from self._tokens(now, turns, code)
        except Cancelled:
            pass  # what was written by then is the answer
        except Exception as error:
            logger.debug("writing failed", exc_info=True)
            now.error = _what_happened(error)
            now.trace.step("error", error=repr(error))
        except BaseException:  # whoever read along is gone: stop the model, keep what it wrote
            now.cancel.set()
            now.stopped = True
            self._finished(now, self._checked(now), model=self._writer.name)
            raise
        now.stopped = now.cancel.is_set()
        if not now.text.strip():
            if now.stopped:
                yield self._finished(now, _NOTHING, model=self._writer.name)
            else:
                yield from self._quote(
                    now, say(en="The model wrote nothing; these are quotes.", zh="模型没有写出回答，以下为原文引用。")
                )
            return
        checked = self._checked(now)
        silent = bool(checked.sentences) and all(s.verdict == "no claim" for s in checked.sentences)
        yield self._finished(now, checked, abstained=silent and not now.stopped, model=self._writer.name)

    def _checked(self, now: _Progress) -> Proof:
        if not now.text.strip():
            return _NOTHING
        seconds = _VOTING * (time.monotonic() - now.began)
        judge = self._judges.entailment(now.standalone, seconds, now.cancel) if self._judges else None
        return CitationChecker(now.standalone, now.hits, self._sources, self._closeness, judge).check(now.text)

    def _tokens(self, now: _Progress, turns: list[Turn], code: str) -> Iterator[Event]:
        request = self._writer.request(now.standalone, now.hits, turns, code)
        now.prompt = request.prompt
        now.trace.step("prompt", **asdict(request.prompt), passages=request.passages, messages=request.messages)
        for piece in self._writer.stream(request, now.cancel):
            if isinstance(piece, Reply):
                now.usage = piece.usage
                continue
            if isinstance(piece, Void):
                now.text = ""
                now.timings.pop("first_token", None)
                yield Withdrawn()
                continue
            if piece.thought:
                now.thoughts += piece.thought
                yield Thought(piece.thought)
            if piece.text:
                now.mark("first_token")
                now.text += piece.text
                yield Token(piece.text)

    def _finished(
        self,
        now: _Progress,
        checked: Proof,
        *,
        model: str,
        abstained: bool = False,
        extractive: bool = False,
        notes: tuple[str, ...] = (),
    ) -> Answered:
        now.mark("total")
        now.trace.step(
            "answer",
            text=checked.text,
            written=now.text,
            abstained=abstained,
            verdicts=[
                {"sentence": s.text, "verdict": s.verdict, "why": s.reason, "marks": s.marks} for s in checked.sentences
            ],
            usage={"prompt": now.usage.prompt_tokens, "completion": now.usage.completion_tokens},
            timings=now.timings,
        )
        answer = Answer(
            question=now.question,
            standalone_question=now.standalone,
            text=checked.text,
            abstained=abstained,
            citations=checked.citations,
            unsupported_sentences=checked.unsupported,
            hits=now.hits,
            model=model,
            prompt=now.prompt,
            usage=now.usage,
            timings=dict(now.timings),
            trace=now.trace.write(),
            thoughts=now.thoughts,
            extractive=extractive,
            stopped=now.stopped,
            error=now.error,
            notes=notes,
        )
        if self._memory is not None and self._conversation is not None:
            self._memory.append(self._conversation, answer)
        return Answered(answer)


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


def _trace_search(trace: Trace, hits: Sequence[Hit], evidence: Evidence | None) -> None:
    trace.step(
        "search",
        hits=[{"chunk": h.chunk_id, "document": h.document_id, "page": h.page, "score": h.score} for h in hits],
        strength=evidence.strength if evidence else None,
        threshold=evidence.threshold if evidence else None,
        sufficient=evidence.sufficient if evidence else False,
    )
