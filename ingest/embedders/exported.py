"""A sentence-transformers model run by onnxruntime or OpenVINO: twice to three times as fast on a CPU as torch.

The first use exports the model into the user's cache (which imports torch once); every later start loads the graph
and the tokenizer alone.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.embedders import EmbedderIdentity, well_formed
from ingest.embedders.batches import cut, padded, unit
from ingest.embedders.models import fingerprint, folder_of, load
from ingest.embedders.prompts import Prompted, Prompts, prompts_for
from ingest.embedders.sentence_transformers import LONGEST, TokenCounter, digest
from ingest.errors import UsageError
from ingest.graphs import META, exported, running, tokenizer_in, write_graph, write_rest, writing
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


@dataclass(frozen=True, slots=True)
class Meta:
    """What running an exported model needs to know besides its graph and tokenizer."""

    dimensions: int
    window: int
    """Tokens the model reads, special tokens included."""
    pad_id: int
    pad_token: str
    query_prompt: str
    passage_prompt: str


def export(name: str, folder: Path | None, backend: str, precision: str, to: Path) -> None:
    """Write graph, tokenizer and meta data into the new folder `to`; all or nothing.

    Raises `ModelError` where the model can't be loaded, can't be exported, or a package for it is missing.
    """
    model = load(name, folder, device="cpu", model_kwargs={"attn_implementation": "sdpa"})
    tokenizer = model.tokenizer
    prompts = prompts_for(name, model.prompts, model.default_prompt_name, Prompts())
    meta = Meta(
        dimensions=int(model.get_embedding_dimension()),
        window=min(model.max_seq_length or LONGEST, LONGEST),
        pad_id=int(tokenizer.pad_token_id or 0),
        pad_token=str(tokenizer.pad_token or "[PAD]"),
        query_prompt=prompts.query,
        passage_prompt=prompts.passage,
    )
    otherwise = Text(
        'Set embedder_backend = "torch": it runs every model.', '请设置 embedder_backend = "torch"：它支持所有模型。'
    )
    with writing(to, name, backend, otherwise) as beside:
        write_graph(_whole(model.float().eval()), meta.window, backend, precision, beside)
        write_rest(tokenizer, meta, beside)


def _whole(model: Any) -> Any:  # noqa: ANN401 - torch is untyped here
    """The model as a module from (input_ids, attention_mask), both (batch, tokens) int64, to (batch, dimensions)."""
    import torch

    class Whole(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:  # noqa: ANN401
            return self.model({"input_ids": input_ids, "attention_mask": attention_mask})["sentence_embedding"]

    return Whole()
