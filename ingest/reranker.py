"""An optional second reading: a cross-encoder sees question and passage together. Off by default.

By default its whole-number export runs (`onnx`), which is made at its first use; `torch` runs the model as it is, and
every CrossEncoder there is, language models among them.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from ingest import pairs
from ingest.embedders import well_formed
from ingest.embedders.batches import cut, padded
from ingest.embedders.models import fingerprint, folder_of, opened
from ingest.errors import ModelError
from ingest.graphs import META, exported, running, tokenizer_in
from ingest.language import Text
from ingest.settings import Settings

_TOGETHER = 10
"""Passages read before the clock is looked at: one or two padded batches for two cores."""
_OTHERWISE = Text(
    'Set reranker_backend = "torch", which runs every CrossEncoder, or turn it off: reranker = "".',
    '请设置 reranker_backend = "torch"（支持所有 CrossEncoder），或关闭重排：reranker = ""。',
)
_OFF = Text(
    'Check the name or folder, or turn it off: reranker = "" in settings.toml.',
    '请检查名称或文件夹，或在 settings.toml 中关闭：reranker = ""。',
)


class Reranker(Protocol):
    """Judges passages for a question."""

    def scores(self, query: str, texts: Sequence[str], seconds: float) -> list[float]:
        """Relevance, 0..1, of the first of `texts` in their order: of as many as can be read in `seconds`, some in any
        case; loading the model does not count. Raises `ModelError`."""


@dataclass(frozen=True, slots=True)
class Meta:
    """What running an exported cross-encoder needs to know besides its graph and tokenizer."""

    window: int
    """Tokens the model reads, special tokens included."""
    pad_id: int
    types: bool
    """Whether the graph takes `token_type_ids`."""


class ExportedReranker:
    """A cross-encoder in whole numbers, run by ONNX Runtime. Safe to share between threads: one call computes at a time."""

    def __init__(self, name: str, *, precision: str = "int8", cache: Path | None = None) -> None:
        """`name` is a hub name or a folder; `precision` int8 or float32; `cache` is where exports are kept (None: the
        platform's cache folder). Raises `ModelError` where there is no such model or it can't be used."""
        folder = folder_of(name, "reranker", '""')
        source = fingerprint(name, folder)
        home = exported(
            "rerankers",
            [name if folder is None else "", source, precision],
            lambda to: export(name, folder, precision, to),
            cache,
        )
        self._meta = Meta(**json.loads((home / META).read_text("utf-8")))
        self._tokenizer = tokenizer_in(home)
        self._run = running(home, "onnx")
        self._lock = threading.Lock()

    def scores(self, query: str, texts: Sequence[str], seconds: float) -> list[float]:
        """As `Reranker` says. Passages are cut to what the window holds beside the question, of which it is at most half."""
        asked = self._short(well_formed(query))
        with self._lock:
            return _in_time(lambda some: self._read(asked, some), texts, seconds)

    def _read(self, query: str, texts: Sequence[str]) -> list[float]:
        read = self._tokenizer.encode_batch([(query, well_formed(text)) for text in texts])
        found = np.empty(len(texts), np.float32)
        for places, ids, mask in padded([cut(each.ids, self._meta.window) for each in read], self._meta.pad_id):
            inputs = [ids, mask]
            if self._meta.types:
                types = np.zeros_like(ids)
                for row, place in enumerate(places):
                    kept = cut(read[place].type_ids, self._meta.window)
                    types[row, : len(kept)] = kept
                inputs.append(types)
            found[places] = self._run(inputs)[:, 0]
        return [float(score) for score in 1 / (1 + np.exp(-found))]

    def _short(self, query: str) -> str:
        offsets = self._tokenizer.encode(query, add_special_tokens=False).offsets
        half = self._meta.window // 2
        return query if len(offsets) <= half else query[: offsets[half][0]]


def export(name: str, folder: Path | None, precision: str, to: Path) -> None:
    """Write graph, tokenizer and meta data of the cross-encoder into the new folder `to`; all or nothing.

    Raises `ModelError` where it can't be had, is no cross-encoder of one score, can't be exported, or a package for it is
    missing.
    """
    model, tokenizer = opened(name, folder, _load, _OFF, "reranker")
    _one_score(name, model.config.num_labels)
    meta = Meta(
        window=pairs.window(model.config, tokenizer),
        pad_id=int(tokenizer.pad_token_id or 0),
        types=pairs.takes_types(model.config, tokenizer),
    )
    pairs.write(model, tokenizer, meta, name=name, precision=precision, otherwise=_OTHERWISE, to=to)


def _one_score(name: str, scores: int) -> None:
    if scores != 1:
        raise ModelError(
            Text(
                f"'{name}' is no reranker: it gives a pair {scores} scores, not one.",
                f"“{name}” 不能用作重排模型：它对一对文本给出 {scores} 个得分，而不是一个。",
            ),
            _OFF,
        )


def _load(source: str, cached: bool) -> tuple[Any, Any]:  # noqa: FBT001
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    model = AutoModelForSequenceClassification.from_pretrained(source, local_files_only=cached)
    return model, AutoTokenizer.from_pretrained(source, local_files_only=cached)


class CrossEncoderReranker:
    """A sentence-transformers CrossEncoder on torch. Safe to share between threads: one call computes at a time."""

    def __init__(self, name: str, device: str | None = None) -> None:
        """`name` is a hub name or a folder; `device` as torch names it, None for the best there is. Raises `ModelError`."""

        def load(source: str, cached: bool) -> Any:  # noqa: ANN401, FBT001 - the library is untyped
            from sentence_transformers import CrossEncoder

            return CrossEncoder(source, device=device, local_files_only=cached)

        self._model = opened(name, folder_of(name, "reranker", '""'), load, _OFF, "reranker")
        _one_score(name, self._model.num_labels)
        self._lock = threading.Lock()

    def scores(self, query: str, texts: Sequence[str], seconds: float) -> list[float]:
        """As `Reranker` says."""
        from torch import nn

        def read(some: Sequence[str]) -> list[float]:
            # Single-score models end in a sigmoid by default, but not all of them say so: ask for it.
            sets = [(well_formed(query), well_formed(text)) for text in some]
            found = self._model.predict(sets, activation_fn=nn.Sigmoid(), show_progress_bar=False)
            return [float(score) for score in found]

        with self._lock:
            return _in_time(read, texts, seconds)


def _in_time(read: Callable[[Sequence[str]], list[float]], texts: Sequence[str], seconds: float) -> list[float]:
    """Scores of the first of `texts`, a few at a time for as long as the next few can be expected to fit in."""
    began = time.monotonic()
    found: list[float] = []
    while len(found) < len(texts):
        found += read(texts[len(found) : len(found) + _TOGETHER])
        if (time.monotonic() - began) * (1 + _TOGETHER / len(found)) > seconds:
            break
    return found


def create(settings: Settings) -> Reranker:
    """The reranker that `settings.reranker` names, loaded, at its first use exported. Raises `ModelError`."""
    if settings.reranker_backend == "onnx":
        return ExportedReranker(settings.reranker)
    return CrossEncoderReranker(
        settings.reranker, None if settings.embedder_device == "auto" else settings.embedder_device
    )
