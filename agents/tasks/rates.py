"""An amount in another currency, by a tool of the user's own that knows what one is worth in the other: which call is to be
made, and which way to reckon, stand in the facts, the tool's parameters and its description."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from agents.proof.numbers import stated
from agents.proof.rarity import content_terms
from agents.tasks.amounts import amounts, figures, nearest, told, written
from agents.tasks.events import StepRecord
from agents.tasks.evidence import Evidence
from agents.tasks.grounding import share
from agents.tasks.known import currencies, facts_for
from agents.tools.tool import Tool
from ingest.folding import fold
from ingest.units import MONEY, UNITS

_EXAMPLE = re.compile(r"(?:\be\.g\.|\bsuch as\b|\blike\b|\bfor example\b|例如|比如|如).*$", re.IGNORECASE | re.DOTALL)
_CODES = {"yuan": "CNY", "dollars": "USD", "euros": "EUR", "pounds": "GBP", "yen": "JPY"}
"""ISO 4217."""


def conversion(goal: str, evidence: Evidence, tool: Tool) -> dict[str, Any]:
    """The arguments with which `tool` says what the one amount of money in the facts is, or one unit of it, in the currency
    that `goal` asks for; {} where it is no such tool, or the facts leave the amount open.

    Such a tool takes one currency, its description names the other; or two, what there is and what it shall become; and an
    amount perhaps.
    """
    asked, amount = currencies(goal), _amount(goal, evidence)
    if amount is None or len(asked) != 1:
        return {}
    value, kind = amount
    types = {name: dict(schema).get("type") for name, schema in tool.parameters.get("properties", {}).items()}
    names = [name for name in tool.parameters.get("required", ()) if types.get(name) == "string"]
    numbers = [name for name in types if types[name] in ("number", "integer")]
    if len(names) not in (1, 2) or len(numbers) > 1:
        return {}
    taken = [kind, *asked]
    if len(names) == 1:
        taken = [other for other in taken if other not in _per(tool)]
    codes = [_CODES[currency] for currency in taken]
    if len(codes) != len(names):
        return {}
    given: dict[str, Any] = dict(zip(names, codes, strict=True))
    return given | {name: float(value) for name in numbers}


def converting(goal: str, evidence: Evidence, record: StepRecord, rate: str, tool: Tool) -> str:
    """The sum that brings the one amount of money in the facts into the currency that `goal` asks for, by the `rate` that the
    call of `tool` gave: the rate itself where the tool was given the amount; '' where the amount or the way is open."""
    asked, amount, made = currencies(goal), _amount(goal, evidence), _named(record)
    if amount is None or len(asked) != 1 or not rate or not made:
        return ""
    value, kind = amount
    if {*made, *_per(tool)} != {kind, *asked}:
        return ""
    if float(value) in [float(n) for n in record.call.arguments.values() if isinstance(n, int | float)]:
        return rate
    once = len(made) == 1 and kind in made  # of one unit of what there is: 7.85 yuan for a euro
    return f"{written(value)} {'*' if once or made[0] == kind else '/'} {rate}"


def rate_as_amount(finding: str, record: StepRecord) -> bool:
    """Whether a finding takes for so much of a currency what a call gave for one unit of it: asked what the euro is at, a
    tool said 7.85, and the ticket is said to cost 7.85 euros."""
    given = figures(record.observation.text)
    claims = [number for number in stated(finding) if number.kind in _named(record)[:1]]
    return any(number.value in given and number.value != 1 for number in claims)


def _named(record: StepRecord) -> list[str]:
    """The currencies that a call was made with, in the order of its arguments: 'EUR' → euros."""
    told = (fold(value).strip() for value in record.call.arguments.values() if isinstance(value, str))
    return [UNITS[value][0] for value in told if value in UNITS and UNITS[value][0] in MONEY]


def _per(tool: Tool) -> set[str]:
    """The currencies that a description names, examples left out: 'Yuan for one unit of a currency, e.g. USD'."""
    return currencies(_EXAMPLE.sub("", tool.description))


def _amount(goal: str, evidence: Evidence) -> tuple[Fraction, str] | None:
    """The one amount of money of another currency than the one asked for that the facts state of what `goal` is about."""
    about, asked = content_terms(goal), currencies(goal)
    found = [
        (share(content_terms(clause), about), (amount.value, amount.kind))
        for sentence, row in told(facts_for(goal, evidence))
        for amount, clause in amounts(sentence, row=row)
        if amount.kind in MONEY - asked
    ]
    return nearest(found)
