"""Is what was found enough to answer from?

A logistic of two things: how close a passage is to the question on the embedder's calibrated scale
(`ingest.calibration`), and how much of the question's words it has; the best passage decides. Where question and
passage are in different languages the words say nothing, so closeness decides alone.

The coefficients were fitted once to the bundled embedder, on passages of the pipeline's own size: questions of XQuAD and
llm-notes to their own documents, against questions of the other sets and of rgb-dev, cmrc-trial and finance-dev;
then shifted so that at most 3 % of the answerable questions are refused in any direction (seen: 2.3 % zh→en,
2.7 % en→en, 1.7 % zh→zh, 2.0 % en→zh, none of llm-notes), because turning away a good question is worse than showing a
passage too many. Refused of the questions from elsewhere: 90 % zh→zh, 89 % en→en, 25 % zh→en, 23 % en→zh; of
those put to llm-notes 88 % (zh) and 64 % (en). How far the best passage stands out from the other hits added
nothing to that. A question about the documents' own subject whose answer is missing looks answerable from
here; the answer's sentences are checked again one by one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ingest.calibration import Calibration
from ingest.documents import Hit
from ingest.language import side

THRESHOLD = 0.5
_CLOSENESS, _WORDS, _OFFSET = 11.8, 16.9, -8.5
_CLOSENESS_ACROSS = 5.7
_ENOUGH_ACROSS = {"zh": 0.37, "en": 0.12}
"""Closeness of a passage in the other language that is just enough, by the question's language."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How well the best passage supports an answer, 0..1, and from where on that is enough."""

    strength: float
    threshold: float
    sufficient: bool


def assess(query: str, hits: Iterable[Hit], calibration: Calibration) -> Evidence:
    """Judge the hits of one search for `query`, whose dense scores are cosines with the aimed question."""
    asked = side(query)
    best = max((_logit(asked, hit, calibration) for hit in hits), default=-math.inf)
    strength = 1 / (1 + math.exp(-best)) if best > -700 else 0.0
    return Evidence(strength, THRESHOLD, strength >= THRESHOLD)


def _logit(asked: Literal["zh", "en"], hit: Hit, calibration: Calibration) -> float:
    told = side(hit.text)
    closeness = calibration.closeness(hit.dense.score, asked, told) if hit.dense else 0.0
    if asked != told:
        return _CLOSENESS_ACROSS * (closeness - _ENOUGH_ACROSS[asked])
    return _CLOSENESS * closeness + _WORDS * (hit.lexical.score if hit.lexical else 0.0) + _OFFSET
