"""The answer that needs no model: the statements of the passages found that come nearest to the question, quoted.

A statement (`agents.proof.statements`) scores by the question's terms that it or what leads it holds, by its closeness in
meaning, which is what carries a question in another language, by holding the kind of thing asked for, by meeting
the numbers the question takes for granted, and by the place of its passage. These five weights were set on 60
questions each of cmrc-trial and XQuAD zh→zh, en→en, zh→en, where the result is flat around them (docs/decisions.md).
Whether a statement answers at all, `agents.proof.answering` says. ACROSS and SECOND_BEST to TIED were set by eye, on the sample corpus's questions and a
few that went wrong on those sets. What they give on all questions, `tests/benchmarks/answers.py` measures.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from agents.proof import dating
from agents.proof.answering import POINTED, AnswerCheck, Answering
from agents.proof.asked import Read, hours
from agents.proof.citations import quote
from agents.proof.designators import of_any_instance
from agents.proof.editions import counting, is_draft, names_draft
from agents.proof.lists import ITEM, whole_list
from agents.proof.meant import Meant, meant
from agents.proof.modifiers import another
from agents.proof.rarity import canonical_terms
from agents.proof.relevance import View
from agents.proof.similarity import Closeness
from agents.proof.sources import Citation, Pages, page_of
from agents.proof.statements import Statement, leading, readable, statements
from agents.proof.synonyms import is_light
from ingest.documents import Hit
from ingest.folding import BARE, fold
from ingest.language import language_of
from ingest.orders import gives_orders
from ingest.periods import Period
from ingest.sentences import Span

_JOINTS = re.compile(r"[\s-]+")
"""RS-200, RS 200 and RS200 are one name."""
PASSAGES = 6
"""Passages looked at. With six instead of four, and 36 statements instead of 12 and 16, the one with the answer is among them for 81
of 85 everyday questions instead of 74, at a sixth more of a question's processor time."""
PASSAGES_ACROSS = 8
"""The same where some are in another language than the question: those rank lower than they deserve."""
FAR = 0.5
"""Share of the best score that a passage in the asker's language has, below which one in another language is not looked at. Of 75
answers across the languages beside other topics' passages in the asker's own (XQuAD, half of it in each language) none lies below."""
CANDIDATES = 36
"""Statements of either language whose closeness in meaning is worked out; some 40 tokens each."""
WORDS, MEANING, KIND, CONDITIONS, PLACE = 1.0, 0.4, 0.3, 0.3, 0.3
ACROSS = 0.45
"""What closeness 1 counts as, in words, for a statement in another language, which can't share the question's."""
ALIGNMENT, UNALIGNED, ALIGNED = 4.0, 0.045, 6
"""Weight of the alignment of words (`agents.proof.alignment`), what it is on average, so that statements in the
question's own language lose nothing by it, and of how many statements it is worked out. On XQuAD's
questions across the languages the statement that holds the answer is first in .63 instead of .58; flat from 2 to 12."""
SECOND_BEST, ELSEWHERE = 0.8, 0.9
"""A further statement is quoted when it scores this share of the best; one of another passage must come nearer."""
LEVEL = 0.94
"""From this share of the best on, one statement more of the same passage is quoted than was asked for: which of three
that are level is the answer, neither words nor closeness can tell."""
TIED = 0.97
"""Rows of a table are quoted beside the best one only when they score nearly the same: they all share the columns."""
MOST_ROWS = 6
TOLD = 0.85
"""Share of a statement's terms from which on another text says it too."""
SURE = 0.9
"""The score of what a table tells for sure."""
APART = 0.7
"""Of the best row's score, what another row of its table may have at most for the question to mean the one, where it is in
another language: a name that stands in no row is as near to each of them."""


Table = tuple[int, Span]
"""A passage, from 1, and where the row stands that names the columns."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A statement of passage `n` (from 1), with its score."""

    n: int
    statement: Statement
    score: float
    answering: Answering
    answers: bool
    """Whether `answering` says so, or a table or what a model wrote tells that this is it."""


@dataclass(frozen=True, slots=True)
class Nearest:
    """What comes nearest to a question."""

    hits: Sequence[Hit]
    pages: Pages
    check: AnswerCheck
    """What the statements were held against, and what a model writes is."""
    candidates: Sequence[Candidate] = ()
    """Best first."""
    tables: Mapping[Table, Meant] = field(default_factory=dict)
    """What the question means in the tables that they are rows of."""
    newer: Mapping[int, frozenset[int]] = field(default_factory=dict)
    """Hits of versions of a document that don't count → those of the ones that do (`agents.proof.editions`)."""
    at: Period | None = None
    """The time that the question asks about."""

    def meant(self, row: Candidate) -> Meant | None:
        """What the question means in the table of `row`."""
        return self.tables.get((row.n, row.statement.spans[0]))


def nearest_statements(
    question: str, hits: Sequence[Hit], pages: Pages, closeness: Closeness | None = None, translated: str = ""
) -> Nearest:
    """The statements of the first passages held against the question. `translated`: the question in the other language."""
    found_hits = hits
    at, later, hits = _in_force(question, hits, pages)
    brought = " ".join(f"{hit.under} {PurePath(hit.path).name} {hit.text}" for hit in hits)
    question = of_any_instance(question, brought)
    foreign = any(language_of(hit.text) != language_of(question) for hit in hits[:PASSAGES_ACROSS])
    # What gives orders to an assistant dictates what is to be quoted of it.
    passages = [(n, hit) for n, hit in enumerate(hits, 1) if not gives_orders(hit.text)]
    # A question that names a file, or a draft, is about that: 'Which goods in stock.csv …?'
    passages = [(n, hit) for n, hit in passages if _is_named(hit, question)] or passages
    own = max((hit.score for hit in hits if language_of(hit.text) == language_of(question)), default=0.0)
    far = {n for n, hit in passages if hit.score < FAR * own and language_of(hit.text) != language_of(question)}
    passages = [(n, hit) for n, hit in passages if translated or n not in far]
    passages = passages[: PASSAGES_ACROSS if foreign else PASSAGES]
    stated = [
        (n, statement)
        for n, hit in passages
        for statement in statements(_page(pages, hit), hit.start, hit.end, hit.headings)
    ]
    # What leads statements is known too: 禁止携带 of 哪些东西禁止携带 stands in a heading alone.
    among = dict.fromkeys(text for _, one in stated for text in (one.text, one.context) if text.strip())
    check = AnswerCheck(question, among, closeness, translated)
    top = max((hit.score for hit in hits), default=0.0) or 1.0
    rough: list[tuple[float, int, Statement, View]] = []
    for n, statement in stated:
        asked = check.wording(statement.text).question
        if asked.told_by(statement.text) or not (canonical_terms(statement.text) or hours(statement.text)):
            continue  # neither '5.3.6.' nor a date alone states anything
        if statement.form == "links" and not asked.wants_link:
            continue
        hit = hits[n - 1]
        view = asked.view(statement, hit.under, hit.text)
        score = KIND * view.kind + CONDITIONS * view.conditions + PLACE * hit.score / top
        rough.append((score, n, statement, view))
    rough.sort(key=lambda item: -item[0] - WORDS * item[3].words)
    near = _candidates(rough, question) if closeness else rough
    read = Read.of(brought)
    coded = check.question.unheard_of(read)
    strange = _unheard_of(check.question.names, read.folded) or (closeness and another(question, brought, closeness))
    close = check.closeness([item[2].text for item in near])
    ranked = []
    for (score, n, statement, view), value in zip(near, close, strict=True):
        words = view.words
        if check.wording(statement.text).across(statement.text):
            words = max(words, ACROSS * min(value or 0.0, 1.0))
        ranked.append((score + WORDS * words + MEANING * max(0.0, value or 0.0), n, statement, view, value))
    ranked.sort(key=lambda item: -item[0])
    same = check.alignment([item[2].text for item in ranked[:ALIGNED]]) + [0.0] * len(ranked[ALIGNED:])
    tables = {} if coded else _tables(check, [(n, statement) for _, n, statement, _ in rough], hits, pages)
    found = []
    for place, ((score, n, statement, view, value), share) in enumerate(zip(ranked, same, strict=True)):
        wording = check.wording(statement.text)
        judged = wording.weigh(view, statement, value, share)
        if place < ALIGNED:
            judged = check.despite(judged, statement, hits[n - 1].under, hits[n - 1].text)
        if coded or (strange and language_of(statement.text) == language_of(question)):
            judged = replace(judged, reason="name")
        bonus = ALIGNMENT * (share - UNALIGNED) * wording.across(statement.text)
        found.append(Candidate(n, statement, score + bonus, judged, judged.answers))
    ranked_by_tables = _by_tables(sorted(found, key=lambda c: -c.score), tables)
    return Nearest(found_hits, pages, check, _newest_first(ranked_by_tables, later), tables, later, at)


def _in_force(
    question: str, found: Sequence[Hit], pages: Pages
) -> tuple[Period | None, dict[int, frozenset[int]], Sequence[Hit]]:
    """The time that is asked about, which hits don't count beside others, and the hits: what held then is told under that time."""
    at = dating.named(question)
    asks_draft = names_draft(question) and any(map(is_draft, found))
    later = {} if asks_draft else counting(found, pages, at)
    held = frozenset().union(*later.values()) if at else frozenset()
    under = [
        replace(one, section=(*one.section, at.text)) if at and n in held else one for n, one in enumerate(found, 1)
    ]
    return at, later, under


def _tables(
    check: AnswerCheck, stated: Sequence[tuple[int, Statement]], hits: Sequence[Hit], pages: Pages
) -> dict[Table, Meant]:
    """What the question means in each table, read once."""
    found: dict[Table, Meant] = {}
    for n, statement in stated:
        if (n, statement.spans[0]) not in found:
            question, hit = check.wording(statement.text).text, hits[n - 1]
            if one := meant(question, _page(pages, hit), statement, hit.under):
                found[n, statement.spans[0]] = one
    return found


def _by_tables(ranked: list[Candidate], tables: Mapping[Table, Meant]) -> list[Candidate]:
    """`ranked` with what a table tells for sure in front, and no row of a table that has not the one asked for."""
    top = max((candidate.score for candidate in ranked), default=0.0)
    sure = [
        Candidate(n, row, top + 1, Answering(SURE, ""), answers=True)
        for n, table in dict.fromkeys((n, table) for (n, _), table in tables.items())
        if table.sure
        for row in table.rows
    ]
    absent = {key for key, table in tables.items() if table.absent}
    cells = {(n, row.spans) for (n, _), table in tables.items() if table.cell for row in table.rows}
    kept = [
        replace(c, answers=False, answering=replace(c.answering, reason="name"))
        if (c.n, c.statement.spans[0]) in absent
        else replace(c, answers=True)
        if (c.n, c.statement.spans) in cells and c.answering.reason == "subject" and c.answering.score >= POINTED
        else c
        for c in ranked
        if c.statement.spans not in [one.statement.spans for one in sure if one.n == c.n]
    ]
    return sure + kept


def _newest_first(ranked: list[Candidate], newer: Mapping[int, frozenset[int]]) -> list[Candidate]:
    """`ranked` with what an older version answers behind what a newer one does that comes as near."""
    for place, old in enumerate(ranked):
        later = newer.get(old.n, ())
        near = (at for at, c in enumerate(ranked) if c.n in later and c.answers and c.score >= SECOND_BEST * old.score)
        at = next(near, -1)
        if old.answers and at > place:
            new = replace(ranked[at], score=old.score)
            ranked = [*ranked[:place], new, *ranked[place:at], *ranked[at + 1 :]]
    return ranked


def _is_named(hit: Hit, question: str) -> bool:
    file = PurePath(hit.path)
    if is_draft(hit) and names_draft(question):
        return True
    return bool(file.suffix) and bool(re.search(rf"(?<![a-z0-9_.-]){re.escape(fold(file.name))}", fold(question)))


def _unheard_of(names: Collection[str], found: str) -> bool:
    """Whether the question is about something whose name stands in nothing that was found. A name is rare, so the search by
    words would have brought a passage that has it: then the documents have nothing about it in this language."""
    read = _bare(found)
    # Without its last two letters: Germany's Germans, a plural, a genitive.
    bare = (_bare(name) for name in names)
    return any((name[: max(4, len(name) - 2)] if name.isalpha() else name) not in read for name in bare)


def _bare(text: str) -> str:
    """Folded, without accents, blanks and hyphens."""
    return _JOINTS.sub("", fold(text)).translate(BARE)


def _candidates(
    rough: list[tuple[float, int, Statement, View]], question: str
) -> list[tuple[float, int, Statement, View]]:
    """Those worth an embedding: the best of either language, as words can't choose among the foreign ones."""
    own = [item for item in rough if language_of(item[2].text) == language_of(question)]
    foreign = [item for item in rough if language_of(item[2].text) != language_of(question)]
    return own[:CANDIDATES] + foreign[:CANDIDATES]


def best_quotes(nearest: Nearest, most: int = 2, *, among: Sequence[Candidate] | None = None) -> tuple[Citation, ...]:
    """One to `most` proven statements that answer the question: the best one's passage first, in the order of the
    document within a passage. A table's row comes as two quotes, its header and itself, with the same `sentence`; a list's item
    with those it stands under.
    What can't be read back is left out. `among`: only of these candidates."""
    ranked = nearest.candidates if among is None else among
    answering = [c for c in ranked if c.answers and c.score >= SECOND_BEST * ranked[0].score]
    chosen = _chosen(nearest, answering, most)
    leading = {(c.n, span) for c in chosen for span in c.statement.spans[:-1]}
    chosen = [c for c in chosen if (c.n, c.statement.spans[-1]) not in leading]
    chosen = _with_whole_list(nearest, [*chosen, *completing(nearest, chosen)], answering)
    order = {n: place for place, n in enumerate(dict.fromkeys(c.n for c in chosen))}
    chosen.sort(key=lambda c: (order[c.n], c.statement.spans[-1]))
    return quotes_of(chosen, nearest.hits, nearest.pages)


def quotes_of(candidates: Iterable[Candidate], hits: Sequence[Hit], pages: Pages) -> tuple[Citation, ...]:
    """The statements themselves as proven quotes, in that order; without those that can't be read back."""
    proven: list[Citation] = []
    for candidate in candidates:
        statement, hit = candidate.statement, hits[candidate.n - 1]
        told = statement.whole or statement.text
        quotes = [quote(pages, hit, candidate.n, a, b, supports=True, sentence=told) for a, b in statement.spans]
        if all(q.verified for q in quotes):
            proven += quotes
    return tuple(proven)


def _chosen(nearest: Nearest, ranked: list[Candidate], most: int) -> list[Candidate]:
    """The best, and what is nearly as good and says something else."""
    if not ranked:
        return []
    best, question = ranked[0], nearest.check.text
    if (means := nearest.meant(best)) and (means.superlative or means.sure):
        return [replace(best, statement=row) for row in means.rows[:MOST_ROWS]]
    if best.statement.row:
        table = (best.n, best.statement.spans[0])
        rows = [c for c in ranked if c.statement.row and (c.n, c.statement.spans[0]) == table]
        foreign = language_of(best.statement.text) != language_of(question)
        if foreign and sum(c.answering.score > APART * best.answering.score for c in rows) > 1:
            return []  # which row is meant can't be told: perhaps none
        if means and means.rows:
            named = [c for c in rows if c.statement in means.rows]
            return (named or [replace(best, statement=row) for row in means.rows])[:MOST_ROWS]
        return [c for c in rows if c.score >= TIED * best.score][:MOST_ROWS]
    chosen = [best]
    for candidate in ranked[1:]:
        share = SECOND_BEST if candidate.n == best.n else ELSEWHERE
        level = candidate.n == best.n and candidate.score >= LEVEL * best.score
        if len(chosen) >= most + level:
            break
        told = language_of(candidate.statement.text)
        if candidate.statement.row or candidate.score < share * best.score or told != language_of(best.statement.text):
            continue
        if any(one.n in nearest.newer.get(candidate.n, ()) for one in chosen):
            continue  # what was so would stand beside what is
        if not any(_repeats(candidate.statement.text, other.statement.text) for other in chosen):
            chosen.append(candidate)
    return chosen


def completing(nearest: Nearest, chosen: Sequence[Candidate]) -> list[Candidate]:
    """Where so much of something is asked for: the statement that alone of its document has what the question names besides and
    `chosen` lack, and is or changes such a number: the surcharge for what is urgent, the price that it comes to."""
    best = chosen[0] if chosen else None
    question = nearest.check.wording(best.statement.text).question if best else None
    if best is None or question is None or not question.asked.units:
        return []
    hit = nearest.hits[best.n - 1]
    near = [text for c in chosen for text in (c.statement.text, c.statement.context)]
    document = [
        c for c in nearest.candidates if nearest.hits[c.n - 1].document_id == hit.document_id and c not in chosen
    ]
    changing = {c.statement.text for c in document if c.statement.row or question.changed_by(c.statement.text)}
    for subject in question.lacking([*near, hit.under]) if changing else []:
        having = {c.statement.text: c for c in document if subject.held_by(Read.of(c.statement.text)) == 1.0}
        if len(having) == 1 and changing.issuperset(having) and not all(map(is_light, subject.terms)):
            return list(having.values())
    return []


def _with_whole_list(nearest: Nearest, chosen: list[Candidate], answering: Sequence[Candidate]) -> list[Candidate]:
    """`chosen`, or where several things are asked for and no one item is, the list that one of them or of those `answering` is an
    item of, with the others of its passage: what leads the list names more of the question than the item does, or half of the
    steps answer."""
    for one in dict.fromkeys((*chosen, *answering)):
        hit, question = nearest.hits[one.n - 1], nearest.check.wording(one.statement.text).question
        page = _page(nearest.pages, hit)
        items = whole_list(page, one.statement.spans[-1][0]) if question.asked.several and not one.statement.row else ()
        of_it = [c for c in nearest.candidates if c.n == one.n and _within(c.statement.spans[-1], items)]
        half = question.asked.steps and one in chosen and 2 * sum(c.answers for c in of_it) >= len(items)
        if items and (half or question.is_led(one.statement, hit.under)):
            told = [Statement((span,), " ".join(page[slice(*span)].split()), one.statement.context) for span in items]
            if (over := one.statement.spans[0])[1] <= items[0][0]:  # what denies all of them
                told.insert(0, Statement((over,), leading(readable(page[slice(*over)])), ""))
            beside = [c for c in chosen if c.n == one.n and not _within(c.statement.spans[-1], items)]
            return [*(replace(one, statement=item) for item in told), *beside]
    return chosen


def _within(span: Span, items: Sequence[Span]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in items)


def quoted_answer(citations: Sequence[Citation]) -> str:
    """The statements quoted as a text with their markers, each a paragraph, or an item of the list that it is quoted of."""
    lines = dict.fromkeys((citation.sentence, citation.n) for citation in citations)
    text = "\n\n".join(f"{sentence} [{n}]" for sentence, n in lines)
    return re.sub(
        rf"(?m)^({ITEM.pattern}.*|.*[:\uff1a] \[\d+\])\n\n(?={ITEM.pattern})", r"\1\n", text, flags=re.IGNORECASE
    )


def _page(pages: Pages, hit: Hit) -> str:
    """The page a passage is on; blanks with the passage in its place when it has changed or is gone."""
    text = page_of(pages, hit)
    return text if text[hit.start : hit.end] == hit.text else " " * hit.start + hit.text


def told(statement: str, text: str) -> bool:
    """Whether `text` has `TOLD` of the terms of `statement`."""
    terms = canonical_terms(statement)
    return len(terms & canonical_terms(text)) >= TOLD * len(terms)


def _repeats(text: str, other: str) -> bool:
    one, two = canonical_terms(text), canonical_terms(other)
    return bool(one) and len(one & two) >= TOLD * min(len(one), len(two) or 1)
