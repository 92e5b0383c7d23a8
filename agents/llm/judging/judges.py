"""The votes of the loaded chat model, for those models whose votes are worth something.

That takes a minute or two to find out on two cores, so it must delay nobody's answer: it is done by `zhiku models use`, or
behind the first answer of a session, in the pauses, once per file. Until it is known the rules are alone.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import cast

from langchain_core.language_models import BaseChatModel

from agents.llm.abilities import Abilities
from agents.llm.chat_model import GgufChat
from agents.llm.judging.measuring import Votes, measure, read, vote, write
from ingest.verifying.threshold import Margins

_LOG = logging.getLogger(__name__)
_PAUSE = 0.2
"""Seconds between two looks whether the model is at rest."""


class ModelJudges:
    """The votes of one model file, behind `agents.proof.entailment.Judges`."""

    def __init__(self, model: Callable[[], BaseChatModel]) -> None:
        """`model` is opened when the first answer is to be checked; it has been by then, to write it. One that can't vote
        never does."""
        self._open = model
        self._known: Votes | None = None
        self._measuring: threading.Thread | None = None
        self._stop = threading.Event()
        self._lock = threading.Lock()

    def entailment(self, question: str, seconds: float, cancel: threading.Event) -> Margins | None:  # noqa: ARG002
        """Votes on whether a source says a sentence, for so many seconds; None where the model's are worth nothing, or
        nothing is known of them yet."""
        if (found := self._voter()) is None or not found[1].entails.any:
            return None
        model, votes = found

        def score(source: str, sentence: str) -> float:
            return vote(model, source, sentence, cancel)

        def margin(sentence: str, source: str) -> float:
            return votes.entails.margin(source, sentence, score)

        return Margins(margin, seconds, each=votes.seconds, cancel=cancel)

    def close(self) -> None:
        """Stop measuring."""
        self._stop.set()

    def _voter(self) -> tuple[GgufChat, Votes] | None:
        if not Abilities(opened := self._open()).votes:
            return None
        model = cast("GgufChat", opened)
        votes = self._votes(model)
        return None if votes is None else (model, votes)

    def _votes(self, model: GgufChat) -> Votes | None:
        with self._lock:
            if self._known is None and model.profiles:
                self._known = read(Path(model.profiles), model.header.path)
                if self._known is None and self._measuring is None:
                    self._measuring = threading.Thread(target=self._measure, args=(model,), name="votes", daemon=True)
                    self._measuring.start()
            return self._known

    def _measure(self, model: GgufChat) -> None:
        def at_rest() -> None:
            while model.engine.busy and not self._stop.wait(_PAUSE):
                pass
            if model.engine.loaded is None:  # freed meanwhile: nobody wants it back for this
                self._stop.set()

        try:
            found = measure(model, self._stop, at_rest)
            if found is not None:
                write(Path(model.profiles), model.header.path, found)
                self._known = found
        except Exception:  # noqa: BLE001  # whatever a model fails with, the rules stand without it
            _LOG.debug("The votes could not be measured", exc_info=True)
