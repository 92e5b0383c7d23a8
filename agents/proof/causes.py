"""Because of what: what a source only says beside something else is no reason for it."""

from __future__ import annotations

import re

from agents.proof.rarity import canonical_terms
from agents.proof.spans import quotable
from ingest.folding import fold

_BECAUSE = re.compile(r"\b(?:because(?: of)?|due to|owing to)\b|因为|由于")
_REASON = re.compile(
    rf"{_BECAUSE.pattern}|(?:^|[,;]) ?(?:as|since|for|so)\b|\b(?:thus|hence|therefore|reasons?|why|caus\w+|led to|leads to|results? in)\b"
    r"|因|所以|从而|于是|理由|导致|致使|使得|引起|造成"
)
"""Words by which a source may give a reason: of one it is enough that there is any."""


def gives_reason(sentence: str) -> bool:
    """Whether `sentence` says because of what something is so."""
    return bool(_BECAUSE.search(fold(sentence)))


def without_reason(sentence: str, quote: str) -> bool:
    """Whether the reason that `sentence` gives is not in `quote`, or there in a sentence of several that gives none."""
    found = _BECAUSE.search(fold(sentence))
    reason = canonical_terms(re.split(r"[,，]", fold(sentence)[found.end() :], maxsplit=1)[0]) if found else frozenset()
    if not reason:
        return False
    told = [fold(quote[start:end]) for start, end in quotable(quote, 0)]
    held = [len(reason & canonical_terms(one)) for one in told]
    own = held.index(max(held))
    return not held[own] or (len(told) > 1 and not any(map(_REASON.search, told[own : own + 2])))
