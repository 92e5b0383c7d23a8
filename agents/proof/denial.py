"""Whether a sentence denies what its source affirms, or the other way round."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from agents.proof.numbers import stated
from agents.proof.rarity import canonical_terms
from agents.proof.synonyms import canonical, opposed, polar
from ingest.folding import fold
from ingest.stemming import stem

_EN_NEGATORS = re.compile(
    r"\b(?:not|never|no|without|neither|nor|cannot|none|nobody|nothing|lack(?:s|ed)?|fail(?:s|ed)? to|"
    r"refuse[sd]? to|unable to)\b|n't\b"
)
_EN_FALSE = re.compile(
    r"\b(?:not only|no later than|no more than|no less than|no fewer than|not later than|not more than|not less than|"
    r"not exceed\w*|no\.? ?\d+|nothing but|no doubt|whether or not|not just|not merely)\b"
)
_EN_BAN = re.compile(
    r"\b(?:prohibit\w*|forbid\w*|forbidden|ban(?:s|ned)?|disallow\w*|reject\w*|excluded? from|exempt\w*)\b"
)
_ZH_NEGATORS = re.compile(
    "没有|没能|不会|不能|不可以|不可|不是|不得|不准|不许|不再|不需要|不需|不必|不|没|未能|未曾|未|无法|无需|无须|无|非(?!常|洲)|勿|禁止|严禁|拒绝|否决|驳回|并非"
)
_ZH_FALSE = re.compile(
    "不仅|不但|不只|不光|不过|不同|不断|不少|不论|不管|不久|不得不|不可或缺|不超过|不少于|不低于|不高于|不晚于|不迟于|不足|不等|不动产|不锈钢|不错|不妨|不佳|不良|不利|不幸|不明|差不多|了不起|"
    "无论|无数|无线|无人机|无锡|无机|未来|未必|未婚|南非|北非|东非|西非|非洲|除非|否则|没收|是不是|能不能|可不可以|有没有|不到|不满"
)
_EN_SKIP = frozenset(
    str.split(
        """
the a an any to be been being is are was were have has had do does did will would can could may might must yet
ever also longer in of for on at
"""
    )
)
_EN_WORD = re.compile(r"[a-z][a-z'-]*")
NEGATOR = re.compile(f"{_EN_NEGATORS.pattern}|{_EN_BAN.pattern}|{_ZH_NEGATORS.pattern}")
"""Whatever denies, in folded text from which `FALSELY_NEGATIVE` is taken first."""
FALSELY_NEGATIVE = re.compile(f"{_EN_FALSE.pattern}|{_ZH_FALSE.pattern}")
_ZH_LINK = re.compile("^(?:得|能|可以|可|会|再|需要|需|必|曾|在|被|给|对|向|为|把|将|任何|进行)+")
_CLAUSE = re.compile(r"[，,；;。.!?！？：:\n]")
_PART = re.compile(rf"{_CLAUSE.pattern}|\b(?:except|when|while|but|although)\b")


@dataclass(frozen=True, slots=True)
class Denial:
    """What a text denies, as canonical terms."""

    heads: frozenset[str]
    """The word each denial bears on."""
    scope: frozenset[str]
    """Everything after it up to the end of its clause."""
    negative: bool


@lru_cache(maxsize=4096)
def denial(text: str) -> Denial:
    """What `text` denies."""
    folded = fold(text)
    folded = _ZH_FALSE.sub(lambda m: "□" * len(m.group()), _EN_FALSE.sub(lambda m: " " * len(m.group()), folded))
    heads: set[str] = set()
    scope: set[str] = set()
    negative = [*_EN_NEGATORS.finditer(folded)]
    for match in negative:
        words = _words_after(folded, match.end(), 120)
        heads.update(words[:1])
        scope.update(words)
    bans = [*_EN_BAN.finditer(folded)]
    for match in bans:
        left = _words(_CLAUSE.split(folded[max(0, match.start() - 60) : match.start()])[-1])
        right = _words_after(folded, match.end(), 60)
        # Of what is rejected, all that it would bring comes to nothing.
        heads.update(left + right if match.group().startswith("reject") else left[-1:] + right[:1])
        scope.update(left + right)
    chinese = [*_ZH_NEGATORS.finditer(folded)]
    for match in chinese:
        clause = _CLAUSE.split(folded[match.end() : match.end() + 40])[0]
        rest = _ZH_LINK.sub("", clause.split("的")[0])  # 未休完的…: the denial ends there
        if match.group() == "非" and folded.count(rest[:2]) > folded.count(match.group() + rest[:2]):
            continue  # 非汛期…，汛期…: both are spoken of
        pairs = [canonical(rest[at : at + 2]) for at in range(len(rest) - 1)]
        heads.update(pairs[:1])
        scope.update(pairs)
    return Denial(frozenset(heads), frozenset(scope), bool(negative or bans or chinese))


def _words(clause: str) -> list[str]:
    return [canonical(stem(word)) for word in _EN_WORD.findall(clause) if word not in _EN_SKIP]


def _words_after(folded: str, at: int, most: int) -> list[str]:
    """The canonical words up to the end of the clause, at most `most` characters on."""
    return _words(_CLAUSE.split(folded[at : at + most])[0])


def disagree(said: str, source: str, said_terms: frozenset[str], source_terms: frozenset[str]) -> bool:
    """True when one of the two denies what the other affirms, or `said` denies and `source` denies nothing.

    The term sets hold the canonical terms of either text.
    """
    ours, theirs = denial(said), denial(source)
    if ours.negative and not theirs.negative:
        return True
    if any(head in source_terms and head not in theirs.scope for head in ours.heads):
        return True
    return any(head in said_terms and head not in ours.scope for head in theirs.heads)


def misplaced(said: str, source: str) -> bool:
    """Whether a clause of `said` has a word whose opposite, and not itself, stands in the clause of `source` that is about the
    same: 'open on Sundays' of 'on Sundays we are closed except in July, when we open from 10'. What only one of the two words
    stands in is no matter of clauses."""
    if not polar(said) & polar(source):
        return False
    parts = [(polar(part), _matter(part)) for part in _PART.split(source)]
    for clause in _PART.split(said):
        for word in polar(clause) & polar(source):
            about = _matter(clause) - {word}
            words, terms = max(parts, key=lambda part: len(part[1] & about))
            if terms & about and word not in words and any(opposed(word, other) for other in words - polar(clause)):
                return True
    return False


def _matter(clause: str) -> set[object]:
    """What a clause is about: its terms, its numbers and days."""
    return {*canonical_terms(clause), *((number.kind, number.value) for number in stated(clause))}
