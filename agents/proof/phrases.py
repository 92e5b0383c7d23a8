"""Whether a text says something by itself, or is a name or a noun that only answers a question.

'Chengdu' stands somewhere in every passage about Chengdu; that proves nothing. No dictionary of verbs is needed to be
careful here: a short text counts as a phrase unless something in it predicates. What is taken for one by mistake is
still proven by a passage that answers the question with it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from agents.proof.numbers import stated
from agents.proof.words import is_function_word
from ingest.folding import fold
from ingest.language import is_han

MOST_WORDS, MOST_HAN = 6, 10
_PREDICATES = re.compile(
    r"\b(?:is|are|was|were|am|be|been|has|have|had|do|does|did|can|could|will|would|may|might|must|shall|should|not|"
    r"\w{3,}ed)\b|'(?:s|re|m|ll|ve|d)\b"
)
_PREDICATES_ZH = re.compile(
    "[是有为于叫称将被把应须需会能可不没未已曾了着过得说指属在由向给让使用做含含占达增减]|可以|必须"
)
_BEGINS = frozenset(
    str.split("a an the in on at for by from to of with because due since until about their its his her")
)
"""Words a noun or an adverbial begins with."""


_NAMED = 4
"""Characters from which on what stands before an amount says of what it is one: 每张 60 元 doesn't."""
_THIRD_PERSON = re.compile(r"[^\W\d_]{3,}s")


@lru_cache(maxsize=256)
def is_phrase(text: str) -> bool:
    """True for a short text in which nothing predicates, such as a name, a date, an amount."""
    folded = fold(text).strip(" .。!！;；,，\"'“”《》")
    han = sum(map(is_han, folded))
    if han * 2 > len(folded.replace(" ", "")):
        return han <= MOST_HAN and "," not in folded and not _PREDICATES_ZH.search(folded) and not _amounts(folded)
    words = re.findall(r"[^\W_][\w.,:%'-]*", folded)
    if len(words) > MOST_WORDS or _PREDICATES.search(folded) or _PREDICATES_ZH.search(folded):
        return False
    if any(map(_predicates, words, words[1:-1], words[2:])):
        return False
    if len(words) <= 3 or words[0] in _BEGINS:
        return True
    return not any(word[0].islower() for word in re.findall(r"[^\W_][\w'-]*", text) if len(word) > 3)


def _amounts(folded: str) -> bool:
    """Whether a name is followed by how much that is or at what time, which needs no verb in Chinese, or one behind it: 市内运费 12 元,
    上午的班车 9:15 发车."""
    amounts = [one for one in stated(folded) if one.kind and one.at >= 0]
    amounts = [one for one in amounts if len(folded) - one.at - len(one.surface) < _NAMED]
    return any(sum(map(is_han, folded[: one.at])) >= _NAMED for one in amounts)


def _predicates(before: str, word: str, behind: str) -> bool:
    """Whether `word`, with others around it, is a verb: 'the walk takes two hours', 'the hall seats 240', 'members pay 40%', but not
    '90 minutes away', 'the boxes of pens'."""
    if any(map(is_function_word, (before, word))) or stated(before):
        return False
    verb = word.endswith("es") or bool(stated(behind)) or behind == "at"
    plural = before.endswith("s") and word.isalpha() and not stated(word)
    return (bool(_THIRD_PERSON.fullmatch(word)) and verb) or (plural and bool(stated(behind)))
