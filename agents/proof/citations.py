"""From a checked answer to its citations: each quote with its document and page, read back from what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agents.proof.checking import AnswerChecker, Checked
from agents.proof.entailment import Entailment
from agents.proof.similarity import Closeness
from agents.proof.sources import Citation, Pages, page_of
from agents.proof.verdicts import Passage
from ingest.documents import Hit
from ingest.orders import gives_orders


@dataclass(frozen=True, slots=True)
class Proof(Checked):
    """A checked answer with its citations."""

    citations: tuple[Citation, ...] = ()


def quote(pages: Pages, hit: Hit, n: int, start: int, end: int, *, supports: bool, sentence: str = "") -> Citation:
    """A citation of hit `n`, read back from the stored page. `verified` only when the page still says that, and the
    passage gives no orders."""
    inside = hit.text[max(0, start - hit.start) : max(0, end - hit.start)]
    page = page_of(pages, hit)
    text = page[start:end]
    # What lies beside the passage (the header of a table that was split, a row) stands when the passage itself still does.
    orders = gives_orders(hit.text)
    within = hit.start <= start and end <= hit.end
    stands = bool(text) and (text == inside if within else page[hit.start : hit.end] == hit.text)
    return Citation(
        n=n,
        document=hit.document,
        path=hit.path,
        page=hit.page,
        start=start,
        end=end,
        quote=text if stands else inside,
        verified=supports and stands and not orders,
        document_id=hit.document_id,
        label=hit.label,
        sentence=sentence,
        orders=orders,
        kb=hit.kb,
        corrected=hit.corrected,
    )


def cited(checked: Checked, hits: Sequence[Hit], pages: Pages) -> tuple[Citation, ...]:
    """The citations of an answer that was checked against `hits`: for each sentence what supports it, holds its phrase or
    says otherwise; where nothing does, the passages it named, without a quote."""
    found: list[Citation] = []
    for said in checked.sentences:
        for one in said.quotes:
            hit = hits[one.n - 1]
            start, end = hit.start + one.start, hit.start + one.end
            found.append(quote(pages, hit, one.n, start, end, supports=said.supported, sentence=said.text))
        for n in () if said.quotes else said.marks:
            hit = hits[n - 1]
            found.append(quote(pages, hit, n, hit.start, hit.start, supports=False, sentence=said.text))
    return tuple({(c.n, c.start, c.end, c.sentence): c for c in found}.values())


class CitationChecker:
    """Checks one answer. `hits[n - 1]` is the passage that marker `[n]` names."""

    def __init__(
        self,
        question: str,
        hits: Sequence[Hit],
        pages: Pages,
        similarity: Closeness | None = None,
        judge: Entailment | None = None,
    ) -> None:
        self._hits = hits
        self._pages = pages
        passages = [Passage(hit.text, context=hit.under) for hit in hits]
        self._checker = AnswerChecker(question, passages, similarity, judge)

    def check(self, text: str, *, marked: bool = True) -> Proof:
        """`text` with its markers corrected, what became of its sentences, and its citations. Without `marked`, numbers in
        brackets are no markers but part of the text."""
        checked = self._checker.check(text, marked=marked)
        return Proof(checked.text, checked.sentences, cited(checked, self._hits, self._pages))
