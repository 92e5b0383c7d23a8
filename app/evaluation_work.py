"""Questions being made or measured: work that outlives the run of the page that began it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from agents import OwnQuestions, OwnRuns, Platform, circumstances, made_from
from app.background import Background, Slot
from ingest import Text


class EvaluationWork(Background[object]):
    """So many steps, one after the other; what is finished is kept."""

    what = Text("The measurement", "评测")

    def __init__(self, steps: Callable[[], Iterator[object]], total: int) -> None:
        self.total, self._steps = total, steps
        super().__init__()

    def _work(self) -> None:
        for step in self._steps():
            self._take(step)
            if self.stopping:
                return


def own_questions(platform: Platform) -> OwnQuestions:
    """Those kept where everything of the platform is."""
    return OwnQuestions(platform.home, platform.settings.store)


def measure(slot: Slot[EvaluationWork], platform: Platform, kb: str) -> None:
    """Begin a run over all questions of a knowledge base."""
    questions = [one.question for one in own_questions(platform).list(kb)]
    told = {**circumstances(platform.shown_model, platform.chat_model, platform.settings), "kb": kb}
    steps = partial(OwnRuns(platform.home).measure, questions, platform.chat(kb), platform.library, told)
    slot.start(lambda: EvaluationWork(steps, len(questions)))


def make(slot: Slot[EvaluationWork], platform: Platform, kb: str, count: int) -> None:
    """Let the model write questions from the documents of a knowledge base."""

    def steps() -> Iterator[Any]:
        own = own_questions(platform)
        for record in made_from(platform.library, kb, lambda: platform.chat_model, count, seed=len(own.list(kb))):
            yield own.add(kb, [record]) if record else None

    slot.start(lambda: EvaluationWork(steps, count))
