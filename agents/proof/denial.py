"""Whether a sentence denies what its source affirms, or the other way round."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile

from agents.proof.numbers import values
from agents.proof.rarity import canonical_terms
from agents.proof.synonyms import canonical, contradicts, polar
from agents.proof.tokens import Token, tokens
from agents.proof.words import is_function_word
from ingest.folding import fold
from ingest.language import is_han

_LINKS = frozenset("得能可会再需必曾在被给对向为把将任何进行以要")
"""Characters between a Chinese denial and what it bears on."""
_BANS = ("prohibit", "forbid", "ban", "disallow", "reject", "exclude", "exempt")
"""Denials that bear on what stands before them as well."""
_PART = re.compile(r"[，,；;。.!?！？：:\n]|\b(?:except|when|while|but|although)\b")


@dataclass(frozen=True, slots=True)
class Denial:
    """What a text denies, as canonical terms."""

    heads: frozenset[str]
    """The word each denial bears on."""
    scope: frozenset[str]
    """All of its clause: neither dogs nor cats are allowed, dogs are not allowed."""
    negative: bool


@lru_cache(maxsize=4096)
def denial(text: str) -> Denial:
    """What `text` denies."""
    found, folded = tokens(text), fold(text)
    heads: set[str] = set()
    scope: set[str] = set()
    denials = [at for at, token in enumerate(found) if token.kind == "denial"]
    for at in denials:
        if (place := folded[found[at].start :])[:1] == "非" and folded.count(place[1:3]) > folded.count(place[:3]):
            continue  # 非汛期…，汛期…: both are spoken of
        words = _words([*takewhile(lambda token: token.kind != "end" and token.key != "的", found[at + 1 :])], folded)
        before = _words(
            [*takewhile(lambda token: token.kind != "end", found[at - 1 :: -1] if at else [])][::-1], folded
        )
        left = before if folded.startswith(_BANS, found[at].start) else []  # 'smoking is prohibited'
        # Of what is rejected, all that it would bring comes to nothing.
        heads.update(left + words if folded.startswith("reject", found[at].start) else left[-1:] + words[:1])
        scope.update(before + words)
    return Denial(frozenset(heads), frozenset(scope), bool(denials))


def _words(part: list[Token], folded: str) -> list[str]:
    """The canonical words of a clause, of Chinese its pairs of characters."""
    while part and part[0].key in _LINKS:
        part = part[1:]
    found: list[str] = []
    for token in part:
        pair = folded[token.start : token.start + 2]
        if token.kind == "word" and token.key.isascii():
            found += [] if is_function_word(token.key) else [token.key]
        elif len(pair) == 2 and all(map(is_han, pair)):
            found.append(canonical(pair))
    return found


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


def reversed_in_clause(said: str, source: str) -> bool:
    """Whether `said` has the opposite of what the clause of `source` says that is about the same: 'open on Sundays' of 'on
    Sundays we are closed except in July, when we open from 10'. Which clause that is, numbers and days say
    better than words, and the opposite itself not at all."""
    words = polar(said)
    if not words:
        return False
    about, given = canonical_terms(said) - words, values(said)
    clause = max(_PART.split(source), key=lambda part: (len(values(part) & given), len(canonical_terms(part) & about)))
    return contradicts(words, polar(clause))
