"""The library as a whole: naming documents, another embedder, backups, the doctor."""

import json
import zipfile
from contextlib import closing

import pytest

from ingest import open_library
from ingest.errors import NewerLibrary, UsageError
from ingest.settings import Settings
from tests.pristine import Pristine

HASHING = Settings(embedder="hashing")
TEXTS = {
    "leave.md": "# Leave\n\nEvery employee has ten days of annual leave.\n\n# 年假\n\n员工每年有十天年假，可以结转五天。\n",
    "travel.md": "# Travel\n\nA night in Shanghai may cost 650 yuan.\n",
    "a/notes.txt": "The pump was repaired on 3 May 2026.",
    "b/notes.txt": "The valve was replaced on 4 June 2026.",
}


def made(place):
    for name, text in TEXTS.items():
        path = place / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    with closing(open_library(place / "home", HASHING)) as opened:
        opened.add([place / "docs"])


@pytest.fixture(scope="module")
def pristine(tmp_path_factory):
    return Pristine(tmp_path_factory.mktemp("library"), made)


@pytest.fixture
def tmp_path(pristine):
    """The same folder for every test: documents, and a home that holds them."""
    return pristine.restored()


@pytest.fixture
def docs(tmp_path):
    return tmp_path / "docs"


@pytest.fixture
def library(tmp_path):
    with open_library(tmp_path / "home", HASHING) as opened:
        yield opened


def test_one_text_where_several_may_be_is_that_one(library, docs):
    library.add(str(docs / "leave.md"), kb="one", tags="人事")
    assert [one.title for one in library.documents("one")] == ["Leave"]
    assert library.tags("one") == ["人事"]


def contents(library, kb="default"):
    return {
        (d.path, d.sha256, page.number, page.text, tuple((c.start, c.end, c.text) for c in library.chunks(d.id)))
        for d in library.documents(kb)
        for page in library.pages(d.id)
    }


def test_hits_slice_back_from_the_stored_page(library):
    for query in ("年假", "annual leave", "Shanghai hotel", "May"):
        hits = library.search(query, k=4)
        assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
        for hit in hits:
            assert library.page_text(hit.document_id, hit.page)[hit.start : hit.end] == hit.text


def test_documents_by_any_of_their_names(library, docs):
    by_path = library.document(str(docs / "leave.md"))
    assert library.document("leave.md") == by_path
    assert library.document(str(by_path.id)) == by_path
    assert library.document(by_path.title) == by_path
    with pytest.raises(UsageError, match="several documents"):
        library.document("notes.txt")
    with pytest.raises(UsageError, match=r"Did you mean 'leave\.md'"):
        library.document("leaves.md")
    with pytest.raises(UsageError, match="no page 9"):
        library.page_text(by_path.id, 9)


def test_a_name_is_found_however_its_accents_are_spelled(library, tmp_path):
    composed, taken_apart = "caf\u00e9.txt", "cafe\u0301.txt"
    (tmp_path / taken_apart).write_text("The menu changes on Mondays.")
    library.add([tmp_path / taken_apart])
    assert library.document(composed) == library.document(taken_apart) == library.document(str(tmp_path / composed))
    assert library.remove([composed]) == 1


@pytest.mark.parametrize("copies", [8, 70])
def test_copies_count_once_among_the_hits(library, tmp_path, copies):
    folder = tmp_path / "ward"
    folder.mkdir()
    text = "Ward leaflet. The visiting hours of the ward are from 14 to 18. Please wash your hands.\n"
    for n in range(copies):
        (folder / f"leaflet (copy {n}).txt").write_text(text)
    (folder / "notice.txt").write_text("Notice: On Sundays the visiting hours of the ward are from 10 to 12 only.\n")
    library.add([folder])
    hits = library.search("visiting hours of the ward", k=4)
    assert [hit.rank for hit in hits] == [1, 2, 3, 4]
    assert len({hit.text for hit in hits}) == 4
    assert any(hit.path.endswith("notice.txt") for hit in hits)
    assert len(next(hit for hit in hits if hit.text == text.strip()).copies) == copies - 1


@pytest.mark.parametrize("query", ["", "  \n ", "\0", "x" * 10_001])
def test_queries_that_are_none(library, query):
    with pytest.raises(UsageError):
        library.search(query)


def test_another_embedder_takes_over_whole(library, docs):
    before = {d.path for d in library.documents()}
    steps = []
    assert library.rebuild(embedder="bundled", progress=lambda done, total: steps.append((done, total))) == 4
    assert steps[-1] == (4, 4)
    kb = library.kb()
    assert (kb.embedder, kb.documents) == ("bundled", 4)
    assert {d.path for d in library.documents()} == before
    assert library.search("annual leave")[0].document == "Leave"
    assert all(f.level == "ok" for f in library.doctor())
    assert library.add([docs]).unchanged == 4


def test_a_rebuild_that_was_cut_off_goes_on(library):
    class CutOffError(Exception):
        pass

    def cut(done, _total):
        if done == 2:
            raise CutOffError

    with pytest.raises(CutOffError):
        library.rebuild(embedder="bundled", progress=cut)
    assert library.kb().embedder == "hashing"
    assert library.search("annual leave")[0].document == "Leave"
    assert any("rebuild" in f.what for f in library.doctor())
    staged = library._catalog.documents.known(library._catalog.kbs.staging()[0][0])
    library.remove([next(iter(staged))])
    left = sorted(d.path for d in library.documents())
    library.rebuild(embedder="bundled")
    assert library.kb().embedder == "bundled"
    assert [k.name for k in library.kbs()] == ["default"]
    assert sorted(d.path for d in library.documents()) == left
    assert all(f.level == "ok" for f in library.doctor())


def test_a_rebuild_with_the_same_embedder_makes_a_lost_index_good(library):
    found = [h.chunk_id for h in library.search("annual leave")]
    library._mirror._index.discard()
    assert library.rebuild() == 4
    assert library._mirror.compare(library.kb().id) == (set(), set())
    assert [h.chunk_id for h in library.search("annual leave")] == found


def test_backup_and_restore(library, tmp_path, docs):
    (library.home / "settings.toml").write_text('k = 5\nmodel_api_key = "secret"\n', "utf-8")
    uploads = library.home / "uploads" / "1"
    uploads.mkdir(parents=True)
    (uploads / "up.txt").write_text("uploaded", "utf-8")
    before = contents(library)
    archive = tmp_path / "backup.zip"
    assert library.backup(archive) == archive.stat().st_size
    with zipfile.ZipFile(archive) as opened:
        assert b"secret" not in b"".join(opened.read(name) for name in opened.namelist() if name.endswith(".toml"))

    library.remove([str(docs / "leave.md")])
    former = library.restore(archive)
    assert contents(library) == before
    assert former is not None
    assert library.search("annual leave")[0].document == "Leave"
    assert all(f.level == "ok" for f in library.doctor())

    other = open_library(tmp_path / "elsewhere", HASHING)
    other.restore(archive)
    assert contents(other) == before
    assert (tmp_path / "elsewhere" / "uploads" / "1" / "up.txt").read_text("utf-8") == "uploaded"
    other.close()


def test_what_is_no_backup_changes_nothing(library, tmp_path):
    before = contents(library)
    (tmp_path / "text.zip").write_text("no archive", "utf-8")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with zipfile.ZipFile(tmp_path / "broken.zip", "w") as archive:
        archive.writestr("zhiku-backup.json", json.dumps({"format": 1}))
        archive.writestr("catalog.sqlite3", b"garbage" * 100)
    for name, form in (("bare.zip", 1), ("odd.zip", None)):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("zhiku-backup.json", json.dumps({"format": form}))
    with zipfile.ZipFile(tmp_path / "tableless.zip", "w") as archive:
        archive.writestr("zhiku-backup.json", json.dumps({"format": 1}))
        archive.writestr("catalog.sqlite3", b"")
    for name in ("text.zip", "other.zip", "broken.zip", "bare.zip", "odd.zip", "tableless.zip", "none.zip"):
        with pytest.raises(UsageError):
            library.restore(tmp_path / name)
    archive_path = tmp_path / "good.zip"
    library.backup(archive_path)
    with zipfile.ZipFile(archive_path) as good, zipfile.ZipFile(tmp_path / "newer.zip", "w") as newer:
        for item in good.namelist():
            newer.writestr(item, json.dumps({"format": 99}) if item.endswith(".json") else good.read(item))
    with pytest.raises(NewerLibrary):
        library.restore(tmp_path / "newer.zip")
    assert contents(library) == before


def test_the_doctor_finds_and_mends(library):
    library.search("anything")
    db = library._catalog.database.connection
    chunk = db.execute("SELECT min(id) FROM chunk").fetchone()[0]
    kb = library.kb()
    library._mirror._index.delete(kb.id, [chunk])
    db.execute(f"DELETE FROM lexical_{kb.id}_chunk WHERE id = {chunk}")
    problems = [f for f in library.doctor() if f.level == "problem"]
    assert len(problems) == 2
    mended = [f for f in library.doctor(repair=True) if f.level == "problem"]
    assert len(mended) == 2
    assert all(f.mended for f in mended)
    assert all(f.level == "ok" for f in library.doctor())


def test_a_source_that_is_gone_is_a_note(library, docs):
    (docs / "travel.md").unlink()
    notes = [f for f in library.doctor() if f.level == "note"]
    assert len(notes) == 1
    assert "travel.md" in notes[0].what
    assert library.add([docs], prune=True).removed == 1
    assert all(f.level == "ok" for f in library.doctor())


def test_removing_a_knowledge_base(library):
    library.create_kb("other")
    library.remove_kb("default")
    assert [k.name for k in library.kbs()] == ["other"]
    with pytest.raises(UsageError, match="no knowledge base 'default'"):
        library.search("x")
