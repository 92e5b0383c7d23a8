"""A statement as a frame with slots: its words in order, and its numbers as values beside them.

Two statements with one frame say the same of the same thing, up to what stands in the slots. The frames are aligned
token by token (`agents.proof.tokens`): synonyms, denials and bounds as one each, function words left out.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import takewhile

from agents.proof.designators import NUMBERED
from agents.proof.numbers import Quantity, agrees
from agents.proof.rarity import canonical_terms
from agents.proof.synonyms import has_opposite
from agents.proof.tokens import tokens
from ingest.folding import fold
from ingest.language import is_han
from ingest.numerals import NUMERAL_CHARACTERS

SLOT = "#"
_CHANGES = re.compile(
    r"(?:调整?|提高?|上调|增加?|提升|下调|降低?|减少?|缩短|延长|修?改|变更)(?:到|至|为|成)"
    r"|\b(?:rises?|raised|increase[sd]?|falls?|lowered|reduced|cut|changed|extended|shortened|set)\s+to\b|\bnow\b"
)
"""A newer version often says that the value was changed to the one it gives."""
_ITEM = re.compile(
    rf"^\s*(?:[-*•]\s|\(?\d{{1,2}}[.)、）](?!\d)|第[{NUMERAL_CHARACTERS}\d]{{1,4}}条|[{NUMERAL_CHARACTERS}]{{1,3}}、)"
)
"""What numbers a statement among others, which another version may number otherwise."""
_LABELS = frozenset(f"{NUMBERED}号层章节条页级代座排组")
_ROUND = 0.1
"""Values nearer than this share of the larger one agree where one is approximate."""


@dataclass(frozen=True, slots=True)
class Frame:
    """`tokens` are the content words of `text`, which is folded, and a `SLOT` for each of its `numbers`, in order."""

    text: str
    tokens: tuple[str, ...]
    numbers: tuple[Quantity, ...]

    @property
    def words(self) -> Counter[str]:
        """The content words alone."""
        return Counter(token for token in self.tokens if token != SLOT)


@lru_cache(maxsize=2048)
def framed(text: str) -> Frame:
    """The frame of one statement."""
    folded = fold(text)
    read = tokens(_CHANGES.sub(lambda m: " " * len(m.group()), _ITEM.sub(lambda m: " " * len(m.group()), folded)))
    said = [token for token in read if token.weighs or has_opposite(token.key)]
    keys = tuple(SLOT if token.number else token.key for token in said)
    return Frame(folded, keys, tuple(token.number for token in said if token.number))


def half_shared(one: Frame, other: Frame) -> bool:
    """Whether half of the words of the shorter one stand in the other."""
    least = min(one.words.total(), other.words.total())
    return bool(least) and (one.words & other.words).total() * 2 >= least


@lru_cache(maxsize=4096)
def replaced(one: Frame, other: Frame) -> bool:
    """Whether something in one stands in the place of something else in the other."""
    mine, theirs = one.words - other.words, other.words - one.words
    codes = SequenceMatcher(None, one.tokens, other.tokens, autojunk=False).get_opcodes()
    return any(
        tag == "replace" and mine.keys() & one.tokens[i1:i2] and theirs.keys() & other.tokens[j1:j2]
        for tag, i1, i2, j1, j2 in codes
    )


def differing(one: Frame, other: Frame) -> list[tuple[Quantity, Quantity]]:
    """The numbers in which `other` gives another value than `one` for the same thing; none when they agree, or when they
    may be about different things."""
    # A word that only one of them has may be a condition: put into copies whose number was changed too, it would be
    # overlooked in 80 of 100 if a fifth of the words could differ.
    if one.tokens != other.tokens:
        return []
    pairs = [*zip(one.numbers, other.numbers, strict=True)]
    found = [(mine, theirs) for mine, theirs in pairs if not (agrees(mine, [theirs]) and agrees(theirs, [mine]))]
    # After five years 15 days, after ten 20: where all differ, one of two kinds may be the other's condition.
    mixed = len(found) == len(pairs) and len({mine.kind for mine, _ in found}) > 1
    values = all(_are_values(mine, theirs) and (mine.kind or _counts(one, mine)) for mine, theirs in found)
    return found if values and not mixed else []


def _are_values(mine: Quantity, theirs: Quantity) -> bool:
    if mine.kind != theirs.kind or mine.kind in {"ordinal", "month"}:
        return False
    if mine.approximate or theirs.approximate:
        low, high = sorted((abs(mine.value), abs(theirs.value)))
        return mine.approximate == theirs.approximate and high - low >= _ROUND * high
    return True


def _counts(frame: Frame, number: Quantity) -> bool:
    """Whether a number without a unit counts what follows, and is no label ('Room 101') or place in a list."""
    after = re.match(r"\s*([a-z]+|[\u4e00-\u9fff])", frame.text[number.at + len(number.surface) :])
    return after is not None and after[1] not in _LABELS and bool(is_han(after[1][0]) or canonical_terms(after[1]))


_CUE = re.compile(r"[是为由:]|\b(?:by|is|are|was)\s")


def exchanged(one: str, other: str) -> tuple[str, str] | None:
    """Whom or what two statements name that are the same otherwise, behind a 'by' or an 'is'."""
    same = _alike(one, other)
    start = max((m.end() for m in _CUE.finditer(one, 0, same)), default=0)
    behind = _alike(one[same:][::-1], other[same:][::-1])
    while behind and one[-behind].isalnum() and one[-behind].isascii():
        behind -= 1  # not within a word
    while same > start and one[same - 1].isalnum() and one[same - 1].isascii():
        same -= 1
    named = all(is_name(text[same : len(text) - behind]) for text in (one, other))
    return (one[start : len(one) - behind], other[start : len(other) - behind]) if start and named else None


def _alike(one: str, other: str) -> int:
    """How many characters both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def is_name(words: str) -> bool:
    """Whether `words` can be one: up to four of them, one with a capital, or up to four Chinese characters."""
    parts = words.split() if words.isascii() else [*words]
    return len(parts) <= 4 and any(not part.isascii() or part[0].isupper() for part in parts)


VERSIONS, SIBLINGS, UNLIKE = "versions", "siblings", "unlike"


@lru_cache(maxsize=1024)
def titles(one: str, other: str) -> str:
    """What two titles, dates left out, say of their documents: versions of one, siblings (alike but for a name or a
    number: two offices, two models, two chapters), or nothing."""
    mine, theirs = framed(_VERSION.sub(" ", one)), framed(_VERSION.sub(" ", other))
    if mine.words and mine.words == theirs.words:
        same = [number.value for number in mine.numbers] == [number.value for number in theirs.numbers]
        return VERSIONS if same else SIBLINGS
    return SIBLINGS if half_shared(mine, theirs) else UNLIKE


def subject(title: str) -> frozenset[str]:
    """The content terms of a title, whichever version it is of."""
    return canonical_terms(_VERSION.sub(" ", title))


_VERSION = re.compile(
    r"\b(?:v|ver|version|rev|revision|edition)\.?\s*\d+(?:\.\d+)*\b|\b(?:\w+ edition|revised|draft|final|old|new|copy)\b"
    r"|第.{1,2}版|(?<=\s)版|v\d+(?:\.\d+)*|[修新旧][订改]?[版稿]|修订|试行|副本|\.[a-z]{2,4}$",
    re.IGNORECASE,
)
