"""Whether a text says that something is the most or the least of its kind.

A question names it in the words by which tables are compared; a source may say it in any form of its language, so there the
form decides: English '-est' and the six irregular ones, Chinese 最 and what is first.
"""

from __future__ import annotations

import re

from agents.proof import quantifiers
from agents.proof.asked import asked_for
from agents.proof.operations import HIGHEST, LOWEST
from ingest.folding import fold

_BOUND = re.compile(r"\bat (?:most|least)\b|最[多少][^\W\d]{0,3}\s*\d")
"""'At most 5', 最多 5: a bound."""
_FORM = re.compile(r"[最首]|第一|\b(?:most|least|worst|first|last|[a-z]+est)\b")


def asks_extreme(question: str) -> bool:
    """Whether `question` asks what is the most or least of its kind; where a number is asked for, it may be a bound: 最多可以借几本."""
    return is_extreme(question) and not asked_for(question).wants_number


def is_extreme(text: str) -> bool:
    """Whether `text` names the most or least of something; bounds don't."""
    plain = _BOUND.sub(" ", fold(text))
    return bool(HIGHEST.search(plain) or LOWEST.search(plain))


def says_extreme(text: str) -> bool:
    """Whether `text` may say so, in whatever form: what is usual is most common."""
    plain = fold(text)
    spelled = {quantifiers.quantifier(match.group()) for match in quantifiers.pattern().finditer(plain)}
    return bool(_FORM.search(plain) or spelled & {"part:most", "often:always", "often:often"})
