"""Versions of one document among the hits, and which of them counts.

What an older version says was so, what a draft says may never be; who asks wants to know how it is, or how it was at the time
that the question names. Which is newer a date says, never the time of a file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.proof import dating
from agents.proof.frames import SIBLINGS, VERSIONS, subject, titles
from agents.proof.rarity import canonical_terms
from agents.proof.sources import Pages, page_of
from ingest.documents import Hit
from ingest.folding import fold
from ingest.periods import Period

_PERIODICAL = re.compile(
    r"\b(?:reports?|results|minutes|reviews?|budgets?|statistics|newsletters?|bulletins?|news)\b"
    r"|报告|年报|季报|月报|周报|简报|日报|公报|纪要|预算|决算|统计|总结|新闻"
)
"""Titles of what is written anew for each period: the year in such a title is that of the facts, not of a version."""
NAMED = "named"
"""One of two documents that are no versions names the other."""
_DRAFT = re.compile(r"(?<![a-z])(?:draft|proposal|proposed)(?![a-z])|草案|草稿|征求意见|讨论稿|送审稿")


def kinship(one: Hit, other: Hit) -> str:
    """What the two hits' titles, or the headings at their top, say of their documents; of one document only sections that are
    called the same but for their dates count as versions."""
    if one.document_id == other.document_id:
        return VERSIONS if _dated_apart(" ".join(one.section), " ".join(other.section)) else SIBLINGS
    names = dating.undated(one.document), dating.undated(other.document)
    if is_draft(one) != is_draft(other):
        valid, draft = map(subject, reversed(names) if is_draft(one) else names)
        return VERSIONS if valid and valid <= draft else titles(*names)
    kin = titles(*names)
    dated = kin == VERSIONS and dating.named(one.document) != dating.named(other.document)
    if dated or _dated_apart("".join(one.section[:1]), "".join(other.section[:1])):
        return SIBLINGS if _PERIODICAL.search(fold(one.document)) else VERSIONS
    return NAMED if kin != VERSIONS and (speaks_of(one, other) or speaks_of(other, one)) else kin


def _dated_apart(one: str, other: str) -> bool:
    """Whether two headings are the same but for their dates, which both have."""
    first, second = dating.named(one), dating.named(other)
    return bool(first and second and first != second and dating.undated(one) == dating.undated(other))


def is_draft(hit: Hit) -> bool:
    """Whether its document calls itself one: then it holds from no day."""
    return names_draft(f"{hit.document} {file_of(hit)}")


def names_draft(text: str) -> bool:
    """Whether it speaks of a draft."""
    return bool(_DRAFT.search(fold(text)))


def speaks_of(one: Hit, other: Hit) -> bool:
    """Whether a hit names the document of the other, as what changes a clause of it does: an organisation's name, which both
    titles have, or an office in the place of another's is not enough."""
    own, named = subject(one.document), subject(dating.undated(other.document))
    new = named - own
    return len(new) > 1 and 2 * len(new) >= len(named) and new <= canonical_terms(one.text)


def date_of(hit: Hit, pages: Pages) -> Period | None:
    """From when the document of `hit` holds, as far as a line of its own, its title or its file's name says so."""
    if is_draft(hit):
        return None
    texts = [page_of(pages, hit, page) for page in dict.fromkeys((1, hit.page))]
    lines = next(filter(None, map(dating.of_document, texts)), None)
    return lines or dating.named(hit.document) or dating.named(file_of(hit))


def counting(hits: Sequence[Hit], pages: Pages, at: Period | None = None) -> dict[int, frozenset[int]]:
    """Of each hit (from 1) of a version that does not count, the hits of those that do: of an older one those of newer ones, of a
    draft those of what holds, and of what did not hold yet in the period `at` those of what did. Both are dated, and no day
    could be of both."""
    documents = {hit.document_id: hit for hit in hits}
    dates = {one.document_id: date_of(one, pages) for one in documents.values()}
    found: dict[int, frozenset[int]] = {}
    for n, hit in enumerate(hits, 1):
        mine, later = dates[hit.document_id], set()
        for other in documents.values():
            if other.document_id == hit.document_id or kinship(hit, other) != VERSIONS:
                continue
            theirs = dates[other.document_id]
            if (is_draft(hit) and not is_draft(other)) or (mine and theirs and outdates(theirs, mine, at)):
                later.add(other.document_id)
        if later:
            found[n] = frozenset(m for m, one in enumerate(hits, 1) if one.document_id in later)
    return found


def outdates(one: Period, other: Period, at: Period | None) -> bool:
    """Whether what is dated `one` counts instead of what is dated `other`: now, or in the period `at`."""
    if at and max(one.first, other.first) > at.last:
        return one.first <= at.last
    return one.first > other.last


def file_of(hit: Hit) -> str:
    """The name of its file."""
    return re.split(r"[\\/]", hit.path)[-1]
