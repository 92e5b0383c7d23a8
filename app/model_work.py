"""A model being fetched, tried, or given to a knowledge base: work that outlives the run of the page that began it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from agents import Models, Offer, Tried
from app.background import Background
from ingest import Text, check_embedder

if TYPE_CHECKING:
    from ingest import Library

_MEASURED = 48
"""Passages that an embedder's speed is measured on: a second or two for the bundled one."""


class _Paused(Exception):
    """Somebody wants the download to stop here."""


class PullWork(Background[tuple[int, int]]):
    """A model on its way from a hub. A stop keeps what has come; begun again, it goes on from there."""

    unexpected = Text(en="The download ended with an unexpected error", zh="下载因意外错误而中断")
    todo = Text(
        en="What has come is kept: start it again. The terminal that runs the application shows the details.",
        zh="已下载的部分会保留，请重新开始。详情见运行本应用的终端。",
    )

    def __init__(self, models: Models, name: str, then: Callable[[str], None]) -> None:
        """`then` is given the name once the model is here."""
        self.name = name
        self.offer: Offer | None = None
        self._models, self._then = models, then
        self._first: tuple[float, int] | None = None
        super().__init__()

    @property
    def progress(self) -> tuple[int, int]:
        """Bytes that are here, bytes in all; (0, 0) while the hubs are asked."""
        return self._events[-1] if self._events else (0, 0)

    @property
    def speed(self) -> float:
        """Bytes a second since it began; 0 in the first moments."""
        if self._first is None or self.seconds - self._first[0] < 0.5:
            return 0.0
        return (self.progress[0] - self._first[1]) / (self.seconds - self._first[0])

    def _work(self) -> None:
        self.offer = self._models.offer(self.name)
        try:
            self.offer.fetch(self._here)
            self._then(self.offer.plan.name)
        except _Paused:
            pass
        finally:
            self.offer.close()

    def _here(self, done: int, total: int) -> None:
        self._first = self._first or (self.seconds, done)
        self._events = [(done, total)]
        if self.stopping and done < total:
            raise _Paused


class TryWork(Background[Tried]):
    """Three questions to a model."""

    unexpected = Text(en="The trial ended with an unexpected error", zh="试用因意外错误而中断")
    todo = Text(en="The terminal that runs the application shows the details.", zh="详情见运行本应用的终端。")

    def __init__(self, models: Models, name: str) -> None:
        self.name = name
        self._models = models
        super().__init__()

    @property
    def answers(self) -> tuple[Tried, ...]:
        """Those that have come."""
        return tuple(self._events)

    def _work(self) -> None:
        for one in self._models.try_out(self.name, self._stop):
            self._take(one)


class EmbedderWork(Background[tuple[int, int]]):
    """A knowledge base moved to another embedder, or the speed of the one it has measured. A stop keeps what is embedded;
    begun again, it goes on from there."""

    unexpected = Text(en="Embedding ended with an unexpected error", zh="生成向量因意外错误而中断")
    todo = Text(
        en="The old index still answers. The terminal that runs the application shows the details.",
        zh="旧索引仍可用。详情见运行本应用的终端。",
    )

    def __init__(self, library: Library, kb: str, wanted: str, speeds: dict[str, float]) -> None:
        """`wanted` '': measure alone. `speeds` gets passages a second, by the embedder's key."""
        self.kb = kb
        self.wanted = wanted
        self.paused = False
        self._library = library
        self._speeds = speeds
        super().__init__()

    @property
    def progress(self) -> tuple[int, int]:
        """Documents done, documents in all; (0, 0) while it is loaded."""
        return self._events[-1] if self._events else (0, 0)

    def _work(self) -> None:
        try:
            if self.wanted:
                check_embedder(self.wanted, self._library.settings)
                self._library.rebuild(self.kb, self.wanted, self._embedded)
            self._measure()
        except _Paused:
            self.paused = True

    def _embedded(self, done: int, total: int) -> None:
        self._events = [(done, total)]
        if self.stopping and done < total:
            raise _Paused

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
