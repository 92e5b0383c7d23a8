"""A text held against a whole library: each of its sentences against what a search for it finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.proof.citations import CitationChecker, Proof
from agents.proof.claims import makes_no_claim
from agents.proof.markers import split, without
from agents.proof.similarity import Closeness
from ingest.documents import Hit

if TYPE_CHECKING:
    from ingest.library import Library

PER_SENTENCE = 4
"""Passages that a sentence is held against: recall@5 of the search is near 1."""
SEARCHED = 400
"""Characters of it that are searched for."""


def proven_by(library: Library, kb: str, closeness: Closeness, answer: str, question: str = "") -> Proof:
    """`answer` without its own markers, which number other passages; those it gets number what was found. Raises
    `UsageError` for an unknown knowledge base."""
    text = without(answer)
    found: dict[tuple[int, int, int, int], Hit] = {}
    for sentence in split(text, 0):
        if not sentence.code and not makes_no_claim(sentence.text, question):
            for hit in library.search(sentence.text[:SEARCHED], kb, PER_SENTENCE):
                found.setdefault((hit.document_id, hit.page, hit.start, hit.end), hit)
    return CitationChecker(question, tuple(found.values()), library, closeness).check(text, marked=False)
