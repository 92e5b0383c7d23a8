"""How many tokens a text is, where no model says."""

from __future__ import annotations

from ingest.language import is_cjk

UNKNOWN_CONTEXT = 8192
"""Tokens assumed of a model that doesn't say: every current server gives at least that."""


def estimate(text: str) -> int:
    """Tokens of `text`, rather too many than too few: one per CJK character, one per three others."""
    wide = 0 if text.isascii() else sum(map(is_cjk, text))
    return wide + (len(text) - wide + 2) // 3
