"""`zhiku eval retrieval`, and what the measuring commands share: a progress bar and a table of figures."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeVar

import click

from agents.cli.opening import opened
from agents.evaluation import Question, read_questions, retrieval_figures
from ingest.cli.shell import Common, echo, emit
from ingest.documents import Hit
from ingest.pages import counted

T = TypeVar("T")


def retrieval(options: Common, file: str, limit: int | None) -> None:
    """Search every answerable question of `file`. Raises `UsageError`."""
    questions = [q for q in read_questions(Path(file), limit) if q.answerable and q.documents]
    with opened(options) as platform:
        known = {Path(document.path).name for document in platform.library.documents(options.kb)}
        asked = [q for q in questions if known.intersection(q.documents)]
        found: dict[str, list[tuple[Question, list[Hit]]]] = defaultdict(list)
        with bar(options, asked) as shown:
            for question in shown:
                found[question.group].append((question, platform.library.search(question.question, options.kb, 40)))
    figures = {group: retrieval_figures(members) for group, members in found.items()}
    _report(options, figures, len(questions) - len(asked))


def bar(options: Common, items: Sequence[T]) -> AbstractContextManager[Iterable[T]]:
    """`items`, with a progress bar on stderr, where a person looks at it."""
    hidden = options.json or options.quiet or not sys.stderr.isatty()
    return click.progressbar(items, file=sys.stderr, hidden=hidden)


def table(
    title: str, figures: Mapping[str, Mapping[str, float]], rows: Mapping[str, str], shares: Collection[str]
) -> Any:  # noqa: ANN401 - rich
    """A column per entry of `figures`, a row per figure that any of them has: `rows` names them for people, `shares` are
    those to be shown in per cent."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False, header_style="bold")
    made.add_column(title)
    for name in figures:
        made.add_column(name.replace("_", " "), justify="right", overflow="fold")
    for name, words in rows.items():
        if any(name in found for found in figures.values()):
            cells = [
                "–" if (v := found.get(name)) is None else f"{v:.1%}" if name in shares else f"{v:,.6g}"
                for found in figures.values()
            ]
            made.add_row(words, *cells)
    return made


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
