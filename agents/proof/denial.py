"""Whether a sentence says the contrary of its source: of what that affirms, denies or excepts.

'Open daily except on Sundays' says of Sundays the contrary of what it says of the other days.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile

from agents.proof.numbers import values
from agents.proof.rarity import canonical_terms
from agents.proof.spans import STOPS
from agents.proof.synonyms import canonical, contradicts
from agents.proof.tokens import Token, tokens
from agents.proof.words import is_function_word
from ingest.folding import fold
from ingest.language import is_han

_LINKS = frozenset("得能可会再需必曾在被给对向为把将任何进行以要")
"""Characters between a Chinese denial and what it bears on."""
_BANS = ("prohibit", "forbid", "ban", "disallow", "reject", "exclude", "exempt")
"""Denials that bear on what stands before them as well."""
_EXCEPTED = re.compile(
    r"\b(?:except(?:ing)?|excluding|save for)\s+(?:(?:for|on|in|at|to|from|during|with)\s+)?([^,;.:!?()]+)"
)
_EXCEPTED_ZH = re.compile(r"除了?([^，,。；;！!？?]{1,20}?)(?:以外|之外|外)[，,]?(?![^。；;！!？?]*[也还又亦])")
"""除周日外，周六也休息 adds one, it excepts none."""
_ITEMS = re.compile(r"、|[和与及或]|\b(?:and|or)\b")
_LIMITS = re.compile(r"[除仅只]|\b(?:except|excluding|unless|without|only|but)\b")
"""What itself excepts or limits is held against its source word by word."""


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
        heads.update(left[-1:] + words[:1])
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


def contrary(said: str, source: str) -> bool:
    """Whether `said` is at odds with what `source` affirms, denies or excepts."""
    allowed = excepted(said, source)
    return disagree(said, source) if allowed is None else not allowed


def disagree(said: str, source: str) -> bool:
    """True when one of the two denies what the other affirms, or `said` denies and `source` denies nothing."""
    ours, theirs = denial(said), denial(source)
    if ours.negative and not theirs.negative:
        return True
    return any(
        head in canonical_terms(text) and head not in other.scope
        for one, other, text in ((ours, theirs, source), (theirs, ours, said))
        for head in one.heads
    )


def limits(text: str) -> bool:
    """Whether `text` says that something is so only partly, or but for something."""
    return bool(_LIMITS.search(fold(text)))


def excepted(said: str, source: str) -> bool | None:
    """Whether `said`, about something that `source` excepts, says the contrary of what that says of all else, as it must;
    None where it is about no exception."""
    if limits(said):
        return None
    here = {*canonical_terms(said), *values(said)}
    for rule, item in _exceptions(source):
        rest = {*canonical_terms(rule), *values(rule, named=True)}
        about = {*canonical_terms(item), *values(item)} - rest
        opposite = contradicts(said, rule)
        if about and about <= here and (opposite or here & rest):
            return opposite != (denial(said).negative != denial(rule).negative)
    return None


def _exceptions(source: str) -> Iterator[tuple[str, str]]:
    """Each thing that is excepted, behind the rule that it is excepted from."""
    for statement in STOPS.split(fold(source)):
        if match := _EXCEPTED.search(statement) or _EXCEPTED_ZH.search(statement):
            rule = statement[: match.start()] + statement[match.end() :]
            yield from ((rule, item) for item in _ITEMS.split(match[1]))
