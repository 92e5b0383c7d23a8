"""A grammar that follows one reply, token by token, over the vocabulary of its model as llguidance reads it."""

from __future__ import annotations

import functools
import logging
import threading
import weakref
from typing import TYPE_CHECKING, Any

from agents.llm.native import Weights, library
from ingest.errors import ModelError
from ingest.language import Text

if TYPE_CHECKING:
    from llguidance import LLMatcher, LLTokenizer

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


_MOST_COMPILED = 64


class Vocabulary:
    """Made once per loaded model: 0.2 s for 50 000 tokens."""

    def __init__(self, weights: Weights) -> None:
        """Reads every token's bytes. Control tokens can be matched by their number only, never by their text."""
        import numpy as np
        from llguidance import LLTokenizer, TokenizerWrapper

        lib, count = library(), weights.vocabulary
        attribute = lib.llama_vocab_get_attr
        hidden = lib.LLAMA_TOKEN_ATTR_CONTROL | lib.LLAMA_TOKEN_ATTR_UNKNOWN | lib.LLAMA_TOKEN_ATTR_UNUSED
        special = [i for i in range(count) if attribute(weights.vocab, i) & hidden]
        shut = frozenset(special)
        pieces = [weights.piece(i, special=i in shut) for i in range(count)]
        self.ends = [i for i in range(count) if weights.ends(i)]
        """Tokens that end a reply."""
        self.digits = np.fromiter((piece[:1].isdigit() for piece in pieces), dtype=bool, count=count)
        """Whether a token begins with a digit."""
        closers = np.fromiter((piece != b"" and not piece.strip(b'"]}') for piece in pieces), dtype=bool, count=count)
        quotes = np.fromiter((piece[:1] == b'"' for piece in pieces), dtype=bool, count=count)
        self.closers = (closers & quotes, closers & ~quotes)
        """Whether a token does nothing but end a string (and what is around it), or a list or an object."""
        source = _Source(weights, pieces, special, self.ends[0] if self.ends else 0)
        self.tokenizer = LLTokenizer(TokenizerWrapper(source), eos_token=self.ends or None)
        self._compiled = functools.lru_cache(_MOST_COMPILED)(functools.partial(_compiled, self.tokenizer))

    def matcher(self, grammar: str) -> LLMatcher:
        """A fresh matcher of a Lark grammar. Raises `ModelError` when it is none."""
        return self._compiled(grammar).deep_copy()


class _Source:
    """What llguidance asks of a tokenizer."""

    def __init__(self, weights: Weights, pieces: list[bytes], special: list[int], end: int) -> None:
        self.tokens, self.special_token_ids, self.eos_token_id = pieces, special, end
        self.bos_token_id = None
        self._weights = weakref.ref(weights)

    def __call__(self, text: bytes | str) -> list[int]:
        weights = self._weights()
        plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        return weights.tokenize(plain, special=False) if weights else []


_known: weakref.WeakKeyDictionary[Any, Vocabulary] = weakref.WeakKeyDictionary()
_known_lock = threading.Lock()


def vocabulary_of(weights: Weights) -> Vocabulary:
    """The one `Vocabulary` of a loaded model."""
    with _known_lock:
        found = _known.get(weights)
        if found is None:
            found = _known[weights] = Vocabulary(weights)
        return found


def _compiled(tokenizer: LLTokenizer, grammar: str) -> LLMatcher:
    from llguidance import LLMatcher

    matcher = LLMatcher(tokenizer, LLMatcher.grammar_from_lark(grammar), log_level=0)
    if not matcher.is_error():
        return matcher
    why = matcher.get_error().partition("\n")[0].strip().rstrip(".") or "-"
    raise ModelError(
        Text(f"llguidance does not accept the grammar: {why}.", f"llguidance 不接受该语法约束：{why}。"),
        Text("Simplify the JSON schema.", "请简化 JSON Schema。"),
    )
