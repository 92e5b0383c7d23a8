"""The part of a library that a question or a task is put to: some knowledge bases, and of them the documents that fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from ingest.documents import Document, Hit
from ingest.embedders import Embedder
from ingest.evidence import Evidence
from ingest.filters import Filter, Where, filter_of
from ingest.finding import Bases, base_names
from ingest.naming import named

if TYPE_CHECKING:
    from ingest.library import Library


@dataclass(frozen=True, slots=True)
class Scope:
    """Which knowledge bases, and the filter as text; what a run is resumed with."""

    kbs: tuple[str, ...] = ("default",)
    where: str = ""

    @classmethod
    def of(cls, kb: Bases, where: Where = None) -> Scope:
        """From what callers give. Raises `UsageError` for nonsense."""
        return cls(base_names(kb), str(filter_of(where)))

    @property
    def name(self) -> str:
        """The bases as they are called where one name stands."""
        return ", ".join(self.kbs)

    @property
    def whole(self) -> bool:
        """One base, all of it."""
        return len(self.kbs) == 1 and not self.where

    def within(self, library: Library) -> Library:
        """`library`, or what reads as it does and knows nothing else. Raises `UsageError` for an unknown base of several."""
        return library if self.whole else cast("Library", Selection(library, self))


class Selection:
    """Reads as a `Library` does, and finds and names nothing outside: whatever `kb` it is asked for, it is its own bases.
    Everything else it passes on to the library."""

    def __init__(self, library: Library, scope: Scope) -> None:
        """Raises `UsageError` for an unknown knowledge base."""
        self._library = library
        self._bases = scope.kbs
        self._wanted: Filter = filter_of(scope.where)
        self._name = scope.name
        for base in self._bases:
            library.kb(base)

    def search(self, query: str, kb: str = "", k: int | None = None) -> list[Hit]:  # noqa: ARG002 - a library's signature
        """See `Library.search`."""
        return self._library.search(query, self._bases, k, where=self._wanted)

    def evidence(self, query: str, hits: Sequence[Hit], kb: str = "") -> Evidence:  # noqa: ARG002 - the same
        """See `Library.evidence`."""
        return self._library.evidence(query, hits, self._bases)

    def documents(self, kb: str = "") -> list[Document]:  # noqa: ARG002 - the same
        """Those that fit, of every base, by path."""
        found = [one for base in self._bases for one in self._library.documents(base, where=self._wanted)]
        return sorted(found, key=lambda one: one.path)

    def document(self, name: str, kb: str = "") -> Document:  # noqa: ARG002 - the same
        """One of them. Raises `UsageError` naming the nearest."""
        return named(self.documents(), name, self._name)

    def embedder_of(self, kb: str = "") -> Embedder:  # noqa: ARG002 - the same
        """That of the first base."""
        return self._library.embedder_of(self._bases[0])

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the library has there
        return getattr(self._library, name)
