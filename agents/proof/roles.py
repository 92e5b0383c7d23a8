"""Two things that have changed places: 'B bought A' where the source says that A bought B.

No grammar decides: the two are put back, and if the sentence then reads as its source does, word for word, they were
exchanged. What holds both ways (an enumeration, an 'is' that is the whole sentence) may be exchanged. Where one of the two
is in the passive voice, it is the same order that says the opposite.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise

from agents.proof.spans import STOPS
from agents.proof.tokens import LINKS, Token, tokens
from agents.proof.words import is_function_word
from ingest.folding import fold

MOSTLY = 0.9
"""Share of a sentence's tokens that its source has when nothing but their places is different."""
MOST_BREAKS, MOST_SWAPPED = 6, 12
"""Places at which a sentence with two things swapped leaves its source's order, and tokens of such a thing."""

_BOTH_WAYS = frozenset(["和", "与", "及", "或", "跟", "同", "and", "or", "with", "but", ",", "、", ";"])
_SAME_AS = frozenset(["是", "为", "即", "is", "are", "was", "were"])
_BY = frozenset(["by", "被", "由", "受", "遭"])
"""What the one who acts follows in the passive voice."""
_ARTICLES = frozenset(["a", "an", "the"])


def swapped(said: Sequence[Token], told: Sequence[Token], sentence: str) -> bool:
    """Whether two things have changed places: with them put back, the sentence is the source's, word for word."""
    keys, source = _words_only(said), _words_only(told)
    if sum(key in set(source) for key in keys) < MOSTLY * len(keys):
        return False
    pairs = set(pairwise(source))
    breaks = [at for at in range(1, len(keys)) if (keys[at - 1], keys[at]) not in pairs]
    if not 2 <= len(breaks) <= MOST_BREAKS:
        return False
    edges = [1, *breaks, len(keys) - 1]
    blocks = {(a, b) for a, b in combinations(edges, 2) if _names(keys[a:b])} | _named(said, sentence)
    for (a, b), (c, d) in combinations(sorted(blocks), 2):
        if b >= c or _both_ways(keys[b:c], whole=a == 1 and d == len(keys) - 1):
            continue
        back = [*keys[:a], *keys[c:d], *keys[b:c], *keys[a:b], *keys[d:]]
        if sum(pair not in pairs for pair in pairwise(back)) <= min(1, len(breaks) - 2):
            return True
    return False


def voiced(sentence: str, source: str) -> bool:
    """Whether one has in the passive voice, in the same order, what the other has in the active: 'A was taught by B' where A
    taught B."""
    said = tokens(sentence)
    told = [tokens(part) for part in STOPS.split(source)]
    return any(_turned(said, part) or _turned(part, said) for part in told)


def _turned(passive: Sequence[Token], active: Sequence[Token]) -> bool:
    """Whether `active` has who is acted on in `passive` before the deed, and who acts behind it."""
    following = {*pairwise(token.key for token in active)}  # 'the time required to answer': nobody requires anything
    for at, marker in enumerate(passive):
        if marker.key not in _BY:
            continue
        before, behind = _units(passive[:at]), _units(passive[at + 1 :])
        deed, agent = (before[-1:], behind[:1]) if marker.key == "by" else (behind[-1:], behind[:1])
        there = _units(active)
        for patient in before[: -1 if marker.key == "by" else None]:
            order = [patient, *deed, *agent]
            if len(set(order)) == 3 and set(order) <= set(there):
                first, second, third = (there.index(unit) for unit in order)
                if first < second < third and there[third - 1] not in _BY and (*deed, "to") not in following:
                    return True
    return False


def _units(part: Sequence[Token]) -> list[str]:
    """Words, and neighbouring Chinese characters; what marks the passive."""
    pairs = [*pairwise(part), (part[-1], part[-1])] if part else []
    return [
        one.key if one.kind == "word" or one.key in _BY else one.key + two.key
        for one, two in pairs
        if one.key in _BY
        or (one.weighs and one.kind == "word")
        or (one.kind == two.kind == "han" and one.weighs and two.weighs and one is not two)
    ]


def _named(said: Sequence[Token], sentence: str) -> set[tuple[int, int]]:
    """Where capitalised words stand among `_words_only` of the sentence."""
    text = sentence if len(fold(sentence)) == len(sentence) else ""
    kept = [token for token in said if token.key not in _ARTICLES]
    capital = [text[token.start : token.start + 1].isupper() for token in kept]
    found: set[tuple[int, int]] = set()
    for at, large in enumerate(capital):
        if large and not (at and capital[at - 1]):
            end = next((n for n in range(at, len(kept)) if not capital[n]), len(kept))
            found.add((at + 1, end + 1))
    return found


def _words_only(found: Sequence[Token]) -> list[str]:
    """The keys without articles, between two full stops."""
    keys = ["." if token.key in "。.!?！？\n" else token.key for token in found if token.key not in _ARTICLES]
    return [".", *keys, *([] if keys[-1:] == ["."] else ["."])]


def _both_ways(middle: Sequence[str], *, whole: bool) -> bool:
    """Whether the two sides of `middle` may change places: of an 'and', and of an 'is' that is the whole sentence."""
    return {middle[0], middle[-1]} <= _BOTH_WAYS or (whole and all(key in _SAME_AS for key in middle))


def _names(keys: Sequence[str]) -> bool:
    return len(keys) <= MOST_SWAPPED and any(key not in LINKS and not is_function_word(key) for key in keys)
