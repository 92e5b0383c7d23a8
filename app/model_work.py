"""A model being fetched, tried, or given to a knowledge base: work that outlives the run of the page that began it."""

from __future__ import annotations

import time
from collections.abc import Callable

from agents import Models, Offer, Tried
from app.background import Background
from ingest import Library, Text, check_embedder

_MEASURED = 48
"""Passages that an embedder's speed is measured on: a second or two for the bundled one."""


class _Paused(Exception):
    """Somebody wants it to stop here."""


class Pausing(Background[tuple[int, int]]):
    """Work that says how far it is. A stop keeps what is done; begun again, it goes on from there."""

    paused = False
    """Whether it was stopped before its end."""

    @property
    def progress(self) -> tuple[int, int]:
        """What is done, what there is in all; (0, 0) while it is prepared."""
        return self._events[-1] if self._events else (0, 0)

    def _work(self) -> None:
        try:
            self._go()
        except _Paused:
            self.paused = True

    def _go(self) -> None:
        """Do it, telling `_here`."""
        raise AssertionError

    def _here(self, done: int, total: int) -> None:
        self._events = [(done, total)]
        if self.stopping and done < total:
            raise _Paused


class PullWork(Pausing):
    """A model on its way from a hub; the progress is in bytes."""

    what = Text("The download", "下载")
    todo = Text("What has come is kept: start it again. ", "已下载的部分会保留，请重新开始。")

    def __init__(self, models: Models, name: str, then: Callable[[str], None]) -> None:
        """`then` is given the name once the model is here."""
        self.name = name
        self.offer: Offer | None = None
        self._models, self._then = models, then
        self._first: tuple[float, int] | None = None
        super().__init__()

    @property
    def speed(self) -> float:
        """Bytes a second since it began; 0 in the first moments."""
        if self._first is None or self.seconds - self._first[0] < 0.5:
            return 0.0
        return (self.progress[0] - self._first[1]) / (self.seconds - self._first[0])

    def _go(self) -> None:
        self.offer = self._models.offer(self.name)
        try:
            self.offer.fetch(self._here)
            self._then(self.offer.plan.name)
        finally:
            self.offer.close()

    def _here(self, done: int, total: int) -> None:
        self._first = self._first or (self.seconds, done)
        super()._here(done, total)


class TryWork(Background[Tried]):
    """Three questions to a model."""

    what = Text("The trial", "试用")

    def __init__(self, models: Models, name: str) -> None:
        self.name, self._models = name, models
        super().__init__()

    @property
    def answers(self) -> tuple[Tried, ...]:
        """Those that have come."""
        return tuple(self._events)

    def _work(self) -> None:
        for one in self._models.try_out(self.name, self._stop):
            self._take(one)


class EmbedderWork(Pausing):
    """A knowledge base moved to another embedder, the progress in documents; or the speed of the one it has measured."""

    what = Text("Embedding", "生成向量")
    todo = Text("The old index still answers. ", "旧索引仍可用。")

    def __init__(self, library: Library, kb: str, wanted: str, speeds: dict[str, float]) -> None:
        """`wanted` '': measure alone. `speeds` gets passages a second, by the embedder's key."""
        self.kb, self.wanted, self._library, self._speeds = kb, wanted, library, speeds
        super().__init__()

    def _go(self) -> None:
        if self.wanted:
            check_embedder(self.wanted, self._library.settings)
            self._library.rebuild(self.kb, self.wanted, self._here)
        self._measure()

    def _measure(self) -> None:
        embedder, texts = self._library.embedder_of(self.kb), list[str]()
        for document in self._library.documents(self.kb):
            texts += [chunk.embedded_text for chunk in self._library.chunks(document.id)]
            if len(texts) >= _MEASURED:
                break
        embedder.embed_passages(texts[:1])  # loads it
        began = time.monotonic()
        embedder.embed_passages(texts[:_MEASURED])
        self._speeds[embedder.identity.key] = len(texts[:_MEASURED]) / max(time.monotonic() - began, 1e-6)
