"""From logits to a token: the chain of samplers, and a grammar that is asked after the choice, not before it."""

from __future__ import annotations

import ctypes
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agents.llm.native import library
from agents.llm.stderr import kept_from_stderr
from ingest.errors import ModelError
from ingest.language import Text

if TYPE_CHECKING:
    from agents.llm.native import Context, Weights

_ANY_SEED = 0xFFFFFFFF
"""LLAMA_DEFAULT_SEED: llama.cpp draws one itself."""


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
    """GBNF with a rule `root`; '' for none."""


class Sampler:
    """Chooses the tokens of one reply."""

    def __init__(self, weights: Weights, sampling: Sampling) -> None:
        """Raises `ModelError` for a grammar llama.cpp does not accept."""
        lib = self._lib = library()
        self._weights = weights
        self._grammar: Any = None
        self._chain: Any = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
        for link in _links(lib, sampling, weights.vocabulary):
            lib.llama_sampler_chain_add(self._chain, link)
        if sampling.grammar:
            raw = sampling.grammar.encode()
            with kept_from_stderr() as heard:
                self._grammar = lib.llama_sampler_init_grammar(weights.vocab_pointer, raw, b"root")
                heard.wanted = not self._grammar
            if not self._grammar:
                self.close()
                why = heard.text.partition("\n")[0].strip().rstrip(".") or "-"
                raise ModelError(
                    Text(
                        en=f"llama.cpp does not accept the grammar: {why}.", zh=f"llama.cpp 不接受该语法约束：{why}。"
                    ),
                    Text(en="Simplify the JSON schema.", zh="请简化 JSON Schema。"),
                )

    def choose(self, context: Context, index: int) -> int:
        """The next token after batch position `index`."""
        if self._grammar is None:
            return int(self._lib.llama_sampler_sample(self._chain, context.pointer, index))
        return self._choose_by_grammar(context, index)

    def _choose_by_grammar(self, context: Context, index: int) -> int:
        """Choose freely and ask the grammar about that one token; only a refusal costs a look at all of them."""
        lib = self._lib
        candidates = _Candidates(self._weights.vocabulary)
        candidates.fill(lib.llama_get_logits_ith(context.pointer, index))
        lib.llama_sampler_apply(self._chain, candidates.pointer)
        token = candidates.selected
        if not self._allows(token):
            candidates.fill(lib.llama_get_logits_ith(context.pointer, index))
            lib.llama_sampler_apply(self._grammar, candidates.pointer)
            lib.llama_sampler_apply(self._chain, candidates.pointer)
            token = candidates.selected
        lib.llama_sampler_accept(self._grammar, token)
        lib.llama_sampler_accept(self._chain, token)
        return token

    def _allows(self, token: int) -> bool:
        lib = self._lib
        one = (lib.llama_token_data * 1)(lib.llama_token_data(id=token, logit=1.0, p=0.0))
        array = lib.llama_token_data_array(
            data=ctypes.cast(one, lib.llama_token_data_p), size=1, selected=-1, sorted=False
        )
        lib.llama_sampler_apply(self._grammar, ctypes.byref(array))
        return bool(one[0].logit != float("-inf"))

    def close(self) -> None:
        """Free both samplers."""
        for sampler in (self._chain, self._grammar):
            if sampler:
                self._lib.llama_sampler_free(sampler)
        self._chain = self._grammar = None


def _links(lib: Any, sampling: Sampling, vocabulary: int) -> list[Any]:  # noqa: ANN401
    """Samplers in llama.cpp's own default order: penalties, top-k, top-p, min-p, temperature, the draw."""
    links = []
    if sampling.repeat_penalty != 1.0:
        links.append(_penalties(lib)(vocabulary, 64, sampling.repeat_penalty, 0.0, 0.0))
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


def _penalties(lib: Any) -> Any:  # noqa: ANN401
    return lib.llama_sampler_init_penalties


@functools.cache
def _identities(vocabulary: int) -> Any:  # noqa: ANN401
    import numpy as np

    return np.arange(vocabulary, dtype=np.intc)


class _Candidates:
    """All tokens with their logits, in the layout of llama_token_data_array."""

    def __init__(self, vocabulary: int) -> None:
        import numpy as np

        lib = library()
        layout = np.dtype([("id", np.intc), ("logit", np.single), ("p", np.single)], align=True)
        self._size = vocabulary
        self._data = np.zeros(vocabulary, dtype=layout)
        self._array = lib.llama_token_data_array(
            data=self._data.ctypes.data_as(lib.llama_token_data_p), size=vocabulary, selected=-1, sorted=False
        )

    @property
    def pointer(self) -> Any:  # noqa: ANN401
        return ctypes.byref(self._array)

    @property
    def selected(self) -> int:
        return int(self._array.data[self._array.selected].id)

    def fill(self, logits: Any) -> None:  # noqa: ANN401
        import numpy as np

        self._data["id"] = _identities(self._size)
        self._data["logit"] = np.ctypeslib.as_array(logits, shape=(self._size,))
        self._data["p"] = 0
        self._array.size, self._array.selected, self._array.sorted = self._size, -1, False
