"""Vectors of the peers' chunks, kept from run to run: on two cores a corpus takes minutes."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from langchain_core.embeddings import Embeddings


class KeptVectors(Embeddings):
    """LangChain embeddings whose passages are embedded once. Questions are embedded each time: they are measured."""

    def __init__(self, embeddings: Embeddings, folder: Path) -> None:
        self._embeddings = embeddings
        self._folder = folder
        key = getattr(embeddings, "embedder", None)
        self._model = str(key.identity.key) if key is not None else type(embeddings).__name__

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        digest = hashlib.sha256("\0".join([self._model, *texts]).encode()).hexdigest()[:24]
        file = self._folder / f"{digest}.npy"
        if file.exists():
            return np.load(file).tolist()
        vectors = self._embeddings.embed_documents(texts)
        self._folder.mkdir(parents=True, exist_ok=True)
        np.save(file, np.asarray(vectors, dtype=np.float32))
        return vectors

    def embed_query(self, text: str) -> list[float]:
        return self._embeddings.embed_query(text)
