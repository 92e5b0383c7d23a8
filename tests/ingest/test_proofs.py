"""What is stored is held against what it was made of, and put right where it differs; many seeds of each kind of damage."""

from __future__ import annotations

import os
import random
from contextlib import closing

import numpy as np
import pytest

from ingest import open_library
from ingest.settings import Settings
from tests.ingest.test_mirror import House, vector
from tests.pristine import Pristine

SEEDS = range(100 if os.environ.get("KILLS") == "all" else 20)
"""A hundred with `make kill`."""
HASHING = Settings(embedder="hashing")


class NoEmbedder:
    """Whoever asks it has not found the copy that was there."""

    def embed_passages(self, texts):
        raise AssertionError(f"{len(texts)} passages were to be embedded again")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    made = House(tmp_path_factory.mktemp("house"))
    kb = made.kb()
    made.write(kb, *(f"d{i}" for i in range(12)))
    yield made
    made.close()


def distinct(house: House, kb: int) -> list[int]:
    """Ids of passages that share their vector with no other."""
    rows = house.catalog.database.rows("SELECT min(id) FROM chunk GROUP BY key HAVING count(*) = 1")
    return sorted(house.catalog.vectors.ids(kb) & {row[0] for row in rows})


def spoilt(row: np.ndarray, other: np.ndarray, how: str, dice: random.Random) -> bytes:
    """A stored vector after one kind of damage."""
    data = bytearray(row.astype("<f4").tobytes())
    if how == "zeroed":
        return bytes(len(data))
    if how == "swapped":
        return other.astype("<f4").tobytes()
    if how == "altered":
        data[dice.randrange(0, len(data)) // 4 * 4 + 3] ^= 1 << dice.randrange(7)  # exponent and sign
        return bytes(data)
    if how == "turned":  # of unit length still
        return (-row).astype("<f4").tobytes()
    return bytes(data[: dice.randrange(1, len(data))])  # cut off


@pytest.mark.parametrize("how", ["zeroed", "swapped", "altered", "turned", "lost"])
def test_the_indexs_vectors_are_compared_one_by_one_and_mended(house, how):
    kb = house.kb()
    ids = distinct(house, kb)
    stored = house.catalog.vectors.of(ids)
    for seed in SEEDS:
        dice = random.Random(seed)
        victims = dice.sample(ids, dice.randint(1, 3))
        if how == "lost":
            house.index.delete(kb, victims)
        else:
            rows = [
                np.frombuffer(spoilt(stored[i], stored[ids[(ids.index(i) + 1) % len(ids)]], how, dice), "<f4")
                for i in victims
            ]
            house.index.upsert(kb, victims, np.nan_to_num(np.stack(rows)))
        assert house.mirror.compare(kb) == (set(victims), set()), (how, seed)
        with house.lock.held():
            # A vector of enormous length spoils the graph as well, and then all is built again.
            assert house.mirror.reconcile(kb) in {(len(victims), 0), (len(house.catalog.vectors.ids(kb)), 0)}
        assert house.mirror.compare(kb) == (set(), set())
    held = house.index.vectors(kb, ids)
    assert all(np.array_equal(held[i], stored[i]) for i in ids)


@pytest.mark.parametrize("how", ["zeroed", "swapped", "altered", "turned", "cut off", "lost"])
def test_the_catalogs_vectors_are_proven_and_restored_from_their_copies(house, how):
    from ingest.health import Mender

    kb = house.catalog.kbs.get("kb")
    db = house.catalog.database
    ids = distinct(house, kb.id)
    stored = house.catalog.vectors.of(ids)
    keys = dict(db.rows("SELECT id, key FROM chunk"))
    embedder = NoEmbedder()
    if how == "lost":  # the proof is lost with it, so some of the copies are held against the passage itself

        class Again:
            def embed_passages(self, texts):
                assert len(texts) <= 3
                return np.stack([vector(text) for text in texts])

        embedder = Again()
    for seed in SEEDS:
        dice = random.Random(seed)
        victims = dice.sample(ids, dice.randint(1, 3))
        for i in victims:
            if how == "lost":
                db.write("DELETE FROM vector WHERE key = ?", keys[i])
                continue
            data = spoilt(stored[i], stored[ids[(ids.index(i) + 1) % len(ids)]], how, dice)
            db.write("UPDATE vector SET data = ? WHERE key = ?", data, keys[i])
        missing, altered = house.catalog.vectors.flawed(kb.id)
        assert missing | altered == set(victims), (how, seed)
        assert bool(missing) == (how == "lost")
        house.catalog.kbs.changed(kb.id)
        found = house.mirror._exact.query(kb.id, stored[ids[0]], 100)
        assert len(found) >= len(ids) - len(victims)  # a search goes on
        assert Mender(house.catalog, house.mirror, kb, embedder).run() == (len(victims), 0)
        assert house.catalog.vectors.flawed(kb.id) == (set(), set())
    restored = house.catalog.vectors.of(ids)
    assert all(np.array_equal(restored[i], stored[i]) for i in ids)


def test_every_posting_is_compared(house):
    from ingest import lexical

    kb, db = house.kb(), house.catalog.database
    with db.transaction() as conn:  # so that there are postings to damage
        from ingest.lexical import postings

        postings._merge(conn, kb)

    def true() -> bool:
        with db.reading() as conn:
            return lexical.true_to(conn, kb, house.catalog.documents.texts(kb))

    assert true()
    slots = [row[0] for row in db.rows(f"SELECT slot FROM lexical_{kb}_posting")]
    for seed in SEEDS:
        dice = random.Random(seed)
        slot = dice.choice(slots)
        (data,) = db.row(f"SELECT data FROM lexical_{kb}_posting WHERE slot = ?", slot)
        match seed % 4:
            case 0:
                db.write(f"DELETE FROM lexical_{kb}_posting WHERE slot = ?", slot)
            case 1:
                spoilt_data = bytearray(data)
                spoilt_data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
                db.write(f"UPDATE lexical_{kb}_posting SET data = ? WHERE slot = ?", bytes(spoilt_data), slot)
            case 2:
                db.write(f"UPDATE lexical_{kb}_posting SET data = ? WHERE slot = ?", data[:-4] + data[:-1], slot)
            case 3:
                db.write(f"UPDATE lexical_{kb}_total SET terms = terms + 1")
        assert not true(), seed
        with db.transaction() as conn:
            lexical.rebuild(conn, kb, list(house.catalog.documents.texts(kb)))
            postings._merge(conn, kb)
        assert true()


# -- the library as a whole ---------------------------------------------------------------------------


def made(place):
    folder = place / "docs"
    folder.mkdir()
    for n in range(5):
        text = "\n\n".join(
            f"# Part {n}.{p}\n\nRoom {p} of house {n} costs {p * n} euros. 第 {p} 间房。" for p in range(6)
        )
        (folder / f"{n}.md").write_text(text, "utf-8")
    with closing(open_library(place / "home", HASHING)) as opened:
        opened.add([folder])


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
    with closing(open_library(tmp_path / "home", HASHING)) as opened:
        yield opened


def problems(findings):
    return [f for f in findings if f.level == "problem"]


def hits(library):
    found = [library.search(query, k=10) for query in ("room 3 of house 4", "第 5 间房")]
    return [sorted((h.path, h.start, h.text) for h in some) for some in found]


@pytest.mark.parametrize("way", ["repair", "rebuild"])
def test_lost_vectors_are_made_good_by_what_the_doctor_advises(library, way):
    before = hits(library)
    db = library._catalog.database
    db.write("DELETE FROM vector")
    library._mirror._index.discard()
    (advice, *_) = problems(library.doctor())
    assert "doctor --repair" in advice.todo
    if way == "repair":
        assert all(f.mended for f in problems(library.doctor(repair=True)))
    else:
        library.rebuild()
    assert not problems(library.doctor())
    assert hits(library) == before


def test_a_lost_posting_neither_stops_a_removal_nor_stays(library, docs):
    from ingest.lexical import postings

    db, kb = library._catalog.database, library.kb().id
    with db.transaction() as conn:
        postings._merge(conn, kb)
        conn.execute(f"DELETE FROM lexical_{kb}_posting")
    assert problems(library.doctor())
    library.remove([str(docs / "1.md")])
    assert all(f.mended for f in problems(library.doctor(repair=True)))
    assert not problems(library.doctor())


def test_damaged_text_is_found_and_read_anew_where_the_file_is_still_there(library, docs):
    before = hits(library)
    db = library._catalog.database
    document = library.document(str(docs / "2.md"))
    text = library.page_text(document.id, 1)
    for at in random.Random(5).sample(range(len(text)), 20):
        changed = text[:at] + ("x" if text[at] != "x" else "y") + text[at + 1 :]
        db.write("UPDATE page SET text = ? WHERE document_id = ?", changed, document.id)
        assert [f for f in problems(library.doctor()) if "2.md" in f.what], at
    assert all(f.mended for f in problems(library.doctor(repair=True)))
    assert not problems(library.doctor())
    assert hits(library) == before


def test_damaged_text_of_a_file_that_is_gone_is_told_with_a_way_out(library, docs):
    db = library._catalog.database
    document = library.document(str(docs / "2.md"))
    db.write("UPDATE page SET text = CAST(x'ff41' || text AS TEXT) WHERE document_id = ?", document.id)
    (docs / "2.md").unlink()
    (left, *_) = [f for f in problems(library.doctor(repair=True)) if not f.mended]
    assert f"ingest remove {docs / '2.md'}" in left.todo
    library.remove([str(docs / "2.md")])
    library.doctor(repair=True)
    assert not problems(library.doctor())


@pytest.mark.parametrize("store", ["conversations.sqlite3", "runs/runs.sqlite"])
def test_a_damaged_conversation_or_run_is_seen(library, store):
    import sqlite3

    path = library.home / store
    path.parent.mkdir(exist_ok=True)
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE message (id INTEGER PRIMARY KEY, text TEXT)")
        db.executemany("INSERT INTO message (text) VALUES (?)", [("words " * 200,) for _ in range(200)])
    db.close()
    assert not problems(library.doctor())
    with path.open("r+b") as file:
        file.seek(5 * 4096)
        file.write(b"\xa5" * 4096)
    (found,) = problems(library.doctor(repair=True))
    assert found.what.startswith(f"{path.name} is damaged")
    assert not found.mended
    assert str(path) in found.todo


def test_searches_look_at_a_few_passages_by_themselves(library, caplog):
    db = library._catalog.database
    db.write("UPDATE vector SET data = zeroblob(length(data))")
    for _ in range(100):
        library.search("room 3")
    assert "ingest doctor --repair" in caplog.text
    assert library.kb().dirty


def test_libraries_from_before_there_were_digests_get_them(library):
    db = library._catalog.database
    db.write("UPDATE vector SET digest = NULL")
    db.write("UPDATE page SET digest = NULL")
    assert not problems(library.doctor())
    library.doctor(repair=True)
    assert db.row("SELECT (SELECT count(*) FROM vector WHERE digest IS NULL), count(*) FROM page")[0] == 0
    assert db.row("SELECT count(*) FROM page WHERE digest IS NULL") == (0,)


def test_a_file_of_the_same_size_and_time_can_be_read_again(library, docs):
    import os

    file = docs / "1.md"
    state = file.stat()
    file.write_text(file.read_text("utf-8").replace("euros", "pound"), "utf-8")
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert library.add([docs]).unchanged == 5
    rehearsed = library.add([file], reread=True, dry_run=True)
    assert [a.document for a in rehearsed.updated] == [str(file)]
    assert [a.document for a in library.add([file], reread=True).updated] == [str(file)]
    assert "pound" in library.search("room 3 of house 1")[0].text
    assert not problems(library.doctor())
