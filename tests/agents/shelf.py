"""A library of a few pages held in memory, behind the Protocol the chat reads."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.documents import Hit

ZH = (
    "员工入职满一年后，每年享有15天带薪年假。未休完的年假可以结转至次年3月底，最多结转5天。"
    "试用期员工不享受年假。公司总部位于北京。"
)
EN = (
    "Employees are entitled to 15 days of paid annual leave after one year of service. Unused leave may be carried over "
    "until the end of March, up to 5 days. Headquarters are in Berlin, and the CEO is Anna Schmidt."
)
CANTEEN = "The canteen opens at 8 am and closes at 6 pm."


class Verdict:
    """What `library.evidence` gives."""

    def __init__(self, *, sufficient: bool) -> None:
        self.sufficient = sufficient
        self.strength = 0.9 if sufficient else 0.1
        self.threshold = 0.5


class Shelf:
    """Finds every page for every question, in the order given."""

    def __init__(self, *pages: str, sufficient: bool = True, headed: bool = False) -> None:
        """`headed`: each page's first line is its document's title."""
        self.pages = pages
        self.titles = [text.splitlines()[0] if headed else f"Document {n}" for n, text in enumerate(pages, 1)]
        self.sufficient = sufficient
        self.searched: list[str] = []

    def hits(self) -> list[Hit]:
        """One hit a page."""
        return [
            Hit(n, 1 / n, self.titles[n - 1], f"/d{n}.txt", 1, (), 0, len(text), text, n, n)
            for n, text in enumerate(self.pages, 1)
        ]

    def search(self, query: str, kb: str = "default", k: int | None = None) -> list[Hit]:
        self.searched.append(query)
        return self.hits()[: k or 8]

    def evidence(self, query: str, hits: Sequence[Hit], kb: str = "default") -> Verdict:
        return Verdict(sufficient=self.sufficient)

    def page_text(self, document_id: int, page: int) -> str:
        return self.pages[document_id - 1]
