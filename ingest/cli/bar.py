"""Progress on stderr: a bar on a terminal, nothing elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ingest.language import say
from ingest.progress import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import ProgressColumn, TaskID


class Live:
    """A bar that is drawn on a terminal unless `quiet`; not on anything else."""

    def __init__(self, *, quiet: bool) -> None:
        self.drawn = not quiet and sys.stderr.isatty()
        self._bar: RichProgress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def update(self, done: int, total: int, text: str = "") -> None:
        """Draw `done` of `total`, with `text` beside it."""
        if not self.drawn:
            return
        if self._bar is None or self._task is None:
            from rich.console import Console
            from rich.progress import Progress as RichProgress

            self._bar = RichProgress(*self.columns(), console=Console(stderr=True), transient=True)
            self._bar.start()
            self._task = self._bar.add_task(text, total=total, completed=done)
        self._bar.update(self._task, completed=done, total=total, description=text)

    def columns(self) -> list[ProgressColumn]:
        """What a line consists of: a bar, counts, the text."""
        from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn

        text = TextColumn("{task.description}", markup=False)
        return [SpinnerColumn(), BarColumn(bar_width=24), MofNCompleteColumn(), text]


class Bar(Live):
    """The progress of an `add`: files, pages per second, time left, the file at work."""

    def show(self, progress: Progress) -> None:
        """Draw this moment."""
        self.update(progress.done, progress.total, line(progress))


class Steps(Live):
    """Something counted, such as the documents of a rebuild."""

    def show(self, done: int, total: int) -> None:
        """Draw this moment."""
        self.update(done, total, say("documents", "个文档"))


def line(progress: Progress) -> str:
    """Pages per second, time left and the current file in one line."""
    parts = [say(f"{progress.pages_per_second:.1f} pages/s", f"{progress.pages_per_second:.1f} 页/秒")]
    if progress.eta is not None and progress.done < progress.total:
        parts.append(say(f"{clock(progress.eta)} left", f"剩余 {clock(progress.eta)}"))
    if progress.failed:
        parts.append(say(f"{progress.failed} failed", f"{progress.failed} 个失败"))
    if progress.path:
        name = Path(progress.path).name
        parts.append(name if len(name) <= 40 else f"{name[:20]}…{name[-18:]}")
    return " · ".join("".join(c for c in part if c.isprintable()) for part in parts)


def clock(seconds: float) -> str:
    """'0:07', '12:30', '2:05:00'."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
