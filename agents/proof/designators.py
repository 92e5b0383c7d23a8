"""Which one of its kind: E12, 7B, 7号楼, flat 14, the second director, 五楼.

A number in such a name counts nothing and measures nothing, so no other number comes near it: what is said of the third
director is no answer about the second.
"""

from __future__ import annotations

import re

from agents.proof.quantifiers import direction
from agents.proof.words import is_function_word
from ingest.folding import fold
from ingest.numerals import HAN_NUMERAL, NUMERAL_CHARACTERS, ORDINALS, han_value
from ingest.stemming import stem

Designator = tuple[str, str]
"""What there are several of, and the figures that tell one: ('e', '12')."""

NUMBERED = "楼路栋室届期版班线"
"""What a number before it tells apart and does not count."""
_CODE = re.compile(r"(?<![a-z0-9])([a-z]{1,12})-?(\d+)(?![a-z0-9])")
_INSTANCE = re.compile(r"(?<![a-z0-9])([a-z]{1,12})-?\d{3,}(?![a-z0-9])", re.IGNORECASE)
SUPPOSED = re.compile(
    r"(?:Suppose|Assume|Imagine|\b[Ii]f|Say(?= (?:the|an?|we|I|you|they|he|she|some(?:body|one))\b))\b|假设|假如|如果|要是"
)
_SIZE = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)([kmb])(?![a-z0-9])")
_NUMBERED = re.compile(r"(?<![\d月.])(\d{1,4})号([\u4e00-\u9fff])")
"""7号楼, but not 3月7号前."""
_HAN = re.compile(
    rf"第({HAN_NUMERAL}|\d{{1,4}})[个位种次]?([\u4e00-\u9fff])"
    rf"|(?<![\d.a-z第{NUMERAL_CHARACTERS}-])((?!一){HAN_NUMERAL}|\d{{1,4}})([{NUMBERED}])"
)
_ORDINAL = re.compile(rf"\b(?:({'|'.join(ORDINALS)})|(\d{{1,3}})(?:st|nd|rd|th))[ -]([a-z]{{3,}})\b")
_PLACE = re.compile(rf"\b(\d{{1,3}})(?:st|nd|rd|th)\b|第(?:(\d{{1,3}})|({HAN_NUMERAL}))|\b({'|'.join(ORDINALS)})\b")
_BEHIND = re.compile(r"\b([a-z]{3,12}) (?:no\.? |number )?(\d{1,4})(?=\s*(?:[?!,;:)]|\.(?!\d)|$))")


def codes(text: str) -> set[Designator]:
    """Names that end in a number, such as E12, RS-200, IP68, those that begin with one, such as 7号楼, and sizes that serve as
    names, such as 7B. They are written alike in every language."""
    folded = fold(text)
    sizes = {(match[2], match[1]) for pattern in (_SIZE, _NUMBERED) for match in pattern.finditer(folded)}
    return sizes | {(match[1], match[2]) for match in _CODE.finditer(folded)}


def of_any_instance(question: str, found: str) -> str:
    """A question that supposes something of one order or booking ('If TC-388 is cancelled …'), without the number that tells which:
    a rule holds for all of them and names none. Not where `found` tells things of that kind apart, as fault codes are."""
    if not SUPPOSED.search(question):
        return question
    known = {kind for kind, _ in codes(found)}
    return _INSTANCE.sub(lambda match: match[0] if match[1].casefold() in known else " ", question)


def ranks(text: str) -> set[Designator]:
    """What each language tells by an ordinal, or by a number beside the name."""
    folded = fold(text)
    counted = [match for match in _HAN.finditer(folded) if not direction(folded, *match.span())]  # no bound: 四楼以上
    han = [(match[2] or match[4], match[1] or match[3]) for match in counted]
    ordinals = [(match[3], match[2] or str(ORDINALS.index(match[1]) + 1)) for match in _ORDINAL.finditer(folded)]
    behind = [(m[1], m[2]) for m in _BEHIND.finditer(folded) if not direction(folded, m.start(2), m.end(2))]
    english = {(stem(word), number) for word, number in ordinals + behind if not is_function_word(word)}
    return english | {(kind, number if number.isdigit() else str(int(han_value(number)))) for kind, number in han}


def places(text: str) -> set[int]:
    """The places in an order that ordinals name: the first trip, 第二轮, the 3rd floor."""
    found = [match.groups() for match in _PLACE.finditer(fold(text))]
    return {
        int(figures) if figures else ORDINALS.index(word) + 1 if word else int(han_value(han))
        for figures, han, word in ((a or b, han, word) for a, b, han, word in found)
    }


def another(asked: set[Designator], told: set[Designator]) -> bool:
    """Whether of a kind that is asked for, only others are told."""
    return any(one not in told and any(one[0] == kind for kind, _ in told) for one in asked)
