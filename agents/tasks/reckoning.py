"""What facts come to, worked out by rule: the sum of what was asked of several things, the difference of two, so much for
each, the day that comes a span after another; what one part adds to what the part before it came to, or takes from it.

Nothing is taken that could be meant otherwise: each thing has one number of the kind that is asked for, all in one unit,
in a statement that is about that thing alone. The call that works it out proves the result, and the facts stand below.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.proof.numbers import stated
from agents.proof.operations import APART, TOGETHER
from agents.proof.rarity import content_terms
from agents.tasks.amounts import Amount, Reckoning, alike, amount_near, amounts_of, counted, nearest, told, worked_out
from agents.tasks.days import day
from agents.tasks.events import PlanStep, StepRecord
from agents.tasks.evidence import Answer, Evidence
from agents.tasks.grounding import letters, share
from agents.tasks.known import facts_for, unsure_and_foreign
from agents.tasks.listed import apart
from agents.tasks.moves import CALCULATE, TABLES
from agents.tasks.tariffs import several_of, tariff, wants_money

_BEGIN = r"^\s*(?:(?:and|then|now|also|please)\s+)*"
_ADDS = re.compile(
    rf"{_BEGIN}(?:add(?: on)?|plus)\b(?! up)|^(?:请|再|还|另外?|然后)*(?:加上?|算上)(?![起在])", re.IGNORECASE
)
_TAKES = re.compile(
    rf"{_BEGIN}(?:subtract|deduct|take off|minus)\b|^(?:请|再|然后)*(?:减去|减掉|扣除|扣掉|扣去)", re.IGNORECASE
)
_ASKS = re.compile(r"[,，].*$|(?:[一总共合]+[共计]?)?(?:是|要|得|付|交)*多少.*$")
_OTHER_TIME = re.compile(
    r"\D*(?:[去前上]年|上个?月|同期|\b(?:last|previous) (?:year|month|season)\b|\b(?:year|month|season) before\b)"
)
"""Where the first number is one of another time, mostly to compare."""
_MOST_THINGS = 8
ABOUT = 0.5
"""Share of a thing's own words that stand in a statement about it, or in the title that it stands under."""


def reckoned(goal: str, evidence: Evidence) -> Reckoning | None:
    """The call that works out what `goal` asks for; None where the facts leave anything open."""
    if query := next((query for query in evidence.queries if query.part == goal), None):
        return Reckoning(TABLES, {"file": query.file, "sql": query.sql})
    answers = [answer for answer in evidence.answers if answer.part == goal]
    if not answers or not all(answer.facts for answer in answers):
        return None
    if unsure_and_foreign(goal, [fact for answer in answers for fact in answer.facts], evidence):
        return None
    goal = answers[0].said or goal
    together, differ = TOGETHER.search(goal), APART.search(goal)
    if len(answers) == 1:
        if not differ and (cost := tariff(goal, told(answers[0].facts))):
            return cost
        if bool(together) != bool(differ) and not several_of(goal) and (among := _among(goal, answers[0])):
            return among
        return None if differ else day(goal, answers[0])
    if bool(together) == bool(differ) or (differ and len(answers) > 2):
        return None
    found = [_amount(answer, [other for other in answers if other is not answer], goal) for answer in answers]
    known = [amount for amount in found if amount is not None]
    if len(known) < len(answers) or not alike(known):
        return None
    return _worked_out(known, together=bool(together))


def _worked_out(found: Sequence[Amount], *, together: bool) -> Reckoning:
    values = [amount.value / found[0].scale for amount in found]  # all in the first one's unit
    return worked_out(*(("+", values) if together else ("-", sorted(values, reverse=True))), found[0].label)


def _among(goal: str, answer: Answer) -> Reckoning | None:
    """The difference of the only two amounts of the kind asked for that the facts state of something that the goal names, and
    not of all alike: 'what does A cost more than B?' of 'A costs 45 yuan, B 20, C 3.' The sum of a table's cells."""
    about, each = content_terms(goal), [*amounts_of(answer.facts, goal)]
    listed = [amount for said, amount, _ in each if said == each[0][0]]
    if len(each) == len(listed) == several(goal) and alike(listed):  # 'the three boats', each with its number
        return _worked_out(listed, together=True)
    found = {
        amount: about & content_terms(f"{re.split('[;；]', said)[0]} {clause}" if amount.cell else clause)
        for said, amount, clause in each
    }
    shared = set.intersection(*found.values()) if found else set()
    found = {amount: said - shared for amount, said in found.items() if said - shared}
    together = bool(TOGETHER.search(goal))
    if len(found) < 2 or not alike(found) or not (all(one.cell for one in found) if together else len(found) == 2):
        return None
    apart = all(said - named for one, said in found.items() for other, named in found.items() if one is not other)
    return _worked_out([*found], together=together) if apart else None


def _amount(answer: Answer, others: Sequence[Answer], goal: str) -> Amount | None:
    """The one number of the kind asked for that is stated of the answer's thing: in the clause that speaks of no other thing
    and says most of what is asked."""
    beside = set().union(*(content_terms(other.thing) for other in others)) - content_terms(answer.thing)
    own = content_terms(answer.thing) - set().union(*(content_terms(other.thing) for other in others))
    common = _terms(answer) & set().union(*map(_terms, others))  # in the words in which it is said of the others too
    about, kind = (content_terms(goal) | common) - own - beside, counted(goal)
    found = []
    for sentence, amount, clause in amounts_of(answer.facts, goal):
        if kind and kind.removeprefix("of ") not in clause:  # 'new pupils' are not all pupils
            continue
        here = letters(clause)
        if letters(answer.thing) not in here and any(letters(other.thing) in here for other in others):
            continue  # '5,210 in 2024' is not what came in 2025
        if _OTHER_TIME.match(clause) and not _OTHER_TIME.match(goal):  # 比去年八月（3012）少
            continue
        if share(own, content_terms(f"{sentence} {answer.under}")) >= ABOUT:
            alone = not any(letters(other.thing) in letters(sentence) for other in others)
            named = alone or letters(answer.thing) in letters(clause)
            near = (
                named,
                not beside & content_terms(clause),
                amount.kind == kind,
                share(about, content_terms(clause)),
                share(own, content_terms(clause)),
                -len(content_terms(clause) - about - own),  # '520 of them pupils'
            )
            found.append((near, amount))
    return nearest(found)


def _terms(answer: Answer) -> set[str]:
    return content_terms(" ".join(fact.sentence for fact in answer.facts))


def several(goal: str) -> int:
    """Of how many things that it does not name `goal` asks what they are together: 'the three reports'; 0 where it names
    them, or asks for something else."""
    if not TOGETHER.search(goal) or apart(goal):
        return 0
    counts = {number.value for number in stated(goal) if not number.kind and number.at >= 0}
    count = counts.pop() if len(counts) == 1 else 0
    return int(count) if count in range(2, _MOST_THINGS + 1) else 0


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
    facts = facts_for(part, evidence)
    if several_of(asked):
        return tariff(asked, told(facts))
    best = amount_near(facts, asked, content_terms(asked))
    return worked_out("+", [best.figure], best.label) if best else None
