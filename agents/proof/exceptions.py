"""What a statement excepts: 'open daily except on Sundays' says of Sundays the contrary of what it says of the other days."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.proof.denial import denial
from agents.proof.numbers import values
from agents.proof.rarity import canonical_terms
from agents.proof.synonyms import contradicts, polar
from ingest.folding import fold

_ENGLISH = re.compile(
    r"\b(?:except(?:ing)?|excluding|save for)\s+(?:(?:for|on|in|at|to|from|during|with)\s+)?([^,;.:!?()]+)"
)
_CHINESE = re.compile(r"除了?([^，,。；;！!？?]{1,20}?)(?:以外|之外|外)[，,]?(?![^。；;！!？?]*[也还又亦])")
"""除周日外，周六也休息 adds one, it excepts none."""
_STOPS = re.compile(r"[。！!？?；;\n]|\.(?=\s|$)")
_ITEMS = re.compile(r"、|[和与及或]|\b(?:and|or)\b")
_LIMITS = re.compile(r"[除仅只]|\b(?:except|excluding|unless|without|only|but)\b")
"""What itself excepts or limits is held against its source word by word."""


def limits(text: str) -> bool:
    """Whether `text` says that something is so only partly, or but for something."""
    return bool(_LIMITS.search(fold(text)))


def excepted(said: str, source: str) -> bool | None:
    """Whether `said`, about something that `source` excepts, says the contrary of what that says of all else, as it must;
    None where it is about no exception."""
    if limits(said):
        return None
    here = _matter(said)
    for rule, item in _exceptions(source):
        rest = {*canonical_terms(rule), *values(rule, named=True)}
        about = _matter(item) - rest
        opposite = contradicts(polar(said), polar(rule))
        if about and about <= here and (opposite or here & rest):
            return opposite != (denial(said).negative != denial(rule).negative)
    return None


def _exceptions(source: str) -> Iterator[tuple[str, str]]:
    """Each thing that is excepted, behind the rule that it is excepted from."""
    for statement in _STOPS.split(fold(source)):
        if match := _ENGLISH.search(statement) or _CHINESE.search(statement):
            rule = statement[: match.start()] + statement[match.end() :]
            yield from ((rule, item) for item in _ITEMS.split(match[1]))


def _matter(text: str) -> set[object]:
    return {*canonical_terms(text), *values(text)}
