"""What a chat model is asked, how its chances become a vote, and what its votes are worth: tried on the shipped probes, and
kept in the home folder.

Nothing is known of a model beforehand: the same one in another quantisation, or behind another template, votes otherwise.
"""

from __future__ import annotations

import functools
import hashlib
import json
import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter

import prompts
from agents.llm.chat_model import GgufChat
from agents.llm.gguf import identity
from ingest.language import language_of
from ingest.verifying.threshold import ENTAILMENT, Measured, Probe, Worth, auc, crosses, measured
from ingest.whole_files import written
from prompts import neutral

_FIRST = 8
"""Pairs after which a model that votes no better than by chance is not asked the rest."""
_HOPELESS = 0.55
"""Its area under the curve by then."""


@dataclass(frozen=True, slots=True)
class Votes:
    """What a model's votes are worth."""

    entails: Worth
    seconds: float
    """That one vote took, on average."""
    wording: str
    """Of the prompts and probes this was found with."""


def measure(model: GgufChat, cancel: threading.Event, wait: Callable[[], None] = lambda: None) -> Votes | None:
    """Ask about every probe; `wait` is called before each. None when `cancel` was set. Raises `ModelError`."""
    asked: list[float] = []

    def ask(probe: Probe, sentence: str) -> float:
        wait()
        began = time.monotonic()
        value = vote(model, probe.source, sentence, cancel)
        asked.append(time.monotonic() - began)
        return value

    across = _measured([p for p in ENTAILMENT if crosses(p.source, p.right)], ask, cancel)
    within = _measured([p for p in ENTAILMENT if not crosses(p.source, p.right)], ask, cancel)
    if across is None or within is None:
        return None
    return Votes(Worth(within, across), round(sum(asked) / len(asked), 3), wording())


def _measured(probes: Sequence[Probe], ask: Callable[[Probe, str], float], cancel: threading.Event) -> Measured | None:
    right: list[float] = []
    wrong: list[float] = []
    # Every seventh, so that the first of them are a mixture of languages.
    for probe in (probes[i * 7 % len(probes)] for i in range(len(probes))):
        right.append(ask(probe, probe.right))
        wrong.append(ask(probe, probe.wrong))
        if cancel.is_set():
            return None
        if len(right) == _FIRST and auc(right, wrong) < _HOPELESS:
            break
    return measured(right, wrong)


def read(folder: Path, model: Path) -> Votes | None:
    """What is known of the file's votes; None when nothing is, or only of other prompts and probes than today's."""
    try:
        found = TypeAdapter(Votes).validate_json(_file(folder, model).read_bytes())
    except (OSError, ValueError):
        return None
    return found if found.wording == wording() else None


def write(folder: Path, model: Path, votes: Votes) -> None:
    """Keep it; whole or not at all. `folder` need not exist. Raises `OSError`."""
    told = {"file": model.name, "bytes": model.stat().st_size, **asdict(votes)}
    with written(_file(folder, model)) as file:
        file.write(json.dumps(told, ensure_ascii=False, indent=1).encode())


def _file(folder: Path, model: Path) -> Path:
    """One small file per model, named by what is in it, so that a renamed one keeps its votes and a new one gets none."""
    return folder / f"{identity(model)}.votes.json"


@functools.cache
def wording() -> str:
    """Changes with whatever the models are asked and tried on."""
    asked = [prompts.load("entails", lang).sha256 for lang in ("en", "zh")]
    return hashlib.sha256(repr((asked, ENTAILMENT)).encode()).hexdigest()[:16]


YES, NO = ("Yes", "yes", "是"), ("No", "no", "否")
_LEAST = 1e-9
"""Chance that neither word falls below: the logarithm of nothing would be the end."""


def vote(model: GgufChat, source: str, sentence: str, cancel: threading.Event | None = None) -> float:
    """Ln P(yes) - ln P(no) that `source` says `sentence`. Minus infinity when cancelled. Raises `ModelError`."""
    from langchain_core.messages import HumanMessage, SystemMessage

    # The instruction is the system message: the same beginning for every vote, read once.
    prompt = prompts.load("entails", "zh" if language_of(sentence) == "zh" else "en")
    (_, instruction), (_, pair) = prompt.render(source=neutral(source), sentence=neutral(sentence))
    found = model.chances([SystemMessage(instruction), HumanMessage(pair)], (YES, NO), cancel)
    if not found:
        return -math.inf
    yes, no = found
    return math.log(yes + _LEAST) - math.log(no + _LEAST)
