"""A result put together by rule: what the steps found, held against its sources; what calls brought, in a line each; and
the facts that stood there before any model was asked, unless the text says them already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agents.proof.asked import asked_for, wants_yes_or_no
from agents.proof.checking import saying
from agents.proof.citations import Proof, quote
from agents.proof.markers import with_marks
from agents.proof.numbers import agrees, claimed, stated
from agents.proof.operations import to_work_out
from agents.proof.quotes import quoted_answer
from agents.proof.rarity import content_terms
from agents.proof.similarity import Closeness
from agents.proof.sources import CALL, Citation, Pages
from agents.tasks.call_checks import incomplete, uncalled_for, unheard_days, unrelated
from agents.tasks.events import PlanStep, StepRecord
from agents.tasks.findings import bare_line, has_value, values_of
from agents.tasks.grounding import share
from agents.tasks.known import beside_the_point, elsewhen, facts_for, file_wanted, in_another, line_of, met, only_asks
from agents.tasks.moves import CALCULATE, CALENDAR, TABLES
from agents.tasks.proving import Sources, call_text, checked, sources_of
from agents.tasks.rates import rate_as_amount
from agents.tasks.reckoning import operation, reckoned
from agents.tasks.state import State
from agents.tasks.tariffs import several_of, wants_money
from ingest.language import say
from ingest.units import MONEY

_LONGEST_UNIT = 24
SAID = 0.5
"""Share of a fact's words from which on a text that has all its numbers says it."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A text with its proof."""

    text: str
    citations: tuple[Citation, ...] = ()
    unsupported: tuple[str, ...] = ()


class Composer:
    """Puts results together for one knowledge base."""

    def __init__(self, pages: Pages, closeness: Closeness | None = None) -> None:
        self._pages = pages
        self._closeness = closeness

    def composed(
        self,
        state: State,
        records: Sequence[StepRecord],
        sources: Sources,
        found: Sequence[PlanStep],
    ) -> Composed:
        """Each step's finding as far as it is proven, with what its calls brought besides."""
        blocks: list[str] = []
        citations: list[Citation] = []
        unsupported: list[str] = []
        said: set[str] = set()
        for step in found:
            part = self._step(step, state, records, sources, said)
            citations += part.citations
            unsupported += part.unsupported
            if part.text:
                blocks.append(f"**{step.goal}**\n\n{part.text}" if len(found) > 1 else part.text)
        return Composed(
            "\n\n".join([*blocks, *open_ends(state)]),
            tuple(dict.fromkeys(citations)),
            tuple(dict.fromkeys(unsupported)),
        )

    def with_facts(self, written: Composed, state: State, records: Sequence[StepRecord]) -> Composed:
        """`written` and behind it the facts of the evidence that it does not say; those that are less than sure only where
        something was not found out, nothing that is written is proven, or it has a number of theirs."""
        evidence, seen = state.evidence, stated(written.text)
        whole = any(c.verified for c in written.citations) and all(step.state == "done" for step in state.plan)
        facts = [(answer.part, fact.sentence) for answer in evidence.answers for fact in answer.facts]
        calls = {part: reckoned(part, evidence) for part, _ in facts} if whole else {}
        tools = {part: call.tool for part, call in calls.items() if call}
        unheard = {fact for _, fact in facts if not any(agrees(number, seen) for number in claimed(fact))}
        unsure = unheard.intersection(evidence.unsure) if whole else set()
        unsure -= {fact for part, fact in facts if tools.get(part) in (CALCULATE, CALENDAR)}  # what a sum rests on
        # A row of a table is proven by two quotes with one sentence: neither goes without the other.
        told = {fact.sentence for fact in evidence.facts if fact.sentence in unsure or _said(fact, written)}
        # The rows that a query brought say it, not those that read like the question.
        told |= {fact for part, fact in facts if tools.get(part) == TABLES}
        made = [r.call.arguments for r in records if r.call.tool == CALCULATE and not r.observation.error]
        summed = {part for part, call in calls.items() if call and call.arguments in made}
        told |= unheard.intersection(fact for part, fact in facts if part in summed)
        added = tuple(fact for fact in evidence.facts if fact.sentence not in told)
        if not added:
            return written
        text = "\n\n".join(filter(None, [written.text, quoted_answer(added)]))
        return replace(written, text=text, citations=tuple(dict.fromkeys([*written.citations, *added])))

    def unproven(self, finding: str, state: State, records: Sequence[StepRecord]) -> tuple[str, ...]:
        """The sentences of a finding that nothing found so far proves."""
        sources = sources_of(state, records, self._pages)
        return checked(finding, state, sources, self._closeness, marked=False).unsupported

    def stands(self, step: PlanStep, state: State, records: Sequence[StepRecord]) -> bool:
        """Whether what a step concluded is proven, or merely puts in other words what the facts and its calls say: a number
        or a name that none of them has makes it a conclusion of the model's own."""
        wrote = any(record.call.risk != "read" and not record.observation.error for record in records)
        if not wrote and file_wanted(step.goal, state.task, state.evidence):
            return False
        own = _its_own(step, state, records)
        values, facts = values_of(step, own), line_of(facts_for(step.goal, state.evidence))
        if not values and any(elsewhen(step.goal, text) for text in (step.finding, facts)):
            return False  # a day that is still to be counted
        if step.finding == facts:
            return True
        by_rule = {query.sql for query in state.evidence.queries}  # which has no cell told for several
        chosen = (r for r in values.values() if r.call.tool == TABLES and r.call.arguments.get("sql") not in by_rule)
        queries = [call_text(record) for record in chosen]
        if len(queries) == len(values) > 0 and not met(
            several_of(step.goal), step.goal, "\n".join([step.finding, *queries])
        ):
            return False  # the price of one, where six are asked for
        doubted = doubtful(state, records)
        if any(record.call.id in doubted for record in values.values()):
            return False
        sources = sources_of(state, [record for record in own if record.call.id not in doubted], self._pages)
        given = [n for text in (state.task, step.goal, *(hit.text for hit in sources.hits)) for n in stated(text)]
        if not all(agrees(number, given) for number in claimed(bare_line(step, records))):
            return False  # neither read nor worked out by a call
        if in_another(step.goal, step.finding) or any(rate_as_amount(step.finding, one) for one in values.values()):
            return False
        told = _told(step.finding, values)
        still_open = to_work_out(step.goal, step.finding) or (operation(step.goal) and not values)
        if not told and (still_open or not _of_the_kind(step.goal, step.finding)):
            return False  # several amounts are not their sum, and how many there are is not what they cost
        brought = "\n".join([*values, *(fact.sentence for fact in state.evidence.facts)])
        if told:  # a query of anything brings something
            asked = content_terms(f"{step.goal} {state.task}")
            return all(r.call.tool != TABLES or asked & content_terms(call_text(r)) for r in told.values())
        if only_asks(step.goal, state.task) and beside_the_point(step.goal, step.finding):
            return False  # what rules would not take for an answer either
        proof = checked(bare_line(step, records), state, sources, self._closeness, marked=False)
        if not proof.unsupported or not brought:
            return not any(map(claimed, proof.unsupported))
        known = (*stated(brought), *stated(state.task))
        added = content_terms(step.finding) - content_terms(state.task)
        return (
            all(agrees(number, known) for number in claimed(step.finding))
            and share(added, content_terms(brought)) >= SAID
        )

    def _step(
        self, step: PlanStep, state: State, records: Sequence[StepRecord], sources: Sources, said: set[str]
    ) -> Composed:
        """One step's; what the steps before have `said` is not said again, unless nothing would be left."""
        if (facts := facts_for(step.goal, state.evidence)) and step.finding == line_of(facts):
            said.update(saying(fact.sentence) for fact in facts)
            return Composed(quoted_answer(facts), facts)
        values = values_of(step, records)
        if told := _told(step.finding, values):
            return _lines(told, sources)
        proof = checked(bare_line(step, records), state, sources, self._closeness, marked=False)
        proven = [sentence for sentence in proof.sentences if sentence.supported]
        if proof.unsupported and not proven and (values or state.evidence.facts):
            return _lines(values, sources)  # words that nothing proves give way to what was found
        seen = stated(proof.text)
        cited = {citation.path for citation in proof.citations if citation.verified}
        more = {
            line: record
            for line, record in values.items()
            if f"{CALL}{record.call.id}" not in cited
            and not all(agrees(number, seen) for number in claimed(record.observation.text))
        }
        beside = _lines(more, sources)
        proof = _without_said(proof, said)
        text = "\n\n".join(filter(None, [proof.text, beside.text]))
        return Composed(text, (*proof.citations, *beside.citations), proof.unsupported)


def doubtful(state: State, records: Sequence[StepRecord]) -> frozenset[str]:
    """The calls that calculated with a number that belongs to nothing that is asked, was read, or brought by a call that is not
    doubtful itself (`agents.tasks.call_checks`). What rules make of the facts is none of them."""
    goals = {step.id: step.goal for step in state.plan}
    read = dict.fromkeys(hit.text for hit in state.evidence.hits)
    brought: list[str] = []
    found: set[str] = set()
    for record in records:
        goal = goals.get(record.call.step, "")
        worked = record.call.tool in (CALCULATE, CALENDAR)
        by_rule = reckoned(goal, state.evidence) if worked else None
        if worked and (by_rule is None or by_rule.arguments != record.call.arguments):
            expression, asked = str(record.call.arguments.get("expression", "")), f"{goal}\n{state.task}"
            facts = "\n".join([asked, *brought, *(fact.sentence for fact in facts_for(goal, state.evidence))])
            if (
                unheard_days(record.call.arguments, facts)
                if record.call.tool == CALENDAR
                else unrelated(expression, asked, brought, read)
                or incomplete(expression, goal)
                or uncalled_for(expression, goal, brought)
            ):
                found.add(record.call.id)
                continue
        if has_value(record):
            brought.append(record.observation.text)
        read |= dict.fromkeys(hit.text for hit in record.observation.hits)
    return frozenset(found)


def _its_own(step: PlanStep, state: State, records: Sequence[StepRecord]) -> list[StepRecord]:
    """`records` without the values by which an earlier question was answered and that say no word of what this one asks: how hard it
    blows is not how hard it may, whether or not the tool was asked once more."""
    if wants_yes_or_no(step.goal) or not only_asks(step.goal, state.task):
        return [*records]  # 'Is that all right?' rests on it
    asked = content_terms(step.goal)
    beside = {one.id for one in state.plan if one.id != step.id and only_asks(one.goal, state.task)}
    first = {f"{r.call.tool} {r.call.arguments}": r.call.step for r in reversed(records)}
    values = [r for r in records if has_value(r) and first[f"{r.call.tool} {r.call.arguments}"] in beside]
    told = [r for r in values if not asked & content_terms(r.observation.text) - content_terms(r.call.tool)]
    return [record for record in records if record not in told]


def _of_the_kind(goal: str, finding: str) -> bool:
    """Whether a finding has a number where one is asked for, and money where that is."""
    numbers = claimed(finding)
    if wants_money(goal):
        return any(number.kind in MONEY or not number.kind for number in numbers)
    return not asked_for(goal).wants_number or bool(numbers)


def _told(finding: str, values: dict[str, StepRecord]) -> dict[str, StepRecord]:
    """Each line of a finding with the call that brought it, the unit left out in which it is counted; {} where one is
    anything else."""
    found: dict[str, StepRecord] = {}
    for line in finding.split("\n"):
        brought = next((value for value in values if line.startswith(value)), None)
        if brought is None or len(line) > len(brought) + _LONGEST_UNIT or claimed(line[len(brought) :]):
            return {}
        found[line] = values[brought]
    return found


def open_ends(state: State) -> list[str]:
    """One sentence on what could not be found out."""
    failed = [f"“{step.goal}”" for step in state.plan if step.state == "failed"]
    if not failed:
        return []
    listed = say(en=", ", zh="、").join(failed)
    return [say(en=f"Not found out: {listed}", zh=f"未能查明：{listed}")]


def _without_said(proof: Proof, said: set[str]) -> Proof:
    """`proof` without the sentences in `said`, to which its own are added."""
    again = [sentence for sentence in proof.sentences if saying(sentence.text) in said]
    said.update(saying(sentence.text) for sentence in proof.sentences)
    if len(again) == len(proof.sentences):
        return proof
    text = proof.text
    for sentence in again:
        text = text.replace(with_marks(sentence.text, sentence.marks), "", 1)
    gone = {sentence.text for sentence in again}
    return Proof(
        text.strip(),
        tuple(sentence for sentence in proof.sentences if sentence.text not in gone),
        tuple(citation for citation in proof.citations if citation.sentence not in gone),
    )


def _lines(values: dict[str, StepRecord], sources: Sources) -> Composed:
    """Tools' own words, each with its call as its source where that is among the sources."""
    calls = {hit.path: (n, hit) for n, hit in sources.calls}
    told: list[str] = []
    citations: list[Citation] = []
    for line, record in values.items():
        n, hit = calls.get(f"{CALL}{record.call.id}", (0, None))
        told.append(with_marks(line, (n,)) if hit else line)
        citations += [quote(sources.pages, hit, n, 0, len(hit.text), supports=True, sentence=line)] if hit else []
    return Composed("\n\n".join(told), tuple(citations))


def _said(fact: Citation, written: Composed) -> bool:
    """Whether a text says a fact: it cites its place and has a number of it, or has all its numbers and its words."""
    seen = stated(written.text)
    met = [agrees(number, seen) for number in claimed(fact.sentence)]
    place = any(
        c.verified
        and (c.document_id, c.page) == (fact.document_id, fact.page)
        and c.start < fact.end
        and fact.start < c.end
        for c in written.citations
    )
    return (place and (any(met) or not met)) or (
        all(met) and share(content_terms(fact.sentence), content_terms(written.text)) >= SAID
    )
