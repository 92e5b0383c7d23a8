"""What an embedder is asked besides the search, each of it kept by embedder: they remember vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from agents.chat.curated import CuratedAnswer, CuratedAnswers
from agents.chat.curating import Curator
from agents.chat.introduction import Introduction
from agents.proof.similarity import Closeness
from agents.tools.choosing import Chooser
from ingest.embedders import Embedder
from ingest.finding import Bases
from ingest.library import Library

T = TypeVar("T")


class Meaning:
    """By the embedder of a knowledge base, or of the first of several. Safe to share between threads."""

    def __init__(self, library: Library, kept: Callable[[], CuratedAnswers]) -> None:
        self._library = library
        self._kept = kept
        self._made: dict[tuple[type, str], Any] = {}

    def _of(self, kb: Bases, kind: type[T], make: Callable[[Embedder], T]) -> T:
        """The one of its `kind` by the embedder of `kb`, which `make` makes the first time."""
        embedder = self._library.embedder_of(kb)
        key = kind, embedder.identity.key
        if key not in self._made:
            self._made.setdefault(key, make(embedder))
        return cast("T", self._made[key])

    def closeness(self, kb: Bases = "default") -> Closeness:
        """How close texts are in meaning."""
        return self._of(kb, Closeness, lambda e: Closeness(e, lambda: self._library.calibration(e)))

    def introduction(self, kb: Bases = "default") -> Introduction:
        """Answers greetings."""
        return self._of(kb, Introduction, lambda e: Introduction(self._library, e.embed_query))

    def chooser(self, kb: Bases = "default") -> Chooser:
        """Finds the tools a task needs."""
        from agents.tools.choosing import Chooser

        return self._of(kb, Chooser, Chooser)

    def curated(self, kbs: tuple[str, ...], question: str) -> CuratedAnswer | None:
        """The answer that people have kept in one of `kbs` for what `question` asks."""
        kept = [one for kb in kbs for one in self._kept().list(kb)]
        return self._of(kbs, Curator, Curator).fitting(question, kept) if kept else None
