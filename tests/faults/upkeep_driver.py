"""Runs upkeep (update, remove, rename, rebuild, restore …), each time killed at another moment, and says what is left.

Started by test_kill_upkeep.py in a process of its own: it imports Chroma once and forks for every point. A moment is the
n-th thing done to the home, in whatever thread: an SQL statement that writes, a file opened for writing, renamed, made
or removed. An audit hook and SQLite's own trace see them, so no part of the product knows of it. Reads one JSON list of cases on stdin,
writes one JSON line per case.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import chromadb_rust_bindings  # noqa: F401 - loaded before the first fork
from forks import die, forked

from ingest import Library, UsageError, open_library
from ingest.settings import Settings
from ingest.stores import CONVERSATIONS

HASHING = Settings(embedder="hashing")
_WRITING = (
    "BEGIN",
    "COMMIT",
    "INSERT",
    "UPDATE",
    "DELETE",
    "DROP",
    "CREATE",
    "ALTER",
    "ATTACH",
    "PRAGMA application_id",
)
_FILES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.chmod"}


class Moments:
    """Counts what is done to `home`; the process is killed before the `fatal`-th (0: never)."""

    def __init__(self, home: Path, fatal: int = 0) -> None:
        self.seen = 0
        self._home, self._fatal = str(home), fatal
        self._guard = threading.Lock()
        sys.addaudithook(self._hook)
        connect = sqlite3.connect

        def traced(*arguments: Any, **options: Any) -> sqlite3.Connection:
            connection = connect(*arguments, **options)
            connection.set_trace_callback(self._statement)
            return connection

        sqlite3.connect = traced  # in this process, which is about to end

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        writes = event in _FILES or (event == "open" and (arguments[2] or 0) & 3)
        if writes and str(arguments[0]).startswith(self._home):
            self._count()

    def _statement(self, sql: str) -> None:
        if sql.lstrip().upper().startswith(_WRITING):
            self._count()

    def _count(self) -> None:
        with self._guard:
            self.seen += 1
            if self.seen == self._fatal:
                die()


def update(library: Library, where: Path) -> None:
    library.add([where / "docs"], prune=True)


def remove(library: Library, where: Path) -> None:
    del where
    for name in ("leave.md", "travel.md"):
        if any(d.path.endswith(name) for d in library.documents()):
            library.remove([name])


def rename(library: Library, where: Path) -> None:
    del where
    if any(kb.name == "second" for kb in library.kbs()):
        library.rename_kb("second", "renamed")


def remove_kb(library: Library, where: Path) -> None:
    del where
    if any(kb.name == "second" for kb in library.kbs()):
        library.remove_kb("second")


def rebuild(library: Library, where: Path) -> None:
    del where
    library.rebuild()


def anew(library: Library, where: Path) -> None:
    """Everything is embedded again, beside the old vectors; the key of another version makes that necessary."""
    del where
    from ingest.rebuild import Rebuild

    kb = library.kb()
    with library._lock.held():
        library._mirror.begin(kb.id)
        wanted = library.embedder
        Rebuild(library._catalog, library._mirror, wanted, library._chunker_for(wanted)).run(kb, None)


def restore(library: Library, where: Path) -> None:
    library.restore(where / "backup.zip")


VERBS: dict[str, Callable[[Library, Path], None]] = {
    verb.__name__: verb for verb in (update, remove, rename, remove_kb, rebuild, anew, restore)
}


def contents(library: Library) -> dict[str, dict[str, str]]:
    """Text by knowledge base and document."""
    return {
        kb.name: {
            Path(d.path).name: "\n".join(page.text for page in library.pages(d.id)) for d in library.documents(kb.name)
        }
        for kb in library.kbs()
    }


def conversations(home: Path) -> dict[str, list[str]]:
    """Ids by folder: the home and what restores have set aside."""
    found = {}
    for folder in (home, *sorted(home.glob("before-restore-*"))):
        if (folder / CONVERSATIONS.path).exists():
            with closing(sqlite3.connect(folder / CONVERSATIONS.path)) as db:
                found[folder.name] = [name for (name,) in db.execute("select id from conversation order by id")]
    return found


def looked_at(home: Path, where: Path, verb: str) -> dict[str, Any]:
    """The next start, and then the same again."""
    with closing(open_library(home, HASHING)) as library:
        next_start = contents(library)
        library.doctor(repair=True)
        mended = contents(library)
        talks = conversations(home)
        VERBS[verb](library, where)
        for kb in library.kbs():
            library.search("annual leave", kb.name)
        left = [f.what for f in library.doctor() if f.level == "problem"]
        found = {kb.name: [hit.document for hit in library.search("annual leave", kb.name, 2)] for kb in library.kbs()}
        again = contents(library)
    files = sorted(p.name for p in home.iterdir() if p.name.startswith((".restor", "restoring")))
    return {
        "start": next_start, "mended": mended, "again": again, "problems": left, "found": found, "talks": talks,
        "leftovers": files, "uploads": len(list(home.rglob("up.txt"))),
    }  # fmt: skip


def outcome(root: Path, case: dict[str, Any]) -> dict[str, Any]:
    home, out, where = root / "home", root / "out.json", Path(case["where"])
    shutil.rmtree(home, ignore_errors=True)
    out.unlink(missing_ok=True)
    shutil.copytree(where / "home", home)

    def once() -> None:
        moments = Moments(home, case["fatal"])
        with closing(open_library(home, HASHING)) as library:
            VERBS[case["verb"]](library, where)
        out.write_text(json.dumps({"moments": moments.seen}), "utf-8")

    killed = forked(once)
    moments = json.loads(out.read_text("utf-8"))["moments"] if out.exists() else 0
    status = forked(lambda: void(out.write_text(json.dumps(looked_at(home, where, case["verb"])), "utf-8")))
    found = json.loads(out.read_text("utf-8")) if status == 0 else None
    return {"killed": killed, "moments": moments, "status": status, "after": found}


def void(_: object) -> None:
    """For lambdas that give back something."""


def main() -> None:
    root = Path(sys.argv[1])
    for case in json.load(sys.stdin):
        try:
            print(json.dumps(outcome(root, case)), flush=True)
        except UsageError as error:
            print(json.dumps({"killed": 0, "moments": 0, "status": 1, "after": None, "why": str(error)}), flush=True)


if __name__ == "__main__":
    main()
