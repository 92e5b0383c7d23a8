"""langchain-tests' standard suites against the library's retriever, vector store and embeddings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from langchain_core.documents import Document
from langchain_tests.integration_tests.embeddings import EmbeddingsIntegrationTests
from langchain_tests.integration_tests.retrievers import RetrieversIntegrationTests
from langchain_tests.integration_tests.vectorstores import VectorStoreIntegrationTests
from langchain_tests.unit_tests.embeddings import EmbeddingsUnitTests

from ingest import UsageError, open_library
from ingest.embedders.hashing import HashingEmbedder
from ingest.langchain import LibraryEmbeddings, LibraryRetriever, LibraryVectorStore
from ingest.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ingest.library import Library


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = open_library(tmp_path / "library", Settings(embedder="hashing"))
    yield library
    library.close()


class TestEmbeddingsUnit(EmbeddingsUnitTests):
    @property
    def embeddings_class(self) -> type[LibraryEmbeddings]:
        return LibraryEmbeddings

    @property
    def embedding_model_params(self) -> dict[str, Any]:
        return {"embedder": HashingEmbedder()}


class TestEmbeddings(EmbeddingsIntegrationTests):
    @property
    def embeddings_class(self) -> type[LibraryEmbeddings]:
        return LibraryEmbeddings

    @property
    def embedding_model_params(self) -> dict[str, Any]:
        return {"embedder": HashingEmbedder()}


class TestVectorStore(VectorStoreIntegrationTests):
    @pytest.fixture
    def vectorstore(self, library: Library) -> LibraryVectorStore:
        return library.as_vectorstore("texts")


class TestRetriever(RetrieversIntegrationTests):
    @pytest.fixture(autouse=True)
    def filled(self, library: Library) -> None:
        self.library = library
        library.texts("facts").put(
            [
                _given(n, f"{animal} live in herds and eat {food}.")
                for n, (animal, food) in enumerate(
                    [("Sheep", "grass"), ("Horses", "hay"), ("Goats", "leaves"), ("Cows", "clover"), ("Deer", "bark")]
                )
            ]
        )

    @property
    def retriever_constructor(self) -> type[LibraryRetriever]:
        return LibraryRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"library": self.library, "kb": "facts"}

    @property
    def retriever_query_example(self) -> str:
        return "What do goats eat?"


def _given(n: int, text: str):
    from ingest.texts import Given

    return Given(str(n), text, {"n": n})


def test_a_passage_of_a_file_says_where_it_is_from(library: Library, tmp_path: Path) -> None:
    (tmp_path / "leave.md").write_text("# 年假\n\n员工入职满一年后享有十五天年假。", "utf-8")
    library.add([tmp_path / "leave.md"], kb="手册")
    (document,) = library.as_retriever("手册", k=1).invoke("年假有几天?")
    where = document.metadata
    assert where["source"] == str(tmp_path / "leave.md")
    page = library.page_text(where["document_id"], where["page"])
    assert page[where["start"] : where["end"]] == document.page_content
    assert "十五天" in document.page_content


def test_texts_and_files_live_side_by_side(library: Library, tmp_path: Path) -> None:
    (tmp_path / "hotel.txt").write_text("A hotel may cost 120 euros a night.", "utf-8")
    library.add([tmp_path / "hotel.txt"])
    store = library.as_vectorstore()
    store.add_texts(["Trains are booked in second class."], [{"by": "Ann"}], ids=["trains"])
    found = store.similarity_search("hotel euros night", k=2)
    assert [d.metadata.get("by") for d in found] == [None, "Ann"]
    store.delete()
    assert [Path(d.path).name for d in library.documents()] == ["hotel.txt"]


def test_a_long_text_comes_back_whole_and_once(library: Library) -> None:
    text = "\n\n".join(f"Paragraph {n} speaks of bridges made of stone. " * 12 for n in range(12))
    store = library.as_vectorstore()
    store.add_texts([text], ids=["bridges"])
    assert library.documents()[0].chunks > 1
    assert store.similarity_search("stone bridges", k=4) == [Document(id="bridges", page_content=text)]


def test_search_by_vector_and_with_scores(library: Library) -> None:
    store = library.as_vectorstore()
    store.add_texts(["苹果是水果。", "汽车有四个轮子。"], ids=["a", "b"])
    by_vector = store.similarity_search_by_vector(store.embeddings.embed_query("汽车的轮子"), k=1)
    assert [d.id for d in by_vector] == ["b"]
    scored = store.similarity_search_with_relevance_scores("汽车的轮子", k=2)
    assert [d.id for d, _ in scored] == ["b", "a"]
    assert 1 >= scored[0][1] > scored[1][1] >= 0


def test_from_texts(library: Library) -> None:
    embeddings = LibraryEmbeddings(library.embedder)
    store = LibraryVectorStore.from_texts(["one", "two"], embeddings, ids=["1", "2"], library=library, kb="new")
    assert [d.page_content for d in store.get_by_ids(["2"])] == ["two"]
    with pytest.raises(UsageError):
        LibraryVectorStore.from_texts(["one"], VectorStoreIntegrationTests.get_embeddings(), library=library)
    again = LibraryVectorStore.from_texts(["three"], store.embeddings, ids=["3"], kb="new")
    assert [d.page_content for d in again.get_by_ids(["1", "3"])] == ["one", "three"]
    with pytest.raises(UsageError):
        LibraryVectorStore.from_texts(["one"], embeddings)


def test_ids_and_texts_must_match(library: Library) -> None:
    with pytest.raises(UsageError):
        library.as_vectorstore().add_texts(["one", "two"], ids=["1"])
