"""A knowledge base as LangChain sees it: a retriever, a vector store, embeddings."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from langchain_core.vectorstores import VectorStore
from pydantic import ConfigDict

from ingest.catalog import KnowledgeBase, Passage
from ingest.documents import Hit
from ingest.embedders import Embedder
from ingest.errors import UsageError
from ingest.filters import Where, filter_of
from ingest.language import Text
from ingest.texts import PREFIX, Given, Texts


class Shelf(Protocol):
    """What is asked of a `Library` in here."""

    @property
    def embedder(self) -> Embedder:
        """The embedder that the settings name."""

    def kbs(self) -> list[KnowledgeBase]:
        """Every knowledge base."""

    def search(self, query: str, kb: str, k: int, /, *, where: Where = ...) -> list[Hit]:
        """The best passages for a question."""

    def texts(self, kb: str, /) -> Texts:
        """Texts that are no files, of one knowledge base."""


class LibraryEmbeddings(Embeddings):
    """The embedder of a library as LangChain `Embeddings`: queries and passages get their own prompts."""

    def __init__(self, embedder: Embedder, library: Shelf | None = None) -> None:
        self.embedder = embedder
        self.library = library
        """Where `LibraryVectorStore.from_texts` puts texts that it is to embed with this."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """A unit vector per text."""
        vectors: list[list[float]] = self.embedder.embed_passages(texts).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """The unit vector of a question."""
        vector: list[float] = self.embedder.embed_query(text).tolist()
        return vector


class LibraryRetriever(BaseRetriever):
    """Hybrid search in a knowledge base. Metadata is what a citation needs; see `as_document`."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    library: Any
    """The `Library` to search."""
    kb: str = "default"
    k: int = 8
    where: Any = None
    """Which documents they may be from: a filter as `Library.search` takes it."""

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 - LangChain's signature
        k: int | None = None,
        where: Where = None,
    ) -> list[Document]:
        store = LibraryVectorStore(self.library, self.kb, filter_of(self.where) & filter_of(where))
        return [document for document, _ in store.similarity_search_with_score(query, k or self.k)]


class LibraryVectorStore(VectorStore):
    """A knowledge base as a `VectorStore`.

    Texts added here become documents with the path `text:<id>`, beside those from files. Searching by text is
    the library's own hybrid search; searching by vector uses the vectors alone. Scores grow with relevance.
    """

    def __init__(self, library: Shelf, kb: str = "default", where: Where = None) -> None:
        """`where` holds for every search; a search's own `filter` (text or a mapping, docs/filters.md) comes to it."""
        self._library, self._kb = library, kb
        self._where = filter_of(where)

    @property
    def embeddings(self) -> Embeddings:
        """The library's embedder."""
        return LibraryEmbeddings(self._library.embedder, self._library)

    def add_texts(
        self,
        texts: Iterable[str],
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: Sequence[str | None] | None = None,
        **_: Any,  # noqa: ANN401 - LangChain's signature
    ) -> list[str]:
        """Store texts; one with an id that is there replaces it. Metadata must be JSON values."""
        contents = list(texts)
        if any(given is not None and len(given) != len(contents) for given in (metadatas, ids)):
            raise UsageError(
                Text("There must be as many ids and metadatas as texts.", "ids 与 metadatas 的数量必须与文本数量一致。")
            )
        names = [name or uuid.uuid4().hex for name in (ids or [None] * len(contents))]
        details = metadatas or [{} for _ in contents]
        self._library.texts(self._kb).put(
            [Given(name, text, dict(detail)) for name, text, detail in zip(names, contents, details, strict=True)]
        )
        return names

    def delete(self, ids: list[str] | None = None, **_: Any) -> bool | None:  # noqa: ANN401 - LangChain's signature
        """Delete texts by id, all texts when no ids are given; documents from files are never touched."""
        self._library.texts(self._kb).remove(ids)
        return True

    def get_by_ids(self, ids: Sequence[str], /) -> list[Document]:
        """Texts by id; ids that are not there are left out."""
        found = self._library.texts(self._kb).get(ids)
        return [_as_text(found[name]) for name in dict.fromkeys(ids) if name in found]

    def similarity_search(
        self,
        query: str,
        k: int = 4,
        filter: Where = None,  # noqa: A002 - LangChain's name
        **_: Any,  # noqa: ANN401 - LangChain's signature
    ) -> list[Document]:
        """The `k` best documents for a question."""
        return [document for document, _ in self.similarity_search_with_score(query, k, filter)]

    def similarity_search_with_score(
        self,
        query: str,
        k: int = 4,
        filter: Where = None,  # noqa: A002 - LangChain's name
        **_: Any,  # noqa: ANN401 - LangChain's signature
    ) -> list[tuple[Document, float]]:
        """The same with the fused score, 0 to 1, higher is better."""
        if not any(kb.name == self._kb for kb in self._library.kbs()):
            return []
        found = self._library.search(query, self._kb, k, where=self._where & filter_of(filter))
        return self._once([(hit, hit.score) for hit in found])

    def similarity_search_by_vector(
        self,
        embedding: list[float],
        k: int = 4,
        filter: Where = None,  # noqa: A002 - LangChain's name
        **_: Any,  # noqa: ANN401 - LangChain's signature
    ) -> list[Document]:
        """The `k` documents nearest to a vector."""
        found = self._library.texts(self._kb).nearest(embedding, k, self._where & filter_of(filter))
        return [document for document, _ in self._once(found)]

    def _select_relevance_score_fn(self) -> Callable[[float], float]:
        return lambda score: score

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings,
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        library: Shelf | None = None,
        kb: str = "default",
        **_: Any,  # noqa: ANN401 - LangChain's signature
    ) -> LibraryVectorStore:
        """Texts into a knowledge base of `library` (None: the one whose embedding it is).

        Raises `UsageError` for another embedding than a library's (a knowledge base keeps its own), and where no
        library is named.
        """
        if not isinstance(embedding, LibraryEmbeddings):
            raise UsageError(
                Text(
                    "A library embeds with its own embedder; pass LibraryEmbeddings.",
                    "知识库使用自己的向量模型，请传入 LibraryEmbeddings。",
                ),
                Text("Choose the model with the setting 'embedder'.", "请用设置项 “embedder” 选择模型。"),
            )
        library = library or embedding.library
        if library is None:
            raise UsageError(
                Text("There is no library to put the texts into.", "没有可存放这些文本的知识库。"),
                Text("Pass library=open_library().", "请传入 library=open_library()。"),
            )
        store = cls(library, kb)
        store.add_texts(texts, metadatas, ids=ids)
        return store

    def _once(self, found: Sequence[tuple[Hit | Passage, float]]) -> list[tuple[Document, float]]:
        """Passages of files as they are; a text whole, and once, at the place of its best passage."""
        names = [passage.path.removeprefix(PREFIX) for passage, _ in found if passage.path.startswith(PREFIX)]
        texts = self._library.texts(self._kb).get(names) if names else {}
        documents: dict[str, tuple[Document, float]] = {}
        for passage, score in found:
            name = passage.path.removeprefix(PREFIX)
            if passage.path.startswith(PREFIX) and name in texts:
                documents.setdefault(passage.path, (_as_text(texts[name]), score))
            else:
                documents[str(passage.chunk_id)] = as_document(passage), score
        return list(documents.values())


def as_document(passage: Hit | Passage) -> Document:
    """A passage of a file: `page_text[start:end]` of page `page` is `page_content`."""
    return Document(
        id=str(passage.chunk_id),
        page_content=passage.text,
        metadata={
            "source": passage.path,
            "title": passage.document,
            "page": passage.page,
            "section": list(passage.section),
            "start": passage.start,
            "end": passage.end,
            "document_id": passage.document_id,
            "kb": passage.kb,
        },
    )


def _as_text(given: Given) -> Document:
    return Document(id=given.id, page_content=given.text, metadata=given.metadata)
