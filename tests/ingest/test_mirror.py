"""The vector index follows the catalog, whatever happens to it."""

import subprocess
import sys
import textwrap
import zlib

import numpy as np
import pytest

from ingest.catalog import Catalog, Source, chunk_key
from ingest.documents import Chunk, Page, Parsed
from ingest.embedders import EmbedderIdentity
from ingest.lock import WriterLock
from ingest.mirror import Mirror
from ingest.vectors.chroma import ChromaIndex
from ingest.vectors.exact import ExactSearch
from ingest.vectors.rows import Quantised
from tests.ingest.conftest import matrix

DIMENSIONS = 8


class House:
    """A catalog with its mirror, and documents of random vectors."""

    def __init__(self, home):
        self.home = home
        self.catalog = Catalog(home)
        self.index = ChromaIndex(home / "index")
        self.lock = WriterLock(home)
        self.mirror = Mirror(self.catalog, self.index, ExactSearch(self.catalog))

    def kb(self, name="kb"):
        found = self.catalog.kbs.find(name) or self.catalog.kbs.create(name)
        self.catalog.kbs.bind(found.id, EmbedderIdentity("test", "1", DIMENSIONS, 100))
        return found.id

    def put(self, kb_id, name, chunks=5):
        text = "".join(f"{name} passage {i}. " for i in range(chunks))
        spans = [Chunk(1, i, len(text), text[i:]) for i in range(chunks)]
        vectors = {chunk_key(c): vector(c.text).tobytes() for c in spans}
        source = Source(f"/{name}", name, 1, 1, "1")
        parsed = Parsed(name, "text/plain", (Page(1, text),))
        return self.catalog.documents.put(kb_id, 1, source, parsed, spans, vectors)

    def put_vectors(self, kb_id, name, rows):
        """A document of as many passages as there are rows."""
        pieces = [f"{name} {i:06}. " for i in range(len(rows))]
        text, size = "".join(pieces), len(pieces[0])
        spans = [Chunk(1, size * i, size * (i + 1), piece) for i, piece in enumerate(pieces)]
        vectors = {chunk_key(c): row.tobytes() for c, row in zip(spans, rows, strict=True)}
        parsed = Parsed(name, "text/plain", (Page(1, text),))
        return self.catalog.documents.put(kb_id, 1, Source(f"/{name}", name, 1, 1, "1"), parsed, spans, vectors)

    def write(self, kb_id, *names):
        with self.lock.held():
            self.mirror.begin(kb_id)
            for name in names:
                self.put(kb_id, name)
            self.mirror.end(kb_id)

    def in_line(self, kb_id):
        return self.index.ids(kb_id) == self.catalog.vectors.ids(kb_id) and not self.catalog.kbs.generation(kb_id)[1]

    def close(self):
        self.mirror.close()
        self.catalog.close()


def vector(text):
    row = np.random.default_rng(zlib.crc32(text.encode())).normal(size=DIMENSIONS).astype("<f4")
    return row / np.linalg.norm(row)


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path)
    yield made
    made.close()


def test_the_index_answers_as_an_exact_scan_does(house):
    kb = house.kb()
    house.write(kb, "a", "b", "c")
    query = vector("anything")
    exact = ExactSearch(house.catalog).query(kb, query, 10)
    found = house.mirror.query(kb, query, 10, 15)
    assert [i for i, _ in found] == [i for i, _ in exact]
    assert [s for _, s in found] == pytest.approx([s for _, s in exact], abs=1e-5)


def test_removal_reaches_the_index(house):
    kb = house.kb()
    house.write(kb, "a", "b")
    document = house.catalog.documents.all(kb)[0]
    with house.lock.held():
        house.catalog.documents.remove(kb, [document.id])
        house.mirror.end(kb)
    assert house.in_line(kb)
    assert len(house.index.ids(kb)) == 5


def test_what_a_killed_writer_left_is_found_at_once_and_made_good_by_the_next_writer(house):
    kb = house.kb()
    house.write(kb, "a")
    house.put(kb, "b")  # in the catalog, never told to the index
    assert not house.in_line(kb)
    assert len(house.mirror.query(kb, vector("x"), 10, 10)) == 10
    with house.lock.held():
        house.mirror.begin(kb)
    assert house.in_line(kb)


def test_missing_and_orphaned_vectors_are_found_by_id(house):
    kb = house.kb()
    house.write(kb, "a", "b")
    gone = sorted(house.catalog.vectors.ids(kb))[:3]
    house.index.delete(kb, gone)
    house.index.upsert(kb, [9999], np.stack([vector("orphan")]))
    assert house.mirror.compare(kb) == (set(gone), {9999})
    with house.lock.held():
        assert house.mirror.reconcile(kb) == (3, 1)
    assert house.in_line(kb)


@pytest.mark.parametrize("damage", ["garbage", "truncated", "deleted", "hnsw"])
def test_damaged_chroma_files_cost_nothing_but_time(tmp_path, damage):
    house = House(tmp_path)
    kb = house.kb()
    house.write(kb, *(f"d{i}" for i in range(300)))  # enough for Chroma to write its HNSW files
    house.close()
    database = tmp_path / "index" / "chroma.sqlite3"
    if damage == "garbage":
        database.write_bytes(b"\x00\xff" * 5000)
    elif damage == "truncated":
        database.write_bytes(database.read_bytes()[: database.stat().st_size // 2])
    elif damage == "deleted":
        database.unlink()
    else:
        for file in (tmp_path / "index").glob("*/*.bin"):
            file.write_bytes(b"\x07" * 64)
    again = House(tmp_path)
    query = vector("anything")
    truth = ExactSearch(again.catalog).query(kb, query, 5)
    for _ in range(2):
        found = again.mirror.query(kb, query, 5, 1500)
        assert [i for i, _ in found] == [i for i, _ in truth]
    with again.lock.held():
        again.mirror.reconcile(kb)
    assert again.in_line(kb)
    again.close()


def test_an_open_reader_sees_what_another_process_adds(house, tmp_path):
    kb = house.kb()
    house.write(kb, "a")
    assert len(house.mirror.query(kb, vector("x"), 50, 5)) == 5
    script = f"""
        import sys; sys.path[:0] = {sys.path!r}
        from pathlib import Path
        from tests.ingest.test_mirror import House
        house = House(Path({str(tmp_path)!r})); house.write({kb}, "b"); house.close()
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=True, timeout=120)
    assert len(house.mirror.query(kb, vector("x"), 50, 10)) == 10


def test_a_reader_beside_a_busy_writer_answers_from_the_catalog(house, tmp_path):
    kb = house.kb()
    house.write(kb, "a")
    reader = House(tmp_path)
    with house.lock.held():
        house.put(kb, "b")
        assert len(reader.mirror.query(kb, vector("x"), 50, 10)) == 10
        assert reader.catalog.kbs.generation(kb)[1]
    reader.close()


def test_collections_of_knowledge_bases_that_are_gone_are_swept(house):
    kb = house.kb()
    house.write(kb, "a")
    house.catalog.kbs.remove(kb)
    assert house.mirror.sweep() == {kb}
    assert house.index.collections() == set()


class Unasked:
    """An index that nobody may ask."""

    def __getattr__(self, name):
        raise AssertionError(f"the index was asked: {name}")


def test_what_fits_in_memory_is_answered_exactly_without_the_index(house):
    kb = house.kb()
    mirror = Mirror(house.catalog, Unasked(), ExactSearch(house.catalog))
    for step in range(4):  # what comes and goes meanwhile is seen at once
        house.put(kb, f"d{step}", chunks=7)
        if step == 2:
            house.catalog.documents.remove(kb, [house.catalog.documents.all(kb)[0].id])
        house.catalog.kbs.mark(kb, dirty=False)  # an index that lags behind would not be asked in any case
        ids, rows = matrix(house.catalog, kb)
        query = vector(f"question {step}")
        truth = sorted(zip(-(rows @ query), ids.tolist(), strict=True))[:5]
        found = mirror.query(kb, query, 5, len(ids))
        assert [i for i, _ in found] == [i for _, i in truth]
        assert [s for _, s in found] == pytest.approx([-s for s, _ in truth], abs=1e-6)


def test_in_eight_bits_the_nearest_are_those_of_whole_vectors(house, tmp_path):
    """Form-like passages: clusters of near-equal vectors, some alone; at half the room the same is found."""
    dice, kb, many = np.random.default_rng(11), house.kb(), 3_000
    centres = dice.normal(size=(30, DIMENSIONS))
    rows = centres[dice.integers(0, 30, many)] + 0.02 * dice.normal(size=(many, DIMENSIONS))
    rows[:60] = dice.normal(size=(60, DIMENSIONS))
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    house.put_vectors(kb, "forms", rows)
    mirror = Mirror(house.catalog, Unasked(), ExactSearch(house.catalog, tmp_path / "vectors"))
    house.catalog.kbs.mark(kb, dirty=False)
    ids, stored = matrix(house.catalog, kb)
    allowed = ids[::3]
    for n, query in enumerate(stored[dice.integers(0, many, 200)]):
        within = allowed[: 100 + 40 * n] if n % 2 else None
        among = np.flatnonzero(np.isin(ids, within)) if n % 2 else np.arange(many)
        truth = sorted(zip(-(stored[among] @ query), ids[among].tolist(), strict=True))[:20]
        found = mirror.query(kb, query, 20, many, within)
        assert [s for _, s in found] == pytest.approx([-s for s, _ in truth], abs=1e-6)
    house.catalog.documents.remove(kb, [house.catalog.documents.all(kb)[0].id])
    house.put_vectors(kb, "others", rows[:2_500])  # what comes and goes is seen at once
    ids, stored = matrix(house.catalog, kb)
    best = mirror.query(kb, rows[7], 1, 2_500)
    assert best[0][0] == int(ids[np.argmax(stored @ rows[7])])


def test_beyond_the_memory_the_index_answers_and_is_looked_at_now_and_then(house):
    kb = house.kb()
    house.write(kb, "a", "b", "c")
    ids = sorted(house.catalog.vectors.ids(kb))
    beyond = Mirror(house.catalog, house.index, ExactSearch(house.catalog, memory=0))
    query = vector("anything")
    exact = ExactSearch(house.catalog).query(kb, query, 5)
    assert [i for i, _ in beyond.query(kb, query, 5, 15)] == [i for i, _ in exact]
    house.index.upsert(kb, ids, np.stack([-vector(str(i)) for i in ids]))  # behind its back
    for _ in range(200):
        found = beyond.query(kb, query, 5, 15)
    assert house.catalog.kbs.generation(kb)[1]
    assert [i for i, _ in found] == [i for i, _ in exact]


def test_an_altered_index_is_noticed_at_the_end_of_the_next_writing(house):
    kb = house.kb()
    house.write(kb, "a", "b", "c")
    ids = sorted(house.catalog.vectors.ids(kb))
    house.index.upsert(kb, ids[:3], np.stack([vector(f"other {i}") for i in ids[:3]]))
    house.write(kb, "d")
    assert house.mirror.compare(kb) == (set(), set())


def test_in_eight_bits_nothing_that_may_be_near_is_left_out_and_products_are_plain_arithmetic():
    dice = np.random.default_rng(5)
    rows = dice.normal(size=(2_000, 96)).astype(np.float32)
    rows[0] = 1.0  # all components alike: the largest sums there are
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    small = Quantised.of(rows)
    rounded = small.values.T.astype(np.float64) * small.steps[:, None]
    for vector in (rows[0], rows[1], -rows[0], np.eye(96, dtype=np.float32)[3], np.zeros(96, np.float32)):
        for at in (None, np.arange(0, 2_000, 3)):
            among = np.arange(2_000) if at is None else at
            places, products = small.nearest(vector, 20, at)
            assert products == pytest.approx(rounded[places] @ vector.astype(np.float64), abs=0.04)
            assert set(among[np.argsort(-(rows[among] @ vector))[: 20 if vector.any() else 0]]) <= set(places)
    assert len(small.nearest(rows[1], 20)[0]) < 200
    some = np.array([5, 3, 1_999])
    assert small.at(some).nearest(rows[2], 3)[1] == pytest.approx(small.nearest(rows[2], 2_000)[1][some], abs=1e-6)
    more = small.with_more(rows[:7])
    assert more.nearest(rows[2], 1)[0].tolist() == [2, 2_002]
    assert small.nbytes < rows.nbytes / 3
