"""The catalog: one transaction per document, nothing left behind."""

import sqlite3

import numpy as np
import pytest

from ingest.catalog import Catalog, Source, chunk_key
from ingest.documents import Block, Chunk, Page, Parsed
from ingest.embedders import EmbedderIdentity
from ingest.errors import DamagedLibrary, NewerLibrary, UsageError
from tests.ingest.conftest import matrix

IDENTITY = EmbedderIdentity("test", "1", 4, 100)
TEXT = "# 年假\n员工每年有十天年假。\nTen days of leave."


@pytest.fixture
def catalog(tmp_path, store):
    opened = Catalog(tmp_path, store)
    yield opened
    opened.close()


@pytest.fixture
def kb(catalog):
    found = catalog.kbs.create("手册")
    catalog.kbs.bind(found.id, IDENTITY)
    return found


def document(text=TEXT):
    blocks = (Block("heading", 0, 4, 1), Block("paragraph", 5, len(text)))
    page = Page(1, text, blocks, ("第一章",), "i")
    chunks = [Chunk(1, 0, 4, text[0:4], ("第一章",), "第一章", 3), Chunk(1, 5, len(text), text[5:], ("第一章",))]
    return Parsed("手册", "text/markdown", (page,), ("a note",)), chunks


def source(path="/a.md", sha="x", pipeline="1"):
    return Source(path, sha, 10, 20, pipeline)


def vectors(chunks):
    return {chunk_key(c): np.eye(4, dtype="<f4")[i].tobytes() for i, c in enumerate(chunks)}


def put(catalog, kb, path="/a.md", text=TEXT, sha="x"):
    parsed, chunks = document(text)
    return catalog.documents.put(kb.id, 1, source(path, sha), parsed, chunks, vectors(chunks))


def test_what_goes_in_comes_out(catalog, kb):
    parsed, chunks = document()
    document_id = put(catalog, kb)
    assert catalog.documents.pages(document_id) == list(parsed.pages)
    assert [(c.start, c.end, c.text) for c in catalog.documents.chunks(document_id)] == [
        (c.start, c.end, c.text) for c in chunks
    ]
    stored = catalog.documents.get(document_id)
    assert (stored.title, stored.pages, stored.chunks, stored.notes) == ("手册", 1, 2, ("a note",))
    ids, rows = matrix(catalog, kb.id)
    assert rows.shape == (2, 4)
    assert np.array_equal(catalog.vectors.of(list(ids))[int(ids[1])], rows[1])


def test_passages_slice_back_and_keep_the_order_asked_for(catalog, kb):
    put(catalog, kb)
    ids = sorted(catalog.vectors.ids(kb.id), reverse=True)
    found = catalog.documents.passages([*ids, 999])
    assert [p.chunk_id for p in found] == ids
    for p in found:
        assert catalog.documents.page_text(p.document_id, p.page)[p.start : p.end] == p.text


def test_a_changed_file_replaces_the_old_one_and_leaves_nothing(catalog, kb):
    old = put(catalog, kb)
    old_ids = catalog.vectors.ids(kb.id)
    new = put(catalog, kb, text=TEXT.replace("十", "九"), sha="y")
    assert catalog.documents.get(old) is None
    assert [d.id for d in catalog.documents.all(kb.id)] == [new]
    assert catalog.database.row("SELECT count(*) FROM page") == (1,)
    assert catalog.database.row("SELECT count(*) FROM vector") == (2,)
    pending = catalog.vectors.pending(kb.id, 100)
    assert set(pending.removed) == old_ids
    assert set(pending.ids) == catalog.vectors.ids(kb.id)


def test_equal_passages_share_a_vector_until_the_last_one_goes(catalog, kb):
    first = put(catalog, kb, "/a.md")
    second = catalog.documents.adopt(kb.id, source("/b.md"), first)
    assert catalog.documents.same_content("x", ("1", "1 -"), 1) == first
    assert catalog.documents.same_content("x", ("2",), 1) is None
    assert len(matrix(catalog, kb.id)[0]) == 4
    catalog.documents.remove(kb.id, [first])
    assert len(matrix(catalog, kb.id)[0]) == 2
    assert catalog.documents.missing_vectors(1, [chunk_key(c) for c in document()[1]]) == set()
    catalog.documents.remove(kb.id, [second])
    assert catalog.database.row("SELECT count(*) FROM vector") == (0,)


def test_moving_changes_the_address_only(catalog, kb):
    document_id = put(catalog, kb)
    before = catalog.vectors.ids(kb.id)
    catalog.documents.move(document_id, source("/new/b.md"))
    assert catalog.documents.get(document_id).path == "/new/b.md"
    assert catalog.vectors.ids(kb.id) == before


def test_a_failed_put_leaves_the_old_document(catalog, kb):
    old = put(catalog, kb)
    parsed, chunks = document("new text")
    broken = [*chunks, Chunk(1, 0, 1, "n", context=object())]  # fails in the last statement
    with pytest.raises(Exception, match=r".*"):
        catalog.documents.put(kb.id, 1, source(sha="y"), parsed, broken, {})
    assert [d.id for d in catalog.documents.all(kb.id)] == [old]


def test_a_vector_told_too_late_does_not_hide_a_removal(catalog, kb):
    document_id = put(catalog, kb)
    batch = catalog.vectors.pending(kb.id, 100)
    catalog.documents.remove(kb.id, [document_id])
    catalog.vectors.told(batch)
    assert set(catalog.vectors.pending(kb.id, 100).removed) == set(batch.ids)


def test_names(catalog, kb):
    assert catalog.kbs.get(" 手册 ").id == kb.id
    catalog.kbs.create("handbook")
    with pytest.raises(UsageError, match="Did you mean 'handbook'"):
        catalog.kbs.get("handbok")
    with pytest.raises(UsageError, match="already"):
        catalog.kbs.create("handbook")
    for bad in ("", "  ", "a\nb", "x" * 101, "a\0b"):
        with pytest.raises(UsageError):
            catalog.kbs.create(bad)
    catalog.kbs.rename("handbook", "规定")
    assert [k.name for k in catalog.kbs.all()] == ["手册", "规定"]


def test_removing_a_knowledge_base_leaves_the_other(catalog, kb):
    other = catalog.kbs.create("other")
    catalog.kbs.bind(other.id, IDENTITY)
    put(catalog, kb)
    put(catalog, other)
    catalog.kbs.remove(kb.id)
    assert [k.name for k in catalog.kbs.all()] == ["other"]
    assert len(matrix(catalog, other.id)[0]) == 2
    assert catalog.vectors.pending(kb.id, 10).empty


def test_every_change_raises_the_generation(catalog, kb):
    seen = [catalog.kbs.generation(kb.id)[0]]
    document_id = put(catalog, kb)
    seen.append(catalog.kbs.generation(kb.id)[0])
    catalog.documents.move(document_id, source("/b.md"))
    seen.append(catalog.kbs.generation(kb.id)[0])
    catalog.documents.remove(kb.id, [document_id])
    seen.append(catalog.kbs.generation(kb.id)[0])
    assert seen == sorted(set(seen))
    assert catalog.kbs.generation(kb.id)[1]


def test_a_later_format_is_not_touched(tmp_path):
    Catalog(tmp_path).close()
    with sqlite3.connect(tmp_path / "catalog.sqlite3") as db:
        db.execute("PRAGMA user_version=99")
    with pytest.raises(NewerLibrary, match="format 99"):
        Catalog(tmp_path)


def test_a_file_that_is_no_database_is_said_to_be_damaged(tmp_path):
    (tmp_path / "catalog.sqlite3").write_bytes(b"not a database at all" * 200)
    with pytest.raises(DamagedLibrary, match="restore"):
        Catalog(tmp_path)


def test_a_base_keeps_its_identity_under_another_name_and_when_it_is_rebuilt(tmp_path):
    """Rights are bound to it; another base of the same name has its own."""
    catalog = Catalog(tmp_path)
    first = catalog.kbs.create("a")
    identity = catalog.kbs.identities()["a"]
    catalog.kbs.rename("a", "b")
    assert catalog.kbs.identities() == {"b": identity}
    staged = catalog.kbs.create("b (new)", staging_for=first.id)
    assert catalog.kbs.identities() == {"b": identity}
    catalog.kbs.switch(staged.id, first.id)
    assert catalog.kbs.identities() == {"b": identity}
    catalog.kbs.remove(staged.id)
    catalog.kbs.create("b")
    assert catalog.kbs.identities()["b"] != identity
    catalog.close()
