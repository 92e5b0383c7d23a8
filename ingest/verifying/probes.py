"""Small tasks with a known answer, by which a judge of sentences is measured before it is believed.

Both kinds come in pairs over one source, so that a judge gains nothing from what the source is about: a sentence that
follows from it in other words or another language, and one that nearly does.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files


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
