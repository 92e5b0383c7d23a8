"""A text as the tokens that are aligned when a sentence is held against its source.

A word by its stem, a Chinese character by itself, and as one token each: words that have synonyms, numbers (by value),
denials, and quantifiers and bounds (by class), so that only what changes the meaning shows as a difference.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import Literal

from agents.proof import quantifiers
from agents.proof.numbers import Quantity, claimed
from agents.proof.synonyms import canonical, is_light, known_words, plain
from agents.proof.words import DOTTED, is_function_word, without_dots
from ingest.folding import fold
from ingest.language import is_han
from ingest.stemming import stem

_WORD = rf"{DOTTED}|" r"[a-z]+(?=n't\b)|[a-zà-ÿ]+(?:['-][a-z]+)*\d*|[a-z]*\d+(?:[.,]\d+)*[a-z]*"
_DENIAL = (
    r"\b(?:not|never|no|without|neither|nor|cannot|none|nobody|nothing|lack(?:s|ed)?|fail(?:s|ed)? to|refuse[sd]? to|unable to|"
    r"prohibit\w*|forbid\w*|ban(?:s|ned)?|disallow\w*|reject\w*|excluded? from|exempt\w*)\b|n't\b|"
    "没有|没能|不会|不能|不可以|不可|不是|不得|不准|不许|不再|不需要|不需|不必|不|没|未能|未曾|未|无法|无需|无须|无|非(?!常|洲)|勿|禁止|严禁|拒绝|否决|驳回|并非"
)
"""Whatever denies, in folded text from which `_NO_DENIAL` is taken first."""
_NO_DENIAL = (
    r"\b(?:not only|no later than|no more than|no less than|no fewer than|not later than|not more than|not less than|"
    r"not exceed\w*|no\.? ?\d+|nothing but|no doubt|whether or not|not just|not merely)\b|"
    "不仅|不但|不只|不光|不过|不同|不断|不少|不论|不管|不久|不得不|不可或缺|不超过|不少于|不低于|不高于|不晚于|不迟于|不足|不等|不动产|不锈钢|不错|不妨|不佳|不良|不利|不幸|不明|差不多|了不起|"
    "无论|无数|无线|无人机|无锡|无机|未来|未必|未婚|南非|北非|东非|西非|非洲|除非|否则|没收|是不是|能不能|可不可以|有没有|不到|不满"
)
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
        ("none", _NO_DENIAL),
        ("denial", _DENIAL),
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
        return Token(canonical(text) if not text.isascii() else canonical(stem(without_dots(text))), "word", start, end)
    if text in _ENDS:
        return Token(text, "end", start, end)
    return Token(text, "han", start, end) if is_han(text) else None


def ends_clause(token: Token) -> bool:
    """Whether it parts clauses: all stops but 、, which parts the items of one."""
    return token.kind == "end" and token.key != "、"


def clauses(found: Sequence[Token]) -> list[Sequence[Token]]:
    """Tokens between their commas and stops; brackets part nothing."""
    ends = [at for at, token in enumerate(found) if ends_clause(token) and token.key not in "()"]
    parts = [found[a + 1 : b] for a, b in pairwise([-1, *ends, len(found)])]
    return [part for part in parts if part]


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
