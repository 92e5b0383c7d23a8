"""What a library holds, as it tells of it: knowledge bases, documents, pages, passages. Nothing here changes anything."""

from __future__ import annotations

from dataclasses import replace

from ingest.attached import attached_to
from ingest.catalog import Catalog, KnowledgeBase, places
from ingest.documents import Chunk, Correction, Document, Page, PlacedLine, Trace
from ingest.errors import UsageError
from ingest.filters import Where, filter_of
from ingest.language import Text
from ingest.naming import named


class Holdings:
    """The reading half of `Library`. Safe from any thread."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def kbs(self) -> list[KnowledgeBase]:
        """Every knowledge base with its counts, by name; those of one conversation are not among them."""
        return [kb for kb in self._catalog.kbs.all() if not attached_to(kb.name)]

    def attached(self) -> list[str]:
        """The names of those of one conversation (`ingest.attached`)."""
        return [name for name in self._catalog.kbs.identities() if attached_to(name)]

    def has(self, name: str) -> bool:
        """Whether there is a knowledge base of that name, those of one conversation included."""
        return self._catalog.kbs.find(name) is not None

    def identities(self) -> dict[str, str]:
        """By name, what a knowledge base keeps when it is renamed or rebuilt, and no other ever gets."""
        return self._catalog.kbs.identities()

    def kb(self, name: str = "default") -> KnowledgeBase:
        """One knowledge base. Raises `UsageError` naming the nearest."""
        return self._catalog.kbs.get(name)

    def documents(self, kb: str = "default", *, where: Where = None) -> list[Document]:
        """The documents of a knowledge base, by path; of them those that fit a filter (docs/filters.md)."""
        return self._catalog.documents.all(self._catalog.kbs.get(kb).id, filter_of(where))

    def document(self, name: str, kb: str = "default") -> Document:
        """A document by id, path, file name or title. Raises `UsageError` naming the nearest."""
        return named(self.documents(kb), name, kb)

    def base_of(self, document_id: int) -> str:
        """The knowledge base that a document is in; '' where there is no such document."""
        return found.kb if (found := self._catalog.documents.get(document_id)) else ""

    def tags(self, kb: str = "default") -> list[str]:
        """The tags in a knowledge base, the commonest first."""
        return self._catalog.fields.tags(self._catalog.kbs.get(kb).id)

    def pages(self, document_id: int) -> list[Page]:
        """The stored pages of a document."""
        return self._catalog.documents.pages(document_id)

    def page_text(self, document_id: int, page: int) -> str:
        """Stored text of one page. Raises `UsageError` when there is no such page."""
        if (text := self._catalog.documents.page_text(document_id, page)) is None:
            raise UsageError(
                Text(f"Document {document_id} has no page {page}.", f"文档 {document_id} 没有第 {page} 页。"),
                Text("`ingest show DOC` lists its pages.", "`ingest show DOC` 可列出各页。"),
            )
        return text

    def page_places(self, document_id: int, page: int) -> tuple[PlacedLine, ...]:
        """Where the lines of a page that was recognised (OCR) stand on its picture; () for any other page."""
        return places.of_page(self._catalog.database, document_id, page)

    def trace(self, document_id: int) -> Trace | None:
        """How a document was read; None where that was before this was kept."""
        return self._catalog.documents.trace(document_id)

    def chunks(self, document_id: int) -> list[Chunk]:
        """The chunks of a document."""
        return self._catalog.documents.chunks(document_id)

    def corrections(self, document: str, kb: str = "default") -> list[Correction]:
        """What people have put right in a document (named as in `document`), the first one first, with what was taken back."""
        found = self.document(document, kb)
        texts = {page.number: page.text for page in self.pages(found.id)}
        made = self._catalog.corrections.of(self._catalog.kbs.get(kb).id, found.path)
        return [replace(one, stands=not one.undone and one.place(texts.get(one.page, "")) >= 0) for one in made]
