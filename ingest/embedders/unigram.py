"""SentencePiece's unigram tokenizer: of all ways to cut a word into known pieces, the likeliest (Kudo, Subword
Regularization, 2018).

`tokenizers` takes .5 s and 350 MB to take in the 250,000 pieces of XLM-R. Here they are sorted by their first two
characters, .03 s, and looked up in dictionaries of those that a text may need; the words of a text are mostly words that
came before.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ingest.embedders import well_formed

_BEGINNING = "▁"
"""Before the first character of each word, as SentencePiece writes a blank."""
_SHORT, _REMEMBERED = 24, 1 << 15
"""Longest word whose pieces are kept (a paragraph of Chinese is one word, and does not come again), and how many."""
_UNKNOWN = 10.0
"""How much less likely than the least likely piece a character is that is none (SentencePiece's kUnkPenalty)."""


class Pieces:
    """The vocabulary. Safe to share between threads."""

    def __init__(
        self, text: str, ends: NDArray[np.int64], scores: NDArray[np.float32], specials: frozenset[int]
    ) -> None:
        """`text` is all pieces one behind the other, `ends` where each begins and, at last, the last one ends; `scores`
        are their log-likelihoods. What `specials` numbers, no text contains."""
        self.scores: list[float] = scores.tolist()
        self._text, self._ends = text, ends
        codes = np.frombuffer(f"{text}\0".encode("utf-32-le"), "<u4").astype(np.int64)
        starts, lengths = ends[:-1], np.diff(ends)
        pairs = codes[starts] << 21 | np.where(lengths > 1, codes[starts + 1], 0)
        order = np.delete(np.arange(len(scores)), sorted(specials))
        self._order = order = order[np.argsort(pairs[order])]
        first = np.flatnonzero(np.diff(pairs[order], prepend=-1))
        self._pairs: list[int] = pairs[order[first]].tolist()
        self._firsts: list[int] = [*first.tolist(), len(order)]
        self._opened: dict[str, tuple[dict[str, int], int]] = {}

    def beginning(self, characters: str) -> tuple[Mapping[str, int], int] | None:
        """The pieces that begin with these two characters, or are this one, with their numbers; and how long the longest
        is. None where there are none."""
        found = self._opened.get(characters)
        if found is None:
            pair = ord(characters[0]) << 21 | (ord(characters[1]) if len(characters) > 1 else 0)
            at = bisect_left(self._pairs, pair)
            if at == len(self._pairs) or self._pairs[at] != pair:
                return None
            numbers = self._order[self._firsts[at] : self._firsts[at + 1]]
            starts, ends = self._ends[numbers].tolist(), self._ends[numbers + 1].tolist()
            words = [self._text[start:end] for start, end in zip(starts, ends, strict=True)]
            found = self._opened[characters] = dict(zip(words, numbers.tolist(), strict=True)), max(map(len, words))
        return found


class Unigram:
    """Texts into the numbers of pieces, without special tokens. Safe to share between threads."""

    def __init__(self, pieces: Pieces, unknown: int, replaced: Mapping[int, str]) -> None:
        """`unknown` is the number of a character without a piece; `replaced` maps code points to what stands for them."""
        self._pieces = pieces
        self._unknown, self._penalty = unknown, min(pieces.scores) - _UNKNOWN
        self._replaced = {0: " ", **replaced}
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
        beginning, scores = self._pieces.beginning, self._pieces.scores
        end = len(word)
        best = [-1e30] * (end + 1)
        best[0] = 0.0
        come = [(0, 0)] * (end + 1)
        """Where the best piece that ends here begins, and its number."""
        for first in range(end):
            so_far = best[first]
            if so_far + self._penalty > best[first + 1]:
                best[first + 1], come[first + 1] = so_far + self._penalty, (first, self._unknown)
            for width in (1, 2):
                found = beginning(word[first : first + width])
                if found is None:
                    continue
                pieces, longest = found
                for last in range(first + width, min(end, first + longest) + 1):
                    number = pieces.get(word[first:last])
                    if number is not None and so_far + scores[number] > best[last]:
                        best[last], come[last] = so_far + scores[number], (first, number)
        numbers: list[int] = []
        while end:
            end, number = come[end]
            if number != self._unknown or numbers[-1:] != [number]:  # neighbours without a piece are one
                numbers.append(number)
        return numbers[::-1]
