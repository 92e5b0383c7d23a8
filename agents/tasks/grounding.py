"""Whether words stem from anywhere: a small model fills in what it was not given, and plans what nobody asked for."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from agents.proof.numbers import stated
from agents.proof.rarity import canonical_terms
from agents.proof.synonyms import is_light
from ingest.folding import fold

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from agents.tasks.events import StepRecord
    from agents.tasks.state import State
    from agents.tools.tool import Tool

LONGEST = 40
"""Characters of a value that may be a name; what is longer was composed."""
_MOST_WORDS = 5
_TIMES = re.compile(
    r"(?:(?P<before>(?<![\d.])\d+)\s*[*×]\s*)?[(（](?P<sum>[\s\d.]+(?:\+[\s\d.]+)+)[)）](?(before)|\s*[*×]\s*(?P<behind>\d+)(?![\d.]))"
)
_NAME_BEFORE = re.compile(r"(?<=[a-z\d,;] )[A-Z][\w'-]* $")
_CONVERTING = frozenset(map(Fraction, (1, 7, 10, 12, 24, 30, 52, 60, 100, 365, 1000, 3600, 10000, 1000000)))
"""Days of a week, months, hours, per cent, and so on."""


def known_text(state: State, records: Sequence[StepRecord]) -> str:
    """Task, evidence, findings and everything that calls brought."""
    evidence = (f"{passage.source}\n{passage.text}" for passage in state.evidence.passages)
    findings = (f"{step.goal}\n{step.finding}" for step in state.plan)
    brought = (record.observation.text for record in records)
    return "\n".join([state.task, *evidence, *findings, *brought])


def named_text(state: State, records: Sequence[StepRecord], own: Container[str]) -> str:
    """The task, and what calls of the user's `own` tools and sums brought: nothing that a document says."""
    brought = (r.observation.text for r in records if r.call.tool in own or r.call.tool in ("calculator", "date_time"))
    return "\n".join([state.task, *brought])


def invented(tool: Tool, arguments: Mapping[str, Any], known: str) -> list[tuple[str, object]]:
    """The required arguments whose value, a short name or a number, stands nowhere in `known`."""
    properties = tool.parameters.get("properties", {})
    read, numbers = letters(known), {value for quantity in stated(known) for value in (quantity.value, quantity.figure)}
    found: list[tuple[str, object]] = []
    for name in tool.parameters.get("required", ()):
        value, schema = arguments.get(name), properties.get(name, {})
        if "enum" in schema or isinstance(value, bool):
            continue
        if isinstance(value, int | float):
            if Fraction(str(value)) not in numbers:
                found.append((name, value))
        elif isinstance(value, str) and 0 < len(value) <= LONGEST and len(value.split()) <= _MOST_WORDS:
            wanted = letters(bare(value, name))
            if wanted and wanted not in read:
                found.append((name, value))
    return found


def unheard(expression: str, known: str) -> list[str]:
    """The numbers of a sum that stand nowhere in `known`, those left out by which units are converted; the 9 of September
    and the 3 of 'the third' are no amounts, and what was added up is not multiplied by how much there was to add."""
    counted = (quantity for quantity in stated(known) if quantity.kind not in ("month", "ordinal"))
    numbers = {value for quantity in counted for value in (quantity.value, quantity.figure)}
    found = dict.fromkeys(re.findall(r"(?<![\w.])\d+(?:\.\d+)?", expression))
    made_up = [number for number in found if Fraction(number) not in numbers and Fraction(number) not in _CONVERTING]
    for match in _TIMES.finditer(expression):
        factor = match["behind"] or match["before"]
        if int(factor) == match["sum"].count("+") + 1:
            made_up.append(factor)
    return list(dict.fromkeys(made_up))


def bare(value: str, name: str) -> str:
    """`value` without the name of its parameter, which models repeat: 'the red_team' for `team`."""
    return unnamed(re.sub(r"[_-]+", " ", value), name)


def unnamed(value: str, name: str) -> str:
    """`value` without an article and the name of its parameter, its own hyphens kept."""
    return re.sub(rf"\s+{re.escape(name)}$|^{re.escape(name)}\s+|^the\s+", "", value, flags=re.IGNORECASE).strip()


def with_its_kind(arguments: Mapping[str, Any], text: str) -> dict[str, Any] | None:
    """`arguments` with the parameter's name behind its value where `text` has both: what was called 'palm' is called 'palm
    house' by those to whom it is a name. None where it has none so."""
    folded = fold(text)
    both = {name: f"{value} {name}" for name, value in arguments.items() if isinstance(value, str)}
    found = {name: value for name, value in both.items() if fold(value) in folded}
    return {**arguments, **found} if found else None


def words(text: str) -> set[str]:
    """The content terms of `text` without those that only link."""
    return {term for term in canonical_terms(text) if not is_light(term)}


def share(some: set[str], among: set[str]) -> float:
    """How much of `some` is `among`; 1 of nothing."""
    return len(some & among) / len(some) if some else 1.0


def stands_in(value: str, text: str) -> bool:
    """Whether a value stands in a text, whatever separates its words; not as a part of a word or of a longer name: no 'A' in
    'Hall A'."""
    parts = re.findall(r"[^\W_]+", fold(value))
    if not parts:
        return False
    whole = r"[\W_]*".join(map(re.escape, parts))
    begins = [match.start() for match in re.finditer(rf"(?<![a-z0-9]){whole}(?![a-z0-9])", fold(text))]
    return any(not _NAME_BEFORE.search(text[:at]) for at in begins)


def letters(text: str) -> str:
    """`text` without anything but letters and figures, to look for one text in another."""
    return re.sub(r"[\W_]+", "", fold(text))
