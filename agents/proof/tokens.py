"""A text as the tokens that are aligned when a sentence is held against its source.

A word by its stem, a Chinese character by itself, and as one token each: words that have synonyms, numbers (by value),
denials, and quantifiers and bounds (by class), so that only what changes the meaning shows as a difference.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from agents.proof import quantifiers
from agents.proof.denial import FALSELY_NEGATIVE, NEGATOR
from agents.proof.numbers import Quantity, claimed
from agents.proof.synonyms import canonical, is_light, known_words, plain
from agents.proof.words import is_function_word
from ingest.folding import fold
from ingest.language import is_han
from ingest.stemming import stem

_WORD = r"[a-zà-ÿ]+(?:['-][a-z]+)*\d*|[a-z]*\d+(?:[.,]\d+)*[a-z]*"
_ENDS = frozenset("，,、；;。.!?！？：:\n|()")
LINKS = frozenset(
    "的了是在和与及或也都就而并且但却又还其之以于为被把将从到对向由让使这那此该些个们有会能可要须应时里间所等他她它我你约共则即如若均各每已曾"
)
"""Characters that a paraphrase adds and drops."""


def straddles(pair: str) -> bool:
    """Whether a term is a pair of Chinese characters one of which only links words."""
    return len(pair) == 2 and not pair.isascii() and bool(set(pair) & LINKS)


Kind = Literal["word", "han", "number", "denial", "quantifier", "end"]


@dataclass(frozen=True, slots=True)
class Token:
    """A token at folded[start:end]. Tokens with one `key` say the same."""

    key: str
    kind: Kind
    start: int
    end: int
    number: Quantity | None = None

    @property
    def weighs(self) -> bool:
        """Whether it says something by itself."""
        if self.kind == "han":
            return self.key not in LINKS
        return self.kind != "end" and not (self.kind == "word" and (is_function_word(self.key) or is_light(self.key)))


@cache
def _pattern() -> re.Pattern[str]:
    parts = (
        ("quantifier", quantifiers.pattern().pattern),
        ("none", FALSELY_NEGATIVE.pattern),
        ("denial", NEGATOR.pattern),
        ("same", known_words().pattern),
        ("word", _WORD),
        ("one", r"\S"),
    )
    return re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in parts))


@lru_cache(maxsize=4096)
def tokens(text: str) -> tuple[Token, ...]:
    """The tokens of `text`; signs other than those that end a clause are none."""
    folded = fold(text)
    numbers = sorted((q for q in claimed(text) if q.at >= 0), key=lambda q: q.at)
    found: list[Token] = []
    at = 0
    for number in numbers:
        if number.at >= at:
            found += _read(folded, at, number.at)
            at = number.at + len(number.surface)
            found.append(Token(f"#{number.value}{number.kind}", "number", number.at, at, number))
    return (*found, *_read(folded, at, len(folded)))


def _read(folded: str, start: int, stop: int) -> list[Token]:
    return [token for match in _pattern().finditer(folded, start, stop) if (token := _token(match))]


def _token(match: re.Match[str]) -> Token | None:
    text, start, end = match.group(), match.start(), match.end()
    kind = match.lastgroup
    if kind == "denial":
        return Token("¬", "denial", start, end)
    if kind == "quantifier":
        return Token(quantifiers.quantifier(text), "quantifier", start, end)
    if kind in {"same", "word", "none"}:
        return Token(canonical(text) if not text.isascii() else canonical(stem(text)), "word", start, end)
    if text in _ENDS:
        return Token(text, "end", start, end)
    return Token(text, "han", start, end) if is_han(text) else None


def pieces(all_tokens: Sequence[Token], gap: Sequence[Token]) -> list[str]:
    """The words of a gap and its pairs of Chinese characters; a lone character is paired with its neighbours."""
    found = [token.key for token in gap if token.kind == "word" and token.weighs]
    at = all_tokens.index(gap[0])
    left, right = (at, at + len(gap)) if len(gap) > 1 else (max(0, at - 1), min(len(all_tokens), at + 2))
    for one, two in zip(all_tokens[left : right - 1], all_tokens[left + 1 : right], strict=False):
        pair = one.key[-1] + two.key[0]
        if one.kind == two.kind == "han" and not set(pair) & LINKS:
            found.append(pair)
    # 纽约 and 阿尔及尔 have characters that link.
    return found or ["".join(token.key for token in gap if token.kind == "han")]


def within(piece: str, text: str) -> bool:
    """Whether `text` has a piece that `pieces` found."""
    return piece in ({token.key for token in tokens(text)} if piece.isascii() else re.sub(r"\W+", "", plain(text)))
