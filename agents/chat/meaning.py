"""What an embedder is asked besides the search, each of it kept by embedder: they remember vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from agents.chat.curated import CuratedAnswer, CuratedAnswers
from agents.chat.curating import Curator
from agents.chat.introduction import Introduction
from agents.proof.similarity import Closeness
from ingest.finding import Bases

if TYPE_CHECKING:
    from agents.tools.choosing import Chooser
    from ingest.library import Library


class Meaning:
    """By the embedder of a knowledge base, or of the first of several. Safe to share between threads."""

    def __init__(self, library: Library, kept: Callable[[], CuratedAnswers]) -> None:
        self._library = library
        self._kept = kept
        self._closeness: dict[str, Closeness] = {}
        self._introductions: dict[str, Introduction] = {}
        self._choosers: dict[str, Chooser] = {}
        self._curators: dict[str, Curator] = {}

    def closeness(self, kb: Bases = "default") -> Closeness:
        """How close texts are in meaning."""
        embedder = self._library.embedder_of(kb)
        made = Closeness(embedder, lambda: self._library.calibration(embedder))
        return self._closeness.setdefault(embedder.identity.key, made)

    def introduction(self, kb: Bases = "default") -> Introduction:
        """Answers greetings."""
        embedder = self._library.embedder_of(kb)
        return self._introductions.setdefault(embedder.identity.key, Introduction(self._library, embedder.embed_query))

    def chooser(self, kb: Bases = "default") -> Chooser:
        """Finds the tools a task needs."""
        from agents.tools.choosing import Chooser

        embedder = self._library.embedder_of(kb)
        return self._choosers.setdefault(embedder.identity.key, Chooser(embedder))

    def curated(self, kbs: tuple[str, ...], question: str) -> CuratedAnswer | None:
        """The answer that people have kept in one of `kbs` for what `question` asks."""
        kept = [one for kb in kbs for one in self._kept().list(kb)]
        if not kept:
            return None
        embedder = self._library.embedder_of(kbs)
        return self._curators.setdefault(embedder.identity.key, Curator(embedder)).fitting(question, kept)
