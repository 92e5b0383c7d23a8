"""What is offered to MCP clients: the agent's own tools for documents, an answer, and what there is. All only read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import replace
from typing import Annotated, Any, cast
from urllib.parse import quote, unquote

from agents.chat.answers import Answered, Found, Token
from agents.mcp_server.results import structured
from agents.platform import Platform
from agents.tools.documents import document_tools
from agents.tools.function import tool
from agents.tools.rendering import observed
from agents.tools.tool import Observation, Tool, ToolContext, Wording
from ingest.documents import Document
from ingest.errors import UsageError
from ingest.language import Text, say
from ingest.library import Library
from ingest.pages import counted
from ingest.selection import Scope

_SCHEME = "zhiku://"
_WHERE = (
    "only documents that fit, such as: tag=contract kind=pdf after=2024-01 folder=reports author=Li field:project=x"
)
_WHERE_ZH = "只在符合条件的文档中，例如：tag=合同 kind=pdf after=2024-01 folder=报告 author=李 field:项目=x"
_BASES_ZH = {
    "knowledge_base": "知识库名称；省略时使用默认知识库",
    "knowledge_bases": "同时查询多个知识库时的名称，代替 knowledge_base",
}
_SCOPE: ContextVar[Scope] = ContextVar("SCOPE", default=Scope())  # noqa: B039 - it is frozen
"""What the call in hand may see."""


ALLOWS = "zhiku.allows"
"""Of the ASGI scope of a request over HTTP: whether its caller may read a knowledge base, where that is not all of them."""
ALLOWED: ContextVar[Callable[[str, str], bool]] = ContextVar("ALLOWED", default=lambda _kb, _what: True)
"""The same for the call in hand: asked with a base and what is about to be done to it, '' while nothing is."""
REPORT: ContextVar[Callable[[str], None]] = ContextVar("REPORT", default=lambda _: None)
"""Where the call in hand tells how far it is; nowhere, unless somebody waits for progress."""


class Offer:
    """The library for MCP clients. It is opened at the first call, not when the server starts: clients start all
    their servers at once and use few of them. Calls may come from several threads."""

    def __init__(self, open_platform: Callable[[], Platform], only: str | None = None) -> None:
        """`only` names the one knowledge base that is offered; None offers all."""
        self._open, self._only = open_platform, only
        self._platform: Platform | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the library, if it was opened."""
        with self._lock:
            if self._platform is not None:
                self._platform.close()
                self._platform = None

    # -- tools --------------------------------------------------------------------------------------------------------

    def tools(self) -> list[Tool]:
        """What the agent searches and reads documents with, each with arguments more that name the knowledge bases and what
        of them is meant, and two tools that only a server needs. An observation's `data` is the structured result."""
        documents = document_tools(cast("Library", _Later(self._shelf)))
        return [*map(self._across, [*documents, self._ask_tool()]), self._bases_tool()]

    def _across(self, inner: Tool) -> Tool:
        """`inner`, which sees the knowledge base of its context, on those that arguments name."""
        name, several = "knowledge_base", "knowledge_bases"
        added = {
            name: {"type": "string", "description": "name of the knowledge base; leave it out for the usual one"},
            several: {
                "type": "array",
                "items": {"type": "string"},
                "description": "names of several to look into at once, instead of knowledge_base",
            },
            "where": {"type": "string", "description": _WHERE},
        }

        def rest(arguments: Mapping[str, Any]) -> dict[str, Any]:
            return {key: value for key, value in arguments.items() if key not in added}

        def run(arguments: Mapping[str, Any], context: ToolContext) -> Observation:
            named = arguments.get(several) or [arguments.get(name)]
            scope = Scope.of([self._kb(one, inner.name) for one in named], arguments.get("where"))
            token = _SCOPE.set(scope)
            try:
                seen = observed(inner.run(rest(arguments), replace(context, kb=scope.name)))
            finally:
                _SCOPE.reset(token)
            return replace(seen, data=structured(scope, seen, page_uri))

        zh, check = inner.zh or Wording(inner.description), inner.check
        return Tool(
            inner.name,
            inner.description,
            {**inner.parameters, "properties": {**inner.parameters.get("properties", {}), **added}},
            run,
            zh=Wording(zh.description, {**zh.parameters, **_BASES_ZH, "where": _WHERE_ZH}),
            check=None if check is None else lambda arguments: check(rest(arguments)),
        )

    def _ask_tool(self) -> Tool:
        @tool(
            zh=Wording(
                "依据文档回答问题，每句话附带原文引用；文档中没有答案时会明确说明。由本机语言模型撰写，比检索慢。",
                {"question": "问题"},
            )
        )
        def ask(question: Annotated[str, "the question"], context: ToolContext) -> Observation:
            """Have a question answered from the documents, each sentence with the quote that proves it. Says so when
            they don't hold the answer. Slower than a search: a language model on this machine writes it."""
            answer = None
            writing = False
            report = REPORT.get()
            chat = self._opened.chat(kb=_SCOPE.get().kbs, where=_SCOPE.get().where)
            for event in chat.stream(question, cancel=context.cancelled):
                if isinstance(event, Found):
                    report(say(f"{counted(len(event.hits), 'passage')} found", f"找到 {len(event.hits)} 个段落"))
                elif isinstance(event, Token) and not writing:
                    writing = True
                    report(say("Writing the answer", "正在撰写回答"))
                elif isinstance(event, Answered):
                    answer = event.answer
            if answer is None:
                raise AssertionError("a stream ends with its answer")
            # The passages it was written from are left out: the citations hold the proof.
            kept = ("question", "answer", "abstained", "citations", "unsupported_sentences", "model")
            told = answer.contract()
            return Observation(answer.text, data={name: told[name] for name in kept} | {"error": answer.error})

        return ask

    def _bases_tool(self) -> Tool:
        @tool(zh=Wording("列出全部知识库及其规模。"))
        def list_knowledge_bases() -> Observation:
            """The knowledge bases there are, with their sizes."""
            kbs = [kb for kb in self._opened.library.kbs() if self._offers(kb.name)]
            rows = [{"name": kb.name, "documents": kb.documents, "pages": kb.pages} for kb in kbs]
            return Observation(", ".join(kb.name for kb in kbs), data={"knowledge_bases": rows})

        return list_knowledge_bases

    # -- resources ----------------------------------------------------------------------------------------------------

    def resources(self, first: int, most: int) -> tuple[list[tuple[str, Document]], int | None]:
        """Documents offered, each with the address of its first page, `most` of them from the `first` on, and where the
        next begin."""
        bases = [kb.name for kb in self._opened.library.kbs() if self._offers(kb.name)]
        everything = [(kb, document) for kb in bases for document in self._opened.library.documents(kb)]
        shown = everything[first : first + most]
        following = first + len(shown)
        found = [(page_uri(kb, document.id, 1), document) for kb, document in shown]
        return found, following if following < len(everything) else None

    def page(self, uri: str) -> str:
        """The whole text of the page that `uri` names. Raises `UsageError`."""
        kb, document_id, number = _page_of(uri)
        kb = self._kb(kb, "resource")
        if not any(document.id == document_id for document in self._opened.library.documents(kb)):
            raise _no_page(uri)
        return self._opened.library.page_text(document_id, number)

    @property
    def _opened(self) -> Platform:
        with self._lock:
            if self._platform is None:
                self._platform = self._open()
            return self._platform

    def _shelf(self) -> Library:
        """What the call in hand may see."""
        return _SCOPE.get().within(self._opened.library)

    def _offers(self, kb: str) -> bool:
        """Whether the caller may know of it."""
        return self._only in (None, kb) and ALLOWED.get()(kb, "")

    def _kb(self, named: str | None, what: str) -> str:
        """The knowledge base meant: the one asked for, the only one offered, 'default', or the only one there is. Raises
        `UsageError` for one that is not this caller's."""
        if self._only is not None and named in (None, "", self._only):
            kb = self._only
        elif named:
            kb = named
        else:
            names = [kb.name for kb in self._opened.library.kbs() if kb.documents and self._offers(kb.name)]
            kb = names[0] if len(names) == 1 else "default"
        if self._only in (None, kb) and ALLOWED.get()(kb, what):
            return kb
        raise UsageError(
            Text(f"There is no knowledge base '{kb}' here.", f"此处没有知识库 “{kb}”。"),
            Text(f"Only '{self._only}' is offered.", f"仅提供 “{self._only}”。")
            if self._only is not None
            else Text("list_knowledge_bases names those there are.", "list_knowledge_bases 可列出现有的知识库。"),
        )


class _Later:
    """A library that is opened when something is first asked of it."""

    def __init__(self, opened: Callable[[], Library]) -> None:
        self._opened = opened

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the library has there
        return getattr(self._opened(), name)


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
        Text(f"There is no page {uri}.", f"没有页面 {uri}。"),
        Text(
            "Pages are zhiku://KNOWLEDGE-BASE/DOCUMENT-ID/PAGE, as search_documents gives them.",
            "页面地址为 zhiku://知识库/文档编号/页码，由 search_documents 给出。",
        ),
    )
