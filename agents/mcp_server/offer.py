"""What is offered to MCP clients: plain functions from arguments to JSON. All of them only read."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from agents.chat.answers import Answered, Found, Token
from ingest.errors import UsageError
from ingest.language import Text, say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from agents.platform import Platform
    from ingest.documents import Document

LONGEST_PAGE = 12_000
"""Characters of a page in one answer, some 3,000 English tokens; the rest is read from `next_start` on."""
MOST_HITS = 50
MOST_DOCUMENTS = 200
_SCHEME = "zhiku://"


class Stop:
    """One call's way to be told that nobody waits for it any more; from any thread."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._then: list[Callable[[], None]] = []

    def set(self) -> None:
        """Stop the call."""
        self._event.set()
        for action in list(self._then):
            action()

    def is_set(self) -> bool:
        """Whether it was."""
        return self._event.is_set()

    def then(self, action: Callable[[], None]) -> None:
        """Do `action` when it is set, at once if it is."""
        self._then.append(action)
        if self._event.is_set():
            action()


class Offer:
    """The library for MCP clients. It is opened at the first call, not when the server starts: clients start all
    their servers at once and use few of them. Calls may come from several threads."""

    def __init__(self, open_platform: Callable[[], Platform], only: str | None = None) -> None:
        """`only` names the one knowledge base that is offered; None offers all."""
        self._open = open_platform
        self._only = only
        self._platform: Platform | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the library, if it was opened."""
        with self._lock:
            if self._platform is not None:
                self._platform.close()
                self._platform = None

    # -- the tools: each takes checked arguments, and raises `ZhikuError` for what the client should know ------------

    def search(self, given: Mapping[str, Any], stop: Stop, report: Callable[[str], None]) -> dict[str, Any]:
        """Passages for a question, best first."""
        del stop, report
        kb = self._kb(given)
        hits = self._opened.library.search(given["query"], kb=kb, k=given.get("limit"))
        return {
            "query": given["query"],
            "knowledge_base": kb,
            "hits": [
                {
                    "rank": hit.rank,
                    "score": round(hit.score, 4),
                    "document": hit.document,
                    "document_id": hit.document_id,
                    "page": hit.page,
                    "label": hit.label,
                    "section": list(hit.section),
                    "start": hit.start,
                    "end": hit.end,
                    "text": hit.text,
                    "uri": page_uri(kb, hit.document_id, hit.page),
                }
                for hit in hits
            ],
        }

    def read_page(self, given: Mapping[str, Any], stop: Stop, report: Callable[[str], None]) -> dict[str, Any]:
        """A page's text as it is stored, at most `LONGEST_PAGE` characters of it."""
        del stop, report
        kb = self._kb(given)
        library = self._opened.library
        document = library.document(str(given["document"]), kb)
        number = int(given.get("page", 1))
        text = library.page_text(document.id, number)
        start = min(int(given.get("start", 0)), len(text))
        end = min(start + LONGEST_PAGE, len(text))
        return {
            "knowledge_base": kb,
            "document": document.title,
            "document_id": document.id,
            "page": number,
            "pages": document.pages,
            "start": start,
            "end": end,
            "characters": len(text),
            "next_start": end if end < len(text) else None,
            "text": text[start:end],
            "uri": page_uri(kb, document.id, number),
        }

    def ask(self, given: Mapping[str, Any], stop: Stop, report: Callable[[str], None]) -> dict[str, Any]:
        """A cited answer. The passages it was written from are left out: the citations hold the proof."""
        kb = self._kb(given)
        chat = self._opened.chat(kb=kb)
        answer = None
        writing = False
        for event in chat.stream(given["question"]):
            if isinstance(event, Found):
                # From here on, since a question begins by forgetting an earlier one's cancellation.
                stop.then(chat.cancel)
                report(say(en=f"{len(event.hits)} passages found", zh=f"找到 {len(event.hits)} 个段落"))
            elif isinstance(event, Token) and not writing:
                writing = True
                report(say(en="Writing the answer", zh="正在撰写回答"))
            elif isinstance(event, Answered):
                answer = event.answer.contract() | {"error": event.answer.error}
        if answer is None:
            raise AssertionError("a stream ends with its answer")
        kept = ("question", "answer", "abstained", "citations", "unsupported_sentences", "model", "error")
        return {"knowledge_base": kb} | {name: answer[name] for name in kept}

    def list_documents(self, given: Mapping[str, Any], stop: Stop, report: Callable[[str], None]) -> dict[str, Any]:
        """The documents of a knowledge base, by path."""
        del stop, report
        kb = self._kb(given)
        documents = self._opened.library.documents(kb)
        first = int(given.get("offset", 0))
        shown = documents[first : first + int(given.get("limit", 100))]
        return {
            "knowledge_base": kb,
            "total": len(documents),
            "next_offset": first + len(shown) if first + len(shown) < len(documents) else None,
            "documents": [_described(kb, document) for document in shown],
        }

    def list_knowledge_bases(
        self, given: Mapping[str, Any], stop: Stop, report: Callable[[str], None]
    ) -> dict[str, Any]:
        """The knowledge bases that are offered, with their counts."""
        del given, stop, report
        return {
            "knowledge_bases": [
                {"name": kb.name, "documents": kb.documents, "pages": kb.pages}
                for kb in self._opened.library.kbs()
                if self._only in (None, kb.name)
            ]
        }

    # -- resources ----------------------------------------------------------------------------------------------------

    def resources(self, first: int, most: int) -> tuple[list[dict[str, Any]], int | None]:
        """First pages of the documents offered, `most` of them from the `first` on, and where the next begin."""
        bases = [kb.name for kb in self._opened.library.kbs() if self._only in (None, kb.name)]
        everything = [(kb, document) for kb in bases for document in self._opened.library.documents(kb)]
        shown = everything[first : first + most]
        following = first + len(shown)
        return [_described(kb, document) for kb, document in shown], following if following < len(everything) else None

    def page(self, uri: str) -> str:
        """The whole text of the page that `uri` names. Raises `UsageError`."""
        kb, document_id, number = _page_of(uri)
        self._kb({"knowledge_base": kb})
        if not any(document.id == document_id for document in self._opened.library.documents(kb)):
            raise _no_page(uri)
        return self._opened.library.page_text(document_id, number)

    @property
    def _opened(self) -> Platform:
        with self._lock:
            if self._platform is None:
                self._platform = self._open()
            return self._platform

    def _kb(self, given: Mapping[str, Any]) -> str:
        """The knowledge base meant: the one asked for, the only one offered, 'default', or the only one there is."""
        named = given.get("knowledge_base")
        if self._only is not None:
            if named not in (None, "", self._only):
                raise UsageError(
                    Text(en=f"There is no knowledge base '{named}' here.", zh=f"此处没有知识库 “{named}”。"),
                    Text(en=f"Only '{self._only}' is offered.", zh=f"仅提供 “{self._only}”。"),
                )
            return self._only
        if named:
            return str(named)
        names = [kb.name for kb in self._opened.library.kbs() if kb.documents]
        return names[0] if len(names) == 1 else "default"


def page_uri(kb: str, document_id: int, page: int) -> str:
    """The address of a page as an MCP resource."""
    return f"{_SCHEME}{quote(kb, safe='')}/{document_id}/{page}"


def _page_of(uri: str) -> tuple[str, int, int]:
    parts = uri.removeprefix(_SCHEME).split("/")
    if not uri.startswith(_SCHEME) or len(parts) != 3 or not all(p.isascii() and p.isdigit() for p in parts[1:]):
        raise _no_page(uri)
    return unquote(parts[0]), int(parts[1]), int(parts[2])


def _no_page(uri: str) -> UsageError:
    return UsageError(
        Text(en=f"There is no page {uri}.", zh=f"没有页面 {uri}。"),
        Text(
            en="Pages are zhiku://KNOWLEDGE-BASE/DOCUMENT-ID/PAGE, as search and list_documents give them.",
            zh="页面地址为 zhiku://知识库/文档编号/页码，由 search 和 list_documents 给出。",
        ),
    )


def _described(kb: str, document: Document) -> dict[str, Any]:
    return {
        "document_id": document.id,
        "title": document.title,
        "path": document.path,
        "media_type": document.media_type,
        "pages": document.pages,
        "added": document.added,
        "uri": page_uri(kb, document.id, 1),
    }
