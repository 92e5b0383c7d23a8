"""An archive in place of what is in a home: unpacked and looked through first, then moved in by a journal.

Once `restoring.json` stands in the home the restore happens: a process killed after that is finished by the next that
opens the library, and one killed before has changed nothing. Every step can be done twice. Other processes may have the
home open meanwhile: what they wrote before is in the folder of the former content, what they write after stays.
"""

from __future__ import annotations

import json
import os
import secrets as chance
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest.archive.choosing import choose, settle
from ingest.archive.contents import HANDED_OVER, RUN_FILES, STORES, UPLOADS
from ingest.archive.inspecting import inspect
from ingest.archive.replacing import replace
from ingest.archive.unpacking import unpack
from ingest.catalog import CATALOG
from ingest.catalog.wording import explained
from ingest.database import timestamp
from ingest.errors import DamagedLibrary
from ingest.language import Text
from ingest.records import from_json, to_json
from ingest.settings import FILE as SETTINGS
from ingest.sqlite import is_database
from ingest.stores import JOURNAL, STAGED
from ingest.whole_files import written

_LEFT = "left"


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of a restore."""

    former: Path | None
    """Where the former content is; None where there was none."""
    left: tuple[str, ...] = ()
    """Settings and files of the archive that can run, reach or open something and differ from the user's own."""
    left_in: Path | None = None
    """Where they can be read."""
    embedders: tuple[str, ...] = ()
    """Embedders of the archive's knowledge bases that the user doesn't have; they are not used."""
    ignored: tuple[str, ...] = ()
    """Members that no backup has."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """The journal."""

    staged: str
    former: str
    stamp: int
    settings: dict[str, Any] = field(default_factory=dict)
    left: tuple[str, ...] = ()
    embedders: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


def restore(file: Path, home: Path, steps: Callable[[str], None] = lambda _: None) -> Restored:
    """Put a backup in place of what is in `home`. The caller holds the writer lock; `steps` is told each step's name.

    Raises `UsageError` when the file is no backup, `NewerLibrary` when a later version wrote it, `LibraryUnavailable`
    for a full disk. Nothing in `home` is touched before the archive has been unpacked and checked.
    """
    with explained(home / CATALOG.path):
        home.mkdir(parents=True, exist_ok=True)
        finish(home)
        staged = home / f"{STAGED}{chance.token_hex(8)}"
        staged.mkdir(mode=0o700)
        try:
            plan = _staged(file, staged, home)
            steps("checked")
            _write(home / JOURNAL, json.dumps(to_json(plan)))
        except BaseException:
            shutil.rmtree(staged, ignore_errors=True)
            raise
        steps("decided")
        return _moved_in(home, plan, steps)


def finish(home: Path, steps: Callable[[str], None] = lambda _: None) -> Restored | None:
    """Finish a restore that was killed, and remove what one killed earlier has left. The caller holds the writer lock.
    Raises `DamagedLibrary` where what was to be moved in is gone."""
    found = None
    with explained(home / CATALOG.path):
        if (home / JOURNAL).exists():
            try:
                plan = from_json(_Plan, json.loads((home / JOURNAL).read_text("utf-8")))
            except (ValueError, TypeError, KeyError) as error:
                raise _spoilt(home) from error
            if "/" in plan.staged or not plan.staged.startswith(STAGED) or not (home / plan.staged).is_dir():
                raise _spoilt(home)
            found = _moved_in(home, plan, steps)
        for leftover in home.glob(f"{STAGED}*"):
            shutil.rmtree(leftover, ignore_errors=True)
    return found


def _staged(file: Path, staged: Path, home: Path) -> _Plan:
    """Unpack and check; what is then below `staged` lies as it will in the home."""
    unpacked = unpack(file, staged)
    for store in STORES:
        if (staged / store.path).is_file():
            inspect(file, staged / store.path, store, unpacked.rows.get(store.path, {}))
    embedders, shift = settle(staged, home)
    _renumber_uploads(staged / UPLOADS, shift)
    choice = choose(staged, home)
    for name in HANDED_OVER:
        if (staged / name).is_file() and (name in choice.left or (name == SETTINGS and choice.left)):
            (staged / _LEFT).mkdir(exist_ok=True)
            (staged / name).rename(staged / _LEFT / name)
    _flush(staged)
    stamp = chance.randbelow((1 << 31) - 1) + 1
    former = f"before-restore-{timestamp().replace(':', '')}"
    if (home / former).exists():  # two within one second
        former += f"-{stamp}"
    return _Plan(staged.name, former, stamp, choice.taken, choice.left, embedders, unpacked.ignored)


def _moved_in(home: Path, plan: _Plan, steps: Callable[[str], None]) -> Restored:
    staged, former = home / plan.staged, home / plan.former
    former.mkdir(exist_ok=True)
    for store in STORES:
        if (staged / store.path).is_file():
            replace(home / store.path, staged / store.path, former / store.path, store, plan.stamp)
            steps(f"replaced {store.path}")
    if (former / CATALOG.path).exists() and not is_database(former / CATALOG.path):
        _move(home / "index", former / "index")  # its collections may have the numbers that are given again
    _set_aside(home / UPLOADS, former / UPLOADS)
    steps("uploads set aside")
    for folder in (UPLOADS, RUN_FILES):
        _merge(staged / folder, home / folder, former / folder)
        steps(f"moved {folder}")
    if plan.settings:
        _settings(home, former, plan.settings)
    steps("settings")
    left_in = home / f"left-{plan.former}"
    _move(staged / _LEFT, left_in)
    steps("left")
    (home / JOURNAL).unlink()
    steps("done")
    shutil.rmtree(staged, ignore_errors=True)
    for empty in (former / UPLOADS, former / RUN_FILES, former):
        if empty.is_dir() and not any(empty.iterdir()):
            empty.rmdir()
    return Restored(
        former if former.exists() else None,
        plan.left,
        left_in if left_in.exists() else None,
        plan.embedders,
        plan.ignored,
    )


def _renumber_uploads(uploads: Path, shift: int) -> None:
    if shift and uploads.is_dir():
        for folder in sorted(uploads.iterdir(), key=lambda path: -int(path.name)):
            folder.rename(uploads / str(int(folder.name) + shift))


def _set_aside(live: Path, former: Path) -> None:
    """Move the folder away, once: the mark that it was done is that `former` exists."""
    if not former.exists():
        if live.is_dir():
            live.rename(former)
        else:
            former.mkdir(parents=True)


def _merge(staged: Path, live: Path, former: Path) -> None:
    """Move every file of `staged` to its place below `live`; a file that stands there goes to `former` first."""
    for where, _, names in os.walk(staged):
        for path in (staged / where / name for name in names):
            if any(path == staged.parent / (store.path + end) for store in STORES for end in ("", "-journal")):
                continue
            target = live / path.relative_to(staged)
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.is_file():
                kept = former / path.relative_to(staged)
                kept.parent.mkdir(parents=True, exist_ok=True)
                target.replace(kept)
            path.replace(target)


def _settings(home: Path, former: Path, values: dict[str, Any]) -> None:
    from ingest.settings_file import change_settings

    if (home / SETTINGS).is_file() and not (former / SETTINGS).exists():
        shutil.copy2(home / SETTINGS, former / SETTINGS)
    change_settings(home / SETTINGS, **values)


def _move(source: Path, target: Path) -> None:
    if source.exists() and not target.exists():
        source.rename(target)


def _write(path: Path, text: str) -> None:
    with written(path, lasting=True) as file:
        file.write(text.encode())
    _flush_folder(path.parent)


def _flush(folder: Path) -> None:
    """See that it is on the disk: the journal must not promise what a power cut can take."""
    for where, _, names in os.walk(folder):
        for name in names:
            with (folder / where / name).open("rb+") as file:
                os.fsync(file.fileno())
        _flush_folder(folder / where)


def _flush_folder(folder: Path) -> None:
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _spoilt(home: Path) -> DamagedLibrary:
    return DamagedLibrary(
        Text(
            f"A restore in {home} was not finished, and what it was to move in is gone.",
            f"{home} 中有一次未完成的恢复，而待移入的内容已不存在。",
        ),
        Text(
            f"Remove {home / JOURNAL}, then restore again; the former content is in before-restore-*.",
            f"请删除 {home / JOURNAL} 后重新恢复；原有内容在 before-restore-* 中。",
        ),
    )
