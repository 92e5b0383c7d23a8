"""Retrieval on the measuring sets, beside LangChain's quickstart with the same embedder.

Recall@1 and @5 and MRR@10 over files (over pages for the PDFs: one of the pages that hold the evidence; over passages
for llm-notes a second time), as the sets' README has it. The quickstart is its tutorial's: RecursiveCharacterTextSplitter(1000, 200), embed, nearest
vectors. The annual reports of finance-dev take as long as all other sets: `sets=finance-dev` measures them.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ingest import open_library
from ingest.embedders import Embedder
from tests.benchmarks.runs import SETS

DEPTH = 10

Place = tuple[str, int, str]
"""File name, page and text of a passage found."""


@dataclass(frozen=True)
class Task:
    """Questions to one knowledge base."""

    name: str
    files: tuple[Path, ...]
    questions: tuple[dict[str, Any], ...]
    counts: Literal["file", "page", "evidence"] = "file"
    """What has to be found: the right file, one of the pages, or a passage that holds a piece of evidence."""


def run(*, sets: str = "cmrc-trial,llm-notes,xquad-zh-en") -> str:
    """Markdown table; a sentence where the sets are not here."""
    heading = "## Retrieval\n\n"
    if not SETS.is_dir():
        return f"{heading}Not measured: no measuring sets in {SETS.name}/ beside the repository (EVAL_SETS)."
    lines = [
        "| set | questions | recall@1 | recall@5 | MRR@10 | quickstart @1 | @5 | MRR@10 |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    with tempfile.TemporaryDirectory() as home:
        library = open_library(home)
        try:
            quickstarts: dict[tuple[Path, ...], Callable[[str], list[Place]]] = {}
            for task in tasks(sets.split(",")):
                kb = f"{task.files[0].parent.parent.name}-{task.files[0].name[:2]}"
                if kb not in {found.name for found in library.kbs()}:
                    library.add(task.files, kb=kb)
                if task.files not in quickstarts:
                    quickstarts[task.files] = quickstart(task.files, library.embedder)

                def ours(question: str, kb: str = kb) -> list[Place]:
                    hits = library.search(question, kb=kb, k=4 * DEPTH)
                    return [(Path(hit.path).name, hit.page, hit.text) for hit in hits]

                figures = [*measure(task, ours), *measure(task, quickstarts[task.files])]
                lines.append(f"| {task.name} | {len(task.questions)} | {' | '.join(f'{x:.3f}' for x in figures)} |")
        finally:
            library.close()
    lines.append("\nfinance-dev by page, the very passage by a piece of evidence in its text, all others by file.")
    return heading + "\n".join(lines)


def tasks(names: Sequence[str]) -> list[Task]:
    """Those of the sets that are here. Cross-language directions are separate knowledge bases, as their README asks."""
    found = []
    for name in names:
        folder = SETS / name
        if not folder.is_dir():
            continue
        lines = (folder / "questions.jsonl").read_text("utf-8").splitlines()
        asked = [q for q in map(json.loads, lines) if q["answerable"] and not q.get("history")]
        files = tuple(sorted((folder / "corpus").iterdir()))
        if "direction" not in asked[0]:
            found.append(Task(name, files, tuple(asked), "page" if name == "finance-dev" else "file"))
            if name == "llm-notes":
                found.append(Task(f"{name}, the very passage", files, tuple(asked), "evidence"))
            continue
        for direction in ("zh->zh", "en->en", "zh->en", "en->zh"):
            told = tuple(f for f in files if f.name.startswith(direction[-2:]))
            found.append(Task(f"{name} {direction}", told, tuple(q for q in asked if q["direction"] == direction)))
    return found


def measure(task: Task, search: Callable[[str], Sequence[Place]]) -> tuple[float, float, float]:
    """(recall@1, recall@5, MRR@10) of one way to search."""
    first = []
    for question in task.questions:
        places = search(question["question"])
        if task.counts == "page":
            right = [name in question["documents"] and page in question["pages"] for name, page, _ in places]
        elif task.counts == "evidence":
            wanted = [_bare(piece) for piece in question["evidence"]]
            right = [any(piece in _bare(text) for piece in wanted) for *_, text in places]
        else:
            # A file counts where its first passage stands, and only once.
            right = [name in question["documents"] for name in dict.fromkeys(name for name, *_ in places)]
        first.append(next((i for i, hit in enumerate(right[:DEPTH], 1) if hit), 0))
    ranks = np.array(first)
    reciprocal = np.where(ranks > 0, 1 / np.maximum(ranks, 1), 0)
    return (
        float(np.mean(ranks == 1)),
        float(np.mean((ranks > 0) & (ranks <= 5))),
        float(reciprocal.mean()),
    )


def _bare(text: str) -> str:
    """Letters and digits alone: loaders may set blanks and marks otherwise than the file."""
    return re.sub(r"[\W_]+", "", text).casefold()


def quickstart(files: Sequence[Path], embedder: Embedder) -> Callable[[str], list[Place]]:
    """What LangChain's retrieval tutorial builds, with our embedder in it."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter
    from pypdf import PdfReader

    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
    places: list[Place] = []
    texts: list[str] = []
    for file in files:
        pages = (
            [page.extract_text() for page in PdfReader(file).pages]
            if file.suffix == ".pdf"
            else [file.read_text("utf-8")]
        )
        for number, page in enumerate(pages, 1):
            parts = splitter.split_text(page)
            texts += parts
            places += [(file.name, number, part) for part in parts]
    vectors = embedder.embed_passages(texts)

    def search(question: str) -> list[Place]:
        order = np.argsort(-(vectors @ embedder.embed_query(question)), kind="stable")
        return [places[i] for i in order[: 4 * DEPTH]]

    return search
