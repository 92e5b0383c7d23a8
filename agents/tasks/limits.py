"""What is to be done about a value that a tool gave, where the documents say from which limit on: 'Under 3.5: pump them up.'"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from fractions import Fraction

from agents.proof.numbers import stated
from agents.proof.operations import ABOVE, BELOW
from agents.proof.rarity import content_terms
from agents.tasks.grounding import share
from ingest.folding import fold
from ingest.sentences import sentences
from ingest.units import MONEY, UNIT, unit

_ABOVE, _BELOW = (
    re.compile(rf"(?:{p.pattern}|{more})\s*$", re.IGNORECASE)
    for p, more in ((ABOVE, "[高大多]于|过"), (BELOW, "[低小少]于|未满"))
)
_ABOUT = 0.3
"""Share of the words on the value that such a sentence or those before it have."""
_AROUND = 2
"""Sentences before one, in which stands what it is about."""


def beyond(value: Fraction, about: str, texts: Iterable[str]) -> str:
    """The sentence of `texts` on what `about` says, that sets a limit below or above which `value` lies; '' for none."""
    terms, found = content_terms(UNIT.sub(" ", fold(about))), []  # what it is measured in is nothing that it is about
    units = {unit(match.group())[0] for match in UNIT.finditer(fold(about))}
    for text in texts:
        told = [text[start:end] for start, end in sentences(text)]
        for at, sentence in enumerate(told):
            near = share(terms, content_terms(" ".join(told[max(at - _AROUND, 0) : at + 1])))
            if near >= _ABOUT and _is_beyond(value, sentence, units):
                found.append((near, " ".join(sentence.split())))
    return max(found, key=lambda pair: pair[0])[1] if found else ""


def _is_beyond(value: Fraction, sentence: str, units: Collection[str]) -> bool:
    folded = fold(sentence)
    for number in (number for number in stated(sentence) if number.kind in units or number.kind not in MONEY):
        before, limit = folded[: max(number.at, 0)], number.figure or number.value
        if (_BELOW.search(before) and value < limit) or (_ABOVE.search(before) and value > limit):
            return True
    return False
