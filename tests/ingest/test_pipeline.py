from __future__ import annotations

import os
import threading
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from ingest.catalog import Catalog
from ingest.chunking import Chunker
from ingest.documents import Document, Report
from ingest.embedders.hashing import HashingEmbedder
from ingest.errors import LibraryUnavailable, ModelError, PruneDoubtful, UsageError
from ingest.language import Text
from ingest.lock import WriterLock
from ingest.mirror import Mirror
from ingest.pipeline import Pipeline
from ingest.progress import Progress
from ingest.settings import Settings
from ingest.vectors.chroma import ChromaIndex
from ingest.vectors.exact import ExactSearch
from tests.ingest.conftest import matrix


class Counting(HashingEmbedder):
    """The hashing embedder, and how many passages it was given; `limit` makes it fail after so many."""

    def __init__(self, limit: int | None = None) -> None:
        self.embedded = 0
        self.limit = limit

    def embed_passages(self, texts):
        self.embedded += len(texts)
        if self.limit is not None and self.embedded > self.limit:
            raise ModelError(Text(en="The endpoint is gone.", zh="服务不可用。"))
        return super().embed_passages(texts)


class Bench:
    """A library without its façade."""

    def __init__(self, home: Path, embedder: HashingEmbedder | None = None, steps=lambda _: None) -> None:
        self.embedder = embedder or Counting()
        self.catalog = Catalog(home)
        lock = WriterLock(home)
        self.index = ChromaIndex(home / "index", "")
        self.mirror = Mirror(self.catalog, self.index, ExactSearch(self.catalog))
        chunker = Chunker(self.embedder.count_tokens, self.embedder.identity.max_tokens)
        self.pipeline = Pipeline(self.catalog, self.mirror, lock, self.embedder, chunker, Settings(), steps=steps)

    def add(self, *paths: Path, kb: str = "default", **options) -> Report:
        return self.pipeline.add(list(paths), kb, **options)

    def paths(self, kb: str = "default") -> list[str]:
        return [Path(d.path).name for d in self.documents(kb)]

    def documents(self, kb: str = "default") -> list[Document]:
        return self.catalog.documents.all(self.catalog.kbs.get(kb).id)

    def is_sound(self, kb: str = "default") -> bool:
        kb_id = self.catalog.kbs.get(kb).id
        ids = self.catalog.vectors.ids(kb_id)
        assert set(matrix(self.catalog, kb_id)[0].tolist()) == ids, "a passage has no vector"
        assert self.mirror.compare(kb_id) == (set(), set())
        assert self.catalog.vectors.pending(kb_id, 1).empty
        assert not self.catalog.kbs.generation(kb_id)[1]
        return True

    def close(self) -> None:
        self.mirror.close()
        self.catalog.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory):
    """For all tests that need none of their own: its index is a process that takes a second to start."""
    with closing(Bench(tmp_path_factory.mktemp("bench") / "home")) as made:
        yield made


@pytest.fixture
def bench(shared: Bench):
    """The same, emptied after each test."""
    shared.embedder.embedded = 0
    yield shared
    for kb in shared.catalog.kbs.all():
        shared.catalog.kbs.remove(kb.id)
        shared.mirror.drop(kb.id)


@pytest.fixture
def own(tmp_path: Path):
    with closing(Bench(tmp_path / "home")) as made:
        yield made


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    (folder / "sub").mkdir(parents=True)
    write(folder / "leave.md", "# 年假\n\n员工入职满一年后享有十五天年假。\n\n## 病假\n\n病假需要医生证明。")
    write(folder / "travel.md", "# Travel\n\nBook trains first.\n\n## Hotels\n\nUp to 120 euros a night.")
    write(folder / "sub" / "office.txt", "The office opens at eight.\n\nThe kitchen is on the second floor.")
    return folder


def write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")


def test_a_folder_goes_in(bench: Bench, docs: Path) -> None:
    report = bench.add(docs)
    assert [Path(a.document).name for a in report.added] == ["leave.md", "office.txt", "travel.md"]
    assert all(a.chunks and a.pages == 1 and len(a.sha256) == 64 for a in report.added)
    assert (report.updated, report.failed, report.skipped, report.interrupted) == ((), (), (), False)
    assert report.embedded_chunks == bench.embedder.embedded == sum(a.chunks for a in report.added)
    assert bench.paths() == ["leave.md", "office.txt", "travel.md"]
    assert bench.is_sound()


def test_stored_vectors_are_those_of_the_stored_passages(bench: Bench, docs: Path) -> None:
    bench.add(docs)
    kb_id = bench.catalog.kbs.get("default").id
    ids, stored = matrix(bench.catalog, kb_id)
    passages = bench.catalog.documents.passages(ids.tolist())
    texts = [f"{p.context}\n{p.text}" if p.context else p.text for p in passages]
    assert np.allclose(stored, HashingEmbedder().embed_passages(texts))


def test_what_is_unchanged_is_left_alone(bench: Bench, docs: Path) -> None:
    bench.add(docs)
    before = bench.embedder.embedded
    report = bench.add(docs)
    assert (report.unchanged, report.added, report.updated) == (3, (), ())
    assert bench.embedder.embedded == before


def test_a_file_that_became_empty_keeps_its_former_version_and_says_so(bench: Bench, docs: Path) -> None:
    bench.add(docs)
    write(docs / "leave.md", "")
    report = bench.add(docs)
    assert [Path(f.path).name for f in report.skipped] == ["leave.md"]
    assert "ingest remove" in report.skipped[0].hint
    assert "leave.md" in bench.paths()
    assert bench.is_sound()


def test_a_new_time_alone_changes_nothing(bench: Bench, docs: Path) -> None:
    bench.add(docs)
    os.utime(docs / "leave.md", ns=(1, 1))
    assert bench.add(docs).unchanged == 3
    known = bench.catalog.documents.known(bench.catalog.kbs.get("default").id)
    assert known[str(docs / "leave.md")].mtime_ns == 1


def test_a_changed_file_is_replaced_and_only_its_new_passages_are_embedded(bench: Bench, tmp_path: Path) -> None:
    parts = [f"## Part {n}\n\n" + f"Sentence about topic {n} in words of its own. " * 40 for n in range(6)]
    file = tmp_path / "docs.md"
    write(file, "\n\n".join(parts))
    first = bench.add(file)
    write(file, "\n\n".join([*parts, "## More\n\n" + "Something new altogether. " * 40]))
    second = bench.add(file)
    assert [a.document for a in second.updated] == [str(file)]
    assert second.added == ()
    assert 0 < second.embedded_chunks < first.embedded_chunks
    assert len(bench.paths()) == 1
    assert bench.is_sound()


def test_duplicate_content_is_embedded_once(bench: Bench, docs: Path) -> None:
    write(docs / "sub" / "copy.md", (docs / "leave.md").read_text("utf-8"))
    once = bench.embedder.embedded
    report = bench.add(docs)
    assert len(report.added) == 4
    assert bench.embedder.embedded - once == report.embedded_chunks
    before = bench.embedder.embedded
    assert bench.add(docs, kb="other").embedded_chunks == 0
    assert bench.embedder.embedded == before
    assert bench.is_sound()
    assert bench.is_sound("other")


def test_a_moved_file_keeps_its_passages(bench: Bench, docs: Path) -> None:
    bench.add(docs)
    before = bench.embedder.embedded
    ids = {d.id for d in bench.documents()}
    (docs / "leave.md").rename(docs / "sub" / "holidays.md")
    report = bench.add(docs)
    assert [Path(a.document).name for a in report.updated] == ["holidays.md"]
    assert bench.embedder.embedded == before
    assert {d.id for d in bench.documents()} == ids
    assert bench.paths() == ["holidays.md", "office.txt", "travel.md"]


def test_two_files_that_swap_their_content(bench: Bench, docs: Path) -> None:
    bench.add(docs)
    leave, travel = (docs / "leave.md").read_text("utf-8"), (docs / "travel.md").read_text("utf-8")
    write(docs / "leave.md", travel)
    write(docs / "travel.md", leave)
    assert len(bench.add(docs).updated) == 2
    texts = {Path(d.path).name: bench.catalog.documents.page_text(d.id, 1) for d in bench.documents()}
    assert "Travel" in texts["leave.md"]
    assert "年假" in texts["travel.md"]
    assert bench.is_sound()


def test_an_empty_folder_within_and_more_than_half_want_a_yes(bench: Bench, docs: Path) -> None:
    bench.add(docs)
    (docs / "sub" / "office.txt").unlink()
    with pytest.raises(PruneDoubtful, match="sub"):
        bench.add(docs, prune=True)
    (docs / "sub").rmdir()  # no mount point
    (docs / "leave.md").unlink()
    with pytest.raises(PruneDoubtful, match="2 of 3"):
        bench.add(docs, prune=True)
    assert len(bench.paths()) == 3
    assert bench.add(docs, prune=True, sure=True).removed == 2
    assert bench.is_sound()


def test_gone_files_go_only_with_prune_and_only_under_the_folder(bench: Bench, docs: Path) -> None:
    bench.add(docs)
    (docs / "leave.md").unlink()
    assert bench.add(docs).removed == 0
    assert bench.add(docs / "sub", prune=True).removed == 0
    assert bench.add(docs, prune=True, dry_run=True).removed == 1
    assert len(bench.paths()) == 3
    assert bench.add(docs, prune=True).removed == 1
    assert bench.paths() == ["office.txt", "travel.md"]
    assert bench.is_sound()


def test_what_fails_is_listed_and_the_rest_goes_on(bench: Bench, docs: Path) -> None:
    (docs / "empty.txt").touch()
    (docs / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing that follows")
    (docs / "again.pdf").write_bytes(b"%PDF-1.7\nnothing that follows")
    report = bench.add(docs)
    assert len(report.added) == 3
    assert [Path(f.path).name for f in report.failed] == ["again.pdf", "broken.pdf"]
    assert [Path(f.path).name for f in report.skipped] == ["empty.txt"]
    assert all(f.reason for f in report.failed + report.skipped)


def test_a_dry_run_writes_nothing(bench: Bench, docs: Path) -> None:
    report = bench.add(docs, dry_run=True)
    assert len(report.added) == 3
    assert bench.catalog.kbs.find("default") is None
    bench.add(docs)
    write(docs / "leave.md", "changed")
    embedded = bench.embedder.embedded
    report = bench.add(docs, dry_run=True)
    assert ([Path(a.document).name for a in report.updated], report.unchanged) == (["leave.md"], 2)
    assert bench.embedder.embedded == embedded
    stored = next(d for d in bench.documents() if d.path.endswith("leave.md"))
    assert "年假" in str(bench.catalog.documents.page_text(stored.id, 1))


def test_a_stop_keeps_what_is_finished(tmp_path: Path, docs: Path) -> None:
    for n in range(40):
        write(docs / f"{n:02}.txt", f"Document {n}. " + f"It speaks of subject {n} at length. " * 300)
    stop = threading.Event()
    stored = 0

    def steps(name: str) -> None:
        nonlocal stored
        stored += name == "stored"
        if stored == 3:
            stop.set()

    bench = Bench(tmp_path / "home", steps=steps)
    report = bench.add(docs, stop=stop)
    assert report.interrupted
    assert 3 <= len(report.added) < 43
    assert len(bench.paths()) == len(report.added)
    assert bench.is_sound()
    rest = bench.add(docs)
    assert not rest.interrupted
    assert len(rest.added) + rest.unchanged == 43
    assert bench.is_sound()
    bench.close()


def test_a_stop_does_not_wait_until_a_long_document_is_split(tmp_path: Path) -> None:
    stop, counted = threading.Event(), set[str]()

    class Stopping(Counting):
        def count_tokens(self, text: str) -> int:
            counted.update(number for number in ("5.", "800.") if f"Part {number}" in text)
            if "5." in counted:
                stop.set()
            return super().count_tokens(text)

    long = tmp_path / "long.csv"
    write(long, "number,name\n" + "".join(f"{n},Part {n}.\n" for n in range(900)))
    with closing(Bench(tmp_path / "home", Stopping())) as bench:
        assert bench.add(long, stop=stop).interrupted
        assert counted == {"5."}
        assert bench.paths() == []
        assert bench.add(long).pages > 2


def test_ctrl_c_is_a_stop(tmp_path: Path, docs: Path) -> None:
    class Interrupting(Counting):
        def embed_passages(self, texts):
            if self.embedded:
                raise KeyboardInterrupt
            return super().embed_passages(texts)

    for n in range(60):
        write(docs / f"{n:02}.txt", f"Document {n}. " + f"It speaks of subject {n} at length. " * 300)
    bench = Bench(tmp_path / "home", Interrupting())
    assert bench.add(docs).interrupted
    bench.close()
    bench = Bench(tmp_path / "home")
    assert not bench.add(docs).interrupted
    assert len(bench.paths()) == 63
    assert bench.is_sound()
    bench.close()


def test_a_failing_embedder_ends_it_with_its_own_error(tmp_path: Path, docs: Path) -> None:
    for n in range(200):
        write(docs / f"{n:03}.txt", f"Document {n} about {n * n}.")
    bench = Bench(tmp_path / "home", Counting(limit=150))
    with pytest.raises(ModelError):
        bench.add(docs)
    assert bench.is_sound()
    bench.embedder.limit = None
    report = bench.add(docs)
    assert len(report.added) + report.unchanged == 203
    assert bench.is_sound()
    bench.close()


def test_a_full_disk_ends_it_and_loses_nothing(own: Bench, docs: Path, tmp_path: Path) -> None:
    own.add(docs)
    many = tmp_path / "many"
    many.mkdir()
    for n in range(50):
        write(many / f"{n}.txt", f"Document {n}. " + f"It speaks of subject {n} at length. " * 400)

    # SQLite itself says "database or disk is full" when a file may not grow any further.
    database = own.catalog.database
    pages = database.connection.execute("PRAGMA page_count").fetchone()[0]

    class Small(type(database)):
        @property
        def connection(self):
            found = super().connection
            found.execute(f"PRAGMA max_page_count={pages + 60}")
            return found

    database.__class__ = Small
    with pytest.raises(LibraryUnavailable, match="full") as caught:
        own.add(many)
    assert caught.value.exit_status == 3
    database.__class__ = Small.__base__
    database.connection.execute("PRAGMA max_page_count=4294967294")
    assert {"leave.md", "office.txt", "travel.md"} <= set(own.paths())
    database.close()
    report = own.add(many)
    assert len(report.added) + report.unchanged == 50
    assert own.is_sound()


def test_progress_is_told_in_order_and_ends_complete(bench: Bench, docs: Path) -> None:
    told: list[Progress] = []
    bench.add(docs, progress=told.append)
    assert [p.done for p in told] == sorted(p.done for p in told)
    assert (told[-1].done, told[-1].total, told[-1].pages) == (3, 3, 3)
    assert told[-1].pages_per_second > 0
    assert told[-1].eta == 0


def test_a_missing_path_creates_nothing(bench: Bench, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        bench.add(tmp_path / "nowhere")
    assert bench.catalog.kbs.all() == []


def test_the_library_does_not_eat_itself(own: Bench, docs: Path, tmp_path: Path) -> None:
    report = own.add(tmp_path)
    assert len(report.added) == 3


def test_a_copy_is_read_as_its_own_suffix_says(bench: Bench, tmp_path: Path) -> None:
    text = "name,days\nleave,10\ntravel,5\n"
    (tmp_path / "a.txt").write_text(text, "utf-8")
    bench.add(tmp_path / "a.txt")
    for name in ("b.csv", "c.csv", "d.csv"):
        (tmp_path / name).write_text(text, "utf-8")
    bench.add(*(tmp_path / name for name in ("b.csv", "c.csv", "d.csv")))
    kinds = {Path(d.path).suffix: set() for d in bench.documents()}
    for document in bench.documents():
        kinds[Path(document.path).suffix].add(document.media_type)
    assert kinds == {".txt": {"text/plain"}, ".csv": {"text/csv"}}


def test_a_dry_run_goes_on_after_a_file_that_goes_away(tmp_path: Path) -> None:
    def steps(step: str) -> None:
        if step == "scanned":
            monitored.unlink()

    bench = Bench(tmp_path / "home2", steps=steps)
    monitored, other = tmp_path / "gone.txt", tmp_path / "here.txt"
    for file in (monitored, other):
        file.write_text("Leave is ten days.", "utf-8")
    report = bench.add(monitored, other, dry_run=True)
    assert [Path(f.path).name for f in report.failed] == ["gone.txt"]
    assert [Path(a.document).name for a in report.added] == ["here.txt"]
    bench.close()
