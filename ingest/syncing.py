"""Places that a knowledge base follows: remembered in the catalog, brought in step when asked, watched while somebody
waits."""

from __future__ import annotations

import logging
import math
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ingest.apart.threads import begun
from ingest.catalog import Catalog, Synced
from ingest.documents import Report
from ingest.errors import LibraryLocked, PruneDoubtful, UsageError, ZhikuError
from ingest.language import Text
from ingest.lock import Locks
from ingest.places import is_url
from ingest.scan import is_junk

logger = logging.getLogger(__name__)

AGAIN = 5.0
"""Seconds after which a library that another process writes to is tried again, and what is watched is looked up."""
SETTLED = 1_600
"""Milliseconds without a change after which what changed is read: a file is not read while it is being copied."""
ANYWAY = 600.0
"""Seconds after which a place is looked at though nothing was heard of it: drives of the net tell of no changes."""
_WATCHING = "watching"


class Syncing:
    """The places that the knowledge bases of a library follow."""

    def __init__(self, catalog: Catalog, add: Callable[..., Report], locks: Callable[[], Locks]) -> None:
        """`add` is that of `Library`; `locks` are those by which its watchers, wherever they run, know of each other."""
        self._catalog, self._add, self._locks = catalog, add, locks

    def all(self, kb: str | None = None) -> list[Synced]:
        """Every place, or those of one knowledge base."""
        return [one for one in self._catalog.synced.all() if kb is None or one.kb == kb]

    def sync(self, place: str | Path, kb: str = "default", *, keep: bool = False, depth: int = 0, **how: Any) -> Report:  # noqa: ANN401 - of `add`
        """Bring a folder, or a site's section, in step with a knowledge base, which follows it from now on.

        As `Library.add` with `prune`, whose other arguments it takes: what is new, changed, moved or gone since.
        Documents whose files are gone are in `Report.gone`; with `keep` they stay. Raises as `add` does: then it is not
        followed if it was not before.
        """
        where = self._named(place)
        report = self._add([where], kb, prune=True, keep=keep, depth=depth, **how)
        if not how.get("dry_run"):
            kb_id = self._catalog.kbs.get(kb).id
            self._catalog.synced.put(kb_id, where, keep=keep, depth=depth)
            if not report.interrupted:
                self._catalog.synced.touch(kb_id, where)
        return report

    def again(self, one: Synced, stop: threading.Event | None = None) -> Report:
        """In step once more, for somebody who can't be asked: what looks like a drive that is away takes nothing with it
        (`PruneDoubtful`, once what is new has been added), and a library that is being written to is waited for."""
        stop = stop or threading.Event()
        while True:
            try:
                return self.sync(one.place, one.kb, keep=one.keep, depth=one.depth, stop=stop)
            except LibraryLocked:
                if stop.wait(AGAIN):
                    raise
            except PruneDoubtful:
                self._add([one.place], one.kb, depth=one.depth)
                raise

    def watch(self, place: str | Path, kb: str = "default", *, watched: bool = True) -> None:
        """Have a place that is followed watched, from now on and after every start, while the application or a server
        runs; or no longer."""
        self._catalog.synced.watch(self._catalog.kbs.get(kb).id, self._named(place), watched=watched)

    def watcher(self) -> Watcher:
        """What watches the places that are to be, as long as a program runs; one at a time of all that are on the library."""
        return Watcher(self, self._locks())

    def forget(self, place: str | Path, kb: str = "default") -> None:
        """Follow it no longer; its documents stay. Raises `UsageError` for a place that is not followed."""
        names = {str(place), os.path.realpath(Path(place).expanduser())}
        if not any(self._catalog.synced.remove(self._catalog.kbs.get(kb).id, name) for name in names):
            followed = ", ".join(one.place for one in self.all(kb))
            raise UsageError(
                Text(f"'{kb}' does not follow {place}.", f"“{kb}” 未同步 {place}。"),
                Text(f"It follows: {followed}.", f"已同步的有：{followed}。") if followed else None,
            )

    def _named(self, place: str | Path) -> str:
        """The place as it is remembered. Raises `UsageError` for what is neither a folder nor an address."""
        if is_url(str(place)):
            return str(place)
        real = os.path.realpath(Path(place).expanduser())
        if Path(real).exists() and not Path(real).is_dir():
            raise UsageError(
                Text(f"{place} is a file, not a folder.", f"{place} 是文件，不是文件夹。"),
                Text("`ingest add` takes files.", "添加文件请用 `ingest add`。"),
            )
        return real if Path(real).exists() else str(place)  # `add` says what is nearest to it


class Watcher:
    """Follows the places marked as watched, in a thread of its own that has begun."""

    def __init__(self, syncing: Syncing, locks: Locks) -> None:
        self._syncing, self._locks = syncing, locks
        self._stop = threading.Event()
        self._thread = begun(self._run, "zhiku-watching")

    def stop(self, wait: float = 2 * AGAIN) -> None:
        """End it, after the file at hand, for which up to `wait` seconds are waited."""
        self._stop.set()
        self._thread.join(wait)

    def _marked(self) -> list[tuple[str, str, bool, int]]:
        found = [one for one in self._syncing.all() if one.watched]
        return [(one.kb, one.place, one.keep, one.depth) for one in found]

    def _run(self) -> None:
        mine = False
        while not self._stop.is_set():
            try:
                if (marked := self._marked()) and (mine := mine or self._locks.take(_WATCHING)):
                    self._watch([Synced(*one) for one in marked], _Until(self._stop, self._marked))
            except Exception:  # a watch that broke is begun anew
                logger.exception("Watching folders failed")
            self._stop.wait(AGAIN)
        self._locks.close()

    def _watch(self, places: Sequence[Synced], until: _Until) -> None:
        for touched in changes(sorted({one.place for one in places}), until):
            for one in places:
                if one.place in touched and not until.is_set():
                    self._follow(one)

    def _follow(self, one: Synced) -> None:
        try:
            self._syncing.again(one, self._stop)
        except ZhikuError as error:  # of one place, now: no reason to follow it no longer
            logger.warning("%s: %s", one.place, error)


class _Until(threading.Event):
    """Set once `stop` is, or what is to be watched is no longer what it was, which is looked up now and then."""

    def __init__(self, stop: threading.Event, watched: Callable[[], object]) -> None:
        super().__init__()
        self._ended, self._watched, self._first, self._looked = stop, watched, watched(), time.monotonic()

    def is_set(self) -> bool:
        """Whether to end."""
        if not super().is_set() and time.monotonic() - self._looked > AGAIN:
            self._looked = time.monotonic()
            if self._watched() != self._first:
                self.set()
        return self._ended.is_set() or super().is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Up to `timeout` seconds."""
        until = math.inf if timeout is None else time.monotonic() + timeout
        while not self.is_set() and (left := until - time.monotonic()) > 0:
            self._ended.wait(min(left, AGAIN))
        return self.is_set()


def changes(places: Sequence[str], stop: threading.Event) -> Iterator[frozenset[str]]:
    """Which of `places` to look at again, as it comes up, until `stop` is set. Folders as soon as what happens in them has
    settled, and everything every `ANYWAY` seconds."""
    from watchfiles import watch

    folders = [place for place in places if not is_url(place) and Path(place).is_dir()]
    if not folders:
        while not stop.wait(ANYWAY):
            yield frozenset(places)
        return
    looked = -math.inf  # at once: what changed before the watch began was heard by nobody
    for changed in watch(
        *folders,
        watch_filter=lambda _, path: not is_junk(Path(path).name),
        debounce=10 * SETTLED,
        step=SETTLED,
        stop_event=stop,
        rust_timeout=SETTLED,
        yield_on_timeout=True,
    ):
        paths = [path for _, path in changed]
        if paths:
            yield frozenset(place for place in folders if any(Path(path).is_relative_to(place) for path in paths))
        elif time.monotonic() - looked >= ANYWAY:
            looked = time.monotonic()
            yield frozenset(places)
