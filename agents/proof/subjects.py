"""What a sentence is about, as far as its form tells: the words of 'the … of' and what a Chinese sentence begins with.

'The marketing department is led by Luo' is about a marketing department; where a passage has none, it says nothing of
it, however much of the rest it has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile

from agents.proof.rarity import content_words
from agents.proof.words import is_function_word
from ingest.folding import fold

_GROUP = re.compile(r"\b(?:the|an?|our|its|their|your|for|of) (?=((?:[a-z][a-z'-]*(?: |\b)){1,4}))")
_OWNED = re.compile(r"的([\u4e00-\u9fff]{2,4})(?:[是为]|只有)")
_BEGINS = re.compile(r"^[^\w]*([\u4e00-\u9fff]{2,4})")


def subjects(sentence: str) -> Iterator[frozenset[str]]:
    """The canonical terms of each thing it is about, of which a source must have one."""
    folded = fold(sentence)
    for match in _GROUP.finditer(folded):
        words = takewhile(lambda word: not is_function_word(word) and not word.endswith(("ly", "ed")), match[1].split())
        *before, noun = [*words] or [""]
        yield from (frozenset(content_words(word)) for word in before)
        yield frozenset(content_words(" ".join([*before, noun])))  # who has won the cup is the cup's winner
    for match in [*_OWNED.finditer(folded), *_BEGINS.finditer(folded)]:
        yield frozenset(content_words(match[1]))


def akin(term: str, other: str) -> bool:
    """Whether two stems come of one word, as director and direct(ed), age and aged do: the shorter begins the longer, all but
    a letter."""
    shorter, longer = sorted((term, other), key=len)
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(shorter, longer, strict=False)))
    return shorter.isascii() and (
        (alike > 4 and alike + 1 >= len(shorter)) or (alike == len(shorter) > 2 and len(longer) == alike + 1)
    )
