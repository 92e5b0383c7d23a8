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

from agents.proof.designators import NUMBERED
from agents.proof.numbers import Quantity, agrees
from agents.proof.rarity import canonical_terms
from agents.proof.synonyms import has_opposite
from agents.proof.tokens import tokens
from ingest.folding import fold
from ingest.language import is_han
from ingest.sentences import Span

SLOT = "#"
_WORD = re.compile(r"[a-zà-ÿ0-9]+(?:[.'_-][a-zà-ÿ0-9]+)*")
_NAME = re.compile(r"(?<![A-Za-z])(?:[A-Z][A-Za-zà-ÿ]*|[A-Za-z]+-?\d)[A-Za-z0-9]*(?:[.-][A-Za-z0-9]+)*")
_CLAUSE = re.compile(r"[，,；;。](?!\d)")
_CHANGES = re.compile(
    r"(?:调整?|提高?|上调|增加?|提升|下调|降低?|减少?|缩短|延长|修?改|变更)(?:到|至|为|成)"
    r"|\b(?:rises?|raised|increase[sd]?|falls?|lowered|reduced|cut|changed|extended|shortened|set)\s+to\b|\bnow\b"
)
"""A newer version often says that the value was changed to the one it gives."""
_YEAR = re.compile(r"\d{4}\s*年?")
_LABELS = frozenset(f"{NUMBERED}号层章节条页级代座排组")
_VALUE_BEFORE = re.compile(r"(?:[是为共有达至到:=]|\b(?:is|are|has|have|of|at|to|with|=|:))\s*$")
_ROUND = 0.1
"""Values nearer than this share of the larger one agree where one is approximate."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A number at text[start:end] of its frame's text, in clause `clause` (from 0)."""

    quantity: Quantity
    start: int
    end: int
    clause: int


@dataclass(frozen=True, slots=True)
class Frame:
    """`tokens` are content words and `SLOT`s in order, `places` where they stand in `text`, which is folded."""

    text: str
    tokens: tuple[str, ...]
    places: tuple[Span, ...]
    slots: tuple[Slot, ...]
    names: frozenset[str]
    """Latin names and codes, folded."""

    @property
    def words(self) -> Counter[str]:
        """The content words alone."""
        return Counter(token for token in self.tokens if token != SLOT)


@lru_cache(maxsize=2048)
def framed(text: str) -> Frame:
    """The frame of one statement."""
    folded = fold(text)
    read = tokens(_CHANGES.sub(lambda m: " " * len(m.group()), folded))
    said = [token for token in read if token.weighs or has_opposite(token.key)]
    breaks = [m.start() for m in _CLAUSE.finditer(folded)]
    return Frame(
        folded,
        tuple(SLOT if token.number else token.key for token in said),
        tuple((token.start, token.end) for token in said),
        tuple(
            Slot(token.number, token.start, token.end, sum(stop < token.start for stop in breaks))
            for token in said
            if token.number
        ),
        frozenset(fold(m.group()) for m in _NAME.finditer(text)),
    )


@dataclass(frozen=True, slots=True)
class Match:
    """How two frames lie on each other."""

    replaced: bool
    """Whether something stands in the place of something else."""
    extra: float
    """The larger share of words that only one of them has."""
    shared: int
    """Words that both have."""


@lru_cache(maxsize=4096)
def match(one: Frame, other: Frame) -> Match:
    """Align two frames."""
    mine, theirs = one.words, other.words
    common = mine & theirs
    extra_mine, extra_theirs = mine - common, theirs - common
    shared = common.total()
    extra = 1 - shared / max(mine.total(), theirs.total(), 1)
    replaced = bool(extra_mine) and bool(extra_theirs) and _replaced(one, other, extra_mine, extra_theirs)
    return Match(replaced, extra, shared)


def _replaced(one: Frame, other: Frame, extra_mine: Counter[str], extra_theirs: Counter[str]) -> bool:
    matcher = SequenceMatcher(None, one.tokens, other.tokens, autojunk=False)
    return any(
        tag == "replace"
        and any(token in extra_mine for token in one.tokens[i1:i2])
        and any(token in extra_theirs for token in other.tokens[j1:j2])
        for tag, i1, i2, j1, j2 in matcher.get_opcodes()
    )


def differing(one: Frame, other: Frame) -> list[int]:
    """The slots in which `other` gives another value than `one` for the same thing; none when they agree, or when they
    may be about different things."""
    if len(one.slots) != len(other.slots):
        return []
    found = [
        at
        for at, (mine, theirs) in enumerate(zip(one.slots, other.slots, strict=True))
        if not (agrees(mine.quantity, [theirs.quantity]) and agrees(theirs.quantity, [mine.quantity]))
    ]
    if not found or not all(_are_values(one, other, at) for at in found) or not _bound(one, found):
        return []
    unknown = (one.names - _words(other)) | (other.names - _words(one))
    return found if one.words and not unknown and _one_order(one, other) else []


def _one_order(one: Frame, other: Frame) -> bool:
    """Whether the words are the same in the same order, but for a phrase moved from one end to the other ('In the field,
    the battery lasts …'): from Shanghai to Chengdu is not from Chengdu to Shanghai. A word that only one of them has may
    be a condition: put into copies whose number was changed too, it would be overlooked in 80 of 100 if a fifth of
    the words could differ."""
    if one.tokens == other.tokens:
        return True
    if len(one.slots) > 1 or one.words != other.words:
        return False
    return any(one.tokens[at:] + one.tokens[:at] == other.tokens for at in range(1, len(one.tokens)))


def _words(frame: Frame) -> frozenset[str]:
    return frame.names | frozenset(_WORD.findall(frame.text))


def _bound(frame: Frame, found: list[int]) -> bool:
    """Whether each differing value is told apart from a condition: it is the only one that differs, or each stands in
    a clause of its own beside a number that agrees ('after five years 15 days, after ten 20')."""
    if len(found) == 1:
        return True
    clauses = Counter(frame.slots[at].clause for at in found)
    sizes = Counter(slot.clause for slot in frame.slots)
    return all(count == 1 and sizes[clause] > 1 for clause, count in clauses.items())


def _are_values(one: Frame, other: Frame, at: int) -> bool:
    mine, theirs = one.slots[at].quantity, other.slots[at].quantity
    if mine.kind != theirs.kind or mine.kind in {"ordinal", "month"}:
        return False
    if mine.approximate or theirs.approximate:
        low, high = sorted((abs(mine.value), abs(theirs.value)))
        if mine.approximate != theirs.approximate or high - low < _ROUND * high:
            return False
    return bool(mine.kind) or (len(one.slots) == 1 and _counts(one, at) and _counts(other, at))


def _counts(frame: Frame, at: int) -> bool:
    """Whether a number without a unit is a count, not a year, a label ('Room 101') or a place in a list."""
    slot = frame.slots[at]
    if 1000 <= slot.quantity.value <= 2100 and _YEAR.fullmatch(frame.text[slot.start : slot.end]):
        return False
    after = frame.text[slot.end :].lstrip()
    if after[:1] and is_han(after[0]):
        return after[0] not in _LABELS
    if _VALUE_BEFORE.search(frame.text[: slot.start]):
        return True
    following = re.match(r"[a-z]+", after)
    return bool(following and canonical_terms(following.group()))


_CUE = re.compile(r"(?:[是为由:]|\b(?:by|is|are|was))\s*$")


def exchanged(one: Frame, other: Frame) -> tuple[Span, Span] | None:
    """Where, in the folded texts, two statements that are the same otherwise name somebody or something else: behind a
    'by' or an 'is', of up to four words or Chinese characters."""
    if len(one.slots) != len(other.slots):
        return None
    if not all(agrees(a.quantity, [b.quantity]) for a, b in zip(one.slots, other.slots, strict=True)):
        return None
    codes = SequenceMatcher(None, one.tokens, other.tokens, autojunk=False).get_opcodes()
    apart = [code for code in codes if code[0] != "equal"]
    if not apart:
        return None
    mine = _behind_cue(one, apart[0][1], apart[-1][2])
    theirs = _behind_cue(other, apart[0][3], apart[-1][4])
    return (mine, theirs) if mine and theirs else None


def _behind_cue(frame: Frame, first: int, last: int) -> Span | None:
    """The stretch of the tokens first..last, grown to the left up to what announces it."""
    for begin in range(first, max(-1, last - 5), -1):
        if begin == last or SLOT in frame.tokens[begin:last]:
            return None
        start, end = frame.places[begin][0], frame.places[last - 1][1]
        words = frame.text[start:end]
        if _CUE.search(frame.text[:start]):
            named = not words.isascii() or not frame.names.isdisjoint(words.split())
            return (start, end) if named and end - start > 1 else None
        if begin and frame.places[begin - 1][1] != start and not words[0].isascii():
            return None  # Chinese grows character by character
    return None


VERSIONS, SIBLINGS, UNLIKE = "versions", "siblings", "unlike"


@lru_cache(maxsize=1024)
def titles(one: str, other: str) -> str:
    """What two titles, dates left out, say of their documents: versions of one, siblings (alike but for a name or a
    number: two offices, two models, two chapters), or nothing."""
    mine, theirs = framed(_VERSION.sub(" ", one)), framed(_VERSION.sub(" ", other))
    lie = match(mine, theirs)
    least = min(mine.words.total(), theirs.words.total())
    if not lie.extra and lie.shared:
        same = [slot.quantity.value for slot in mine.slots] == [slot.quantity.value for slot in theirs.slots]
        return VERSIONS if same else SIBLINGS
    return SIBLINGS if least and lie.shared * 2 >= least else UNLIKE


_VERSION = re.compile(
    r"\b(?:v|ver|version|rev|revision|edition)\.?\s*\d+(?:\.\d+)*\b|\b(?:\w+ edition|revised|draft|final|old|new|copy)\b"
    r"|第.{1,2}版|v\d+(?:\.\d+)*|[修新旧][订改]?[版稿]|修订|试行|副本|\.[a-z]{2,4}$",
    re.IGNORECASE,
)
