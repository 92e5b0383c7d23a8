"""Where a quote was read: on a page of the library, or in what a call of a task brought.

A call is cited like a page: `document` is the tool, `path` is `call:ID`, `page` the call's number in the run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from ingest.language import say
from ingest.pages import page_name

CALL = "call:"
"""What the `path` of a source begins with that is a call, not a file."""


class Cited(Protocol):
    """The fields of a hit or a citation that say where it stands."""

    @property
    def path(self) -> str:
        """Of the file; or `call:ID`."""
        ...

    @property
    def page(self) -> int:
        """From 1."""
        ...

    @property
    def label(self) -> str:
        """What a person calls the page; of a call the plan's step."""
        ...


@dataclass(frozen=True, slots=True)
class PageSource:
    """A page of a document."""

    page: int
    label: str

    def __str__(self) -> str:
        return page_name(self.page, self.label)


@dataclass(frozen=True, slots=True)
class CallSource:
    """What a call brought."""

    call: str
    """Its id."""
    step: int
    """Id of the plan's step it was made for."""

    def __str__(self) -> str:
        return say(en=f"step {self.step}", zh=f"步骤 {self.step}")


Source = PageSource | CallSource
"""`str` of it is what a person calls it, in the language in force."""


def source_of(cited: Cited) -> Source:
    """Where a hit or a citation stands."""
    if not cited.path.startswith(CALL):
        return PageSource(cited.page, cited.label)
    step = re.search(r"\d+", cited.label)  # answers kept by earlier versions have 'step 2' or '步骤 2' there
    return CallSource(cited.path.removeprefix(CALL), int(step.group()) if step else 0)
