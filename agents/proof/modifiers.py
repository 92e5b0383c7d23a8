"""What a question puts before something that the documents know, and they know nowhere: 陪产假 where they speak of 产假, 'the yellow
group' where they have groups of other colours.

Whether that makes it another thing (陪产假) or says no more of the same one (请产假, 'the exact price'), no word list can tell; how far
the question moves when it goes, can.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from agents.proof.asked import runs, segments, without_asking
from agents.proof.operations import HIGHEST, LOWEST
from agents.proof.rarity import canonical_terms, content_terms
from agents.proof.similarity import Closeness
from agents.proof.weekdays import weekdays
from agents.proof.words import is_function_word, terms
from ingest.folding import fold

LONGEST = 2, 3
"""Characters of the parts of such a compound: longer runs are clauses, such as 夜里看 before 急诊."""
SAME = 0.86
"""Closeness of a question with such a word and without, from which on both ask for the same. Of 70 pairs written for it, zh and
en, .70 that ask for another thing lie below, and .22 that don't."""

VERB = re.compile(
    r"\b(?:(?:who|that|to|do|does|did|can|could|will|would|shall|should|may|might|must|i|you|we|they|he|she|it|not) )+[a-z]+",
    re.IGNORECASE,
)
"""A word where a verb may stand: it names and modifies nothing."""
_WORD = re.compile(r"[A-Za-z][A-Za-z'-]*|[^\sA-Za-z]")


def another(question: str, found: str, closeness: Closeness) -> bool:
    """Whether `question` is about another thing of the kind that `found`, all passages found, knows."""
    without = list(without_modifiers(question, found))
    return bool(without) and min(closeness(question, without)) < SAME


def without_modifiers(question: str, found: str) -> Iterator[str]:
    """`question` without each word, or run of Chinese, that `found` lacks, directly before one that it has."""
    if question.isascii():
        yield from _english(question, canonical_terms(found))
        return
    folded, known = fold(question), fold(found)
    for run in runs(without_asking(question)):
        for (piece, held), (following, follows) in pairwise(segments(run, known)):
            short = len(piece) <= LONGEST[0] and len(following) <= LONGEST[1]
            if (
                not held
                and piece not in known  # a single character is held by none: 猫绝育 in a table with a column 猫
                and follows
                and short
                and terms(piece)
                and not any(weekdays(piece))  # 周末不许敲墙 tells of 周六敲墙
                and not _shortened(piece if len(piece) > 1 else piece + following, known)
            ):
                yield folded.replace(piece + following, following, 1)


def _shortened(name: str, known: str) -> bool:
    """Whether `name` is short for something in `known`: 业委会 for 业主委员会."""
    return bool(re.search("[\u4e00-\u9fff]{0,2}".join(map(re.escape, name)), known))


def _english(question: str, known: frozenset[str]) -> Iterator[str]:
    words = list(_WORD.finditer(question))
    for before, word, after in zip(words, words[1:], words[2:], strict=False):
        stems = content_terms(word.group())
        lead = before.group().casefold()
        if (
            stems
            and not stems & known
            and word.group().islower()
            and after.group().islower()
            and content_terms(after.group()) & known
            and not (HIGHEST.search(word.group()) or LOWEST.search(word.group()))
            and is_function_word(lead)
            and not VERB.fullmatch(f"{lead} {word.group()}")
        ):
            yield question[: word.start()] + question[after.start() :]
