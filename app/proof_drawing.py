"""A text and its proof: what is proven and what is not marked in place, and a chip for each quote."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import streamlit as st

from agents import Answer, CheckedSentence, Citation, KeptSource, PageSource, Result
from app.marks import Mark
from app.markup import answer_html, plain
from app.passages import excerpt_html
from app.reader import Place, open_place, open_places
from app.state import elsewhere
from ingest import Hit, page_name, say, shorten

NEAREST = 3
"""Passages or quotes shown when nothing answers the question."""
_MARKER = re.compile(r"\[(\d{1,4})\]")
_NAMES = {"quote": "phrase", "differs": "differs", "unsupported": "unproven"}
"""What the verdicts of a sentence are called in `app.marks`; of all others it stands as it is."""


def draw_proven(said: Answer | Result, name: str) -> None:
    """A text with its marks, and a chip for each quote."""
    answer = said if isinstance(said, Answer) else None
    extractive = answer is not None and answer.extractive
    html, order, marks = proven_html(said, opening=True)
    st.html(html)
    if extractive:
        draw_note(_about_quotes(said.citations), ":material/format_quote:", f"quotes-{name}")
    _legend(marks, name)
    hits = answer.hits if answer is not None else ()
    _chips(said.citations, _judged(said), hits, order, name, extractive=extractive)


def proven_html(said: Answer | Result, *, opening: bool = False) -> tuple[str, dict[int, int], list[Mark]]:
    """A text with its marks as HTML, what the numbers of its citations became, and the marks. `opening` as `answer_html` has
    it."""
    extractive = isinstance(said, Answer) and said.extractive
    marks = marks_of(_judged(said)) or [
        Mark(sentence, "unproven", say("not proven by the documents", "文档未能证实"))
        for sentence in said.unsupported_sentences
    ]
    text, order = numbered(said.text, [cited.n for cited in said.citations])
    numbers: dict[int, bool] = {}
    for cited in said.citations:
        shown = order.get(cited.n, 0)
        numbers[shown] = numbers.get(shown, False) or (cited.verified and not extractive)
    return answer_html(text, marks, numbers, opening=opening), order, marks


def _judged(said: Answer | Result) -> Sequence[CheckedSentence]:
    """The sentences of the text itself."""
    return said.sentences if isinstance(said, Answer) and not said.written else ()


def numbered(text: str, cited: Sequence[int]) -> tuple[str, dict[int, int]]:
    """`text` with the numbers of its citations as 1…n by first use (they come as ranks of the search), and what each became."""
    order: dict[int, int] = {}

    def renumber(found: re.Match[str]) -> str:
        n = int(found[1])
        return f"[{order.setdefault(n, len(order) + 1)}]" if n in cited else found[0]

    return _MARKER.sub(renumber, text), order


def draw_refusal(answer: Answer, name: str) -> None:
    """That the documents do not answer it, then what in them comes nearest."""
    with st.container(key=f"zk-calm-{name}"):
        st.html(answer_html(answer.text))
        if answer.citations or answer.nearest:
            st.caption(say("Nearest in the documents:", "文档中最接近的内容："))
        for quotes in _by_row(answer.citations)[:NEAREST]:
            cited = quotes[-1]
            st.html(excerpt_html("\n| --- |\n".join(quote.quote for quote in quotes), 400))
            key = f"near-{name}-{cited.document_id}-{cited.page}-{cited.start}"
            if st.button(_place(cited), key=key, icon=":material/format_quote:", type="tertiary"):
                open_place(cited)
        for hit in answer.nearest:
            draw_passage(hit, 240, f"near-{name}")


def draw_written(answer: Answer, name: str) -> None:
    """What the model wrote where that is not the answer, folded, with its marks."""
    if not answer.written:
        return
    proven = [sentence for sentence in answer.sentences if sentence.supported]
    told = (
        say("What the model wrote; it does not answer the question", "模型写的内容（未回答问题）")
        if proven
        else say("What the model wrote, without proof", "模型写的内容（未经证实）")
    )
    with st.expander(told, icon=":material/edit_off:"):
        st.html(written_html(answer))
        _legend(marks_of(answer.sentences), f"{name}-written")


def written_html(answer: Answer) -> str:
    """What the model wrote where that is not the answer, with its marks."""
    numbers: dict[int, bool] = {}
    for sentence in answer.sentences:
        numbers.update({n: numbers.get(n, False) or sentence.supported for n in sentence.marks})
    return answer_html(answer.written, marks_of(answer.sentences), numbers)


def draw_passage(hit: Hit, limit: int, key: str, before: str = "") -> None:
    """The beginning of a passage, and a chip that opens it where it stands."""
    st.html(excerpt_html(hit.text, limit))
    if st.button(
        f"{before}{_chip(hit.document, page_name(hit.page, hit.label, hit.corrected), hit.kb)}",
        key=f"{key}-{hit.chunk_id}",
        icon=":material/open_in_full:",
        type="tertiary",
    ):
        open_place(hit)


def draw_note(text: str, icon: str, key: str) -> None:
    """What a person should read: small, but not faint as a caption is."""
    with st.container(key=f"zk-note-{key}"):
        st.markdown(f"{icon} {plain(text)}")


def marks_of(sentences: Sequence[CheckedSentence]) -> list[Mark]:
    """How each sentence is drawn."""
    return [Mark(one.text, _NAMES.get(one.verdict, ""), one.why) for one in sentences]


def _legend(marks: Sequence[Mark], name: str) -> None:
    """What the marks in the text mean, each drawn as itself."""
    said = {
        "differs": say("differs from the documents", "与文档不符"),
        "unproven": say("not proven by the documents", "文档未能证实"),
        "phrase": say("only the phrase is in the documents", "文档中仅出现该词语"),
    }
    used = [text for kind, text in said.items() if any(mark.name == kind for mark in marks)]
    if not used:
        return
    drawn = [Mark(text, kind) for kind, text in said.items() if text in used]
    with st.container(key=f"zk-legend-{name}"):
        st.html(answer_html(" · ".join(used), drawn))


@dataclass(frozen=True, slots=True)
class _Found:
    """A citation as its chip says it."""

    icon: str
    why: str
    """On the chip itself."""
    help: str


def _chips(
    citations: Sequence[Citation],
    sentences: Sequence[CheckedSentence],
    hits: Sequence[Hit],
    order: Mapping[int, int],
    name: str,
    *,
    extractive: bool,
) -> None:
    """One chip for each page that is cited, and for each state of what it proves; clicking it opens the page with its quotes."""
    if not citations:
        return
    judged = {sentence.text: sentence for sentence in sentences}
    sources: dict[tuple[int, int, _Found], list[Citation]] = {}
    for quotes in by_sentence(citations):
        cited = quotes[-1]
        found = _told(cited, judged.get(cited.sentence), extractive=extractive)
        sources.setdefault((cited.document_id, cited.page, found), []).append(cited)
    places: list[Place] = []
    opened: int | None = None
    with st.container(horizontal=True, key=f"zk-chips-{name}", gap="small"):
        for number, ((_, _, found), quotes) in enumerate(sources.items(), 1):
            first = quotes[0]
            doubt = "" if first.verified else found.why or found.help
            passage = _passage_of(first, hits)
            shown: list[Citation | Hit] = [one for one in quotes if one.quote] or ([passage] if passage else [])
            if shown:
                places.append(Place(shown, doubt, " ".join(one.sentence for one in quotes)))
            why = f"{plain(found.why)} · " if found.why else ""
            numbers = ", ".join(str(n) for n in dict.fromkeys(order[one.n] for one in quotes if one.n in order))
            if st.button(
                f"{numbers} · {why}{_place(first)}" if numbers else f"{why}{_place(first)}",
                key=f"cite-{name}-{number}",
                icon=found.icon,
                help=f"{found.help}: {plain(shorten(first.quote, 160))}" if first.quote else found.help,
                disabled=not shown,
            ):
                opened = len(places) - 1
    if opened is not None:
        open_places(places, opened)


def _told(cited: Citation, judged: CheckedSentence | None, *, extractive: bool) -> _Found:
    if isinstance(cited.source, KeptSource):
        return _Found(":material/bookmark:", "", say("Written or kept by a person", "由人撰写或保留"))
    if extractive and cited.verified:
        return _Found(":material/format_quote:", "", say("Quote", "原文"))
    if cited.verified:
        return _Found(":material/verified:", "", say("Verified quote", "已核实的引文"))
    if cited.orders:
        why = say("gives orders to an assistant", "含有对助手下达的指令")
        return _Found(
            ":material/gpp_maybe:",
            why,
            say("Proves nothing by itself: such text may be planted", "不能单独作为依据：可能是被植入的文字"),
        )
    if judged is not None and judged.verdict == "differs":
        return _Found(":material/error:", judged.why, say("The passage differs", "原文不符"))
    if judged is not None and judged.verdict == "quote":
        return _Found(":material/radio_button_unchecked:", "", judged.why)
    return _Found(
        ":material/help:",
        "",
        say("Named as a source, but it was not proven that it says so", "回答引用了此处，但未能证实它支持该说法"),
    )


def _passage_of(cited: Citation, hits: Sequence[Hit]) -> Citation | Hit | None:
    """What is shown of a citation without a quote: the passage it names, else its page; None when it has neither."""
    for hit in hits:
        if (hit.document_id, hit.page) == (cited.document_id, cited.page) and hit.start <= cited.start < hit.end:
            return hit
    return cited if isinstance(cited.source, PageSource) else None


def by_sentence(citations: Sequence[Citation]) -> list[list[Citation]]:
    """A table's row comes as two citations of one sentence, its header and itself; all others by themselves."""
    runs = groupby(enumerate(citations), lambda item: (item[1].n, item[1].sentence or item[0]))
    return [[cited for _, cited in run] for _, run in runs]


def _by_row(citations: Sequence[Citation]) -> list[list[Citation]]:
    """The same for quotes that stand for no sentence: rows have bars."""
    runs = groupby(enumerate(citations), lambda item: (item[1].n, -1 if "|" in item[1].quote else item[0]))
    return [[cited for _, cited in run] for _, run in runs]


def _about_quotes(citations: Sequence[Citation]) -> str:
    """That an answer consists of quotes, and how far they are the documents' own words."""
    told = [say("Closest quotes – judge for yourself.", "最接近的原文，请自行判断。")]
    runs = by_sentence([cited for cited in citations if cited.sentence])
    exact = [_bare(run[0].sentence) in _bare(run[0].quote) for run in runs]
    # A line about a conflict is ours; the versions it cites stand in several documents.
    rows = [len(run) > 1 and len({cited.document_id for cited in run}) == 1 for run in runs]
    if runs and all(exact):
        told.append(say("Quoted from the documents, word for word.", "原文摘录，未经改写。"))
    elif any(row and not same for row, same in zip(rows, exact, strict=True)):
        told.append(say("From the table: a row together with its header.", "取自表格：由表头与该行组成。"))
    return say(" ", "").join(told)


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _place(cited: Citation) -> str:
    return _chip(cited.document, str(cited.source), cited.kb)


def _chip(document: str, page: str, kb: str) -> str:
    # The page first: a narrow window cuts the end off.
    return plain(f"{page} · {shorten(document, 60)}{elsewhere(kb)}")
