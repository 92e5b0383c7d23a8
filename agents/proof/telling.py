"""What became of each sentence of a checked text, as JSON: for `zhiku check --json` and for programs elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from agents.proof.checking import Checked, CheckedSentence
from agents.proof.citations import Proof

_QUOTE = ("n", "document", "page", "start", "end", "text")


def of_passages(checked: Checked, names: Sequence[str]) -> dict[str, Any]:
    """A text held against passages, which are called `names`."""
    return _told(checked, lambda said: [(q.n, names[q.n - 1], None, q.start, q.end, q.text) for q in said.quotes])


def of_proof(proof: Proof) -> dict[str, Any]:
    """A text held against a knowledge base."""

    def quotes(said: CheckedSentence) -> list[tuple[Any, ...]]:
        own = [c for c in proof.citations if c.sentence == said.text and c.quote]
        return [(c.n, c.document, c.page, c.start, c.end, c.quote) for c in own]

    return _told(proof, quotes)


def _told(checked: Checked, quotes: Callable[[CheckedSentence], list[tuple[Any, ...]]]) -> dict[str, Any]:
    names = ("text", "marks", "verdict", "supported", "reason", "instead", "why")
    sentences = [
        {name: getattr(said, name) for name in names}
        | {"marks": list(said.marks), "quotes": [dict(zip(_QUOTE, one, strict=True)) for one in quotes(said)]}
        for said in checked.sentences
    ]
    return {"supported": checked.supported, "text": checked.text, "sentences": sentences}
