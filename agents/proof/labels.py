"""What a value is called: in a sentence the words before the verb that gives it, in a source those of its clause.

'A deposit of £50 is paid at once, the balance a week before' has a balance and £50 in one sentence, and does not say that the balance
is £50.
"""

from __future__ import annotations

import re

from agents.proof.binding import Bound, bounds
from agents.proof.names import across
from agents.proof.numbers import agrees, claimed
from agents.proof.rarity import content_words
from agents.proof.verdicts import Difference
from ingest.folding import fold

_GIVES = re.compile(
    r"(?:[是为达有]|:|\b(?:is|are|was|were|has|have|had|costs?)\b)\s*(?:(?:about|only|just)\b|[约仅只共]|大约)?\s*[$€£¥]?\s*$"
)
_PARTS = re.compile(r"(?<!\d),|,(?!\d)|[;:。!?\n]|\.(?=\s|$)")
_COUNTED = re.compile(r"\s*(?:[\u4e00-\u9fff]{2}|[a-z]+)")
_NAME = re.compile(r"[A-Z]\w*")
"""What has a capital is compared as a name."""


def misnamed(sentence: str, source: str) -> Difference | None:
    """The clause of `source` that has a number of `sentence` and calls it something else: what the sentence calls it `source` speaks
    of, but neither there nor in what leads there, or the number has a name of its own beside it."""
    folded = fold(sentence)
    for number in claimed(sentence):
        told = folded[: max(0, number.at)]
        gives = _GIVES.search(told)
        if gives is None or across(sentence, source):
            continue
        begin = max((part.end() for part in _PARTS.finditer(told, 0, gives.start())), default=0)
        name = _words(told[begin : gives.start()]) & _words(_NAME.sub(" ", source))
        holders = [bound for bound in bounds(source) if agrees(number, [bound.quantity])]
        if name and holders and all(_another(sentence, name, bound) for bound in holders):
            return Difference("condition", holders[0].clause)
    return None


def _another(sentence: str, name: frozenset[str], bound: Bound) -> bool:
    missing, own = name - _words(bound.clause), _words(bound.clause) - _words(sentence)
    if not missing or not own or bound.quantity.at < 0:
        return False
    counted = _COUNTED.match(bound.clause.partition(bound.quantity.surface)[2])
    return not missing <= bound.lead | bound.terms or (counted is not None and bool(own & _words(counted.group())))


def _words(text: str) -> frozenset[str]:
    return frozenset(content_words(text))
