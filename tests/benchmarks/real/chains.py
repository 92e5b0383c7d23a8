"""The chains that answer: the product, LangChain's quickstart, and the same with a prompt that cites and refuses."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

from agents.evaluation import Reply, reply_of
from tests.benchmarks.real.vectors import KeptVectors

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from agents.evaluation import Question
    from agents.platform import Platform
    from tests.benchmarks.real.sets import Series

QUICKSTART = """You help to answer questions. Below are pieces of text that were retrieved for the question; answer from \
them. If they leave you without an answer, say that you don't know. Write three sentences at the most and be concise.

Context:
{context}

Question: {question}

Answer:"""
"""What LangChain's tutorials ask for, in our own words; the question stands last, where small models find it."""
CITED = """You answer questions from passages of a user's documents.

- Use only the passages; add nothing that they don't say.
- End every sentence with the number of the passage it comes from, like this: [1].
- Copy numbers, units, dates and names exactly.
- If the passages don't answer the question, write only: {nothing}
- Answer in {language}, in one to three short sentences, and say nothing twice."""
CITED_ASK = "{context}\n\nQuestion: {question}"
FOUND = 4
"""Passages that a LangChain vector store returns when nobody says how many (`VectorStore.similarity_search`)."""


class Chain(Protocol):
    """Something that answers questions to documents."""

    def prepare(self, one: Series) -> None:
        """Read and index the documents of a series, if that isn't done yet."""
        ...

    def ask(self, one: Series, question: Question) -> Reply:
        """The answer, with its times and tokens."""
        ...

    def close(self) -> None:
        """Free what it holds."""
        ...


def opened(name: str, platform: Platform, vectors: Path) -> Chain:
    """The chain of that name. Raises `LookupError` with a sentence when it isn't here."""
    if name == "zhiku":
        return Ours(platform)
    kept = KeptVectors(platform.embeddings, vectors)
    if name == "llamaindex":
        from tests.benchmarks.real.llamaindex import LlamaIndex

        return LlamaIndex(platform.chat_model, kept)
    return LangChain(platform.chat_model, kept, cited=name == "langchain-cited")


class Ours:
    """The product, as `zhiku ask` has it."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def prepare(self, one: Series) -> None:
        if one.files:  # what is unchanged is not indexed again
            self._platform.library.add(one.files, kb=one.kb)
        for question in one.questions if one.spare is None else (*one.questions, one.spare):
            if passages := one.passages.get(question.id):
                self._give(_given_kb(one, question), passages)

    def _give(self, kb: str, passages: Sequence[str]) -> None:
        """A question's passages as a knowledge base of their own, all of which a search returns."""
        from ingest.langchain import LibraryVectorStore

        store = LibraryVectorStore(self._platform.library, kb)
        store.add_texts(passages, ids=[f"passage {n}" for n in range(1, len(passages) + 1)])

    def ask(self, one: Series, question: Question) -> Reply:
        kb = _given_kb(one, question) if question.id in one.passages else one.kb
        return reply_of(self._platform.chat(kb).ask(question.question))

    def close(self) -> None:
        """The platform is its opener's."""


def _given_kb(one: Series, question: Question) -> str:
    return f"{one.name}-{question.id}".lower().replace("_", "-")


class LangChain:
    """`prompt | model` over the nearest chunks of 1,000 characters, as the RAG tutorial has it."""

    def __init__(self, model: Any, embeddings: KeptVectors, *, cited: bool) -> None:
        self._model = model
        self._embeddings = embeddings
        self._cited = cited
        self._stores: dict[str, Any] = {}

    def prepare(self, one: Series) -> None:
        if not one.files or one.kb in self._stores:
            return
        from langchain_core.documents import Document
        from langchain_core.vectorstores import InMemoryVectorStore
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
        documents = [Document(text, metadata={"source": name}) for name, text in texts(one.files)]
        store = InMemoryVectorStore(self._embeddings)
        store.add_documents(splitter.split_documents(documents))
        self._stores[one.kb] = store

    def ask(self, one: Series, question: Question) -> Reply:
        begun = time.monotonic()
        passages = one.passages.get(question.id) or [
            document.page_content for document in self._stores[one.kb].similarity_search(question.question, k=FOUND)
        ]
        return written(self._model, self._messages(question.question, passages), begun)

    def _messages(self, question: str, passages: Sequence[str]) -> list[tuple[str, str]]:
        if not self._cited:
            return [("human", QUICKSTART.format(context="\n\n".join(passages), question=question))]
        from ingest.language import language_of

        chinese = language_of(question) == "zh"
        rules = CITED.format(
            nothing="资料中没有答案。" if chinese else "The passages don't answer this.",
            language="Chinese" if chinese else "English",
        )
        numbered = "\n\n".join(f"[{n}] {text}" for n, text in enumerate(passages, 1))
        return [("system", rules), ("human", CITED_ASK.format(context=numbered, question=question))]

    def close(self) -> None:
        """The model is its opener's."""


def written(model: Any, messages: Sequence[tuple[str, str]], begun: float) -> Reply:
    """What a model writes to `messages`, as a reply that began at `begun`."""
    whole = None
    first = 0.0
    for chunk in model.stream(list(messages)):
        if chunk.text and not first:
            first = time.monotonic() - begun
        whole = chunk if whole is None else whole + chunk
    used = (whole.usage_metadata if whole is not None else None) or {}
    text = whole.text if whole is not None else ""
    return Reply(
        text=text.strip(),
        written=text,
        prompt_tokens=used.get("input_tokens", 0),
        completion_tokens=used.get("output_tokens", 0),
        first_token=round(first, 4),
        total=round(time.monotonic() - begun, 4),
    )


def texts(files: Sequence[Path]) -> list[tuple[str, str]]:
    """(file name, text) of every page, by our loaders: what the peers' own would make of a .docx is not the question."""
    from ingest.loaders import load

    return [(file.name, page.text) for file in files for page in load(file).pages if page.text.strip()]
