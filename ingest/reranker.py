"""An optional second reading: a cross-encoder sees question and passage together. Off by default."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Protocol

from ingest.errors import ModelError
from ingest.language import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.settings import Settings


class Reranker(Protocol):
    """Judges passages for a question."""

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        """Relevance of each text, 0..1, in the order of `texts`. Raises `ModelError`."""
        ...


class CrossEncoderReranker:
    """A sentence-transformers CrossEncoder, loaded at the first question. Safe to share between threads."""

    def __init__(self, name: str, device: str | None = None) -> None:
        """`name` is a hub name or a folder; `device` as torch names it, None for the best there is."""
        self._name = name
        self._device = device
        self._model: Any = None
        self._lock = threading.Lock()

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        """Relevance of each text, 0..1. Raises `ModelError` where the model cannot be loaded."""
        if not texts:
            return []
        with self._lock:
            model = self._model = self._model or self._load()
            from torch import nn

            # Single-score models end in a sigmoid by default, but not all of them say so: ask for it.
            found = model.predict(
                [(query, text) for text in texts], activation_fn=nn.Sigmoid(), show_progress_bar=False
            )
        return [float(score) for score in found]

    def _load(self) -> Any:  # noqa: ANN401 - the library is untyped
        try:
            from sentence_transformers import CrossEncoder

            return CrossEncoder(self._name, device=self._device)
        except (ImportError, OSError, RuntimeError, ValueError) as error:
            first_line = str(error).strip().split("\n", 1)[0]
            raise ModelError(
                Text(
                    en=f"The reranker {self._name} can't be loaded: {first_line}",
                    zh=f"无法加载重排模型 {self._name}：{first_line}",
                ),
                Text(
                    en='Check the name or folder, or turn it off: reranker = "" in settings.toml.',
                    zh='请检查名称或文件夹，或在 settings.toml 中关闭：reranker = ""。',
                ),
            ) from error


def create(settings: Settings) -> Reranker | None:
    """The reranker the settings name, None where they name none."""
    if not settings.reranker:
        return None
    device = None if settings.embedder_device == "auto" else settings.embedder_device
    return CrossEncoderReranker(settings.reranker, device)
