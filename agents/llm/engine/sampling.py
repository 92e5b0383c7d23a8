"""From logits to a token: the chain of samplers, and a grammar that is asked after the choice, not before it."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from agents.llm.engine.constraint import Constraint
from agents.llm.native import Context, Weights, library

if TYPE_CHECKING:
    from llama_cpp._internals import LlamaTokenDataArray


_ANY_SEED = 0xFFFFFFFF
"""LLAMA_DEFAULT_SEED: llama.cpp draws one itself."""

_RESERVE = 64
"""Tokens before its limit from which a constrained reply is brought to its end; of short replies a third."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are chosen. `temperature` 0 takes the likeliest one and ignores the rest but the penalty."""

    temperature: float = 0.0
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    repeat_penalty: float = 1.0
    """1 is off; divides the logit of tokens among the last 64."""
    seed: int | None = None
    grammar: str = ""
    """A grammar in llguidance's Lark with a rule `start`; '' for none."""


class Sampler:
    """Chooses the tokens of one reply."""

    def __init__(self, weights: Weights, sampling: Sampling, most: int = 0) -> None:
        """`most`: tokens the reply may have, 0 for any number. Raises `ModelError` for a grammar that is none."""
        lib = self._lib = library()
        self._weights = weights
        self._constraint = Constraint(weights, sampling.grammar) if sampling.grammar else None
        self.shortened = False
        """True once a value was brought to its end that the model would have written on: the reply is whole as JSON, and
        cut off all the same."""
        self._left = most
        self._reserve = min(_RESERVE, most // 3)
        self._plain = sampling.repeat_penalty == 1.0
        """The chain remembers nothing of what was chosen, so that a choice may be asked for twice."""
        self._chain: Any = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
        for link in _links(lib, sampling, weights.vocabulary):
            lib.llama_sampler_chain_add(self._chain, link)

    def choose(self, context: Context, index: int) -> int:
        """The next token after batch position `index`."""
        if self._constraint is None:
            return int(self._lib.llama_sampler_sample(self._chain, context.pointer, index))
        return self._choose_by_grammar(self._constraint, context, index)

    def _choose_by_grammar(self, constraint: Constraint, context: Context, index: int) -> int:
        """Choose freely and ask the grammar about that one token; only a refusal costs a look at all of them."""
        lib = self._lib
        self._left -= 1
        token = (
            int(lib.llama_sampler_sample(self._chain, context.pointer, index))
            if self._plain
            else self._among(context, index)
        )
        closing = constraint.closing() if 0 <= self._left < self._reserve else None
        if closing is not None and not closing[token]:
            self.shortened = True
            token = self._among(context, index, closing)
        elif not constraint.allows(token):
            allowed = constraint.allowed()
            if allowed is None:
                return constraint.end
            token = self._among(context, index, allowed)
        if not self._plain:
            lib.llama_sampler_accept(self._chain, token)
        constraint.accept(token)
        return token

    def _among(self, context: Context, index: int, allowed: Any = None) -> int:  # noqa: ANN401
        """The choice from the tokens that are `allowed` (a truth value per token), or from all."""
        self._candidates.copy_logits(context.logits(index, self._weights.vocabulary))
        if allowed is not None:
            self._candidates.candidates_data["logit"][~allowed] = -np.inf
        array = self._candidates.candidates
        array.selected = -1
        self._lib.llama_sampler_apply(self._chain, ctypes.byref(array))
        return int(array.data[array.selected].id)

    @functools.cached_property
    def _candidates(self) -> LlamaTokenDataArray:
        """All tokens, in llama.cpp's layout; filled anew for each choice."""
        from llama_cpp._internals import LlamaTokenDataArray

        return LlamaTokenDataArray(n_vocab=self._weights.vocabulary)

    def conclude(self) -> None:
        """Bring the value under way to its end from here on, as near the limit."""
        self._left = min(self._left, max(self._reserve, 1))

    def close(self) -> None:
        """Free the chain."""
        if self._chain:
            self._lib.llama_sampler_free(self._chain)
        self._chain = None


def chances(logits: NDArray[np.float32], choices: Sequence[Sequence[int]]) -> tuple[float, ...]:
    """What each of `choices`, given by tokens it may begin with, has of the probability of all tokens; 0..1 each."""
    weights = np.exp(logits.astype(np.float64) - logits.max())
    total = float(weights.sum())
    return tuple(float(weights[list(choice)].sum()) / total for choice in choices)


def _links(lib: Any, sampling: Sampling, vocabulary: int) -> list[Any]:  # noqa: ANN401
    """Samplers in llama.cpp's own default order: penalties, top-k, top-p, min-p, temperature, the draw."""
    links = []
    if sampling.repeat_penalty != 1.0:
        links.append(lib.llama_sampler_init_penalties(vocabulary, 64, sampling.repeat_penalty, 0.0, 0.0))
    if sampling.temperature <= 0:
        return [*links, lib.llama_sampler_init_greedy()]
    if sampling.top_k > 0:
        links.append(lib.llama_sampler_init_top_k(sampling.top_k))
    if sampling.top_p < 1:
        links.append(lib.llama_sampler_init_top_p(sampling.top_p, 1))
    if sampling.min_p > 0:
        links.append(lib.llama_sampler_init_min_p(sampling.min_p, 1))
    links.append(lib.llama_sampler_init_temp(sampling.temperature))
    seed = _ANY_SEED if sampling.seed is None else sampling.seed & 0x7FFFFFFF
    return [*links, lib.llama_sampler_init_dist(seed)]
