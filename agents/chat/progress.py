"""One question under way: what is known so far, and the answer it comes to."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from agents.chat.answers import Answer, Answered
from agents.chat.settling import Settled
from agents.chat.traces import Trace
from agents.chat.translation import Language
from agents.llm.usage import Usage
from agents.proof.quotes import Nearest
from ingest.documents import Hit
from ingest.evidence import Evidence
from ingest.language import say
from ingest.orders import gives_orders
from prompts import PromptUse


@dataclass
class Progress:
    """What is known so far about the answer under way."""

    question: str
    standalone: str
    trace: Trace
    cancel: threading.Event
    began: float = field(default_factory=time.monotonic)
    language: Language | None = None
    """That the model reads and answers in, where it is another one than the question's."""
    translated: str = ""
    """The question in it."""
    hits: tuple[Hit, ...] = ()
    parts: Sequence[str] = ()
    """What is asked, one question after the other, each able to stand alone."""
    nearest: Sequence[Nearest] = ()
    """The statements of the hits, held against each part."""
    messages: list[tuple[str, str]] = field(default_factory=list)
    """What the model was asked."""
    text: str = ""
    """What the model has written."""
    thoughts: str = ""
    usage: Usage = field(default_factory=Usage)
    prompt: PromptUse | None = None
    timings: dict[str, float] = field(default_factory=dict)
    error: str = ""
    stopped: bool = False

    @property
    def waited(self) -> float:
        """Seconds since the question."""
        return time.monotonic() - self.began

    def mark(self, name: str) -> None:
        """Note the seconds passed, the first time."""
        self.timings.setdefault(name, round(self.waited, 4))

    def found(self, evidence: Evidence | None) -> None:
        """Tell the trace what the search brought."""
        self.trace.step(
            "search",
            hits=[
                {"chunk": h.chunk_id, "document": h.document_id, "page": h.page, "score": h.score} for h in self.hits
            ],
            strength=evidence.strength if evidence else None,
            threshold=evidence.threshold if evidence else None,
            sufficient=evidence.sufficient if evidence else False,
        )

    def _warnings(self) -> tuple[str, ...]:
        """A sentence for each document found that speaks to an assistant."""
        named = dict.fromkeys(hit.document for hit in self.hits if gives_orders(hit.text))
        return tuple(
            say(
                en=f"A passage of “{name}” gives orders to an assistant; it proves nothing by itself.",
                zh=f"“{name}” 中有段落含有对助手下达的指令，不能单独作为依据。",
            )
            for name in named
        )

    def finished(self, settled: Settled, model: str) -> Answered:
        """The answer as it stands, with its trace written. `model` wrote what is neither quoted nor a refusal."""
        self.mark("total")
        proof = settled.proof
        self.trace.step(
            "answer",
            text=proof.text,
            written=self.text,
            abstained=settled.abstained,
            verdicts=[
                {"sentence": s.text, "verdict": s.verdict, "why": s.reason, "marks": s.marks} for s in settled.judged
            ],
            usage={"prompt": self.usage.prompt_tokens, "completion": self.usage.completion_tokens},
            timings=self.timings,
        )
        return Answered(
            Answer(
                question=self.question,
                standalone_question=self.standalone,
                text=proof.text,
                abstained=settled.abstained,
                citations=proof.citations,
                unsupported_sentences=proof.unsupported,
                hits=self.hits,
                model="extractive" if settled.extractive else model,
                prompt=self.prompt,
                usage=self.usage,
                timings=dict(self.timings),
                trace=self.trace.write(),
                thoughts=self.thoughts,
                extractive=settled.extractive,
                stopped=self.stopped,
                error=self.error,
                notes=(*settled.notes, *self._warnings()),
                sentences=settled.judged,
                written=settled.written,
            )
        )
