"""What a question comes to: citations, the answer, and the events on the way there. All of it is frozen."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from agents.llm.usage import Usage
from agents.proof.citations import Citation
from ingest.documents import Hit, LegScore
from prompts import PromptUse

if TYPE_CHECKING:
    from collections.abc import Mapping


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
    """Who wrote the text; 'extractive' when it is quoted sentences alone."""
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

    def contract(self) -> dict[str, Any]:
        """The object that `zhiku ask --json` prints: exactly the fields users rely on."""
        whole = self.to_json()
        whole["citations"] = [{name: c[name] for name in _CITATION_FIELDS} for c in whole["citations"]]
        whole["hits"] = [{name: h[name] for name in _HIT_FIELDS} for h in whole["hits"]]
        return {name: whole[name] for name in _ANSWER_FIELDS}

    def to_json(self) -> dict[str, Any]:
        """Everything, for keeping; `from_json` reads it back."""
        return {
            "question": self.question,
            "standalone_question": self.standalone_question,
            "answer": self.text,
            "abstained": self.abstained,
            "citations": [asdict(c) for c in self.citations],
            "unsupported_sentences": list(self.unsupported_sentences),
            "hits": [hit_to_json(h) for h in self.hits],
            "model": self.model,
            # An object in any case, so that readers need no special one for answers no model was asked for.
            "prompt": asdict(self.prompt or PromptUse("", "", "")),
            "usage": asdict(self.usage),
            "timings": dict(self.timings),
            "trace": self.trace,
            "thoughts": self.thoughts,
            "extractive": self.extractive,
            "stopped": self.stopped,
            "error": self.error,
            "notes": list(self.notes),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Answer:
        """The answer that `to_json` wrote; unknown fields are ignored, absent ones get their defaults."""
        prompt = data.get("prompt")
        return cls(
            question=data["question"],
            standalone_question=data.get("standalone_question", data["question"]),
            text=data["answer"],
            abstained=bool(data.get("abstained", False)),
            citations=tuple(_known(Citation, c) for c in data.get("citations", ())),
            unsupported_sentences=tuple(data.get("unsupported_sentences", ())),
            hits=tuple(hit_from_json(h) for h in data.get("hits", ())),
            model=data.get("model", ""),
            prompt=_known(PromptUse, prompt) if prompt and prompt["name"] else None,
            usage=_known(Usage, data.get("usage") or {}),
            timings=dict(data.get("timings") or {}),
            trace=data.get("trace", ""),
            thoughts=data.get("thoughts", ""),
            extractive=bool(data.get("extractive", False)),
            stopped=bool(data.get("stopped", False)),
            error=data.get("error", ""),
            notes=tuple(data.get("notes", ())),
        )


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
_HIT_FIELDS = ("rank", "score", "document", "path", "page", "section", "start", "end", "text", "dense", "lexical")


def _known(cls: type[Any], data: Mapping[str, Any]) -> Any:  # noqa: ANN401 - an instance of the class given
    """`cls` from those of its fields that `data` has."""
    return cls(**{name: data[name] for name in cls.__dataclass_fields__ if name in data})


def hit_to_json(hit: Hit) -> dict[str, Any]:
    """A hit as `ingest search --json` prints it, with the ids that lead back to the stored page."""
    return {
        "rank": hit.rank,
        "score": hit.score,
        "document": hit.document,
        "path": hit.path,
        "page": hit.page,
        "section": list(hit.section),
        "start": hit.start,
        "end": hit.end,
        "text": hit.text,
        "dense": asdict(hit.dense) if hit.dense else None,
        "lexical": asdict(hit.lexical) if hit.lexical else None,
        "label": hit.label,
        "document_id": hit.document_id,
        "chunk_id": hit.chunk_id,
    }


def hit_from_json(data: Mapping[str, Any]) -> Hit:
    """The hit that `hit_to_json` wrote."""
    dense, lexical = data.get("dense"), data.get("lexical")
    return Hit(
        rank=data["rank"],
        score=data["score"],
        document=data["document"],
        path=data["path"],
        page=data["page"],
        section=tuple(data.get("section", ())),
        start=data["start"],
        end=data["end"],
        text=data["text"],
        document_id=data["document_id"],
        chunk_id=data["chunk_id"],
        dense=LegScore(**dense) if dense else None,
        lexical=LegScore(**lexical) if lexical else None,
        label=data.get("label", ""),
    )


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
class Answered:
    """The last event: the whole answer, checked."""

    answer: Answer


Event = Standalone | Found | Quoted | Thought | Token | Answered
"""What `Chat.stream` yields, in this order: Standalone? Found Quoted (Thought | Token)* Answered."""
