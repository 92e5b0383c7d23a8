"""Any sentence-transformers model, by hub name or folder, on torch.

Half precision where it pays: float16 on a GPU; on a CPU 'float16' means bfloat16, which CPUs compute faster than
float32 (float16 they do not).
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.embedders import EmbedderIdentity, well_formed
from ingest.embedders.batches import unit
from ingest.embedders.models import fingerprint, folder_of, load
from ingest.embedders.prompts import Prompted, Prompts, prompts_for
from ingest.errors import UsageError
from ingest.language import Text

LONGEST = 8192
"""Models that claim more would need gigabytes of attention for one passage."""
_CPU_BATCH, _GPU_BATCH = 8, 64


class SentenceTransformersEmbedder(Prompted):
    """A `SentenceTransformer` behind the Protocol. Safe to share between threads: one call computes at a time."""

    def __init__(
        self, name: str, *, precision: str = "auto", device: str = "auto", prompts: Prompts | None = None
    ) -> None:
        """Load the model: seconds, most of them for importing torch.

        `precision`: auto, float32 or float16. `device`: auto, cpu, cuda, mps… `prompts`: non-empty ones replace
        the model's own. Raises `ModelError` when the model can't be had and `UsageError` for int8.
        """
        folder = folder_of(name)
        if precision == "int8":
            raise UsageError(
                Text("The torch backend has no int8.", "torch 后端不支持 int8。"),
                Text(
                    'Set embedder_backend = "onnx" or "openvino", or another embedder_precision.',
                    '请设置 embedder_backend = "onnx" 或 "openvino"，或改用其他 embedder_precision。',
                ),
            )
        import torch

        model = load(name, folder, device=None if device == "auto" else device)
        on_gpu = model.device.type != "cpu"
        if precision == "float16" or (precision == "auto" and model.device.type == "cuda"):
            model = model.to(torch.float16 if on_gpu else torch.bfloat16)
            kind = "float16" if on_gpu else "bfloat16"
        else:
            model = model.to(torch.float32)
            kind = "float32"
        model.eval()
        self._model: Any = model
        self._batch = _GPU_BATCH if on_gpu else _CPU_BATCH
        self._lock = threading.Lock()
        self._counter = TokenCounter(model.tokenizer)
        self._prompts = prompts_for(name, model.prompts, model.default_prompt_name, prompts or Prompts())
        longest = min(model.max_seq_length or LONGEST, LONGEST)
        self.identity = EmbedderIdentity(
            name=name,
            fingerprint=f"torch-{kind}-{fingerprint(name, folder)}-{digest(self._prompts)}",
            dimensions=int(model.get_embedding_dimension()),
            max_tokens=longest - self._counter.overhead(self._prompts.passage),
        )

    def count_tokens(self, text: str) -> int:
        """Length of `text` in the model's tokens, without special tokens and prompt."""
        return self._counter(text)

    def _encode(self, texts: Sequence[str], prompt: str) -> NDArray[np.float32]:
        if not texts:
            return np.zeros((0, self.identity.dimensions), np.float32)
        with self._lock:
            vectors = self._model.encode(
                [well_formed(text) for text in texts],
                prompt=prompt,
                batch_size=self._batch,
                show_progress_bar=False,
                convert_to_numpy=True,
            )
        return unit(np.asarray(vectors, np.float32))


class TokenCounter:
    """Counts with a tokenizer of its own: the model's changes its truncation while it works, and so can't be shared."""

    def __init__(self, tokenizer: Any) -> None:  # noqa: ANN401 - slow and fast tokenizers have no common type
        """`tokenizer` is a transformers tokenizer, or a `tokenizers.Tokenizer` that is never told to cut or pad."""
        backend = getattr(tokenizer, "backend_tokenizer", tokenizer)
        self._lock = threading.Lock()
        if backend is tokenizer and hasattr(backend, "to_str"):
            self._fast: Any = backend
        elif hasattr(backend, "to_str"):
            from tokenizers import Tokenizer

            self._fast = Tokenizer.from_str(backend.to_str())
            self._fast.no_truncation()
            self._fast.no_padding()
        else:
            self._fast = None
            self._slow = tokenizer

    def __call__(self, text: str) -> int:
        """Tokens of `text` without special tokens."""
        return self._length(text, special=False) if text else 0

    def overhead(self, prompt: str) -> int:
        """Tokens that special tokens and `prompt` take, one more for a seam that tokenizes otherwise."""
        return self._length(f"{prompt}字", special=True) - self._length("字", special=False) + 1

    def _length(self, text: str, *, special: bool) -> int:
        text = well_formed(text)
        if self._fast is not None:
            return len(self._fast.encode(text, add_special_tokens=special).ids)
        with self._lock:
            return len(self._slow.encode(text, add_special_tokens=special))


def digest(prompts: Prompts) -> str:
    """A short hash of the prompts: vectors made with others can't be compared."""
    from hashlib import sha256

    return sha256(f"{prompts.query}\0{prompts.passage}".encode()).hexdigest()[:8]
