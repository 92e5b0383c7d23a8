"""From what a judge says of the probes to whether, and from which value on, it is believed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

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
