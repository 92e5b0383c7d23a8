"""Whether a sentence is a copy of what a text says, forms of characters, blanks and signs aside.

A copy must begin and end where a clause does, and may not leave out the condition or the denial that governs it:
'the fee is refunded' is no copy of 'if the course is cancelled, the fee is refunded'.
"""

from __future__ import annotations

import re
from functools import lru_cache

from agents.proof.spans import STOPS
from ingest.folding import fold
from ingest.sentences import CLOSERS, Span

_KEPT = frozenset("%$€£¥°+<>≤≥=")
"""Signs that say something."""
_STOPS = frozenset(",;:.!?，；：。！？…、\n|-–—·•*#>()（）[]【】")
_SIDE = frozenset(CLOSERS) | frozenset("\"'“‘「『(（【《*_`")
_GOVERNS = re.compile(
    r"\b(?:if|unless|only|provided|except|when|once|until|not|never|no|false|den(?:y|ies|ied)|rumou?r\w*|alleged\w*|without|"
    r"claims?|claimed|supposed(?:ly)?|after|before|for those|in case|should)\b|n't\b|"
    r"如果|若|假如|要是|只要|只有|除非|除了|当|一旦|凡|满|超过|不足|不到|并非|不是|否认|谣言|误以为|没有|的人|的员工|者$|时$|后$|前$"
)
_EXCEPTS = re.compile(
    r"^\W*(?:if|unless|except|provided|only|when|once|until|but not|however|in case)\b|^\W*(?:如果|除非|除|但|前提|只要|仅限|只限|不过)"
)


def copied(sentence: str, text: str, *, whole: bool = False) -> Span | None:
    """Where `text` has `sentence` word for word; None when it has not. `whole`: as a sentence of its own, with its stop."""
    wanted, _ = _bare(sentence)
    if not wanted:
        return None
    there, places = _bare(text)
    at = there.find(wanted)
    while at >= 0:
        start, end = places[at], places[at + len(wanted) - 1] + 1
        alone = not whole or (not STOPS.split(text[:start])[-1].strip("-*•· ") and text[end : end + 1] in {"。", "."})
        cells = "|" in text[start:end].strip("| ") and "|" not in sentence  # which column a cell is of, no copy says
        if alone and not cells and _whole(text, start, end):
            stop = STOPS.match(text, end)
            return start, stop.end() if stop and text[end] != "\n" else end
        at = there.find(wanted, at + 1)
    return None


@lru_cache(maxsize=512)
def _bare(text: str) -> tuple[str, tuple[int, ...]]:
    """Folded without blanks and signs, except those within a number; and where each character stands."""
    kept: list[str] = []
    places: list[int] = []
    for at, char in enumerate(text):
        for one in fold(char):
            within = one in ".,-:/" and text[at - 1 : at].isdigit() and text[at + 1 : at + 2].isdigit()
            if one.isalnum() or one in _KEPT or (within and one != ","):
                kept.append(one)
                places.append(at)
    return "".join(kept), tuple(places)


def _whole(text: str, start: int, end: int) -> bool:
    before, behind = text[:start], text[end:]
    while before and (before[-1] in _SIDE or before[-1] in " \t\u3000"):
        before = before[:-1]
    while behind and (behind[0] in _SIDE or behind[0] in " \t\u3000"):
        behind = behind[1:]
    if before and before[-1] not in _STOPS and not STOPS.match(before[-1:]):
        return False
    if behind and behind[0] not in _STOPS:
        return False
    lead = STOPS.split(before)[-1]
    rest = STOPS.split(behind)[0]
    return not _GOVERNS.search(fold(lead)) and not _EXCEPTS.search(fold(rest))
