"""When a document, a section or a statement is in force from, as far as its own words say.

A date of the rule is looked for, in this order, in the statement ('From 1 January 2026', '自2026年1月1日起'), the headings
above it, a line at the top or the end of the document that holds a date and little else ('Effective 2026-01-01',
'修订日期：2025-03', '本办法自2026年1月1日起施行。'), the title, and the file's name. Times of files on a disk say when somebody
copied them and are not asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.proof.days import dates
from ingest.folding import fold
from ingest.periods import Period, period

TOP_LINES, END_LINES = 8, 3
"""Lines at the top and at the end of a document in which a date is taken for the document's."""
LABEL = 24
"""Letters that such a line may hold besides its date, a Chinese character counted twice. 'Last revised' has 11,
本办法自…起施行 14, 'This policy takes effect on' 23."""
LONGEST_LINE = 160
"""Characters up to which a line may name the date in a later sentence than its first: prose tells of other things. Of 730
Wikipedia passages, which have no date of their own, none is taken for dated with this, 12 are without."""

_SENTENCE_END = re.compile(r"[。;]|\.\s")
_FROM = re.compile(
    r"(?:\b(?:from|effective(?:\s+(?:from|as of|on|since))?|with effect from|starting(?:\s+(?:from|on))?|beginning(?:\s+on)?|since)\s*|自|从)$"
)
_ON = re.compile(r"^\s*(?:起|开始|以后|之后)(?:施行|执行|生效|实施|试行|实行)?|^\s*(?:onwards?|on)\b|^\s*(?:施行|生效)")
_ENDS = re.compile(r"\b(?:until|till|expir\w*|next)\b|\b(?:to|by|before)\s*\0|至\s*\0|\0\s*前|下次|截止|到期|失效")
"""Words of a date on which something ends or is due, which is written as \\0."""
_STARTS = re.compile(r"effect|in force|valid from|[施执实]行|生效|实施")
_LETTER = re.compile(r"[^\W\d_]")


def in_force(statement: str) -> tuple[Period | None, str]:
    """The date a statement says it holds from, and the statement without the phrase that says so (folded where folding
    changes its length)."""
    folded = fold(statement)
    text = statement if len(statement) == len(folded) else folded
    for start, end, when in _dates(folded):
        before, after = _FROM.search(folded[:start]), _ON.match(folded[end:])
        if not before and not after:
            continue
        left, right = before.start() if before else start, end + (after.end() if after else 0)
        return when, f"{text[:left]} {text[right:].lstrip(' ,，')}".strip()
    return None, text


def named(name: str) -> Period | None:
    """The date in a title, a heading or a file's name: the latest of several."""
    found = [when for _, _, when in _dates(fold(name))]
    return max(found, key=lambda when: when.first, default=None)


def undated(name: str) -> str:
    """`name`, folded, without its dates."""
    folded = fold(name)
    for start, end, _ in reversed(list(_dates(folded))):
        folded = f"{folded[:start]} {folded[end:]}"
    return folded


def of_document(text: str) -> Period | None:
    """The date that a line of its own at the top or the end of `text` gives; where it takes effect comes before other
    dates, and of those the latest counts."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("|")]
    found: list[tuple[bool, Period]] = []
    for line in dict.fromkeys([*lines[:TOP_LINES], *lines[-END_LINES:]]):
        pieces = _SENTENCE_END.split(fold(line))
        for sentence in pieces if len(line) <= LONGEST_LINE else pieces[:1]:
            found_here = [item for item in _dates(sentence) if "-" in item[2].text]  # no year alone
            if len(found_here) != 1:
                continue
            start, end, when = found_here[0]
            label = f"{sentence[:start]}\0{sentence[end:]}"
            starts = bool(_STARTS.search(label))
            # 'Valid from 1 January 2026 for all employees of …': what it applies to may follow.
            length = min(_letters(label), _letters(sentence[:start])) if starts else _letters(label)
            if length <= LABEL and not _ENDS.search(label):
                found.append((starts, when))
    return max(found, key=lambda item: (item[0], item[1].first))[1] if found else None


def _letters(text: str) -> int:
    return sum(1 if char.isascii() else 2 for char in _LETTER.findall(text))


def _dates(folded: str) -> Iterator[tuple[int, int, Period]]:
    """Where each date with a year stands, and what it names; not 31 February, nor what is none at all."""
    for one in dates(folded):
        told = (one.year, one.month, one.day) if not one.either else (one.year,)
        if one.year and (when := period("-".join(map(str, filter(None, told))))):
            yield one.start, one.end, when
