"""Ends of tasks as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from statistics import mean, median

from agents.evaluation import Case
from tests.benchmarks.real.tables import beside
from tests.benchmarks.tasks.facts import lost, statements
from tests.benchmarks.tasks.judging import Task

HEAD = (
    "chain", "tasks", "right", "says so", "wrong without saying so", "harm", "questions to the model", "of a one-tool task",
    "prompt tokens", "from the cache after the first question", "s, median", "s, in all",
)  # fmt: skip
OURS = ("zhiku-quick", "zhiku", "zhiku-thorough")


def report(
    cases: Sequence[Case], tasks: Sequence[Task], chains: Sequence[str], supported: Callable[[str, str, str], bool]
) -> str:
    """A row per chain, kinds by chain, what the rules found and ours lost, pairs with p, and every end that isn't right."""
    ids = {task.question.id for task in tasks}
    by = {name: [case for case in cases if case.chain == name and case.id in ids] for name in chains}
    by = {name: found for name, found in by.items() if found}
    one = {task.question.id for task in tasks if task.one_tool}
    parts = [_table(HEAD, [_row(name, found, one) for name, found in by.items()]), _kinds(by)]
    parts += [_below(name, by["rules"], by[name], tasks, supported) for name in OURS if "rules" in by and name in by]
    for own in OURS:
        parts += [
            beside(f"{own} beside {name}", by[own], found, (own, name))
            for name, found in by.items()
            if own in by and name not in OURS
        ]
    return "\n\n".join([*parts, *map(_others, by.values())])


def _row(name: str, cases: Sequence[Case], one: set[str]) -> list[str]:
    came = Counter(case.outcome for case in cases)
    later = [used for case in cases for used in case.reply.asked[1:]]
    read = sum(used.prompt_tokens for used in later)
    single = [len(case.reply.asked) for case in cases if case.id in one]
    return [
        name,
        str(len(cases)),
        *(f"{came[kind]} ({came[kind] / len(cases):.0%})" for kind in ("right", "says so", "wrong")),
        str(sum(bool(case.reply.harm) for case in cases)),
        f"{mean(len(case.reply.asked) for case in cases):.1f}",
        f"{mean(single):.1f} (at most {max(single)})" if single else "–",
        f"{mean(case.reply.prompt_tokens for case in cases):.0f}",
        f"{sum(used.cached_tokens for used in later) / read:.0%}" if read else "–",
        f"{median(case.reply.total for case in cases):.1f}",
        f"{sum(case.reply.total for case in cases):.0f}",
    ]


def _kinds(by: dict[str, list[Case]]) -> str:
    """Right of all, by kind."""
    kinds = dict.fromkeys(case.set for found in by.values() for case in found)
    rows = []
    for kind in kinds:
        here = [[case for case in found if case.set == kind] for found in by.values()]
        rows.append([kind, *(f"{sum(case.good for case in found)} of {len(found)}" for found in here)])
    return _table(("right", *by), rows)


def _below(
    name: str,
    rules: Sequence[Case],
    ours: Sequence[Case],
    tasks: Sequence[Task],
    supported: Callable[[str, str, str], bool],
) -> str:
    """Facts asked for, and statements of any kind that the product's own checker proves from the other end."""
    missing = list(lost(tasks, rules, ours))
    mine = {case.id: case for case in ours}
    shared = [case for case in rules if case.id in mine and not case.refused]
    said = [(case, statement) for case in shared for statement in statements(case)]
    kept = sum(supported(statement, mine[case.id].reply.text, case.question) for case, statement in said)
    text = f"**{name} beside the rules**: {len(missing)} facts that the rules found and {name} lost"
    text += f" ({', '.join(f'{task}: {fact}' for task, fact in missing)})" if missing else ""
    return f"{text}; of {len(said)} statements of the rules {kept} follow from {name}'s end."


def _others(cases: Sequence[Case]) -> str:
    lines = [f"**{cases[0].chain}**, ends that are not right:", ""]
    for case in cases:
        if case.outcome != "right":
            why = "; ".join([*case.reply.harm, *(f"lacks {what}" for what in case.reply.lacking)])
            said = " ".join(case.reply.text.split())[:160]
            lines.append(f"- {case.id} ({case.set}) {case.outcome}{f' ({why})' if why else ''}: {said or 'nothing'}")
    return "\n".join(lines) if len(lines) > 2 else f"**{cases[0].chain}**: every end is right."


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", "|---|" + "---:|" * (len(head) - 1)]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])
