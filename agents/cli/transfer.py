"""The progress of a download on stderr: a bar on a terminal, a line for every tenth elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Self

import click

from ingest.cli.bar import clock
from ingest.language import say

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Transfer:
    """Shows bytes done, bytes in all, speed and the time left."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet, self._terminal = quiet, sys.stderr.isatty()
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._began: tuple[float, int] | None = None
        self._tenth = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, done: int, total: int) -> None:
        """Draw this moment."""
        if self._quiet:
            return
        if self._terminal:
            self._draw(done, total)
            return
        now = time.monotonic()
        if self._began is None:
            self._began, self._tenth = (now, done), done * 10 // max(total, 1)
        tenth = done * 10 // max(total, 1)
        if tenth > self._tenth:
            self._tenth = tenth
            click.echo(line(done, total, done - self._began[1], now - self._began[0]), err=True)

    def _draw(self, done: int, total: int) -> None:
        if self._bar is None or self._task is None:
            from rich.console import Console
            from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

            columns = (BarColumn(bar_width=30), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar.start()
            self._task = self._bar.add_task("", total=total, completed=done)
        self._bar.update(self._task, completed=done, total=total)


def line(done: int, total: int, fetched: int, seconds: float) -> str:
    """'40 % of 2.5 GB · 31.2 MB/s · 0:48 left'; `fetched` bytes came in `seconds`."""
    share = f"{100 * done // max(total, 1)} %"
    size = f"{total / 1e9:.1f} GB" if total >= 1e9 else f"{total / 1e6:.1f} MB"
    parts = [say(en=f"{share} of {size}", zh=f"{size} 的 {share}")]
    if seconds > 0 and fetched > 0:
        speed = fetched / seconds
        parts.append(f"{speed / 1e6:.1f} MB/s")
        left = clock((total - done) / speed)
        parts.append(say(en=f"{left} left", zh=f"剩余 {left}"))
    return " · ".join(parts)
