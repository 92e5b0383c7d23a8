"""A sentence-transformers model run by onnxruntime or OpenVINO: twice to three times as fast on a CPU as torch.

The first use exports the model into the user's cache (which imports torch once); every later start loads the graph
and the tokenizer alone.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.embedders import EmbedderIdentity
from ingest.embedders.batches import cut, padded, unit
from ingest.embedders.exporting import Meta, export
from ingest.embedders.models import fingerprint, folder_of
from ingest.embedders.prompts import Prompted, Prompts
from ingest.embedders.sentence_transformers import TokenCounter, digest
from ingest.embedders.texts import well_formed
from ingest.errors import UsageError
from ingest.graphs import META, exported, running, tokenizer_in
from ingest.language import Text


class ExportedEmbedder(Prompted):
    """An exported graph behind the Protocol. Safe to share between threads: one call computes at a time."""

    def __init__(
        self,
        name: str,
        backend: str,
        *,
        precision: str = "auto",
        prompts: Prompts | None = None,
        cache: Path | None = None,
    ) -> None:
        """`backend`: onnx or openvino. `precision`: auto (float32), float32, float16 (OpenVINO only) or int8.

        `cache` is where exports are kept (None: the platform's cache folder). Raises `ModelError`, and
        `UsageError` for float16 with onnx, which would only be float32 under another name.
        """
        if backend == "onnx" and precision == "float16":
            raise UsageError(
                Text("The onnx backend has no float16.", "onnx 后端不支持 float16。"),
                Text(
                    'Set embedder_precision = "float32" or "int8", or embedder_backend = "openvino".',
                    '请设置 embedder_precision = "float32" 或 "int8"，或 embedder_backend = "openvino"。',
                ),
            )
        folder = folder_of(name)
        precision = "float32" if precision == "auto" else precision
        source = fingerprint(name, folder)
        home = exported(
            "embedders",
            [name if folder is None else "", source, backend, precision],
            lambda to: export(name, folder, backend, precision, to),
            cache,
        )
        meta = Meta(**json.loads((home / META).read_text("utf-8")))
        wanted = prompts or Prompts()
        self._prompts = Prompts(wanted.query or meta.query_prompt, wanted.passage or meta.passage_prompt)
        self._tokenizer = tokenizer_in(home)
        self._counter = TokenCounter(self._tokenizer)
        self._window, self._pad = meta.window, meta.pad_id
        self._run = running(home, backend)
        self._lock = threading.Lock()
        self.identity = EmbedderIdentity(
            name=name,
            fingerprint=f"{backend}-{precision}-{source or fingerprint(name, folder)}-{digest(self._prompts)}",
            dimensions=meta.dimensions,
            max_tokens=meta.window - self._counter.overhead(self._prompts.passage),
        )

    def count_tokens(self, text: str) -> int:
        """Length of `text` in the model's tokens, without special tokens and prompt."""
        return self._counter(text)

    def _encode(self, texts: Sequence[str], prompt: str) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), self.identity.dimensions), np.float32)
        encoded = self._tokenizer.encode_batch([prompt + well_formed(text) for text in texts])
        for places, ids, mask in padded([cut(each.ids, self._window) for each in encoded], self._pad):
            with self._lock:
                vectors[places] = self._run([ids, mask])
        return unit(vectors)
