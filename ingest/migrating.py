"""Everything from files to a server, or back: copied, compared, and only then in force.

What is copied from is not touched. A run that was killed leaves a mark in the home, and the next one to the same place puts
in what is still missing. At the end both sides are read once more: as many rows in every table, and the same.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest import lexical
from ingest.catalog import CATALOG
from ingest.database import Database, at_server, open_database
from ingest.errors import LibraryUnavailable, UsageError
from ingest.language import Text
from ingest.lock import open_writer_lock
from ingest.sqlite import SqliteFile, Wording, lead_up
from ingest.stores import VECTORS, StoreFile
from ingest.whole_files import written

MARK = "migrating.json"
"""In the home while everything is on its way to the place that it names."""
ASIDE = "before-migration"
"""Folder that files are moved to when a server has all that was in them."""
_BATCH = 500
_NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    untyped: tuple[int, ...]
    """Places of columns that hold numbers and texts, which a server keeps as texts."""
    numbered: bool
    """Whether its rows have numbers that never come again."""


def migrate(
    home: Path, source: str, target: str, files: Sequence[StoreFile], told: Callable[[str, int], None] = lambda *_: None
) -> dict[str, int]:
    """Bring what `files` hold from one place to the other, each '' for files in `home` or a server's address; returns the
    rows of each. `told` hears of every table and its rows. Nobody may write meanwhile.

    Raises `UsageError` where the target holds something of its own, and `LibraryUnavailable` where a side can't be used or
    somebody wrote to the source, so that they differ.
    """
    wording = Wording(Text("Everything", "全部数据"))
    with ExitStack() as stack:
        for place in (source, target):
            lock = stack.enter_context(closing(open_writer_lock(home, place)))
            stack.enter_context(lock.held())
        begun = _begun(home, target)
        rows: dict[str, int] = {}
        for file in files:
            old = stack.enter_context(closing(open_database(home, source, file, wording)))
            if not old.used():
                continue
            old.prepare()
            new = stack.enter_context(closing(open_database(home, target, file, wording)))
            if not begun and new.used():
                new.prepare()
                _must_be_empty(new, _tables(file, ()), target)
            _mark(home, target)
            new.prepare()
            rows[file.path] = _move(old, new, file, told)
        return rows


def settle(home: Path, source: str, files: Sequence[StoreFile]) -> None:
    """The new place is in force: set files aside that nobody reads any more, and forget that something was under way."""
    if not at_server(source):
        shutil.rmtree(home / VECTORS, ignore_errors=True)  # copies of what the catalog has
        for file in files:
            for path in (home / file.path).parent.glob(f"{(home / file.path).name}*"):
                aside = home / ASIDE / path.relative_to(home)
                aside.parent.mkdir(parents=True, exist_ok=True)
                path.replace(aside)
    (home / MARK).unlink(missing_ok=True)


def _begun(home: Path, target: str) -> bool:
    """Whether the target was being filled from here when it was cut off."""
    try:
        return bool(json.loads((home / MARK).read_text("utf-8"))["target"] == _digest([target]))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _mark(home: Path, target: str) -> None:
    with written(home / MARK, lasting=True) as file:
        file.write(json.dumps({"target": _digest([target])}).encode())  # the address may hold a password


def _move(old: Database, new: Database, file: StoreFile, told: Callable[[str, int], None]) -> int:
    bases = [int(i) for (i,) in old.rows("SELECT id FROM kb ORDER BY id")] if file is CATALOG else []
    with new.transaction() as db:
        for kb in bases:
            lexical.drop(db, kb)
            lexical.create(db, kb)
    total = 0
    for table in _tables(file, bases):
        names = ", ".join(map(_quoted, table.columns))
        marks = ", ".join("?" * len(table.columns))
        put = f"INSERT INTO {_quoted(table.name)} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608
        if not table.key:  # one row, which is made with the table
            new.write(f"DELETE FROM {_quoted(table.name)}")  # noqa: S608
        for batch in _rows(old, table):
            with new.transaction() as db:
                db.executemany(put, batch)
        if table.numbered:
            new.number_from(table.name, old.last_number(table.name))
        count, digest = _sum(old, table)
        if (count, digest) != _sum(new, table):
            raise LibraryUnavailable(
                Text(
                    f"'{table.name}' is not the same at both places: somebody wrote to it meanwhile. Nothing was changed.",
                    f"两处的 “{table.name}” 不一致：期间有写入。未作任何改动。",
                ),
                Text(
                    "Stop servers, the application and other commands, empty the new place, and do it again.",
                    "请停止服务器、应用和其他命令，清空新位置后重试。",
                ),
            )
        told(table.name, count)
        total += count
    if bases and isinstance(new, SqliteFile):  # an index that lies in the home is of another time
        new.write("UPDATE kb SET dirty = 1, generation = generation + 1")
    return total


def _tables(file: StoreFile, bases: Sequence[int]) -> list[_Table]:
    """Those that the steps make, and of the catalog those of each base's words; what others refer to comes first."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as model:
        lead_up(model, file.steps)
        for kb in bases:
            lexical.create(model, kb)
        names = model.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY rowid").fetchall()
        found = []
        for name, sql in names:
            if name.startswith("sqlite_"):
                continue
            columns = model.execute(f"PRAGMA table_info({_quoted(name)})").fetchall()
            key = tuple(column[1] for column in sorted(columns, key=lambda c: c[5]) if column[5])
            untyped = tuple(n for n, column in enumerate(columns) if not column[2])
            numbered = "integer primary key" in sql.lower() and key == ("id",) and not name.startswith("lexical_")
            found.append(_Table(name, tuple(column[1] for column in columns), key, untyped, numbered))
        return found


def _rows(database: Database, table: _Table) -> Iterator[list[tuple[Any, ...]]]:
    names = ", ".join(map(_quoted, table.columns))
    order = ", ".join(map(_quoted, table.key)) or "1"
    for batch in database.batches(_BATCH, f"SELECT {names} FROM {_quoted(table.name)} ORDER BY {order}"):  # noqa: S608
        yield [_plain(row, table.untyped) for row in batch]


def _plain(row: Sequence[Any], untyped: Iterable[int]) -> tuple[Any, ...]:
    """A row as both sides have it: no NUL in a text, and a number where a text is one in a column without a type."""
    values = [value.replace("\0", "\ufffd") if isinstance(value, str) else value for value in row]
    for n in untyped:
        if isinstance(values[n], str) and _NUMBER.fullmatch(values[n]):
            values[n] = float(values[n])
    return tuple(values)


def _sum(database: Database, table: _Table) -> tuple[int, int]:
    """How many rows, and the sum of their digests: the order means nothing."""
    count = total = 0
    for batch in _rows(database, table):
        count += len(batch)
        total += sum(int(_digest(row), 16) for row in batch)
    return count, total % (1 << 128)


def _digest(row: Iterable[Any]) -> str:
    return hashlib.blake2b(repr(tuple(row)).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _must_be_empty(database: Database, tables: Iterable[_Table], target: str) -> None:
    for table in tables:
        if database.row(f"SELECT 1 FROM {_quoted(table.name)} LIMIT 1") is not None:  # noqa: S608
            where = Text("the database", "该数据库") if at_server(target) else Text("the home", "该目录")
            raise UsageError(
                Text(f"There is something in {where.en} already.", f"{where.zh}中已有数据。"),
                Text("Choose an empty one; nothing was changed.", "请选择空的位置；未作任何改动。"),
            )


def _quoted(name: str) -> str:
    return f'"{name}"'
