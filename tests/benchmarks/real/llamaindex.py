"""LlamaIndex's default query engine in a process of its own, which asks back for vectors and for the model's words."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.benchmarks.real.chains import texts, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agents.evaluation import Question, Reply
    from tests.benchmarks.real.sets import Series
    from tests.benchmarks.real.vectors import KeptVectors


def interpreter() -> str:
    """One that has LlamaIndex; '' without any."""
    named = os.environ.get("LLAMAINDEX_PYTHON")
    return named or (sys.executable if importlib.util.find_spec("llama_index") else "")


class LlamaIndex:
    """Its `VectorStoreIndex` and `as_query_engine()` with nothing set but the model and the embedder."""

    def __init__(self, model: Any, embeddings: KeptVectors) -> None:
        """Raises `LookupError` when there is no LlamaIndex here."""
        python = interpreter()
        if not python:
            message = (
                "LlamaIndex: not measured, LLAMAINDEX_PYTHON names no interpreter that has it"
                " (`pip install llama-index-core` in an environment of its own)."
            )
            raise LookupError(message)
        self._model = model
        self._embeddings = embeddings
        self._indexed: set[str] = set()
        self._process = subprocess.Popen(
            [python, str(Path(__file__).with_name("peer_llamaindex.py")), str(model.context_tokens)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        )

    def prepare(self, one: Series) -> None:
        if one.files and one.kb not in self._indexed:
            self.index(one.kb, texts(one.files))
            self._indexed.add(one.kb)

    def index(self, name: str, documents: Sequence[tuple[str, str]]) -> None:
        """Its index of documents, each a file's name and its text."""
        self._do({"do": "index", "index": name, "texts": documents})

    def ask(self, one: Series, question: Question) -> Reply:
        passages = one.passages.get(question.id)
        wish = {"passages": passages} if passages else {"index": one.kb}
        begun = time.monotonic()
        text, replies = self._do({"do": "ask", "question": question.question, **wish}, begun)
        last = replies[-1]
        return replace(
            last,
            text=text.strip(),
            prompt_tokens=sum(reply.prompt_tokens for reply in replies),
            completion_tokens=sum(reply.completion_tokens for reply in replies),
            total=round(time.monotonic() - begun, 4),
        )

    def _do(self, wish: dict[str, Any], begun: float = 0.0) -> tuple[str, list[Reply]]:
        """What became of a wish, and the replies that the model gave on the way."""
        replies: list[Reply] = []
        self._send(wish)
        while True:
            line = self._process.stdout.readline()  # type: ignore[union-attr]
            if not line:
                message = f"LlamaIndex ended with status {self._process.wait()}"
                raise RuntimeError(message)
            said = json.loads(line)
            if "done" in said:
                return said["done"], replies
            if "messages" in said:
                replies.append(written(self._model, [tuple(message) for message in said["messages"]], begun))
                self._send({"text": replies[-1].written})
            elif "query" in said:
                self._send({"vector": self._embeddings.embed_query(said["query"])})
            else:
                self._send({"vectors": self._embeddings.embed_documents(said["texts"])})

    def _send(self, message: dict[str, Any]) -> None:
        self._process.stdin.write(json.dumps(message) + "\n")  # type: ignore[union-attr]
        self._process.stdin.flush()  # type: ignore[union-attr]

    def close(self) -> None:
        self._process.stdin.close()  # type: ignore[union-attr]
        self._process.wait(timeout=30)
