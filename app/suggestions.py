"""Questions to begin with or to go on with, made from the headings of the documents at hand: no model is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from agents import Answer
from app.markup import shorten
from ingest import Document, Library, Text, say

MOST = 4
"""Questions that are offered at a time."""
_LOOKED_AT = 12
"""Documents that are looked into for headings, the newest first."""
_LONGEST = 40
"""Characters of a title or heading in a question."""
_SAMPLES = {
    "员工手册.md": Text(
        en="How many days of annual leave do I get after ten years?", zh="没休完的年假最多能结转几天？"
    ),
    "rs200-manual.pdf": Text(
        en="What does fault code E12 on the RS-200 mean?", zh="RS-200 雷达水位计的测量范围是多少？"
    ),
    "travel-policy.docx": Text(
        en="How much may a hotel in Shanghai cost per night?", zh="去国外出差每天的餐费标准是多少？"
    ),
    "河流监测站维护规程.pdf": Text(
        en="How often is a station inspected in flood season?", zh="电池组用满几个月就应该更换？"
    ),
}
"""A file of the sample corpus that comes with the source (`data/`), and what to ask about it."""


def first_questions(library: Library, documents: Sequence[Document]) -> tuple[str, ...]:
    """For the sample corpus those that it answers best; for any other documents one about a heading of each, the newest
    documents first."""
    names = {Path(document.path).name for document in documents}
    found = tuple(str(question) for name, question in _SAMPLES.items() if name in names)
    if len(found) > 1:
        return found
    asked = []
    for document in sorted(documents, key=lambda one: one.added, reverse=True)[:_LOOKED_AT]:
        title = document.title or Path(document.path).stem
        asked += [_about(title, heading) for heading in _headings(library, document) if _says_more(heading, title)][:1]
    return tuple(dict.fromkeys(asked))[:MOST]


def next_questions(answer: Answer) -> tuple[str, ...]:
    """About other headings that the search came upon beside those that are cited, in the documents that are, where there
    are such."""
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
    found = [_about(h.document, h.section[-1]) for h in [h for h in hits if h.document_id in documents] or hits]
    return tuple(text for text in dict.fromkeys(found) if text != answer.question)[: MOST - 1]


def _headings(library: Library, document: Document) -> Iterator[str]:
    for page in library.pages(document.id):
        for block in page.blocks:
            if block.kind == "heading":
                yield page.text[block.start : block.end].strip("# \n")


def _says_more(heading: str, title: str) -> bool:
    """Whether it is a heading, and not the title once more."""
    return (
        1 < len(heading) <= 2 * _LONGEST
        and heading.casefold() not in title.casefold()
        and any(map(str.isalpha, heading))
    )


def _about(title: str, heading: str) -> str:
    title, heading = shorten(title, _LONGEST), shorten(heading, _LONGEST)
    return say(en=f"What does “{title}” say about “{heading}”?", zh=f"《{title}》中关于“{heading}”怎么说？")
