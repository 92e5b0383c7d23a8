"""Never below the rules: what the rule-driven run states must stand in every other run of the product."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agents.evaluation import Case, contains_gold
from agents.proof.claims import makes_no_claim
from agents.proof.markers import split
from agents.proof.similarity import Closeness
from tests.benchmarks.tasks.judging import Task


def gold_of(task: Task, case: Case) -> list[tuple[str, ...]]:
    """The facts (as groups of strings) that a task asks for and a case's words hold."""
    return [group for group in task.question.groups if contains_gold(case.reply.text, group)]


def lost(tasks: Sequence[Task], rules: Sequence[Case], ours: Sequence[Case]) -> Iterator[tuple[str, str]]:
    """(task, fact) for each fact that the rules' end holds and ours doesn't, where both ended."""
    mine = {case.id: case for case in ours}
    by_id = {task.question.id: task for task in tasks}
    for case in rules:
        if (other := mine.get(case.id)) and case.id in by_id:
            yield from (
                (case.id, group[0])
                for group in gold_of(by_id[case.id], case)
                if not contains_gold(other.reply.text, group)
            )


def statements(case: Case) -> list[str]:
    """The sentences of an end that claim something."""
    found = [sentence.text for sentence in split(case.reply.text, 0) if not sentence.code]
    return [sentence for sentence in found if sentence.strip() and not makes_no_claim(sentence, case.question)]


def supported(statement: str, text: str, question: str, closeness: Closeness | None = None) -> bool:
    """Whether the product's checker proves `statement` from `text` alone."""
    from tests.benchmarks.real.ticks import checked

    judged = checked(question, [{"document": "result", "text": text}], statement, closeness, marked=False)
    return bool(judged) and all(sentence.verdict == "supported" for sentence in judged)
