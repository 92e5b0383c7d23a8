"""Whether an automaton can match a pattern."""

from __future__ import annotations

import functools


@functools.lru_cache(maxsize=256)
def pattern_problem(pattern: str) -> str:
    """Why not; '' if one can. Look-arounds and back-references are what they can't do."""
    from llguidance import LLMatcher

    said = LLMatcher.validate_grammar(LLMatcher.grammar_from_regex(pattern))
    lines = [line.strip() for line in said.splitlines()]
    return next((line.removeprefix("error: ") for line in lines if line.startswith("error: ")), " ".join(lines))[:200]
