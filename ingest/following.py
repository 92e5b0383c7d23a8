"""What people have written about a knowledge base goes along with its name: kept answers, conversations, tasks and when they come
again. Kept answers go away with it too: a later base of that name must not answer from them."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

from ingest.database import Database, open_database
from ingest.language import Text
from ingest.sqlite import Wording
from ingest.stores import CONVERSATIONS, CURATED, RUNS

_KEPT = (
    (CURATED, Text("Kept answers", "精选答案"), ("curated", "question"), ()),
    (CONVERSATIONS, Text("Conversations", "对话"), ("conversation",), (("conversation", "kbs"), ("turn", "answer"))),
    (RUNS, Text("Runs", "运行记录"), ("run",), (("schedule", "kbs"), ("state", "body"), ("event", "body"))),
)
"""Stores, their tables with the name in `kb`, and the columns of JSON: lists of names, or records that have it somewhere."""


def follow(home: Path, store: str, name: str, new: str = "") -> None:
    """The base `name` is called `new` now, or is gone. Raises `LibraryUnavailable`."""
    for kept, wording, tables, columns in _KEPT:
        with closing(open_database(home, store, kept, Wording(wording))) as file:
            if not file.used():
                continue
            for table in tables:
                if kept is CURATED:
                    file.write(f"delete from {table} where kb = ?", new or name)  # noqa: S608 - one of ours
                if new:
                    file.write(f"update {table} set kb = ? where kb = ?", new, name)  # noqa: S608 - the same
            for table, column in columns if new else ():
                _replace(file, table, column, name, new)


def _replace(file: Database, table: str, column: str, name: str, new: str) -> None:
    # As JSON writes it: quotation marks within a text have backslashes before them, so that none is taken for a name.
    for ascii_only in (True, False):
        before, after = (json.dumps(one, ensure_ascii=ascii_only) for one in (name, new))
        for lead in ("",) if column == "kbs" else ('"kb": ', '"kbs": ['):
            changed = f"replace({column}, ?1, ?2)"
            statement = f"update {table} set {column} = {changed} where {column} <> {changed}"  # noqa: S608 - the same
            file.write(statement, lead + before, lead + after)
