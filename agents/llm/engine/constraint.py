"""A grammar that follows one reply, token by token."""

from __future__ import annotations

import logging
from typing import Any

from agents.llm.engine.vocabulary import vocabulary_of
from agents.llm.native import Weights

_LOG = logging.getLogger(__name__)
_LONGEST_NUMBER = 24
"""Digits in a row. A weak model writes the threes of a third until its limit; no double has more than 17."""


class Constraint:
    """Says which tokens may come next."""

    def __init__(self, weights: Weights, grammar: str) -> None:
        """Raises `ModelError` for a grammar that is none."""
        self._weights = weights
        self._vocabulary = vocabulary_of(weights)
        self._matcher = self._vocabulary.matcher(grammar)
        self._digits = 0

    @property
    def end(self) -> int:
        """A token that ends the reply."""
        return self._vocabulary.ends[0]

    def allows(self, token: int) -> bool:
        """Whether `token` may come next; costs microseconds."""
        if self._weights.ends(token):
            return bool(self._matcher.is_accepting())
        if self._digits >= _LONGEST_NUMBER and self._vocabulary.digits[token]:
            return False
        return bool(self._matcher.validate_tokens([token]) == 1)

    def allowed(self) -> Any:  # noqa: ANN401
        """A truth value per token, as an array; None when nothing may come but the end."""
        import numpy as np

        found = np.frombuffer(self._matcher.compute_logit_bias(), dtype=np.uint8) != 0
        found[self._vocabulary.ends] = self._matcher.is_accepting()
        if self._digits >= _LONGEST_NUMBER:
            shorter = found & ~self._vocabulary.digits
            found = shorter if shorter.any() else found  # a pattern may want more
        if not found.any():
            if self._matcher.is_error():
                _LOG.warning("The grammar gave up: %s", self._matcher.get_error().partition("\n")[0])
            return None
        return found

    def closing(self) -> Any:  # noqa: ANN401
        """The same of the tokens that bring a value under way to its end; None when there is no such value, or none of
        them fits. A reply that is about to reach its limit is then cut short as JSON, not in the middle of a string."""
        if self._matcher.is_accepting():
            return None
        allowed = self.allowed()
        if allowed is None:
            return None
        # Quotes first: within a string a bracket is a letter like any other.
        found = [allowed & closers for closers in self._vocabulary.closers]
        return next((fitting for fitting in found if fitting.any()), None)

    def accept(self, token: int) -> None:
        """Go on behind `token`."""
        if self._weights.ends(token):
            return
        self._matcher.consume_token(token)
        piece = self._weights.piece(token)
        tail = len(piece) - len(piece.rstrip(b"0123456789"))
        self._digits = self._digits + tail if tail == len(piece) else tail
