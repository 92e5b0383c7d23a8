"""Questions being made or measured: work that outlives the run of the page that began it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from agents import OwnQuestions, OwnRuns, circumstances, made_from
from app.background import Background
from app.state import work
from ingest import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agents import Platform


class EvaluationWork(Background[object]):
    """So many steps, one after the other; what is finished is kept."""

    unexpected = Text(en="The measurement ended with an unexpected error", zh="评测因意外错误而中断")
    todo = Text(en="The terminal that runs the application shows the details.", zh="详情见运行本应用的终端。")

    def __init__(self, steps: Callable[[], Iterator[object]], total: int) -> None:
        self.total = total
        self._steps = steps
        super().__init__()

    def _work(self) -> None:
        for step in self._steps():
            self._take(step)
            if self.stopping:
                return


def own_questions(platform: Platform) -> OwnQuestions:
    """Those kept where everything of the platform is."""
    return OwnQuestions(platform.home, platform.settings.store)


def measure(platform: Platform, kb: str) -> None:
    """Begin a run over all questions of a knowledge base."""
    questions = [one.question for one in own_questions(platform).list(kb)]
    told = {**circumstances(platform.shown_model, platform.chat_model, platform.settings), "kb": kb}
    steps = partial(OwnRuns(platform.home).measure, questions, platform.chat(kb), platform.library, told)
    work().evaluations.start(lambda: EvaluationWork(steps, len(questions)))


def make(platform: Platform, kb: str, count: int) -> None:
    """Let the model write questions from the documents of a knowledge base."""

    def steps() -> Iterator[Any]:
        own = own_questions(platform)
        for record in made_from(platform.library, kb, lambda: platform.chat_model, count, seed=len(own.list(kb))):
            yield own.add(kb, [record]) if record else None

    work().evaluations.start(lambda: EvaluationWork(steps, count))
