"""A part that adds to what the one before it came to, or takes from it: 'What does the room cost? Then add the deposit.'"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.proof.rarity import content_terms
from agents.tasks.amounts import Reckoning, amounts_of, nearest, told, written
from agents.tasks.events import PlanStep, StepRecord
from agents.tasks.evidence import Evidence
from agents.tasks.grounding import share
from agents.tasks.known import facts_for
from agents.tasks.moves import CALCULATE
from agents.tasks.tariffs import several_of, tariff, wants_money

_BEGIN = r"^\s*(?:(?:and|then|now|also|please)\s+)*"
_ADDS = re.compile(
    rf"{_BEGIN}(?:add(?: on)?|plus)\b(?! up)|^(?:请|再|还|另外?|然后)*(?:加上?|算上)(?![起在])", re.IGNORECASE
)
_TAKES = re.compile(
    rf"{_BEGIN}(?:subtract|deduct|take off|minus)\b|^(?:请|再|然后)*(?:减去|减掉|扣除|扣掉|扣去)", re.IGNORECASE
)
_ASKS = re.compile(r"[,，].*$|(?:[一总共合]+[共计]?)?(?:是|要|得|付|交)*多少.*$")


def operation(part: str) -> str:
    """'+' or '-' where `part` is to be added or taken from what was found before; '' for anything else."""
    return "+" if _ADDS.match(part) else "-" if _TAKES.match(part) else ""


def added(part: str, before: str) -> str:
    """The question after what is to be added to the money that `before` asks for; '' where `part` adds nothing, or not that."""
    if not operation(part) or not wants_money(before):
        return ""
    thing = _ASKS.sub("", _TAKES.sub("", _ADDS.sub("", part))).strip(" .。?？!！")
    return f"How much is {thing}?" if thing.isascii() else f"{thing}多少钱？"


def onto(goal: str, before: PlanStep, records: Sequence[StepRecord], evidence: Evidence) -> Reckoning | None:
    """The sum that adds what the facts say of `goal` to what the step `before` came to; None where either is open."""
    asked = added(goal, before.goal)
    more, first = (_money(part, evidence, of) for part, of in ((goal, asked), (before.goal, before.goal)))
    worked = [r for r in records if r.call.step == before.id and r.call.tool == CALCULATE and not r.observation.error]
    if worked:
        first = Reckoning(CALCULATE, dict(worked[-1].call.arguments), first.unit if first else "")
    if not asked or more is None or first is None:
        return None
    expression = f"{first.arguments['expression']} {operation(goal)} {more.arguments['expression']}"
    return Reckoning(CALCULATE, {"expression": expression}, first.unit or more.unit)


def _money(part: str, evidence: Evidence, asked: str) -> Reckoning | None:
    """What the facts for `part` say that is `asked` for costs, or so many of it."""
    facts, about = facts_for(part, evidence), content_terms(asked)
    if several_of(asked):
        return tariff(asked, told(facts))
    near = [(share(about, content_terms(clause)), amount) for _, amount, clause in amounts_of(facts, asked)]
    best = nearest(near)
    return Reckoning(CALCULATE, {"expression": written(best.figure)}, best.label) if best else None
