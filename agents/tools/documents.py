"""The knowledge base as tools: search it, read a page, see what is there. A call sees its own knowledge base only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field

from agents.tools.function import tool
from agents.tools.rendering import PART, part_of, passages
from agents.tools.tool import Observation, Tool, ToolContext, ToolError, Wording
from ingest.documents import Document, Hit
from ingest.errors import UsageError
from ingest.language import say
from ingest.library import Library
from ingest.pages import counted

_MOST_LISTED = 60


def document_tools(library: Library) -> list[Tool]:
    """`search_documents`, `read_page` and `list_documents` on the knowledge base of the call's context."""

    @tool(zh=Wording("在用户的文档中检索段落。", {"query": "要查找的内容"}))
    def search_documents(
        query: Annotated[str, "what to look for"], context: ToolContext, count: Annotated[int, Field(ge=1, le=20)] = 5
    ) -> Observation:
        """Find passages in the user's documents."""
        hits = library.search(query, kb=context.kb, k=count)
        if not hits:
            return Observation(
                text=say(
                    "Nothing was found. Try other words; list_documents shows what there is.",
                    "没有找到。请换用其他说法；list_documents 可列出全部文档。",
                )
            )
        weak = not library.evidence(query, hits, context.kb).sufficient
        note = say("\n\n(None of these is clearly about the query.)", "\n\n（以上段落与问题的相关性都不明显。）")
        return Observation(text=passages(hits) + (note if weak else ""), hits=tuple(hits))

    @tool(zh=Wording("阅读文档的一页。", {"document": "文档名", "page": "页码"}))
    def read_page(
        document: Annotated[str, "its name"],
        context: ToolContext,
        page: Annotated[int, Field(ge=1)] = 1,
        part: Annotated[int, Field(ge=1)] = 1,
    ) -> Observation:
        """Read one page of a document."""
        found = find_document(library, context.kb, document)
        if page > found.pages:
            raise ToolError(
                en=f"{found.title} has {counted(found.pages, 'page')}: ask for 1 to {found.pages}.",
                zh=f"{found.title} 共 {found.pages} 页，请指定 1 至 {found.pages}。",
            )
        return _page(library, found, page, part)

    @tool(zh=Wording("列出知识库中的文档。", {"containing": "名称中包含的文字"}))
    def list_documents(context: ToolContext, containing: Annotated[str, "part of the name"] = "") -> Observation:
        """List the user's documents."""
        documents = library.documents(context.kb)
        wanted = containing.strip().casefold()
        chosen = [d for d in documents if wanted in d.title.casefold() or wanted in Path(d.path).name.casefold()]
        if not chosen:
            return Observation(text=_none(wanted, len(documents)), data=[])
        lines = [_line(d) for d in chosen[:_MOST_LISTED]]
        if len(chosen) > _MOST_LISTED:
            lines.append(
                say(
                    f"… and {len(chosen) - _MOST_LISTED} more: name a part of the name in 'containing'.",
                    f"……另有 {len(chosen) - _MOST_LISTED} 个：请用 containing 指定名称的一部分。",
                )
            )
        names = [{"title": d.title, "file": Path(d.path).name, "pages": d.pages} for d in chosen[:_MOST_LISTED]]
        return Observation(text="\n".join(lines), data=names)

    return [search_documents, read_page, list_documents]


def find_document(library: Library, kb: str, name: str) -> Document:
    """The document meant by `name`: its id, path, file name or title, or one that is clearly nearest.

    Raises `ToolError` naming the nearest.
    """
    try:
        return library.document(name, kb)
    except UsageError:
        documents = library.documents(kb)
    wanted = _folded(name)
    same = [d for d in documents if wanted in {_folded(n) for n in _names(d)}]
    part = [d for d in documents if len(wanted) >= 2 and any(wanted in _folded(n) for n in _names(d))]
    for matches in (same, part):
        if len(matches) == 1:
            return matches[0]
    nearest = _nearest(wanted, documents)
    if nearest and nearest[0][0] >= 85 and (len(nearest) == 1 or nearest[0][0] - nearest[1][0] >= 8):
        return nearest[0][1]
    options = (same or part or [d for _, d in nearest])[:3]
    near = ", ".join(f"'{Path(d.path).name}'" for d in options)
    raise ToolError(
        say(f"There is no document named '{name}'. ", f"没有名为 “{name}” 的文档。")
        + (say(f"Nearest: {near}.", f"最接近的是：{near}。") if near else "")
        + say(" list_documents shows all.", "list_documents 可列出全部文档。")
    )


def _page(library: Library, document: Document, page: int, part: int) -> Observation:
    text = library.page_text(document.id, page)
    told, parts = part_of(text, part)
    start = (part - 1) * PART
    end = start + len(told)
    head = say(
        f"{document.title}, page {page} of {document.pages}",
        f"{document.title}，第 {page} 页（共 {document.pages} 页）",
    )
    if parts > 1:
        head += say(f", part {part} of {parts}", f"，第 {part} 部分（共 {parts} 部分）")
    shown = told.strip() or say("(no text on this page)", "（该页没有文字）")
    chunks = [c for c in library.chunks(document.id) if c.page == page and c.start < end and c.end > start]
    hits = tuple(
        Hit(
            rank=rank,
            score=1.0,
            document=document.title,
            path=document.path,
            page=page,
            section=chunk.section,
            start=chunk.start,
            end=chunk.end,
            text=chunk.text,
            document_id=document.id,
            chunk_id=0,
            kb=document.kb,
        )
        for rank, chunk in enumerate(chunks, 1)
    )
    return Observation(text=f"{head}\n\n{shown}", hits=hits, truncated=part < parts)


def _names(document: Document) -> tuple[str, str, str]:
    path = Path(document.path)
    return document.title, path.name, path.stem


def _nearest(wanted: str, documents: Sequence[Document]) -> list[tuple[float, Document]]:
    """Documents by how like their names are, 0..100, best first; none below 40."""
    from rapidfuzz import fuzz

    scored = [(max(fuzz.ratio(wanted, _folded(name)) for name in _names(d)), d) for d in documents]
    return sorted(((s, d) for s, d in scored if s >= 40), key=lambda pair: -pair[0])[:5]


def _folded(name: str) -> str:
    return re.sub(r"[\s_\-–—.,，。《》“”\"'()（）]+", "", name).casefold()


def _line(document: Document) -> str:
    file = Path(document.path).name
    pages = say(counted(document.pages, "page"), f"{document.pages} 页")
    return f"- {document.title} ({pages})" if file == document.title else f"- {document.title} ({file}, {pages})"


def _none(wanted: str, total: int) -> str:
    if total and wanted:
        return say(
            f"No document's name contains '{wanted}'; there are {total}. Leave 'containing' out to see them.",
            f"没有名称包含 “{wanted}” 的文档；共有 {total} 个。省略 containing 可列出全部。",
        )
    return say("There are no documents.", "没有任何文档。")
