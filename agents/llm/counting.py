"""How many tokens a text is, where the model says and where it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.language import is_cjk

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_core.language_models import BaseChatModel

UNKNOWN_CONTEXT = 8192
"""Tokens assumed of a model that doesn't say: every current server gives at least that."""


def counter(model: BaseChatModel) -> Callable[[str], int]:
    """Counts tokens as the model does where that is known to be local; otherwise by a generous estimate.

    LangChain's default fetches GPT-2's tokenizer from the network, and OpenAI's fetches its own: neither may happen here.
    """
    return model.get_num_tokens if hasattr(model, "context_tokens") else estimate


def estimate(text: str) -> int:
    """Tokens of `text`, rather too many than too few: one per CJK character, one per three others."""
    wide = 0 if text.isascii() else sum(map(is_cjk, text))
    return wide + (len(text) - wide + 2) // 3
