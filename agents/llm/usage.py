"""What a reply cost."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from operator import add, sub


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of the answering model: read, taken from its cache, written."""

    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0

    def __add__(self, more: Usage) -> Usage:
        """Both together."""
        return Usage(*map(add, astuple(self), astuple(more)))

    def __sub__(self, less: Usage) -> Usage:
        """What was taken since it was `less`."""
        return Usage(*map(sub, astuple(self), astuple(less)))
