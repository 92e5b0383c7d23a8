"""`ingest add` beside the quickstarts of LangChain and LlamaIndex with the same weights, by sentence-transformers.

All begin with the same folder of texts and loaded models and end with every text searchable: ours in a home on disk, theirs
in memory, as their tutorials have it. LangChain's cuts with RecursiveCharacterTextSplitter(1000, 200); LlamaIndex's
`VectorStoreIndex.from_documents` runs in an interpreter that `LLAMAINDEX_PYTHON` names. The weights: `E5_FOLDER`.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace

from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import InMemoryVectorStore
from langchain_text_splitters import RecursiveCharacterTextSplitter

from ingest import open_library
from ingest.settings import Settings
from tests.benchmarks.ingest_speed import corpus
from tests.benchmarks.real.llamaindex import LlamaIndex
from tests.benchmarks.runs import E5, processor


class _Theirs(Embeddings):
    """What `HuggingFaceEmbeddings` does: the model's own `encode`, in batches of its own default size."""

    def __init__(self, folder: str) -> None:
        from sentence_transformers import SentenceTransformer

        self._model = SentenceTransformer(folder, device="cpu")

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        found: list[list[float]] = self._model.encode_document(texts, show_progress_bar=False).tolist()
        return found

    def embed_query(self, text: str) -> list[float]:
        found: list[float] = self._model.encode_query(text, show_progress_bar=False).tolist()
        return found


def run() -> str:
    """A Markdown table; a sentence where the weights are not here."""
    heading = "## Ingest beside the quickstarts\n\n"
    if not E5:
        return f"{heading}Not measured: E5_FOLDER names no folder with multilingual-e5-small."
    theirs = _Theirs(E5)
    theirs.embed_documents(["warm"])
    notes = []
    with tempfile.TemporaryDirectory() as scratch:
        files = sorted(corpus(Path(scratch) / "docs", 16, sentences=60).rglob("*.md"))
        ways: dict[str, Callable[[int], None]] = {
            "`ingest add`": lambda turn: _ours(Path(scratch) / f"home{turn}", files),
            "LangChain": lambda _turn: _langchain(files, theirs),
        }
        try:
            llamaindex = LlamaIndex(SimpleNamespace(context_tokens=4096), theirs)  # type: ignore[arg-type]
            ways["LlamaIndex"] = lambda turn: llamaindex.index(
                str(turn), [(f.name, f.read_text("utf-8")) for f in files]
            )
        except LookupError as error:
            notes.append(str(error))
        spent: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
        for turn in range(2):
            for name, way in ways.items():  # in turns: the machine is not equally busy all the time
                spent[name].append(_timed(way, turn))
        if "LlamaIndex" in ways:
            llamaindex.close()
        size = sum(len(file.read_text("utf-8")) for file in files)
    ours, ours_processor = map(min, zip(*spent["`ingest add`"], strict=True))
    rows = [
        "| whole folder, best of the turns | seconds | characters/s | × ours | processor s | × ours |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, turns in spent.items():
        seconds, used = map(min, zip(*turns, strict=True))
        rows.append(
            f"| {name} | {seconds:.1f} | {size / seconds:,.0f} | {seconds / ours:.1f} | {used:.1f} |"
            f" {used / ours_processor:.1f} |"
        )
    return heading + "\n".join([*rows, "", *notes])


def _timed(way: Callable[[int], None], turn: int) -> tuple[float, float]:
    """Seconds by the clock and of the processor."""
    begun, used = time.perf_counter(), processor()
    way(turn)
    return time.perf_counter() - begun, processor() - used


def _ours(home: Path, files: Sequence[Path]) -> None:
    library = open_library(home, Settings())
    assert len(library.add(files).added) == len(files)
    library.close()


def _langchain(files: Sequence[Path], embeddings: Embeddings) -> None:
    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
    InMemoryVectorStore(embeddings).add_texts(
        [part for file in files for part in splitter.split_text(file.read_text("utf-8"))]
    )
