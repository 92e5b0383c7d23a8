"""What every vector index must do, and what Chroma must do beyond."""

import subprocess
import sys

import numpy as np
import pytest

from ingest.vectors.chroma import _HNSW, ChromaIndex, IndexDamagedError


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

    def test_chromas_own_client_reads_what_ours_wrote_and_the_other_way_round(self, index, tmp_path):
        """Ours calls the core without the package around it: the package finds nothing odd, and reads the same graph."""
        import chromadb
        from chromadb.config import Settings

        rows = unit(50)
        index.upsert(7, range(30), rows[:30])
        index.close()
        theirs = chromadb.PersistentClient(str(tmp_path / "index"), settings=Settings(anonymized_telemetry=False))
        shape = {"hnsw": _HNSW}
        found = theirs.get_or_create_collection("kb-7", embedding_function=None, configuration=shape)
        assert found.count() == 30
        assert found.query(query_embeddings=[rows[7]], n_results=1)["ids"] == [["7"]]
        made = theirs.get_or_create_collection("kb-8", embedding_function=None, configuration=shape)
        assert found.configuration_json == made.configuration_json
        for collection in (found, made):
            collection.upsert(ids=[str(i) for i in range(30, 50)], embeddings=rows[30:])
        theirs.close()
        assert index.ids(7) == set(range(50))
        assert index.ids(8) == set(range(30, 50))
        for kb in (7, 8):
            assert index.query(kb, rows[41], 1)[0] == (41, pytest.approx(1, abs=1e-5))
            assert np.array_equal(index.vectors(kb, [33])[33], rows[33])

    def test_a_process_that_writes_goes_without_the_package(self, tmp_path):
        """It would take three times as long to start as to write."""
        code = (
            "import sys, pathlib, numpy as np; from ingest.vectors.chroma import ChromaIndex;"
            "index = ChromaIndex(pathlib.Path(sys.argv[1])); index.upsert(1, [1], np.eye(1, 4, dtype='f4'));"
            "assert index.query(1, np.eye(1, 4, dtype='f4')[0], 1)[0][0] == 1; index.close();"
            "print([name for name in sys.modules if name.startswith(('chromadb.', 'opentelemetry', 'httpx', 'grpc'))])"
        )
        run = subprocess.run([sys.executable, "-c", code, tmp_path], check=True, capture_output=True, text=True)
        assert run.stdout.strip() == "[]"
