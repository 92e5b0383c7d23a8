"""How much of a text is text: the rule by which one reading of a PDF page is preferred to another."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from ingest.language import is_cjk

GOOD = 0.9
"""Score from which a page's text is taken without asking for a second reading."""
USELESS = 0.3
"""Score below which a page is treated as if it held no text."""

_CID = re.compile(r"\(cid:\d+\)")
_SPELLED = re.compile(r"(?:(?<![^\s])[A-Za-z] ){4,}[A-Za-z](?![^\s])")
"""Words taken apart into single letters, 'T a b l e'; the letters of a formula come in shorter runs."""
_APART = re.compile(r" [A-Za-z](?= [A-Za-z] )")
"""What every such word holds and hardly any other text."""
_LEADERS = re.compile(r"[.…·_\-=—]{3,}|(?:[.·] ){3,}")
_ENOUGH = 0.3
"""Share of letters and digits that any honest page has; a wrong font table gives mostly signs."""


def quality(text: str) -> float:
    """0 for nothing or rubbish, 1 for text without a flaw.

    score = (1 - bad/all) · min(1, word/(all · 0.3)), over the characters that are not blank, where *bad* are
    replacement characters, private-use and unassigned code points, controls, `(cid:N)` and spelled-out words, and
    *word* are letters, digits and CJK characters: a Chinese page without a blank counts as well as an English one.
    """
    spoiled = 0
    if "(cid:" in text:
        spoiled = sum(len(match.group()) for match in _CID.finditer(text))
        text = _CID.sub("", text)
    if _APART.search(text):
        spoiled += sum(len(match.group().replace(" ", "")) for match in _SPELLED.finditer(text))
    bad, words, total = _count(text, spoiled)
    if words and not bad and words >= total * _ENOUGH:
        return 1.0  # without a look for leaders, which could only take from the total
    bad, words, total = _count(_LEADERS.sub("", text), spoiled)
    if not total or not words:
        return 0.0
    return max(0.0, 1 - bad / total) * min(1.0, words / (total * _ENOUGH))


def _count(text: str, spoiled: int) -> tuple[int, int, int]:
    """Characters that are bad, those that are word, and all that are not blank; `spoiled` of them known to be bad."""
    bad = total = spoiled
    words = 0
    # Character by character is slow over millions: each kind of character is looked at once.
    for char, count in Counter(text).items():
        if char.isspace():
            continue
        total += count
        if char.isalnum() or is_cjk(char):
            words += count
        elif unicodedata.category(char) in ("Co", "Cn", "Cc", "Cs") or char == "\ufffd":
            bad += count
    return bad, words, total
