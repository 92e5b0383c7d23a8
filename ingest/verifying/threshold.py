"""From what a judge says of the probes to whether, and from which value on, it is believed; and its votes during an answer.

The probes are small tasks with a known answer. They come in pairs over one source, so that a judge gains nothing from what
the source is about: a sentence that follows from it in other words or another language, and one that nearly does.
"""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files

from ingest.language import language_of

PRECISION = 0.95
"""Of what is accepted, as much has to be right: a wrong tick is worse than a missing one."""
LEAST_AUC = 0.75
"""Area under the ROC curve below which a judge is no judge; chance has 0.5."""
LEAST_RECALL = 0.2
"""Right sentences of the probes that must be accepted: a threshold that a handful pass was found by luck."""


@dataclass(frozen=True, slots=True)
class Measured:
    """How a judge did on probes. `threshold` is None where it is not to be believed."""

    threshold: float | None
    auc: float
    precision: float
    """Of those accepted at the threshold; 0 without one, as is `recall`."""
    recall: float


@dataclass(frozen=True, slots=True)
class Worth:
    """What a judge of sources and sentences is worth: a small chat model, for one, knows a translation better than a
    paraphrase, in which every word may count."""

    within: Measured
    """Where both are in one language."""
    across: Measured
    """Where they are not."""

    @property
    def any(self) -> bool:
        """Whether it is believed at all."""
        return self.within.threshold is not None or self.across.threshold is not None

    def margin(self, source: str, sentence: str, score: Callable[[str, str], float]) -> float:
        """How far `score(source, sentence)` is above the threshold for such a pair; minus infinity, and nothing asked,
        where there is none."""
        threshold = (self.across if crosses(source, sentence) else self.within).threshold
        return -math.inf if threshold is None else score(source, sentence) - threshold


def crosses(source: str, sentence: str) -> bool:
    """Whether the two are in different languages."""
    return language_of(source) != language_of(sentence)


def measured(right: Sequence[float], wrong: Sequence[float]) -> Measured:
    """`right`, `wrong`: what it says of sentences to be accepted and not; more means surer. Neither may be empty."""
    found = auc(right, wrong)
    if found < LEAST_AUC:
        return Measured(None, found, 0.0, 0.0)
    values = sorted({*right, *wrong})
    best = Measured(None, found, 0.0, 0.0)
    for below, value in zip([values[0], *values], values, strict=False):
        taken, mistaken = sum(v >= value for v in right), sum(v >= value for v in wrong)
        if not taken or taken / (taken + mistaken) < PRECISION or taken < LEAST_RECALL * len(right):
            continue
        if taken / len(right) > best.recall:  # the middle of the gap, so that neither side is at the edge
            best = Measured((below + value) / 2, found, taken / (taken + mistaken), taken / len(right))
    return best


def auc(right: Sequence[float], wrong: Sequence[float]) -> float:
    """How often one of `right` is above one of `wrong`, ties as half: 0..1."""
    above = sum((r > w) + 0.5 * (r == w) for r in right for w in wrong)
    return above / (len(right) * len(wrong))


@dataclass(frozen=True, slots=True)
class Probe:
    """Two sentences beside one source, of which only the first is to be accepted."""

    source: str
    right: str
    wrong: str


ENTAILMENT: tuple[Probe, ...] = tuple(
    Probe(*texts) for texts in json.loads(files("ingest.verifying").joinpath("entailment.json").read_text("utf-8"))
)
"""38 sources: 9 Chinese, 9 English, then 5 with English sentences on Chinese, 5 the other way round, and 10 of either. Wrong
sentences change a condition, a number, a role, a name, an order in time or a quantifier, or turn a denial round."""


class Margins:
    """Adds up what its questions take, and asks none that would not fit any more."""

    def __init__(
        self,
        margin: Callable[[str, str], float],
        seconds: float,
        *,
        each: float = 0.0,
        cancel: threading.Event | None = None,
    ) -> None:
        """`margin(text, other)` is how far a score is above its threshold; asking it takes `each` seconds as a rule, and
        there are `seconds` in all."""
        self._ask = margin
        self._left, self._each, self._cancel = seconds, each, cancel

    def __call__(self, text: str, others: Sequence[str], /) -> list[float]:
        """For each of `others` the margin: 0 and more is a yes, minus infinity was not asked."""
        return [self._margin(text, other) for other in others]

    def _margin(self, text: str, other: str) -> float:
        if self._left < self._each or (self._cancel is not None and self._cancel.is_set()):
            return -math.inf
        began = time.monotonic()
        margin = self._ask(text, other)
        self._left -= time.monotonic() - began
        return margin
