"""What a number stands with: the condition, the subject and the unit in its clause, row or cell.

'Twelve days after one year, fifteen after five' has both 'five years' and 'twelve days', and does not say that they
belong together. Each number of a source is therefore kept with its scope, what is said between the number of the same
kind before it and the end of its own clause; of a table, with its row and the header of its column. A sentence's number
is bound to another one when the source gives that one for what the sentence, or its question, speaks of.

What a value is called binds it as well: in a sentence the words before the verb that gives it, in a source those of its clause. 'A
deposit of £50 is paid at once, the balance a week before' does not say that the balance is £50.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from agents.proof.designators import places
from agents.proof.names import across
from agents.proof.numbers import Quantity, agrees, claimed, is_year, stated
from agents.proof.quantifiers import direction
from agents.proof.rarity import LIGHTEST, canonical_terms, content_words
from agents.proof.rows import reading
from agents.proof.spans import CLAUSE_ENDS, quotable
from agents.proof.tables import is_row
from agents.proof.tokens import straddles
from agents.proof.verdicts import Difference
from agents.proof.words import is_function_word
from ingest.folding import fold
from ingest.stemming import stem

_CLAUSE = re.compile(rf"{CLAUSE_ENDS}|、| (?:and|but|while|whereas|or|compared|against|versus|than) |以及|而|相比")
_CONDITION = re.compile(r"(?:满|超过|达到?|工作|入职|\b(?:after|within|over|than|least|for|in|aged?))\s*$")
"""What stands before a number that is a condition."""
_REACHED = re.compile(r"(?:满|超过|\b(?:after|within|over|than))\s*$")
"""Those of them that mean something by themselves: 寿命为 26 个月，满 24 个月更换."""
_DATES = frozenset({"year", "month", "decade", "century"})
_SPANS = frozenset({"months", "days", "seconds"})
_GIVES = re.compile(
    r"(?:[是为达有]|:|\b(?:is|are|was|were|has|have|had|costs?)\b)\s*(?:(?:about|only|just)\b|[约仅只共]|大约)?\s*[$€£¥]?\s*$"
)
_PARTS = re.compile(CLAUSE_ENDS)
_COUNTED = re.compile(r"\s*(?:[\u4e00-\u9fff]{2}|[a-z]+)")
_NAME = re.compile(r"[A-Z]\w*")
"""What has a capital is compared as a name."""
NUMBER_WEIGHT = 3.0
"""What sharing a number counts, in terms: after five years, not after ten."""
_NOUN = 4
"""Characters of what is counted, behind which a bound may stand: 10 个人以上."""
ASKED = 0.6
"""What a term of the question counts beside one of the sentence itself."""
ABOUT = 0.4
"""Share of a claim's weight that a number must stand with to be what the source has instead."""
LEAST, LEAST_BESIDE = 1.0, 0.5
"""By how much another number must fit better than the sentence's own, in weights of terms; in the same statement, where clauses
are alike but for what each is about."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A number of a source with what it stands with."""

    quantity: Quantity
    unit: str
    """What makes two numbers comparable: the kind, a year, or the noun counted."""
    terms: frozenset[str]
    numbers: tuple[Quantity, ...]
    clause: str
    statement: int
    """Which sentence or row it is in."""
    condition: str = ""
    """'满' of 满五年."""
    lead: frozenset[str] = frozenset()
    """What its statement says before all that."""
    whole: frozenset[str] = frozenset()
    """What its statement says, and the heading above."""
    column: str = ""
    """What its column is called, in a table, folded."""

    @property
    def frame(self) -> str:
        """Its clause without itself."""
        return "".join(self.clause.replace(fold(self.quantity.surface), "", 1).split())


@dataclass(frozen=True, slots=True)
class _Claim:
    said: frozenset[str]
    """What the sentence says with it."""
    terms: dict[str, float]
    """The same, and what the question says, with what each weighs."""
    numbers: tuple[tuple[Quantity, float], ...]
    own: Bound
    """As the sentence has it."""

    def same(self, holders: Sequence[Bound], rivals: Sequence[Bound]) -> Bound | None:
        """The rival in whose clause or column everything is as the sentence has it but the number, where no holder's is."""
        told, frame = self.own.clause, self.own.frame
        if frame in {holder.frame for holder in holders}:
            return None
        for rival in rivals:
            beside = [holder.column for holder in holders if holder.statement == rival.statement]
            named = rival.column and told.startswith(rival.column) and beside
            if (frame and rival.frame == frame) or (
                named and all(c not in told or (c in rival.column) for c in beside)
            ):
                return rival
        return None

    def about(self, bound: Bound) -> bool:
        """Whether the statement of a number has anything of what the sentence says with it."""
        beside = any(agrees(number, bound.numbers) for number, _ in self.numbers)
        counted = all(len(term) == 1 for term in self.said)  # 级 of 7 级, or nothing
        return counted or beside or not self.said.isdisjoint(bound.whole)


@lru_cache(maxsize=256)
def bounds(text: str) -> tuple[Bound, ...]:
    """Every number of a source."""
    found: list[Bound] = []
    header = heading = counted = ""
    before = frozenset[str]()
    for index, (start, end) in enumerate(quotable(text, 0)):
        piece = text[start:end]
        if not is_row(piece):
            header = ""
            heading = piece if piece.startswith("#") else heading
            for bound in _scoped(piece, index, canonical_terms(heading), before):
                found.append(_counting(bound, counted))
                counted = "" if is_year(bound.quantity) else found[-1].unit
            goes_on = piece.endswith((";", "\uff1b"))
            counted = counted if goes_on else ""
            before = before | canonical_terms(piece) if goes_on else frozenset()
        elif not header:
            header = piece
        else:
            found += _cells(header, piece, index)
    return tuple(found)


def _counting(bound: Bound, counted: str) -> Bound:
    """A bare number that ends its clause counts what the one before it counts: 'each team has three boats; the juniors have two'."""
    if bound.unit or not counted.startswith("of ") or not bound.clause.endswith(fold(bound.quantity.surface)):
        return bound
    return replace(bound, unit=counted, terms=bound.terms | canonical_terms(counted.removeprefix("of ")))


def _scoped(
    piece: str, statement: int, above: frozenset[str] = frozenset(), before: frozenset[str] = frozenset()
) -> Iterator[Bound]:
    folded = fold(piece)
    whole = above | before | canonical_terms(folded)
    ends = [match.start() for match in _CLAUSE.finditer(folded)] + [len(folded)]
    numbers = sorted((q for q in stated(piece) if q.at >= 0), key=lambda q: q.at)
    last: dict[str, tuple[int, int]] = {}
    for number in numbers:
        unit = _unit(number, folded)
        stop = number.at + len(number.surface)
        later = [q.at for q in numbers if q.at >= stop and _unit(q, folded) == unit]
        after = [end for end in ends if end >= stop] or [len(folded)]
        # 'In 1950, …': what follows is what it stands with.
        begin = max((end for end in ends if end <= number.at), default=0)
        dated = begin == 0 and unit in _DATES
        inside = [q for q in numbers if begin <= q.at < after[0]]
        alone = dated or (len(inside) == 1 and not canonical_terms(folded[begin : after[0]]))
        reach = max((end for end in after if not later or end <= later[0]), default=after[0]) if alone else after[0]
        until = min([reach, *later])
        since, past = last.get(unit, (0, 0))
        since = past if past <= number.at else since
        scope = folded[since:until]
        beside = tuple(q for q in numbers if q is not number and since <= q.at < until)
        clause = folded[begin : after[0]].strip(" ,;:")
        yield Bound(
            number,
            unit,
            canonical_terms(scope),
            beside,
            clause,
            statement,
            reached[0].strip() if (reached := _REACHED.search(folded[: number.at])) else "",
            before | canonical_terms(folded[:since]),
            whole,
        )
        last[unit] = (stop, until)


def _unit(number: Quantity, folded: str) -> str:
    if number.kind:
        return number.kind
    behind = re.match(r"[\s-]?([a-z]+|[^\W\d_])", folded[number.at + len(number.surface) :])
    year = re.fullmatch(r"(?:1\d|2[01])\d\d(?:\s?年)?", number.surface.strip())
    if year and (not behind or is_function_word(behind[1]) or not behind[1].isascii()):
        return "year"
    return f"of {stem(behind[1])}" if behind and not number.bare else ""


def _cells(header: str, row: str, statement: int) -> Iterator[Bound]:
    """The numbers of a table's row: each with its column's header and the row's words."""
    parts = [part.strip() for part in re.split(r"[;；]", reading(header, row))]
    label = canonical_terms(" ".join(part for part in parts if not stated(part))) | canonical_terms(parts[0])
    for part in parts:
        numbers = stated(part)
        words, column = label | canonical_terms(part), fold(re.split("[:：]", part)[0])
        for number in numbers:
            beside = tuple(other for other in numbers if other is not number)
            yield Bound(number, _unit(number, fold(part)), words, beside, part, statement, whole=words, column=column)


def supposed(question: str, sentence: str, text: str) -> Difference | None:
    """What a source has for a count that a question of yes or no supposes and `sentence` leaves out: that a team may begin with three
    players says nothing of two. None where it has that count, or a bound, or none of the kind."""
    said, there, folded = {one.unit for one in bounds(sentence)}, bounds(text), fold(text)
    for asked in bounds(question):
        alike = [one.quantity for one in there if one.unit == asked.unit]
        if not alike or asked.unit in said or not asked.unit.startswith("of ") or agrees(asked.quantity, alike):
            continue
        ends = [(one.at, one.at + len(one.surface)) for one in alike]
        if not any(direction(folded, at, end + noun) for at, end in ends for noun in range(_NOUN)):
            return Difference("number", alike[0].surface)
    return None


class Binding:
    """Holds the numbers of sentences against what they stand with, for one question."""

    def __init__(self, question: str, weight: Callable[[str], float]) -> None:
        self._asked = canonical_terms(question)
        self._asked_numbers = tuple(claimed(question))
        self._weight = weight
        self._read: dict[str, list[tuple[Quantity, str, _Claim]]] = {}

    def difference(self, sentence: str, source: str) -> Difference | None:
        """The number of `sentence` that `source` has with something else, rather a value than the condition it is given
        for; None when all are bound."""
        told = bounds(source)
        said = [number for number in stated(sentence) if number.at >= 0]
        found: list[tuple[bool, Difference]] = []
        # What 'Monday to Friday' means stands nowhere by itself.
        meant = [q for q in stated(source) if q.kind == "weekday" and q.at < 0]
        foreign = across(sentence, source)
        for number, unit, claim in self._claims(sentence):
            if agrees(number, meant):
                continue
            holders = [b for b in told if agrees(number, [b.quantity])]
            condition = bool(_CONDITION.search(fold(sentence)[: number.at]))
            alike = _SPANS if unit in _SPANS and not condition else {unit} - {""}
            # Bare numbers in a row's cells are alike; one whose column the sentence names in full is what it speaks of.
            rows = {b.statement for b in holders if b.column and not b.unit}
            rivals = [
                b
                for b in told
                if (
                    b.unit in alike
                    or (b.statement in rows and not b.unit and b.column and canonical_terms(b.column) <= claim.said)
                )
                and not agrees(b.quantity, said)
            ]
            if holders and not foreign and not any(map(claim.about, holders)):
                found.append((True, Difference("number")))
            if holders and rivals and (rival := claim.same(holders, rivals) or self._better(claim, holders, rivals)):
                found.append((condition, Difference("number", rival.quantity.surface.strip())))
        return min(found, key=lambda item: item[0])[1] if found else None

    @staticmethod
    def tied(sentence: str, source: str) -> bool:
        """Whether `source` has two numbers of `sentence` together, as a condition and what it is given for."""
        told = bounds(source)
        return any(
            agrees(one.quantity, [b.quantity]) and one.unit == b.unit and all(agrees(q, b.numbers) for q in one.numbers)
            for one in _scoped(sentence, 0)
            for b in told
            if one.numbers and {q.kind for q in one.numbers} != {one.unit}
        )

    def nearest(self, number: Quantity, sentence: str, source: str) -> Difference:
        """What `source` gives instead of a number of `sentence` that it has not: another number of that kind for what the
        sentence speaks of, or the same figure in another unit."""
        told = bounds(source)
        if any(agrees(number, [b.quantity]) for b in told):
            return Difference("number")
        for quantity, unit, claim in self._claims(sentence):
            if quantity != number:
                continue
            least = ABOUT * sum(claim.terms.values())
            about = [b for b in told if sum(self._fit(claim, b).values()) >= least]
            if rivals := [b for b in about if unit and b.unit == unit]:
                nearest = min(rivals, key=lambda r: _rank(self._fit(claim, r)))
                return Difference("number", nearest.quantity.surface.strip())
            if number.figure is not None and (
                same := [b for b in about if b.unit and number.figure == b.quantity.figure]
            ):
                return Difference("unit", same[0].quantity.surface.strip())
        return Difference("number")

    def _claims(self, sentence: str) -> list[tuple[Quantity, str, _Claim]]:
        """The numbers of a sentence, each with its unit and what it stands with; read once, asked for every window."""
        if sentence not in self._read:
            self._read[sentence] = list(self._claimed(sentence))
        return self._read[sentence]

    def _claimed(self, sentence: str) -> Iterator[tuple[Quantity, str, _Claim]]:
        own = list(_scoped(sentence, 0))
        strict = {q.at for q in claimed(sentence)}
        units = [b.unit for b in own]
        everything = canonical_terms(sentence)
        for one in own:
            if one.quantity.at not in strict:
                continue
            alone = units.count(one.unit) == 1
            said = everything if alone else one.terms
            beside = [b.quantity for b in own if b is not one] if alone else list(one.numbers)
            weights = {term: LIGHTEST if straddles(term) else self._weight(term) for term in said}
            for term in self._asked - said:
                weights[term] = ASKED * self._weight(term)
            asked = [(q, ASKED) for q in self._asked_numbers if not agrees(q, [one.quantity])]
            yield one.quantity, one.unit, _Claim(said, weights, (*((q, 1.0) for q in beside), *asked), one)

    def _better(self, claim: _Claim, holders: Sequence[Bound], rivals: Sequence[Bound]) -> Bound | None:
        """The rival that has what the claim names and no holder has, when it has more of it than the best holder."""
        fits = {id(holder): self._fit(claim, holder) for holder in holders}
        holder = max(holders, key=lambda h: sum(fits[id(h)].values()))
        mine = fits[id(holder)]
        rival = min(rivals, key=lambda r: _rank(self._fit(claim, r)))
        theirs = self._fit(claim, rival)
        if _shares_number(mine) and not _shares_number(theirs):
            return None  # 满五年增至 15 天: the number it stands with tells which is meant
        only_theirs = sum(weight for name, weight in theirs.items() if name not in mine)
        only_mine = sum(weight for name, weight in mine.items() if name not in theirs and name not in rival.lead)
        if rival.statement != holder.statement:
            return rival if only_theirs >= LEAST and only_theirs > 2 * only_mine else None
        least = LEAST_BESIDE if mine else LEAST
        return rival if only_mine < LEAST_BESIDE and only_theirs >= least else None

    @staticmethod
    def _fit(claim: _Claim, bound: Bound) -> dict[str, float]:
        fit = {term: weight for term, weight in claim.terms.items() if term in bound.terms}
        for number, weight in claim.numbers:
            if agrees(number, bound.numbers):
                fit[f"#{number.value}{number.kind}"] = NUMBER_WEIGHT * weight
        return fit


def _rank(fit: dict[str, float]) -> tuple[float, float]:
    """Lowest for what shares a number of the claim, then for what shares most."""
    return -sum(weight for name, weight in fit.items() if name.startswith("#")), -sum(fit.values())


def _shares_number(fit: dict[str, float]) -> bool:
    return any(name.startswith("#") for name in fit)


def misnamed(sentence: str, source: str) -> Difference | None:
    """The clause of `source` that has a number of `sentence` and calls it something else: what the sentence calls it `source` speaks
    of, but neither there nor in what leads there, or the number has a name of its own beside it."""
    folded = fold(sentence)
    for number in claimed(sentence):
        told = folded[: max(0, number.at)]
        gives = _GIVES.search(told)
        if gives is None or across(sentence, source):
            continue
        begin = max((part.end() for part in _PARTS.finditer(told, 0, gives.start())), default=0)
        name = {*content_words(told[begin : gives.start()])}.intersection(content_words(_NAME.sub(" ", source)))
        holders = [bound for bound in bounds(source) if agrees(number, [bound.quantity])]
        if name and holders and all(_another(sentence, name, bound) for bound in holders):
            return Difference("condition", holders[0].clause)
    return None


def misplaced(sentence: str, source: str) -> Difference | None:
    """The clause or column of `source` that has a number of `sentence` at another place of an order, where that of the sentence is told
    of too: 'The second trip leaves at 16:45' of the first one's time."""
    for one in _scoped(sentence, 0):
        told = bounds(source) if (named := places(one.clause)) else ()
        holders = [bound for bound in told if agrees(one.quantity, [bound.quantity])]
        elsewhere = [places(bound.clause) for bound in holders]
        if all(there and named.isdisjoint(there) for there in elsewhere) and any(
            named & places(bound.clause) for bound in told if holders and bound.unit == holders[0].unit
        ):
            return Difference("condition", holders[0].clause)
    return None


def _another(sentence: str, name: set[str], bound: Bound) -> bool:
    missing = name.difference(content_words(bound.clause))
    own = {*content_words(bound.clause)}.difference(content_words(sentence))
    if not missing or not own or bound.quantity.at < 0:
        return False
    counted = _COUNTED.match(bound.clause.partition(bound.quantity.surface)[2])
    return not missing <= bound.lead | bound.terms or (
        counted is not None and not own.isdisjoint(content_words(counted.group()))
    )
