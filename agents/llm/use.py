"""How a model is run: what a plan reckons with and a context is made of."""

from __future__ import annotations

from dataclasses import dataclass

from agents.llm.gguf import TENSOR_TYPES, TYPE_NUMBERS

PAD = 256
"""llama.cpp rounds a context up to this many tokens (src/llama-context.cpp)."""


@dataclass(frozen=True, slots=True)
class Use:
    """How the model will be run."""

    context: int
    parallel: int = 1
    """Conversations decoding together; they share one cache of `context` tokens."""
    cache: str = "f16"
    batch: int = 512
    """Tokens computed at a time."""
    flash_attention: str = "auto"
    """'on', 'off', or 'auto' for llama.cpp's own choice, which is 'on' wherever the device can."""

    @property
    def cells(self) -> int:
        """Tokens the cache has room for."""
        return -(-self.context // PAD) * PAD

    @property
    def appetite(self) -> float:
        """Of the cache, bits for one number of every token: what orders uses by their appetite."""
        _, per_block, block_bytes = TENSOR_TYPES[TYPE_NUMBERS[self.cache]]
        return self.cells * 8 * block_bytes / per_block
