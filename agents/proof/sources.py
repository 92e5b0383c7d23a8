"""A quote, and where it was read: on a page of the library, in what a call of a task brought, or in an answer kept by people.

A call is cited like a page: `document` is the tool, `path` is `call:ID`, `page` the call's number in the run. A kept answer
as well: `document` is its question, `path` is `kept:ID`, `label` the day it was kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from ingest.documents import Hit
from ingest.language import say
from ingest.pages import page_name

CALL = "call:"
"""What the `path` of a source begins with that is a call, not a file."""
KEPT = "kept:"
"""The same of an answer that people have kept."""


@dataclass(frozen=True, slots=True)
class PageSource:
    """A page of a document."""

    page: int
    label: str
    corrected: str = ""
    """The day on which a person last changed what is cited; '' where nobody did."""

    def __str__(self) -> str:
        return page_name(self.page, self.label, self.corrected)


@dataclass(frozen=True, slots=True)
class CallSource:
    """What a call brought."""

    call: str
    """Its id."""
    step: int
    """Id of the plan's step it was made for."""

    def __str__(self) -> str:
        return say(en=f"step {self.step}", zh=f"步骤 {self.step}")


@dataclass(frozen=True, slots=True)
class KeptSource:
    """An answer kept by people."""

    id: str
    day: str
    """ISO 8601."""

    def __str__(self) -> str:
        return say(en=f"Kept answer of {self.day}", zh=f"{self.day} 的精选答案")


Source = PageSource | CallSource | KeptSource
"""`str` of it is what a person calls it, in the language in force."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote that proves a sentence: `quote` is exactly `page_text[start:end]` of page `page`. Of a sentence that nothing
    proves it is what the page says otherwise, or empty, and names the passage alone."""

    n: int
    """The marker's number in the answer's text, `[n]`; several citations may share it."""
    document: str
    """The document's title."""
    path: str
    page: int
    start: int
    end: int
    quote: str
    verified: bool
    """True only when the quote was read back from the stored page and supports what it is cited for."""
    document_id: int
    label: str = ""
    """What a person calls the page when it is not its number; of a call the plan's step (see `source`)."""
    sentence: str = ""
    """The sentence of the answer that it stands for; empty for evidence shown before any answer."""
    orders: bool = False
    """True when its passage gives orders to an assistant (`ingest.orders`): it proves nothing by itself then."""
    kb: str = ""
    """The knowledge base that its document is in; '' where that was not recorded."""
    corrected: str = ""
    """The day on which a person last changed something in its passage, ISO 8601."""

    @property
    def source(self) -> Source:
        """Where it was read: `str` of it is what a person calls the place."""
        return source_of(self)


class Pages(Protocol):
    """Where the stored text of a page is read back from."""

    def page_text(self, document_id: int, page: int) -> str:
        """Stored text of the page."""
        ...


def page_of(pages: Pages, hit: Hit, page: int = 0) -> str:
    """The text of the page a hit is on, or of another `page` of its document; '' where it can't be read back."""
    try:
        return pages.page_text(hit.document_id, page or hit.page)
    except (LookupError, ValueError, OSError):
        return ""


def source_of(cited: Citation | Hit) -> Source:
    """Where a hit or a citation stands."""
    if cited.path.startswith(KEPT):
        return KeptSource(cited.path.removeprefix(KEPT), cited.label)
    if not cited.path.startswith(CALL):
        return PageSource(cited.page, cited.label, cited.corrected)
    step = re.search(r"\d+", cited.label)  # answers kept by earlier versions have 'step 2' or '步骤 2' there
    return CallSource(cited.path.removeprefix(CALL), int(step.group()) if step else 0)
