"""The progress of a download on stderr: a bar on a terminal, a line for every tenth elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from ingest.cli.bar import Live, clock
from ingest.language import say

if TYPE_CHECKING:
    from rich.progress import ProgressColumn


class Transfer(Live):
    """Shows bytes done, bytes in all, speed and the time left."""

    def __init__(self, *, quiet: bool) -> None:
        super().__init__(quiet=quiet)
        self._quiet = quiet
        self._began: tuple[float, int] | None = None
        self._tenth = 0

    def show(self, done: int, total: int) -> None:
        """Draw this moment."""
        self.update(done, total)
        if self._quiet or self.drawn:
            return
        now = time.monotonic()
        if self._began is None:
            self._began, self._tenth = (now, done), done * 10 // max(total, 1)
        tenth = done * 10 // max(total, 1)
        if tenth > self._tenth:
            self._tenth = tenth
            click.echo(line(done, total, done - self._began[1], now - self._began[0]), err=True)

    def columns(self) -> list[ProgressColumn]:
        """A bar, the bytes, how fast, how long."""
        from rich.progress import BarColumn, DownloadColumn, TimeRemainingColumn, TransferSpeedColumn

        return [BarColumn(bar_width=30), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()]


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
