"""Questions to begin with or to go on with, made from the headings of the documents at hand, and offered as far as these
answer them: no model is asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import streamlit as st

from agents import Answer, Chat, Citation
from app.state import library, session_language
from ingest import Document, Library, Page, Text, say, shorten

MOST = 4
"""Questions that are offered at a time."""
_LOOKED_AT = 12
"""Documents that are looked into for headings, the newest first."""
_TRIED = 16
"""Headings of theirs whose questions are looked up: a twentieth of a second each on a quiet machine."""
_OF_EACH = 2
"""Of one document, the first."""
_TABLE = re.compile(r"^(\|.+\|) *\n\|[-:| ]+\| *\n(\|.+\|) *$", re.MULTILINE)
"""The names of a table's columns, and its first row."""
_LONGEST = 40
"""Characters of a title or heading in a question."""
_SAMPLES = {
    "员工手册.md": Text("How many days of annual leave do I get after ten years?", "没休完的年假最多能结转几天？"),
    "rs200-manual.pdf": Text("What does fault code E12 on the RS-200 mean?", "RS-200 雷达水位计的测量范围是多少？"),
    "travel-policy.docx": Text("How much may a hotel in Shanghai cost per night?", "去国外出差每天的餐费标准是多少？"),
    "河流监测站维护规程.pdf": Text("How often is a station inspected in flood season?", "电池组用满几个月就应该更换？"),
}
"""A file of the sample corpus that comes with the source (`data/`), and what to ask about it."""


def first_questions(
    documents: Callable[[], Sequence[Document]], chat: Callable[[], Chat], *seen: Hashable
) -> tuple[str, ...]:
    """For the sample corpus those that it answers best; for any other `documents` one about a heading of each, the newest
    documents first, or about a row of a table. `chat` on what they are in: what is offered is answered from there. Questions
    are made anew when what was `seen` of the documents is another."""
    return _made(lambda: _first(library(), chat(), documents()), (str(library().home), session_language(), *seen))


def next_questions(answer: Answer, chat: Callable[[], Chat], *seen: Hashable) -> tuple[str, ...]:
    """About other headings that the search came upon beside those that are cited, in the documents that are, where there
    are such; as far as `chat` has an answer from there. `seen`: what tells the answer from any other."""
    return _made(lambda: _next(chat(), answer), (str(library().home), session_language(), "next", *seen))


@st.cache_data(max_entries=128, show_spinner=False)
def _made(_make: Callable[[], tuple[str, ...]], seen: tuple[Hashable, ...]) -> tuple[str, ...]:  # noqa: ARG001 - the key
    return _make()


def _first(library: Library, chat: Chat, documents: Sequence[Document]) -> tuple[str, ...]:
    names = {Path(document.path).name for document in documents}
    found = tuple(str(question) for name, question in _SAMPLES.items() if name in names)
    if len(found) > 1:
        return found
    newest = sorted(documents, key=lambda one: one.added, reverse=True)[:_LOOKED_AT]
    asked: dict[int, str] = {}
    for one in islice((place for document in newest for place in _places(library, document)), _TRIED):
        if len(asked) < MOST and one.document not in asked and any(map(one.holds, chat.quotes(one.question))):
            asked[one.document] = one.question
    return tuple(dict.fromkeys(asked.values()))


def _next(chat: Chat, answer: Answer) -> tuple[str, ...]:
    used = {(cited.document_id, cited.page, cited.start) for cited in answer.citations}
    cited = {
        (hit.document_id, hit.section)
        for hit in answer.hits
        if any(d == hit.document_id and p == hit.page and hit.start <= s < hit.end for d, p, s in used)
    }
    documents = {document for document, _ in cited}
    hits = [
        hit
        for hit in answer.hits
        if (hit.document_id, hit.section) not in cited and hit.section and _says_more(hit.section[-1], hit.document)
    ]
    nearby = [hit for hit in hits if hit.document_id in documents] or hits
    asked = {_about(hit.document, hit.section[-1]): hit.document_id for hit in nearby}
    tried = [text for text in asked if text != answer.question][:MOST]
    held = (text for text in tried if any(one.document_id == asked[text] for one in chat.quotes(text)))
    return tuple(islice(held, MOST - 1))


@dataclass(frozen=True, slots=True)
class _Place:
    """A question, and the stretch of a page where its answer is."""

    question: str
    document: int
    page: int
    start: int
    end: int

    def holds(self, cited: Citation) -> bool:
        """Whether the quote stands there."""
        return (self.document, self.page) == (cited.document_id, cited.page) and self.start <= cited.start < self.end


def _places(library: Library, document: Document) -> Iterator[_Place]:
    """Of a document: below its first headings that say more than its title, and the first row of its first table."""
    pages = library.pages(document.id)
    yield from islice((place for page in pages for place in _headings(document, page)), _OF_EACH)
    yield from islice((place for page in pages for place in _rows(document, page)), 1)


def _headings(document: Document, page: Page) -> Iterator[_Place]:
    title = document.title or Path(document.path).stem
    found = [block for block in page.blocks if block.kind == "heading"]
    ends = [*(block.start for block in found[1:]), len(page.text)]
    for block, end in zip(found, ends, strict=False):
        text = page.text[block.start : block.end].strip("# \n")
        if _says_more(text, title):
            yield _Place(_about(title, text), document.id, page.number, block.end, end)


def _rows(document: Document, page: Page) -> Iterator[_Place]:
    for found in _TABLE.finditer(page.text):
        columns, row = ([cell.strip() for cell in line.strip("| ").split("|")] for line in (found[1], found[2]))
        told = next((n for n, cell in enumerate(row) if n and any(map(str.isdigit, cell))), 1)
        if len(columns) == len(row) > 1 and all(0 < len(text) <= _LONGEST for text in (row[0], columns[told])):
            gap, asks = " " * row[0].isascii(), "多少" if any(map(str.isdigit, row[told])) else "什么"
            question = say(f"{row[0]}: {columns[told]}?", f"{row[0]}{gap}的{columns[told]}是{asks}？")
            yield _Place(question, document.id, page.number, *found.span())


def _says_more(heading: str, title: str) -> bool:
    """Whether it is a heading, and not the title once more."""
    return (
        1 < len(heading) <= 2 * _LONGEST
        and heading.casefold() not in title.casefold()
        and any(map(str.isalpha, heading))
    )


def _about(title: str, heading: str) -> str:
    title, heading = shorten(title, _LONGEST), shorten(heading, _LONGEST)
    return say(f"What does “{title}” say about “{heading}”?", f"《{title}》中关于“{heading}”怎么说？")
