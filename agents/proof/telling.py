"""What became of each sentence of a checked text, as JSON: for `zhiku check --json` and for programs elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agents.proof.checking import Checked, CheckedSentence
from agents.proof.citations import Proof


def of_passages(checked: Checked, names: Sequence[str]) -> dict[str, Any]:
    """A text held against passages, which are called `names`."""
    sentences = []
    for said in checked.sentences:
        quotes = [
            {"n": q.n, "document": names[q.n - 1], "page": None, "start": q.start, "end": q.end, "text": q.text}
            for q in said.quotes
        ]
        sentences.append(_sentence(said, quotes))
    return {"supported": checked.supported, "text": checked.text, "sentences": sentences}


def of_proof(proof: Proof) -> dict[str, Any]:
    """A text held against a knowledge base."""
    sentences = []
    for said in proof.sentences:
        quotes = [
            {"n": c.n, "document": c.document, "page": c.page, "start": c.start, "end": c.end, "text": c.quote}
            for c in proof.citations
            if c.sentence == said.text and c.quote
        ]
        sentences.append(_sentence(said, quotes))
    return {"supported": proof.supported, "text": proof.text, "sentences": sentences}


def _sentence(said: CheckedSentence, quotes: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "text": said.text,
        "marks": list(said.marks),
        "verdict": said.verdict,
        "supported": said.supported,
        "reason": said.reason,
        "instead": said.instead,
        "why": said.why,
        "quotes": quotes,
    }
