"""Runs many `add`s, each killed at another point, and says what the library looks like after the next `add`.

Started by test_kill.py in a process of its own: it imports Chroma once and forks for every point, so that each
kill takes a fraction of a second. Reads one JSON list of cases on stdin, writes one JSON line per case.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
import time
from collections import Counter
from pathlib import Path

# Loaded before the first fork: a third of what each child would take.
import chromadb  # noqa: F401
import chromadb_rust_bindings  # noqa: F401
import filelock  # noqa: F401
import onnxruntime  # noqa: F401
import opencc  # noqa: F401
from forks import die, forked

from ingest import lexical
from ingest.catalog import Catalog
from ingest.chunking import Chunker
from ingest.embedders.hashing import HashingEmbedder
from ingest.lock import WriterLock
from ingest.mirror import Mirror
from ingest.pipeline import Pipeline
from ingest.settings import Settings
from ingest.vectors.chroma import ChromaIndex, IndexDamagedError
from ingest.vectors.exact import ExactSearch

QUERIES = ["年假 十五天", "hotel night euros", "warranty of the pump", "模型 检索 第 3 节", "boilerplate legal notice"]


class Killer:
    """Kills the process at the n-th time something named happens, in whatever thread."""

    def __init__(self, name: str, nth: int) -> None:
        self.name, self.nth = name, nth
        self.seen: Counter[str] = Counter()
        self.guard = threading.Lock()

    def step(self, name: str) -> None:
        if name == self.name:
            self._count()

    def statement(self, sql: str) -> None:
        """Called by SQLite before it runs a statement."""
        if sql.lstrip().startswith(self.name):
            self._count()

    def _count(self) -> None:
        with self.guard:
            self.seen[self.name] += 1
            if self.seen[self.name] == self.nth:
                die()


class MortalIndex(ChromaIndex):
    """The real index; dies before, during or after writing."""

    killer: Killer | None = None

    def upsert(self, *arguments) -> None:
        if self.killer and self.killer.name == "during upsert":
            threading.Thread(target=lambda: (time.sleep(0.002 * self.killer.nth), die()), daemon=True).start()
        if self.killer:
            self.killer.step("before upsert")
        super().upsert(*arguments)
        if self.killer:
            self.killer.step("after upsert")

    def delete(self, *arguments) -> None:
        super().delete(*arguments)
        if self.killer:
            self.killer.step("after delete")


class Subject:
    def __init__(self, home: Path, killer: Killer | None = None) -> None:
        self.catalog = Catalog(home)
        if killer:
            watch(self.catalog, killer)
        lock = WriterLock(home)
        self.index = MortalIndex(home / "index", "")
        self.index.killer = killer
        self.mirror = Mirror(self.catalog, self.index, ExactSearch(self.catalog))
        self.embedder = HashingEmbedder()
        chunker = Chunker(self.embedder.count_tokens, self.embedder.identity.max_tokens)
        steps = killer.step if killer else lambda _: None
        self.pipeline = Pipeline(self.catalog, self.mirror, lock, self.embedder, chunker, Settings(), steps=steps)

    def add(self, docs: Path) -> None:
        report = self.pipeline.add([docs], "测试", prune=True)
        assert not report.failed, report.failed

    def close(self) -> None:
        self.mirror.close()
        self.catalog.close()


def watch(catalog: Catalog, killer: Killer) -> None:
    """Let every connection tell its statements to the killer."""
    database = catalog.database

    class Traced(type(database)):
        @property
        def connection(self):
            found = super().connection
            found.set_trace_callback(killer.statement)
            return found

    database.__class__ = Traced


def snapshot(home: Path) -> dict:
    """Everything a person could tell two libraries apart by; ids are not among it."""
    subject = Subject(home)
    catalog = subject.catalog
    (kb,) = catalog.kbs.all()
    db = catalog.database.connection
    documents = {}
    where = {}
    for document in catalog.documents.all(kb.id):
        name = Path(document.path).name
        pages = [(p.number, p.text, p.label, p.section) for p in catalog.documents.pages(document.id)]
        chunks = [
            (c.page, c.start, c.end, c.section, c.context, c.tokens) for c in catalog.documents.chunks(document.id)
        ]
        ids = [r[0] for r in db.execute("SELECT id FROM chunk WHERE document_id = ? ORDER BY id", (document.id,))]
        vectors = catalog.vectors.of(ids)
        where |= {i: f"{name}:{c[0]}:{c[1]}" for i, c in zip(ids, chunks, strict=True)}
        documents[name] = {
            "title": document.title,
            "sha256": document.sha256,
            "pages": pages,
            "chunks": chunks,
            "vectors": [[round(float(x), 4) for x in vectors[i][:8]] for i in ids],
        }
    with catalog.database.reading() as reading:
        words = {q: ranking(lexical.search(reading, kb.id, q, 10), where) for q in QUERIES}
        held = lexical.ids(reading, kb.id)
    nearest = {}
    for query in QUERIES:
        found = subject.mirror.query(kb.id, subject.embedder.embed_query(query), 5, kb.chunks)
        nearest[query] = ranking(found, where)
    differing = compared(subject.mirror, kb.id)
    (kb,) = catalog.kbs.all()
    problems = {
        "passages the index lacks or has too much": differing,
        "passages the word index lacks or has too much": sorted(held ^ set(where)),
        "outbox": db.execute("SELECT count(*) FROM outbox").fetchone()[0],
        "dirty": int(kb.dirty),
        "unused vectors": db.execute("SELECT count(*) FROM vector WHERE key NOT IN (SELECT key FROM chunk)").fetchone()[
            0
        ],
        "rows without a document": db.execute(
            "SELECT (SELECT count(*) FROM chunk WHERE document_id NOT IN (SELECT id FROM document))"
            " + (SELECT count(*) FROM page WHERE document_id NOT IN (SELECT id FROM document))"
        ).fetchone()[0],
        "broken file": "" if db.execute("PRAGMA integrity_check").fetchone()[0] == "ok" else "yes",
    }
    subject.close()
    return {"documents": documents, "words": words, "nearest": nearest, "problems": problems}


def compared(mirror: Mirror, kb_id: int) -> list[list[int]]:
    """Ids the index lacks and has too much; what was spoilt while nobody wrote is mended first, as the doctor does."""
    try:
        found = mirror.compare(kb_id)
    except IndexDamagedError:
        mirror.rebuild_all()
        found = mirror.compare(kb_id)
    return [sorted(ids) for ids in found]


def ranking(found: list[tuple[int, float]], where: dict[int, str]) -> list:
    """Scores, and the passages above the last score: among equals at the end the choice is free."""
    scores = [round(score, 3) for _, score in found]
    above = sorted(where.get(i, f"orphan {i}") for i, score in found if round(score, 3) > scores[-1])
    return [scores, above]


def damage(home: Path, how: str) -> None:
    """Spoil Chroma's files as a crash or a bad disk would."""
    files = sorted(p for p in (home / "index").rglob("*") if p.is_file())
    if how == "nothing left":
        shutil.rmtree(home / "index", ignore_errors=True)
    for path in files:
        if path.name == "chroma.sqlite3" and how in DATABASE:
            DATABASE[how](path)
        elif path.suffix == ".bin" and how in SEGMENTS:
            SEGMENTS[how](path)


def scribble(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(8192))


DATABASE = {
    "no database": Path.unlink,
    "half a database": lambda path: os.truncate(path, path.stat().st_size // 2),
    "garbage in the database": scribble,
    "a database that is none": lambda path: path.write_bytes(b"not a database" * 500),
}
SEGMENTS = {
    "empty segments": lambda path: os.truncate(path, 0),
    "garbage in the segments": lambda path: path.write_bytes(os.urandom(path.stat().st_size or 100)),
    "no segments": Path.unlink,
}


def added(home: Path, docs: Path, killer: Killer | None = None) -> None:
    subject = Subject(home, killer)
    subject.add(docs)
    subject.close()


def recovered(home: Path, docs: Path, out: Path) -> None:
    added(home, docs)
    out.write_text(json.dumps(snapshot(home)), "utf-8")


def outcome_of(root: Path, case: dict) -> dict:
    home, out, docs = root / "home", root / "snapshot.json", Path(case["docs"])
    shutil.rmtree(home, ignore_errors=True)
    out.unlink(missing_ok=True)
    if case.get("before"):
        shutil.copytree(case["before"], home)
    killed = None
    if case.get("kill"):
        killed = forked(lambda: added(home, docs, Killer(*case["kill"])))
    if case.get("damage"):
        damage(home, case["damage"])
    status = forked(lambda: recovered(home, docs, out))
    if case.get("keep"):
        shutil.copytree(home, case["keep"])
    found = json.loads(out.read_text("utf-8")) if out.exists() else None
    return {"killed": killed, "status": status, "snapshot": found}


def main() -> None:
    root = Path(sys.argv[1])
    for case in json.load(sys.stdin):
        print(json.dumps(outcome_of(root, case)), flush=True)


if __name__ == "__main__":
    main()
