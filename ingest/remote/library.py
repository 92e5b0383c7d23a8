"""The library of a server, as `ingest.library` has it."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.catalog import KnowledgeBase
from ingest.closing import Closing
from ingest.documents import Correction, Document, Hit, Page, Report
from ingest.errors import LibraryUnavailable
from ingest.filters import Where, filter_of
from ingest.finding import Bases, base_names
from ingest.naming import named
from ingest.places import is_url
from ingest.progress import Progress
from ingest.records import from_json
from ingest.remote.connection import Connection, error_of, within
from ingest.scan import scan

if TYPE_CHECKING:
    from langchain_core.retrievers import BaseRetriever


_BATCH = 32
_BATCH_BYTES = 32 << 20
"""Files, and bytes, of one request; a larger file goes alone."""
_PATIENCE = 120.0
"""Seconds for which a server that was lost while it worked is looked for: to start one anew takes up to 90."""
_PAUSE = 1.0
"""Seconds between two looks."""


class RemoteLibrary(Closing):
    """Documents in, hits out. Safe from any thread. Its methods raise as `ingest.library.Library` does."""

    def __init__(self, connection: Connection) -> None:
        self._server = connection

    # -- documents ----------------------------------------------------------------------------------------------------

    def add(
        self,
        paths: str | Path | Sequence[str | Path],
        kb: str = "default",
        *,
        tags: Sequence[str] = (),
        progress: Callable[[Progress], None] | None = None,
        stop: threading.Event | None = None,
    ) -> Report:
        """Send files, folders and globs of this machine, and addresses of pages, which the server fetches; the knowledge
        base is made when it is new. The server keeps copies, named after their places below what was named."""
        places = [str(path) for path in ([paths] if isinstance(paths, str | Path) else paths)]
        files = list(_files([place for place in places if not is_url(place)]))
        if kb not in {found.name for found in self.kbs()}:
            self.create_kb(kb)
        began, done = time.monotonic(), Report(kb)
        batches: list[tuple[list[tuple[str, Path]], list[str]]] = [(batch, []) for batch in _batches(files)]
        if pages := [place for place in places if is_url(place)]:
            batches.append(([], pages))
        for batch, addresses in batches:
            if stop is not None and stop.is_set():
                return dataclasses.replace(done, interrupted=True)
            done = _together(done, self._send(batch, addresses, kb, tags, progress, stop))
        return dataclasses.replace(done, seconds=time.monotonic() - began)

    def _send(
        self,
        files: Sequence[tuple[str, Path]],
        addresses: Sequence[str],
        kb: str,
        tags: Sequence[str],
        progress: Callable[[Progress], None] | None,
        stop: threading.Event | None,
    ) -> Report:
        with contextlib.ExitStack() as opened:
            parts = [("files", (name, opened.enter_context(path.open("rb")))) for name, path in files]
            form = {"url": list(addresses), "tag": [tags] if isinstance(tags, str) else list(tags)}
            job = self._server.ask("POST", "/api/documents", params={"kb": kb}, files=parts or None, data=form)
        told = job
        try:
            for told in self._followed(job):
                if progress is not None and told["progress"]:
                    progress(from_json(Progress, told["progress"]))
                if stop is not None and stop.is_set():
                    self._cancel(job)
        except KeyboardInterrupt:
            self._cancel(job)
            raise
        if told["error"]:
            raise error_of(told["error"])
        return from_json(Report, told["report"]) if told["report"] else Report(kb, interrupted=True)

    def _cancel(self, job: dict[str, Any]) -> None:
        self._server.ask("DELETE", f"/api/jobs/{job['id']}")

    def _followed(self, sent: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The job each time that something is new, until it has ended. A connection that is cut off, as by a server that is
        started anew, is made again. Raises `LibraryUnavailable` where none is made for long."""
        now, lost = sent, math.inf
        while now["state"] in ("waiting", "running"):
            try:
                for _, now in self._server.events("GET", f"/api/jobs/{sent['id']}/events"):
                    lost = math.inf
                    yield now
            except LibraryUnavailable:
                lost = min(lost, time.monotonic())
                if time.monotonic() - lost > _PATIENCE:
                    raise
                time.sleep(_PAUSE)

    def documents(self, kb: str = "default", *, where: Where = None) -> list[Document]:
        """The documents of a knowledge base, by path; of them those that fit a filter (docs/filters.md)."""
        found: list[Document] = []
        most = 1000
        while True:
            asked = {"kb": kb, "where": str(filter_of(where)), "first": len(found), "most": most}
            told = self._server.ask("GET", "/api/documents", params=asked)
            found += [from_json(Document, one) for one in told["documents"]]
            if len(found) >= told["total"] or not told["documents"]:
                return found

    def document(self, name: str, kb: str = "default") -> Document:
        """A document by id, path, file name or title."""
        return named(self.documents(kb), name, kb)

    def remove(self, documents: Sequence[str], kb: str = "default") -> int:
        """Delete documents (named as in `document`) everywhere; returns how many."""
        found = [self.document(name, kb) for name in documents]
        for one in found:
            self._server.ask("DELETE", f"/api/documents/{one.id}", params={"kb": kb})
        return len(found)

    def tag(
        self, documents: Sequence[str], names: Sequence[str], kb: str = "default", *, remove: bool = False
    ) -> list[Document]:
        """Give documents tags and fields, or take them away; returns the documents as they are then."""
        form = {"remove" if remove else "add": list(names)}
        found = [self.document(name, kb) for name in documents]
        return [
            from_json(Document, self._server.ask("PATCH", f"/api/documents/{one.id}", params={"kb": kb}, json=form))
            for one in found
        ]

    def correct(
        self,
        document: str,
        former: str,
        text: str,
        kb: str = "default",
        *,
        page: int | None = None,
        start: int | None = None,
    ) -> list[Correction]:
        """Let `text` stand where `former` does in a document; returns its corrections."""
        form = {"former": former, "text": text, "page": page, "start": start}
        return self._corrections("POST", document, kb, json=form)

    def corrections(self, document: str, kb: str = "default") -> list[Correction]:
        """What people have put right in a document, the first one first."""
        return self._corrections("GET", document, kb)

    def revert(self, document: str, number: int, kb: str = "default") -> list[Correction]:
        """Take one of them back, by its `id`; returns all."""
        return self._corrections("DELETE", document, kb, f"/{number}")

    def _corrections(self, method: str, document: str, kb: str, rest: str = "", **sent: Any) -> list[Correction]:  # noqa: ANN401
        path = f"/api/documents/{self.document(document, kb).id}/corrections{rest}"
        return [from_json(Correction, one) for one in self._server.ask(method, path, params={"kb": kb}, **sent)]

    def tags(self, kb: str = "default") -> list[str]:
        """The tags in a knowledge base, the commonest first."""
        told: list[str] = self._server.ask("GET", within("/api/kbs", kb))["tags"]
        return told

    def pages(self, document_id: int) -> list[Page]:
        """The stored pages of a document."""
        numbers = [page["number"] for page in self._server.ask("GET", f"/api/documents/{document_id}")["page_list"]]
        return [self._page(document_id, number) for number in numbers]

    def page_text(self, document_id: int, page: int) -> str:
        """Stored text of one page."""
        return self._page(document_id, page).text

    def _page(self, document_id: int, page: int) -> Page:
        told = self._server.ask("GET", f"/api/documents/{document_id}/pages/{page}")
        return Page(told["page"], told["text"], section=tuple(told["section"]), label=told["label"])

    # -- search -------------------------------------------------------------------------------------------------------

    def search(self, query: str, kb: Bases = "default", k: int | None = None, *, where: Where = None) -> list[Hit]:
        """The `k` best passages for a question, best first, out of one knowledge base or several."""
        form = {"query": query, "kbs": list(base_names(kb)), "k": k, "where": str(filter_of(where)), "explain": True}
        return [from_json(Hit, hit) for hit in self._server.ask("POST", "/api/search", json=form)["hits"]]

    def as_retriever(self, kb: str = "default", k: int | None = None, *, where: Where = None) -> BaseRetriever:
        """This knowledge base, or its documents that fit a filter, as a LangChain retriever."""
        from ingest.langchain import LibraryRetriever

        return LibraryRetriever(library=self, kb=kb, k=k or 8, where=filter_of(where))

    # -- knowledge bases ----------------------------------------------------------------------------------------------

    def kbs(self) -> list[KnowledgeBase]:
        """Every knowledge base that this key may read."""
        return [from_json(KnowledgeBase, one) for one in self._server.ask("GET", "/api/kbs")]

    def kb(self, name: str = "default") -> KnowledgeBase:
        """One of them."""
        return from_json(KnowledgeBase, self._server.ask("GET", within("/api/kbs", name)))

    def create_kb(self, name: str) -> KnowledgeBase:
        """A new, empty one."""
        return from_json(KnowledgeBase, self._server.ask("POST", "/api/kbs", json={"name": name}))

    def rename_kb(self, name: str, new: str) -> None:
        """Give it another name."""
        self._server.ask("PATCH", within("/api/kbs", name), json={"name": new})

    def remove_kb(self, name: str) -> None:
        """Delete it and everything in it."""
        self._server.ask("DELETE", within("/api/kbs", name))

    def close(self) -> None:
        """Close connections."""
        self._server.close()


def _files(named_by_user: Sequence[str]) -> Iterator[tuple[str, Path]]:
    """Each file below what was named, and what the server is to call it."""
    if not named_by_user:
        return
    found = scan(named_by_user)
    folders = sorted(found.folders, key=len)
    for path in (Path(one.path) for one in found.files):
        root = next((folder for folder in folders if path.is_relative_to(folder)), path.parent)
        yield "__".join(path.relative_to(root).parts), path


def _batches(files: Sequence[tuple[str, Path]]) -> Iterator[list[tuple[str, Path]]]:
    batch: list[tuple[str, Path]] = []
    size = 0
    for name, path in files:
        bytes_ = path.stat().st_size
        if batch and (len(batch) >= _BATCH or size + bytes_ > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append((name, path))
        size += bytes_
    if batch:
        yield batch


def _together(one: Report, other: Report) -> Report:
    """What two batches did."""
    added: dict[str, Any] = {
        field.name: getattr(one, field.name) + getattr(other, field.name)
        for field in dataclasses.fields(Report)
        if field.name not in ("kb", "interrupted")
    }
    return Report(one.kb, interrupted=one.interrupted or other.interrupted, **added)
