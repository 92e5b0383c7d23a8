"""One answer to a question of several parts, out of what each part comes to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from agents.chat.abstention import not_found
from agents.chat.settling import Settled
from agents.proof.citations import Proof
from agents.proof.quotes import Candidate, Nearest, best_quotes

_SHARED = 0.25
"""Of a statement's score for the first part that counts for a later one: it decides between those that are level."""

_ABOUT = 0.5
"""Of what a part asks about, how much a statement must have that answers another part better."""


def in_turn(parts: Sequence[Sequence[Candidate]]) -> Sequence[Candidate]:
    """The candidates of each of `parts` as one list, the nearest to its part first: scores count by the best of their part."""
    if len(parts) == 1:
        return parts[0]
    shares = [
        replace(one, score=one.score / part[0].score) if part[0].score > 0 else one for part in parts for one in part
    ]
    return sorted(shares, key=lambda one: -one.score)


def of_one_thing(nearest: Sequence[Nearest]) -> list[Nearest]:
    """`nearest` to each part. A later part leaves unsaid what the first one names, so it keeps to the documents that answer those
    before it where one of them answers it too, and what comes near to the first counts for it."""
    first = {(one.n, one.statement): one.score for one in nearest[0].candidates}
    found, documents = [nearest[0]], set[int]()
    for one in nearest[1:]:
        documents |= {cited.document_id for cited in best_quotes(found[-1])}
        there = [
            replace(c, score=c.score + _SHARED * max(0.0, first.get((c.n, c.statement), 0.0)))
            for c in one.candidates
            if one.hits[c.n - 1].document_id in documents
        ]
        there.sort(key=lambda c: -c.score)
        found.append(replace(one, candidates=there) if any(c.answers for c in there) else one)
    return [_apart(one, found[:at] + found[at + 1 :]) for at, one in enumerate(found)]


def _apart(one: Nearest, others: Sequence[Nearest]) -> Nearest:
    """`one` without the statement that answers it best, where that answers one of `others` better and has less than half of what this
    one asks about: of a child that works alone and e-bikes, the one on e-bikes has the bike alone."""
    best, *firsts = (next((c for c in each.candidates if c.answers), None) for each in (one, *others))
    same = [c for c in firsts if best and c and (c.n, c.statement) == (best.n, best.statement)]
    if not best or all(c.answering.score <= best.answering.score for c in same):
        return one
    hit, question = one.hits[best.n - 1], one.check.wording(best.statement.text).question
    about = question.view(best.statement, hit.under, hit.text).words
    return one if about >= _ABOUT else replace(one, candidates=[c for c in one.candidates if c is not best])


def told_beside(nearest: Sequence[Nearest], settled: Sequence[Settled]) -> list[Settled]:
    """What each part is `settled` to; a part that asks for a number or an address to turn to, and that nothing answers by itself, to
    the quote for another one that has such: until when, and on which number, of 'by 4 pm on 0571 8802'. Not so for other kinds:
    a name or a price beside the point stands in many quotes."""
    shown = [
        (one, {(c.n, c.start, c.end) for c in one.proof.citations if c.verified and not one.abstained})
        for one in settled
    ]
    return [
        next((told for told, places in shown if own.abstained and _has_contact(one, places)), own)
        for one, own in zip(nearest, settled, strict=True)
    ]


def _has_contact(one: Nearest, places: Collection[tuple[int, int, int]]) -> bool:
    """Whether a statement at one of `places` has what to turn to, where that is asked for."""
    there = (c for c in one.candidates if (c.n, *c.statement.spans[-1]) in places)
    return one.check.question.asked.contact and any(c.answering.reason != "kind" for c in there)


def together(parts: Sequence[str], settled: Sequence[Settled], code: str) -> Settled:
    """What `parts` of one question come to, in their order, each with what it was `settled` to: the model's words once, below
    them what stands in for a part that they don't answer, and last the parts that nothing answers, said in the language `code`.
    A refusal where that is none of them."""
    if len(settled) == 1:
        return settled[0]
    answered = [one for one in settled if not one.abstained]
    if not answered:
        citations = tuple(dict.fromkeys(cited for one in settled for cited in one.proof.citations))
        return replace(settled[0], proof=replace(settled[0].proof, citations=citations))
    written = [one for one in answered if not one.extractive and not one.written]
    paragraphs = [text for one in (*written, *answered) for text in _paragraphs(one, below=bool(written))]
    paragraphs += [not_found(part, code) for part, one in zip(parts, settled, strict=True) if one.abstained]
    proof = Proof(
        "\n\n".join(dict.fromkeys(paragraphs)),
        (written or settled)[0].proof.sentences,
        tuple(dict.fromkeys(cited for one in answered for cited in one.proof.citations)),
    )
    return Settled(
        proof,
        settled[0].judged,
        extractive=not written and all(one.extractive for one in answered),
        written="" if written else settled[0].written,
        notes=tuple(dict.fromkeys(note for one in written or answered for note in one.notes)),
    )


def _paragraphs(settled: Settled, *, below: bool) -> list[str]:
    """Of its text; as quotes where it stands `below` a model's words."""
    found = settled.proof.text.split("\n\n")
    bare = below and settled.extractive and not any(one.startswith(">") for one in found)
    return [f"> {one}" for one in found] if bare else found
