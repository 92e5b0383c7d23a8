"""Whether an answer holds what the question file says is right."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

_ALPHABETIC = r"[^\W\d_\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]"
"""A letter of a script that puts blanks between words."""
_TOKEN = re.compile(rf"{_ALPHABETIC}+|\d+|\w")
_POINT = re.compile(r"(?<=\d)\.(?=\d)")
"""Of a decimal fraction, which is no mark like others: 16.8 is not 168."""
_LAST_ZEROS = re.compile(r"(?<=\d)(?:\.0+|(\.\d*[1-9])0+)$")
_GLUE, _GAP = " ", "\n"
"""One mark or blank, which may stand inside a number, and several, which may not."""


def contains_gold(text: str, answers: Iterable[str]) -> bool:
    """Whether one of `answers` stands in `text`: NFKC, case, blanks and punctuation folded, but for the point of a
    fraction, whose last zeros don't count; a number not as part of a longer number, a word of letters not as part of a longer
    word (but for a plural's s): 'LoRA' is not in 'exploration'."""
    spaced = _spaced(text)
    return any(re.search(pattern, spaced) for pattern in map(_pattern, answers) if pattern)


def gold_recall(text: str, answers: Iterable[str], question: str = "") -> float:
    """The largest share of an answer's words and Han characters that `text` holds, of those the question doesn't: long
    excerpts are seldom repeated whole. 0…1; an answer made of the question's words counts whole."""
    said = Counter(_TOKEN.findall(folded(text)))
    known = set(_TOKEN.findall(folded(question)))
    best = 0.0
    for answer in answers:
        tokens = Counter(_TOKEN.findall(folded(answer)))
        wanted = Counter({token: n for token, n in tokens.items() if token not in known}) or tokens
        if wanted:
            best = max(best, (wanted & said).total() / wanted.total())
    return best


def folded(text: str) -> str:
    """NFKC and lower case; letters, digits and symbols stay, runs of anything else become one blank."""
    return re.sub(rf"[{_GLUE}{_GAP}]", " ", _spaced(text)).strip()


def _spaced(text: str) -> str:
    kept: list[str] = []
    run = 0
    text = unicodedata.normalize("NFKC", text).lower()
    points = {match.start() for match in _POINT.finditer(text)}
    for at, char in enumerate(text):
        if unicodedata.category(char)[0] in "LNS" or at in points:
            if run:
                kept.append(_GLUE if run == 1 else _GAP)
            kept.append(char)
            run = 0
        else:
            run += 1
    return "".join(kept)


def _pattern(answer: str) -> str:
    """What `answer` looks like in a spaced text, whatever stands between its characters; '' for one without any."""
    gold = _LAST_ZEROS.sub(r"\1", re.sub(rf"[{_GLUE}{_GAP}]", "", _spaced(answer)))
    if not gold:
        return ""
    before = after = ""
    if gold[0].isdigit():
        before = rf"(?<!\d)(?<!\d[{_GLUE}.])"
    elif re.match(_ALPHABETIC, gold):
        before = f"(?<!{_ALPHABETIC})"
    if gold[-1].isdigit():
        zeros = "0*" if "." in gold else r"(?:\.0+)?"
        after = rf"{zeros}(?![{_GLUE}.]?\d)"
    elif re.match(_ALPHABETIC, gold[-1]):
        after = f"(?!(?!e?s(?!{_ALPHABETIC})){_ALPHABETIC})"
    return before + f"[{_GLUE}{_GAP}]?".join(map(re.escape, gold)) + after
