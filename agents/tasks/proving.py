"""What a result may rest on: the passages that searches brought, and what other tools answered, numbered as one list.

A tool's answer is cited like a page: `document` is the tool, `path` is `call:ID`, `page` the call's number in the run,
and the quote is read back from the saved record, so `verified` means there what it means for a document. A number that
was worked out stands in no document; with its call as its source it is proven and not marked as unsupported.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agents.proof.citations import CitationChecker, Proof, quote
from agents.proof.markers import split, with_marks
from agents.proof.numbers import agrees, claimed, stated
from agents.proof.rarity import canonical_terms
from agents.proof.similarity import Closeness
from agents.proof.sources import CALL, CallSource, Citation, Pages, source_of
from agents.proof.synonyms import is_light
from agents.tasks.events import StepRecord
from agents.tasks.state import RunState
from ingest.documents import Hit

MOST = 40
"""Sources looked at for a result; each costs a judgement per sentence."""
_WORKED_OUT = frozenset(
    canonical_terms(
        "sum total together altogether plus minus times more less fewer difference result average mean product quotient "
        "equals amounts makes gives adds 合计 总计 总共 一共 总和 相加 加上 减去 乘以 除以 相差 差额 平均 结果 等于 共计 得出 得到"
    )
)
"""What is said of any sum, whatever it is about."""
_KNOWN = 0.7
"""Share of a sentence's words that must stem from the task, the call or the passages when a call proves its numbers."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything a result may cite; `hits[n - 1]` is what marker `[n]` names."""

    hits: tuple[Hit, ...]
    pages: Pages

    @property
    def calls(self) -> list[tuple[int, Hit]]:
        """Those that are calls, with their markers."""
        return [(n, hit) for n, hit in enumerate(self.hits, 1) if isinstance(source_of(hit), CallSource)]


class _Pages:
    """The library's pages, and under document 0 what the run's calls brought."""

    def __init__(self, pages: Pages, calls: dict[int, str]) -> None:
        self._pages = pages
        self._calls = calls

    def page_text(self, document_id: int, page: int) -> str:
        """Stored text of the page, or of the call of that number."""
        return self._calls[page] if document_id == 0 else self._pages.page_text(document_id, page)


def sources_of(state: RunState, records: Sequence[StepRecord], pages: Pages) -> Sources:
    """The sources of a run: the evidence, with the numbers it was shown with; what each finished step found, in the order
    of the plan; then the rest."""
    failed = {step.id for step in state.plan if step.state in ("failed", "dropped")}
    ordered = sorted(enumerate(records, 1), key=lambda item: (item[1].call.step in failed, item[0]))
    per_step: list[list[Hit]] = []
    calls: dict[int, str] = {}
    for number, record in ordered:
        seen = record.observation
        if seen.error:
            continue
        if seen.hits:
            per_step.append(list(seen.hits))
        else:
            calls[number] = call_text(record)
            per_step.append([_as_hit(record, number, calls[number])])
    found: dict[tuple[object, ...], Hit] = {_place(hit): hit for hit in state.evidence.hits}
    for rank in range(max(map(len, per_step), default=0)):  # the best of each step before the second best of any
        for hits in per_step:
            if rank < len(hits):
                found.setdefault(_place(hits[rank]), hits[rank])
    return Sources(tuple(found.values())[:MOST], _Pages(pages, calls))


def call_text(record: StepRecord) -> str:
    """A call on one line and, below it, what it brought: what its citation quotes. Arguments that hold line breaks are
    folded, or what a model wrote there would pass for what the call brought."""
    values = [v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for v in record.call.arguments.values()]
    return f"{record.call.tool}: {' '.join(', '.join(values).split())[:400]}\n{record.observation.text}"


def checked(
    text: str,
    state: RunState,
    sources: Sources,
    similarity: Closeness | None = None,
    *,
    marked: bool = True,
) -> Proof:
    """`text` with its markers put right against the sources, as an answer's in a chat; then sentences whose numbers a
    call worked out. Without `marked`, numbers in brackets are no markers but part of what was found."""
    found = CitationChecker(state.task, sources.hits, sources.pages, similarity).check(text, marked=marked)
    unproven = [sentence for sentence in found.unsupported if claimed(sentence)]
    if not unproven or not sources.calls:
        return found
    written, citations, sentences = found.text, list(found.citations), list(found.sentences)
    for sentence in unproven:
        if (proof := _by_call(sentence, state, sources)) is None:
            continue
        citations = [c for c in citations if c.sentence != sentence] + [proof]
        sentences = [
            replace(s, marks=(proof.n,), verdict="supported", reason="", instead="", quotes=())
            if s.text == sentence
            else s
            for s in sentences
        ]
        written = _marked(written, sentence, proof.n, len(sources.hits))
    return Proof(written, tuple(sentences), tuple(citations))


def _by_call(sentence: str, state: RunState, sources: Sources) -> Citation | None:
    """The call that proves a sentence: it brought one of its numbers. The others were brought or used by a call as well, or stand in
    the task: that one stands in some passage says nothing of what it is there for. Most words were given before."""
    numbers, asked = claimed(sentence), [state.task, *(step.goal for step in state.plan)]
    known = canonical_terms(" ".join([*asked, *(hit.text for hit in sources.hits)]))
    words = {term for term in canonical_terms(sentence) - _WORKED_OUT if not is_light(term)}
    if len(words & known) < _KNOWN * len(words):
        return None
    given = [quantity for text in [*asked, *(hit.text for _, hit in sources.calls)] for quantity in stated(text)]
    if not all(agrees(number, given) for number in numbers):
        return None
    for n, hit in sources.calls:
        begin = hit.text.index("\n") + 1
        if any(agrees(number, stated(hit.text[begin:])) for number in numbers):
            return quote(sources.pages, hit, n, 0, len(hit.text), supports=True, sentence=sentence)
    return None


def _marked(text: str, sentence: str, n: int, count: int) -> str:
    """`text`, whose markers name `count` sources, with the marker `n` at the end of `sentence`."""
    for found in split(text, count):
        if found.text == sentence:
            return text[: found.start] + with_marks(sentence, (n,)) + text[found.end :]
    return text


def _as_hit(record: StepRecord, number: int, text: str) -> Hit:
    path, step = f"{CALL}{record.call.id}", str(record.call.step)
    return Hit(0, 0.0, record.call.tool, path, number, (), 0, len(text), text, 0, -number, label=step)


def _place(hit: Hit) -> tuple[object, ...]:
    return (hit.document_id, hit.page, hit.start, hit.end)
