"""What every vector index must do, and what Chroma must do beyond."""

import numpy as np
import pytest

from ingest.vectors.chroma import _HNSW, ChromaIndex, IndexDamagedError
from tests.services import chroma_server


def unit(n, dimensions=16, seed=0):
    rows = np.random.default_rng(seed).normal(size=(n, dimensions)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


class VectorIndexContract:
    """Subclass, and give `index`."""

    def test_nearest_first_with_true_cosines(self, index):
        rows = unit(50)
        index.upsert(1, range(100, 150), rows)
        found = index.query(1, rows[7], 10)
        assert found[0][0] == 107
        assert [s for _, s in found] == sorted((s for _, s in found), reverse=True)
        for i, score in found:
            assert score == pytest.approx(float(rows[i - 100] @ rows[7]), abs=1e-5)

    def test_collections_do_not_mix(self, index):
        index.upsert(1, [1], unit(1))
        index.upsert(2, [2], unit(1))
        assert index.ids(1) == {1}
        assert [i for i, _ in index.query(2, unit(1)[0], 5)] == [2]
        index.drop(1)
        index.drop(1)
        assert index.collections() == {2}

    def test_upsert_replaces_and_delete_ignores_the_unknown(self, index):
        rows = unit(2)
        index.upsert(1, [5], rows[:1])
        index.upsert(1, [5], rows[1:])
        assert index.query(1, rows[1], 1)[0][1] == pytest.approx(1, abs=1e-5)
        index.delete(1, [5, 6])
        assert index.ids(1) == set()

    def test_what_is_written_is_there_after_reopening(self, index):
        index.upsert(3, range(2000), unit(2000))
        index.reopen()
        assert len(index.ids(3)) == 2000
        assert index.query(3, unit(2000)[1234], 1)[0][0] == 1234

    def test_discard_empties_everything(self, index):
        index.upsert(1, [1], unit(1))
        index.discard()
        assert index.collections() == set()
        index.upsert(1, [1], unit(1))
        assert index.ids(1) == {1}


class TestChroma(VectorIndexContract):
    @pytest.fixture
    def index(self, tmp_path):
        opened = ChromaIndex(tmp_path / "index")
        yield opened
        opened.close()

    def test_garbage_in_its_database_is_reported_as_damage(self, tmp_path):
        index = ChromaIndex(tmp_path / "index")
        index.upsert(1, [1], unit(1))
        index.close()
        (tmp_path / "index" / "chroma.sqlite3").write_bytes(b"garbage" * 1000)
        broken = ChromaIndex(tmp_path / "index")
        with pytest.raises(IndexDamagedError):
            broken.query(1, unit(1)[0], 1)
        broken.discard()
        broken.upsert(1, [1], unit(1))
        assert broken.ids(1) == {1}
        broken.close()

    def test_chromas_own_package_reads_it_and_what_that_wrote_is_read(self, index, tmp_path):
        """We call the core, whose calls are nobody's promise: what lies on the disk is to be as Chroma itself makes it."""
        import chromadb
        from chromadb.api.shared_system_client import SharedSystemClient

        rows = unit(1200)  # more than the thousand from which on the graph is written to files
        index.upsert(1, range(1200), rows)
        index.close()
        theirs = chromadb.PersistentClient(str(tmp_path / "index"))
        made = [theirs.get_collection("kb-1"), theirs.create_collection("kb-2", configuration={"hnsw": _HNSW})]
        assert made[0].query(query_embeddings=[rows[1100]], n_results=1)["ids"] == [["1100"]]
        assert made[0].configuration_json["hnsw"] == made[1].configuration_json["hnsw"]
        made[1].upsert(ids=[str(i) for i in range(1200)], embeddings=rows)
        theirs.close()
        SharedSystemClient.clear_system_cache()
        assert index.query(2, rows[1100], 1)[0][0] == 1100
        assert index.ids(1) == index.ids(2)


class TestChromaServer(VectorIndexContract):
    @pytest.fixture(scope="class")
    def url(self, tmp_path_factory):
        process, url = chroma_server(tmp_path_factory.mktemp("chroma"))
        yield url
        process.kill()

    @pytest.fixture
    def index(self, tmp_path, url):
        opened = ChromaIndex(tmp_path / "index", url)
        opened.discard()
        yield opened
        opened.close()
        assert not (tmp_path / "index").exists()
