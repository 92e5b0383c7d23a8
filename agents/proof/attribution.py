"""What a source says of somebody else: that Frank Scrase comes from North York, by a source that says it of Irwin Theodore.

The longest stretch that a clause has from its source is taken for what is said, what leads it for whom it is said of. A
subject stands before what is said of it: it is another one's where the source names this one only in a later sentence, or
where the sentence that says it names another in its place. Pronouns may stand for anybody.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from agents.proof.tokens import Token, clauses, tokens
from agents.proof.verdicts import Difference
from ingest.folding import fold

LEAST = 3
"""Tokens with a meaning of their own (Chinese: characters) that a stretch must have to be what is said."""
WHOLE = 0.75
"""Share of a clause that the two must make up between them: of a free paraphrase nobody can tell which is which."""
_STOPS = frozenset("。！？!?.；;\n")
_ANYBODY = re.compile(r"\b(?:he|she|it|they|who|which|this|that|these|those|its|his|her|their)\b|[他她它该其这那此]")
_NAME = re.compile(r"\b[A-Z][a-zà-ÿ]+(?:[ -][A-Z][\w.'à-ÿ-]*)+|(?<=[\u4e00-\u9fff])[A-Z][a-zà-ÿ]{2,}")


def of_another(sentence: str, source: str, context: str) -> Difference | None:
    """Whose it is instead, where `source` says what `sentence` says of somebody else. `context` names what all of the source
    may be about."""
    told = tokens(source)
    if len(fold(source)) != len(source):
        return None
    for clause in clauses(tokens(sentence)):
        subject, said = _parted(clause, told)
        if not subject or _places(subject, tokens(context)):
            continue
        verdicts = [_elsewhere(subject, at, len(said), told, source, sentence) for at in _places(said, told)]
        if verdicts and all(verdicts):
            return verdicts[0]
    return None


def _weight(part: Sequence[Token]) -> int:
    return sum(token.weighs for token in part)


def _parted(clause: Sequence[Token], told: Sequence[Token]) -> tuple[Sequence[Token], Sequence[Token]]:
    """Whom a clause is about and what it says of them, as far as `told` has both in one stretch each."""
    longest, at = _longest(clause, told)
    lead = clause[:at]
    if _weight(lead):
        subject, said = _longest(lead, told)[0], longest
    else:  # a long name
        lead, subject, said = longest, longest, _longest(clause[at + len(longest) :], told)[0]
    enough = _weight(said) >= LEAST and _weight(subject) * 2 > _weight(lead)
    whole = _weight(subject) + _weight(said) >= WHOLE * _weight(clause)
    return (subject, said) if enough and whole and not subject[0].number else ((), ())


def _longest(part: Sequence[Token], told: Sequence[Token]) -> tuple[Sequence[Token], int]:
    """The longest stretch of `part` that `told` has, and where it begins."""
    keys = [token.key for token in part], [token.key for token in told]
    block = SequenceMatcher(None, *keys, autojunk=False).find_longest_match()
    return part[block.a : block.a + block.size], block.a


def _places(part: Sequence[Token], among: Sequence[Token]) -> list[int]:
    keys, there = [t.key for t in part], [t.key for t in among]
    return [at for at in range(len(there) - len(keys) + 1) if there[at : at + len(keys)] == keys]


def _elsewhere(
    subject: Sequence[Token], at: int, size: int, told: Sequence[Token], source: str, sentence: str
) -> Difference | None:
    """Why what stands at told[at : at + size] is not said of `subject`."""
    begin = max((n + 1 for n in range(at) if told[n].key in _STOPS), default=0)
    end = next((n for n in range(at + size, len(told)) if told[n].key in _STOPS), len(told))
    places = _places(subject, told)
    if any(begin <= place < end for place in places):
        return None
    before = source[told[begin].start : told[at].start]
    if _ANYBODY.search(fold(before)):
        return None
    if min(places, default=end) >= end:
        return Difference("role", source[told[begin].start : told[end - 1].end])
    whole = source[told[begin].start : told[end - 1].end]
    named = any(char.isupper() for char in sentence[subject[0].start : subject[-1].end])
    others = [name for name in _NAME.findall(whole) if fold(name) not in fold(sentence)]
    return Difference("name", others[0]) if named and others else None
