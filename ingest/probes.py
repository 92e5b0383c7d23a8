"""Questions and passages of our own, the same in both languages, to learn how an embedder's cosines lie.

They are kept in probes.json. The first `len(PASSAGES)` questions are answered by the passage at the same place; to all
other passages a question is unrelated. The questions vary in form and subject because their mean stands for 'a question as
such'.
"""

from __future__ import annotations

import json
from importlib.resources import files

_KEPT = json.loads(files("ingest").joinpath("probes.json").read_text("utf-8"))
QUESTIONS: tuple[tuple[str, str], ...] = tuple((zh, en) for zh, en in _KEPT["questions"])
PASSAGES: tuple[tuple[str, str], ...] = tuple((zh, en) for zh, en in _KEPT["passages"])
