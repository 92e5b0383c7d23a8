"""Cases as Markdown: figures by set and chain, ratios to the peers, and pairs with their p."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from agents.evaluation import Case, figures, paired, read_cases

Figures = dict[str, float]
COLUMNS: Mapping[str, Callable[[Figures], str]] = {
    "questions": lambda f: f"{f['questions']:.0f}",
    "right": lambda f: _share(f, "answer_contains_gold"),
    "of gold's words": lambda f: _share(f, "gold_recall"),
    "refused, no answer there (in words)": lambda f: _both(f, "rightly_refused"),
    "refused, answer there (in words)": lambda f: _both(f, "wrongly_refused"),
    "question's language": lambda f: _share(f, "in_question_language"),
    "across languages": lambda f: _share(f, "across_languages"),
    "repeat": lambda f: f"{f['repeating']:.0f}",
    "empty": lambda f: f"{f['empty']:.0f}",
    "failed": lambda f: f"{f['failed']:.0f}",
    "without proof": lambda f: f"{f['unsupported_sentences']:.0f}" if f["citations"] else "–",
    "prompt tokens": lambda f: f"{f.get('prompt_tokens', 0):.0f}",
    "first token, s": lambda f: f"{f.get('first_token', 0):.1f}",
    "total, s": lambda f: f"{f.get('total', 0):.1f}",
}
"""What is shown of `agents.evaluation.figures`."""
RATIOS = {"prompt_tokens": "prompt tokens", "first_token": "first token", "total": "total"}


def report(cases: Sequence[Case], sets: Sequence[str], chains: Sequence[str]) -> str:
    """A row per set and chain, one per chain over all sets; then ours against each peer on the questions both have."""
    rows = [(name, chain, _of(cases, name, chain)) for name in sets for chain in chains]
    rows += [("all", chain, [case for case in _of(cases, "", chain) if case.set in sets]) for chain in chains]
    parts = [_table((f"{name} | {chain}", found) for name, chain, found in rows if found)]
    ours = _of(cases, "", "zhiku")
    for chain in chains:
        theirs = _of(cases, "", chain)
        if chain != "zhiku" and ours and theirs:
            parts.append(beside(f"zhiku beside {chain}", ours, theirs, ("zhiku", chain)))
    return "\n\n".join(parts)


def compared(first: Path, second: Path) -> str:
    """Two runs, chain by chain, on the questions both asked. Raises `UsageError` for a file that is no record."""
    runs = [read_cases(first), read_cases(second)]
    parts = [
        f"`{path.stem}`: {cases[0].run if cases else 'empty'}"
        for path, cases in zip((first, second), runs, strict=True)
    ]
    for chain in dict.fromkeys(case.chain for case in runs[0]):
        sides = [_of(cases, "", chain) for cases in runs]
        if all(sides):
            parts.append(beside(chain, sides[0], sides[1], (first.stem, second.stem)))
    return "\n\n".join(parts)


def beside(title: str, first: Sequence[Case], second: Sequence[Case], names: tuple[str, str]) -> str:
    """On the questions both have: figures, ratios of the medians, and McNemar's pairs by set."""
    shared = {(case.set, case.id) for case in first} & {(case.set, case.id) for case in second}
    one, two = ([case for case in side if (case.set, case.id) in shared] for side in (first, second))
    if not shared:
        return f"**{title}**: no question in common."
    ratios = _ratios(figures(one), figures(two))
    lines = [
        f"**{title}**, {len(shared)} questions; {names[0]} ÷ {names[1]}: {ratios}",
        "",
        f"| set | pairs | both good | neither | {names[0]} only | {names[1]} only | p |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name in [*dict.fromkeys(case.set for case in one), ""]:
        pairs = paired(_of(one, name, ""), _of(two, name, ""))
        row = (name or "all", pairs.total, pairs.both, pairs.neither, pairs.first, pairs.second, f"{pairs.p:.3g}")
        lines.append(f"| {' | '.join(map(str, row))} |")
    return "\n".join(lines)


def _ratios(one: Figures, two: Figures) -> str:
    told = [f"{words} {one[key] / two[key]:.2f}" for key, words in RATIOS.items() if key in one and two.get(key)]
    return ", ".join(told) or "–"


def _table(rows: Iterable[tuple[str, Sequence[Case]]]) -> str:
    lines = [f"| set | chain | {' | '.join(COLUMNS)} |", "|---|---|" + "---:|" * len(COLUMNS)]
    for name, cases in rows:
        found = figures(cases)
        lines.append(f"| {name} | {' | '.join(cell(found) for cell in COLUMNS.values())} |")
    return "\n".join(lines)


def _of(cases: Iterable[Case], name: str, chain: str) -> list[Case]:
    return [case for case in cases if name in ("", case.set) and chain in ("", case.chain)]


def _share(found: Figures, key: str) -> str:
    return f"{found[key]:.2f}" if key in found else "–"


def _both(found: Figures, key: str) -> str:
    return f"{found[key]:.2f} ({found[f'{key}_in_words']:.2f})" if key in found else "–"
