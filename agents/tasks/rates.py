"""An amount in another currency, by the rate that a tool of the user's own gave: which way to reckon stands in the argument
it was called with and in its description."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agents.proof.numbers import stated
from agents.tasks.known import currencies, facts_for
from agents.tasks.reckoning import amounts, written
from ingest.folding import fold
from ingest.units import MONEY, UNITS

if TYPE_CHECKING:
    from agents.tasks.events import StepRecord
    from agents.tasks.evidence import Evidence
    from agents.tools.tool import Tool

_EXAMPLE = re.compile(r"(?:\be\.g\.|\bfor example\b|例如|比如).*$", re.IGNORECASE | re.DOTALL)


def units_named(record: StepRecord) -> set[str]:
    """The currencies that a call was made with: 'EUR' → euros."""
    told = (fold(value).strip() for value in record.call.arguments.values() if isinstance(value, str))
    return {UNITS[value][0] for value in told if value in UNITS} & MONEY


def converting(goal: str, evidence: Evidence, record: StepRecord, rate: str, tool: Tool) -> str:
    """The sum that brings the one amount of money in the facts into the currency that `goal` asks for, where `rate` is how
    much of one currency `tool` gave for one of the other; '' where either is open."""
    of, asked = units_named(record), currencies(goal)
    per = currencies(_EXAMPLE.sub("", tool.description)) - of
    if len(of) != 1 or len(per) != 1 or len(asked) != 1 or not asked <= of | per or not rate:
        return ""
    facts = facts_for(goal, evidence)
    sentences = [fact.sentence for fact in facts]
    rows = ((sentence, sentences.count(sentence) > 1) for sentence in dict.fromkeys(sentences))
    other = (of | per) - asked
    found = {amount.value for sentence, row in rows for amount, _ in amounts(sentence, row=row) if amount.kind in other}
    if len(found) != 1:
        return ""
    return f"{written(found.pop())} {'*' if asked == per else '/'} {rate}"


def rate_as_amount(finding: str, record: StepRecord) -> bool:
    """Whether a finding takes for so much of a currency what a call gave for one unit of it: asked what the euro is at, a
    tool said 7.85, and the ticket is said to cost 7.85 euros."""
    given = {value for quantity in stated(record.observation.text) for value in (quantity.value, quantity.figure)}
    claims = [quantity for quantity in stated(finding) if quantity.kind in units_named(record)]
    return any(quantity.value in given and quantity.value != 1 for quantity in claims)
