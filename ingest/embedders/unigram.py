"""SentencePiece's unigram tokenizer: of all ways to cut a word into known pieces, the likeliest (Kudo, Subword
Regularization, 2018).

`tokenizers` takes .5 s and 350 MB to take in the 250,000 pieces of XLM-R; a dictionary of them takes .1 s and a tenth
of that, and the words of a text are mostly words that came before.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from ingest.embedders.texts import well_formed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_BEGINNING = "▁"
"""Before the first character of each word, as SentencePiece writes a blank."""
_SHORT, _REMEMBERED = 24, 1 << 15
"""Longest word whose pieces are kept (a paragraph of Chinese is one word, and does not come again), and how many."""
_UNKNOWN = 10.0
"""How much less likely than the least likely piece a character is that is none (SentencePiece's kUnkPenalty)."""


class Unigram:
    """Texts into the numbers of pieces, without special tokens. Safe to share between threads."""

    def __init__(
        self,
        pieces: Sequence[str],
        scores: Sequence[float],
        *,
        specials: frozenset[int],
        unknown: int,
        replaced: Mapping[int, str],
    ) -> None:
        """`pieces` by number with their log-likelihoods `scores`; `specials` are numbers of pieces that no text contains,
        `unknown` is that of a character without a piece; `replaced` maps code points to what stands for them."""
        self._numbers = dict(zip(pieces, range(len(pieces)), strict=True))
        for number in specials:
            del self._numbers[pieces[number]]
        self._scores = scores
        self._unknown, self._penalty = unknown, min(scores) - _UNKNOWN
        self._replaced = {0: " ", **replaced}
        self._longest: dict[str, int] = {}
        for piece in self._numbers:
            if len(piece) > self._longest.get(piece[0], 0):
                self._longest[piece[0]] = len(piece)
        self._kept = lru_cache(maxsize=_REMEMBERED)(self._cut)

    def __call__(self, text: str) -> list[int]:
        """The numbers of the pieces of `text`."""
        text = unicodedata.normalize("NFC", well_formed(text)).translate(self._replaced)
        numbers: list[int] = []
        for word in re.split(" +", text):
            if word:
                numbers += (self._kept if len(word) < _SHORT else self._cut)(_BEGINNING + word)
        return numbers

    def _cut(self, word: str) -> Sequence[int]:
        """Viterbi's way through the pieces of one word."""
        known, scores, longest = self._numbers.get, self._scores, self._longest.get
        end = len(word)
        best = [-1e30] * (end + 1)
        best[0] = 0.0
        come = [(0, 0)] * (end + 1)
        """Where the best piece that ends here begins, and its number."""
        for first in range(end):
            so_far = best[first]
            if so_far + self._penalty > best[first + 1]:
                best[first + 1], come[first + 1] = so_far + self._penalty, (first, self._unknown)
            for last in range(first + 1, min(end, first + longest(word[first], 0)) + 1):
                number = known(word[first:last])
                if number is not None and so_far + scores[number] > best[last]:
                    best[last], come[last] = so_far + scores[number], (first, number)
        numbers: list[int] = []
        while end:
            end, number = come[end]
            if number != self._unknown or numbers[-1:] != [number]:  # neighbours without a piece are one
                numbers.append(number)
        return numbers[::-1]
