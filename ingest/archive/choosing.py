"""What is taken from somebody's archive and what is left: nothing that can run, reach or open anything comes in."""

from __future__ import annotations

import json
import sqlite3
import tomllib
from contextlib import closing, suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from ingest import lexical
from ingest.archive import secrets
from ingest.archive.contents import MCP_SERVERS, MCP_TRUST, UPLOADS
from ingest.catalog import CATALOG
from ingest.errors import UsageError
from ingest.language import Text
from ingest.settings import FILE as SETTINGS
from ingest.settings import Settings, checked, is_carried, is_secret
from ingest.sqlite import is_database

_SHIPPED = ("bundled", "hashing")
"""Embedders that load nothing from anywhere."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Of the files that can make programs run or addresses be reached."""

    taken: dict[str, Any] = field(default_factory=dict)
    """Settings to write into the user's own file."""
    left: tuple[str, ...] = ()
    """Settings and files that differ from the user's own and stay out."""


def choose(staged: Path, home: Path) -> Choice:
    """Compare what was unpacked into `staged` with the files of `home`; neither is changed."""
    theirs, mine = _settings(staged), _settings(home)
    carried = {setting.name for setting in fields(Settings) if is_carried(setting)}
    shown = {setting.name for setting in fields(Settings) if not is_secret(setting)}
    taken: dict[str, Any] = {}
    for key in sorted(theirs.keys() & carried):
        with suppress(UsageError):  # a value of the wrong kind
            taken |= checked({key: theirs[key]}, Text(SETTINGS, SETTINGS))
    left = [
        key
        for key in sorted(theirs.keys() - taken.keys())
        if key not in shown or theirs[key] != _public(mine.get(key, getattr(Settings(), key)))
    ]
    files = [name for name in (MCP_SERVERS, MCP_TRUST) if (staged / name).is_file()]
    differing = [name for name in files if not _same(staged / name, home / name)]
    return Choice(taken, (*left, *differing))


def settle(staged: Path, home: Path) -> tuple[tuple[str, ...], int]:
    """Make the unpacked catalog one that can stand in `home`; returns the embedders it may not use, and by how much the
    numbers of its knowledge bases were raised.

    A knowledge base's number names its collection in the vector index, which may be open in another process: with
    numbers never given before nothing old answers for it. An embedder that is none of the user's own (an address would
    be sent every question) is put down as the user's, whose key it doesn't have: searching then says what to do.
    """
    known, shift = _live(home / CATALOG.path)
    own = str(_settings(home).get("embedder", Settings().embedder))
    mine = {secrets.address(name): name for name in (*_SHIPPED, *known, own)}
    foreign: list[str] = []
    with closing(sqlite3.connect(staged / CATALOG.path, isolation_level=None)) as db:
        db.execute("BEGIN")
        for number, name in db.execute("SELECT id, name FROM embedder").fetchall():
            if secrets.address(name) not in mine:
                foreign.append(name)
            db.execute("UPDATE embedder SET name = ? WHERE id = ?", (mine.get(secrets.address(name), own), number))
        db.execute("DELETE FROM outbox")
        db.execute("UPDATE kb SET dirty = 1, generation = generation + 1")  # the index is not in the archive
        _renumber(db, shift)
        for path in (staged / UPLOADS).glob("*/*"):  # as they will lie in this home, wherever they lay in another
            kb = path.parent.name
            tail, now = f"/{UPLOADS}/{kb}/{path.name}", home / UPLOADS / str(int(kb) + shift) / path.name
            db.execute(
                "UPDATE OR IGNORE document SET path = ? WHERE kb_id = ? AND substr(replace(path, '\\', '/'), -?) = ?",
                (str(now), int(kb) + shift, len(tail), tail),
            )
        db.execute("COMMIT")
    return tuple(foreign), shift


def _renumber(db: sqlite3.Connection, shift: int) -> None:
    if not shift:
        return
    db.execute("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'kb'", (shift,))
    for (kb,) in db.execute("SELECT id FROM kb ORDER BY id DESC").fetchall():
        lexical.renumber(db, kb, kb + shift)
    for column in ("document SET kb_id", "kb SET staging_for", "kb SET id"):
        name = column.rpartition(" ")[2]
        db.execute(f"UPDATE {column} = -{name} - ?", (shift,))
        db.execute(f"UPDATE {column} = -{name}")


def _live(catalog: Path) -> tuple[list[str], int]:
    """Names of the embedders in use, and the highest number a knowledge base ever had; none where it can't be read."""
    if not is_database(catalog):
        return [], 0
    try:
        with closing(sqlite3.connect(f"{catalog.absolute().as_uri()}?mode=ro", uri=True)) as db:
            names = [str(name) for (name,) in db.execute("SELECT name FROM embedder")]
            highest = db.execute("SELECT max(seq) FROM sqlite_sequence WHERE name = 'kb'").fetchone()[0]
            return names, int(highest or 0)
    except (sqlite3.Error, TypeError, ValueError):
        return [], 0


def _settings(folder: Path) -> dict[str, Any]:
    try:
        return tomllib.loads((folder / SETTINGS).read_text("utf-8-sig"))
    except (OSError, ValueError):
        return {}


def _public(value: object) -> object:
    return secrets.address(value) if isinstance(value, str) else value


def _same(theirs: Path, mine: Path) -> bool:
    """Whether the user's own file, without its secrets, says what the archive's says."""
    try:
        text = mine.read_text("utf-8-sig")
        kept = secrets.mcp_servers(text) if mine.name == MCP_SERVERS else text
        return bool(json.loads(theirs.read_text("utf-8")) == json.loads(kept))
    except (OSError, ValueError):
        return False
