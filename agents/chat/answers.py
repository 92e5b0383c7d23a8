"""What a question comes to: citations, the answer, and the events on the way there. All of it is frozen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agents.llm.usage import Usage
from agents.proof.checking import CheckedSentence
from agents.proof.markers import without
from agents.proof.sources import Citation
from ingest.documents import HIT_FIELDS, Hit
from ingest.records import from_json, picked, to_json
from prompts import PromptUse


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question, with its proof."""

    question: str
    standalone_question: str
    """The question as it was searched for, free of references to earlier turns."""
    text: str
    """Markdown with `[n]` markers."""
    abstained: bool
    """True when nothing found was good enough to answer from; `text` says so and `hits` are the nearest passages."""
    citations: tuple[Citation, ...] = ()
    unsupported_sentences: tuple[str, ...] = ()
    """Sentences of `text` (markers taken off) that no passage shown supports."""
    hits: tuple[Hit, ...] = ()
    model: str = ""
    """Who wrote the text; 'extractive' when it is quoted sentences alone, 'curated' when people kept it."""
    prompt: PromptUse | None = None
    usage: Usage = field(default_factory=Usage)
    timings: Mapping[str, float] = field(default_factory=dict)
    """Seconds from the question on: `retrieve`, `first_token`, `total`."""
    trace: str = ""
    """Path of the trace file, empty when none was written."""
    thoughts: str = ""
    """What a reasoning model said between its think tags."""
    extractive: bool = False
    """True when the text consists of sentences quoted from the documents."""
    stopped: bool = False
    """True when the user stopped it: the text is what had been written by then."""
    error: str = ""
    """What went wrong while it was written, in the user's language; the evidence found still stands."""
    notes: tuple[str, ...] = ()
    """Sentences for the user, such as that the question was shortened."""
    sentences: tuple[CheckedSentence, ...] = ()
    """The sentences that a model wrote and what became of each: those of `text`, or of `written`."""
    written: str = ""
    """What the model wrote where that is not the answer, since nothing proves it or it does not answer: `text` is then a
    refusal or quotes."""

    @property
    def nearest(self) -> tuple[Hit, ...]:
        """The passages that a refusal shows where it has no quotes."""
        return self.hits[:3] if self.abstained and not self.citations else ()

    @property
    def plain(self) -> str:
        """`text` without its markers."""
        return without(self.text)

    def contract(self, *, bases: bool = False) -> dict[str, Any]:
        """The object that `zhiku ask --json` prints: exactly the fields users rely on; with `bases`, for a question to
        several knowledge bases, citations and hits name theirs."""
        whole = self.to_json()
        base = ("kb",) if bases else ()
        whole["citations"] = [picked(citation, *_CITATION_FIELDS, *base) for citation in whole["citations"]]
        whole["hits"] = [picked(hit, *HIT_FIELDS, *base) for hit in whole["hits"]]
        return picked(whole, *_ANSWER_FIELDS)

    def to_json(self) -> dict[str, Any]:
        """Everything, for keeping; `from_json` reads it back."""
        whole: dict[str, Any] = to_json(self)
        whole["answer"] = whole.pop("text")
        # An object in any case, so that readers need no special one for answers no model was asked for.
        whole["prompt"] = whole["prompt"] or to_json(PromptUse("", "", ""))
        return whole

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Answer:
        """The answer that `to_json` wrote; unknown fields are ignored, absent ones get their defaults."""
        least = {"standalone_question": data["question"], "text": data["answer"], "abstained": False}
        given = {name: value for name, value in data.items() if value is not None}
        if not given.get("prompt", {}).get("name"):
            given["prompt"] = None
        return from_json(cls, least | given)


_ANSWER_FIELDS = (
    "question",
    "standalone_question",
    "answer",
    "abstained",
    "citations",
    "unsupported_sentences",
    "hits",
    "model",
    "prompt",
    "usage",
    "timings",
    "trace",
)
_CITATION_FIELDS = ("n", "document", "path", "page", "start", "end", "quote", "verified")


@dataclass(frozen=True, slots=True)
class Standalone:
    """The question as it will be searched for. Sent only when it differs from what was typed."""

    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """The passages found, best first. Comes before any token."""

    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Quoted:
    """The passages' sentences nearest to the question, as proven quotes. Comes before any token."""

    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Thought:
    """A piece of a reasoning model's thinking."""

    text: str


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the answer's text. Provisional: `Answered` carries the checked text, which replaces it."""

    text: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """All tokens so far were a thought, which only its end showed; it comes again as a `Thought`, then the answer."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The last event: the whole answer, checked."""

    answer: Answer


Event = Standalone | Found | Quoted | Thought | Token | Withdrawn | Answered
"""What `Chat.stream` yields, in this order: Standalone? Found Quoted (Thought | Token | Withdrawn)* Answered. A question
that is cancelled early has an `Answered` in place of what would have followed."""


def last_answer(events: Iterable[Event]) -> Answer:
    """The answer that the events of a question end with, read to their end."""
    for event in events:
        if isinstance(event, Answered):
            return event.answer
    raise AssertionError("a stream ends with its answer")
