"""`zhiku eval`: figures on a question file, as a table or as JSON."""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from agents.cli.opening import opened
from agents.evaluation import AnswerScores, RetrievalScores, read_questions
from ingest.cli.shell import echo, emit
from ingest.pages import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from ingest.cli.shell import Common

T = TypeVar("T")


def retrieval(options: Common, file: str, limit: int | None) -> None:
    """Search every answerable question of `file`. Raises `UsageError`."""
    questions = [q for q in read_questions(Path(file), limit) if q.answerable and q.documents]
    with opened(options) as platform:
        known = {Path(document.path).name for document in platform.library.documents(options.kb)}
        asked = [q for q in questions if known.intersection(q.documents)]
        scores: dict[str, RetrievalScores] = defaultdict(RetrievalScores)
        with bar(options, asked) as shown:
            for question in shown:
                hits = platform.library.search(question.question, options.kb, 40)
                scores[question.group].add(question, hits)
    _report(options, {group: score.figures() for group, score in scores.items()}, len(questions) - len(asked))


def answers(options: Common, file: str, limit: int | None) -> None:
    """Answer every question of `file`. Raises `UsageError`."""
    questions = read_questions(Path(file), limit)
    scores: dict[str, AnswerScores] = defaultdict(AnswerScores)
    with opened(options) as platform:
        chat = platform.chat(options.kb)
        with bar(options, questions) as shown:
            for question in shown:
                scores[question.group].add(question, chat.ask(question.question))
    _report(options, {group: score.figures() for group, score in scores.items()}, 0)


def bar(options: Common, items: Sequence[T]) -> AbstractContextManager[Iterable[T]]:
    """`items`, with a progress bar on stderr, where a person looks at it."""
    hidden = options.json or options.quiet or not sys.stderr.isatty()
    return click.progressbar(items, file=sys.stderr, hidden=hidden)


def _report(options: Common, figures: Mapping[str, Mapping[str, float]], absent: int) -> None:
    if options.json:
        only = next(iter(figures.values())) if set(figures) == {""} else dict(figures)
        emit({"kb": options.kb, "absent": absent, "figures": only})
        return
    for group, values in figures.items():
        if group:
            click.echo(group)
        for name, value in values.items():
            click.echo(f"  {name:24} {value:.3f}" if value != int(value) or value <= 1 else f"  {name:24} {value:,.0f}")
    if absent:
        echo(
            en=f"{counted(absent, 'question')} left out: the documents are not in '{options.kb}'.",
            zh=f"略过 {absent} 个问题：其文档不在 “{options.kb}” 中。",
        )
