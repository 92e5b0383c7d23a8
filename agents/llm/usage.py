"""What a reply cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of the answering model: read, taken from its cache, written."""

    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0

    def __add__(self, more: Usage) -> Usage:
        """Both together."""
        return Usage(
            self.prompt_tokens + more.prompt_tokens,
            self.cached_tokens + more.cached_tokens,
            self.completion_tokens + more.completion_tokens,
        )

    def __sub__(self, less: Usage) -> Usage:
        """What was taken since it was `less`."""
        return Usage(
            self.prompt_tokens - less.prompt_tokens,
            self.cached_tokens - less.cached_tokens,
            self.completion_tokens - less.completion_tokens,
        )
