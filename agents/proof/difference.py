"""What makes a sentence say something else than its source."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """What makes a sentence say something else: a reason of `Verdict`, and what the source has instead, '' if nothing."""

    reason: str
    instead: str = ""
    copy: bool = False
    """The sentence is a near copy of this stretch, with one name or number in another's place."""
