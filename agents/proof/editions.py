"""Versions of one document among the hits, and which of them is newer.

What an older version says was so; who asks wants to know how it is. Which is newer a date says, never the time of a file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.proof import dating
from agents.proof.frames import SIBLINGS, VERSIONS, titles
from agents.proof.sources import Pages, page_of
from ingest.documents import Hit
from ingest.folding import fold
from ingest.periods import Period

_PERIODICAL = re.compile(
    r"\b(?:reports?|results|minutes|reviews?|budgets?|statistics|newsletters?|bulletins?|news)\b"
    r"|报告|年报|季报|月报|周报|简报|日报|公报|纪要|预算|决算|统计|总结|新闻"
)
"""Titles of what is written anew for each period: the year in such a title is that of the facts, not of a version."""


def kinship(one: Hit, other: Hit) -> str:
    """What the two hits' titles, or the headings at their top, say of their documents; of one document only sections that are
    called the same but for their dates count as versions."""
    if one.document_id == other.document_id:
        return VERSIONS if _dated_apart(" ".join(one.section), " ".join(other.section)) else SIBLINGS
    kin = titles(dating.undated(one.document), dating.undated(other.document))
    dated = kin == VERSIONS and dating.named(one.document) != dating.named(other.document)
    if dated or _dated_apart("".join(one.section[:1]), "".join(other.section[:1])):
        return SIBLINGS if _PERIODICAL.search(fold(one.document)) else VERSIONS
    return kin


def _dated_apart(one: str, other: str) -> bool:
    """Whether two headings are the same but for their dates, which both have."""
    first, second = dating.named(one), dating.named(other)
    return bool(first and second and first != second and dating.undated(one) == dating.undated(other))


def date_of(hit: Hit, pages: Pages) -> Period | None:
    """From when the document of `hit` holds, as far as a line of its own, its title or its file's name says so."""
    texts = [page_of(pages, hit, page) for page in dict.fromkeys((1, hit.page))]
    lines = next(filter(None, map(dating.of_document, texts)), None)
    return lines or dating.named(hit.document) or dating.named(file_of(hit))


def newer(hits: Sequence[Hit], pages: Pages) -> dict[int, frozenset[int]]:
    """Of each hit (from 1) of an older version, the hits of newer ones. Both are dated, and no day could be of both."""
    documents = {hit.document_id: hit for hit in hits}
    dates: dict[int, Period | None] = {}
    found: dict[int, frozenset[int]] = {}
    for n, hit in enumerate(hits, 1):
        later = set()
        for other in documents.values():
            if other.document_id == hit.document_id or kinship(hit, other) != VERSIONS:
                continue
            for one in (hit, other):
                if one.document_id not in dates:
                    dates[one.document_id] = date_of(one, pages)
            mine, theirs = dates[hit.document_id], dates[other.document_id]
            if mine and theirs and theirs.first > mine.last:
                later.add(other.document_id)
        if later:
            found[n] = frozenset(at for at, one in enumerate(hits, 1) if one.document_id in later)
    return found


def file_of(hit: Hit) -> str:
    """The name of its file."""
    return re.split(r"[\\/]", hit.path)[-1]
