"""What a chat model is asked, and how its chances become a value."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import prompts
from ingest.language import language_of
from prompts import neutral

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

YES, NO = ("Yes", "yes", "是"), ("No", "no", "否")
_LEAST = 1e-9
"""Chance that neither word falls below: the logarithm of nothing would be the end."""


class Chooser(Protocol):
    """A chat model that says how likely replies are without writing them."""

    def chances(
        self, messages: Sequence[BaseMessage], choices: Sequence[Sequence[str]], cancel: threading.Event | None = None
    ) -> tuple[float, ...]:
        """Probability of each choice, given by its spellings, as the beginning of the reply; () when cancelled."""
        ...


def vote(model: Chooser, source: str, sentence: str, cancel: threading.Event | None = None) -> float:
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
