"""Homes with a conversation and a run, and archives made by hand."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

from ingest.language import Text
from ingest.settings import Settings
from ingest.sqlite import SqliteFile, Wording
from ingest.stores import CONVERSATIONS, RUNS

HASHING = Settings(embedder="hashing")
WORDING = Wording(Text(en="It", zh="它"))


def store_file(home: Path, store) -> SqliteFile:
    return SqliteFile(home / store.path, store.steps, WORDING)


def converse(home: Path, name: str) -> None:
    """What the application writes when a question is asked."""
    file = store_file(home, CONVERSATIONS)
    file.write(
        "insert into conversation (id, title, kb, created, changed) values (?, ?, 'default', '2026', '2026')",
        name,
        name,
    )
    file.write(
        "insert into turn (conversation, asked, question, answer) values (?, '2026', ?, ?)",
        name,
        name,
        json.dumps({"question": name}),
    )
    file.close()


def conversations(home: Path) -> set[str]:
    with closing(sqlite3.connect(home / CONVERSATIONS.path)) as db:
        return {name for (name,) in db.execute("select id from conversation")}


def run_at(home: Path, name: str, status: str = "done", state: str = '{"next": "end"}') -> None:
    file = store_file(home, RUNS)
    file.write("insert into run values (?, 'task', 'default', ?, 'bundled', '', '2026', '2026')", name, status)
    file.write("insert into state values (?, 1, 1, ?)", name, state)
    file.close()
    (home / "runs" / f"{name}.jsonl").write_text("{}\n", "utf-8")
    (home / "runs" / name).mkdir()
    (home / "runs" / name / "plot.png").write_bytes(b"picture")


def altered(archive: Path, target: Path, **changes: bytes | str | None) -> Path:
    """The archive with other members; None takes one out. In names `__` stands for a slash and `_dot_` for a dot."""
    named = {name.replace("__", "/").replace("_dot_", "."): content for name, content in changes.items()}
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in named:
                new.writestr(name, old.read(name))
        for name, content in named.items():
            if content is not None:
                new.writestr(name, content)
    return target


def edited(archive: Path, target: Path, member: str, *statements: str) -> Path:
    """The archive whose database `member` was changed by these statements; the saved counts are taken out."""
    scratch = target.with_suffix(".sqlite3")
    with zipfile.ZipFile(archive) as old:
        scratch.write_bytes(old.read(member))
        manifest = json.loads(old.read("zhiku-backup.json"))
    with closing(sqlite3.connect(scratch, isolation_level=None)) as db:
        for statement in statements:
            db.execute(statement)
    del manifest["rows"]
    changes = {member: scratch.read_bytes(), "zhiku-backup.json": json.dumps(manifest)}
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, changes.get(name, old.read(name)))
    return target
