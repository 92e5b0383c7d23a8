"""A second vote on a sentence, where shared words can't decide: a paraphrase, or another language than the source's.

Rules keep their veto: the vote is asked only about windows that nothing is at odds with. Who votes (a classifier, the
chat model itself) is not known here; a voter has been measured, and says how far above its own threshold it is.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Protocol

ACCEPTED = 0.0
"""Margin from which on a vote counts as yes: at a voter's threshold, .95 of what it accepts is right on the probes."""
MOST_ASKED = 2
"""Windows of a passage that are put to the vote, the likeliest: reading one takes about a second on two cores."""


class Entailment(Protocol):
    """Says whether a source says a sentence."""

    def __call__(self, sentence: str, sources: Sequence[str], /) -> list[float]:
        """For each of `sources` how sure it is that it says `sentence`, as a margin over its threshold: yes from
        `ACCEPTED` on. Minus infinity where it was not asked, for want of time."""
        ...


class Judges(Protocol):
    """Opens the voters for one answer."""

    def entailment(self, question: str, seconds: float, cancel: threading.Event) -> Entailment | None:
        """One for sentences written in answer to `question`, which takes at most so many seconds in all and ends when
        `cancel` is set; None where there is none to be believed."""
        ...

    def close(self) -> None:
        """Stop whatever goes on behind."""
        ...
