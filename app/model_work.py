"""A model being fetched, and a model being tried: work that outlives the run of the page that began it."""

from __future__ import annotations

from collections.abc import Callable

from agents import Models, Offer, Tried
from app.background import Background
from ingest import Text


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
