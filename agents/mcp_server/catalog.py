"""The tools as clients see them: names, descriptions in the language in force, schemas of arguments and results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agents.mcp_server.offer import MOST_DOCUMENTS, MOST_HITS, Offer
from ingest.language import say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from agents.mcp_server.offer import Stop


@dataclass(frozen=True, slots=True)
class Offered:
    """A tool of the server."""

    name: str
    title: str
    description: str
    arguments: dict[str, Any]
    result: dict[str, Any]
    action: Callable[[Mapping[str, Any], Stop, Callable[[str], None]], dict[str, Any]]
    words: str = ""
    """The argument that is written in the user's language, which errors are then in."""


def offered(offer: Offer) -> list[Offered]:
    """All tools, the most useful first."""
    kb = _text(
        say(
            en="Name of the knowledge base; leave it out for the usual one.",
            zh="知识库名称；省略时使用默认知识库。",
        )
    )
    return [
        Offered(
            "search",
            say(en="Search the documents", zh="搜索文档"),
            say(
                en="Find the passages of the user's own documents that fit a question best, in Chinese or English.",
                zh="在用户自己的文档中查找与问题最相关的段落，支持中文和英文。",
            ),
            _object(
                {
                    "query": _text(
                        say(en="What to look for, as a question or words.", zh="要查找的内容，问题或关键词。")
                    ),
                    "knowledge_base": kb,
                    "limit": _number(say(en="How many passages.", zh="段落数量。"), 1, MOST_HITS),
                },
                "query",
            ),
            _result({"query": _TEXT, "knowledge_base": _TEXT, "hits": {"type": "array", "items": _HIT}}),
            offer.search,
            "query",
        ),
        Offered(
            "read_page",
            say(en="Read a page", zh="阅读一页"),
            say(
                en="The text of one page of a document, exactly as it is stored. A long page comes in parts: go on"
                " at next_start.",
                zh="某文档一页的原文。过长的页面分段返回，从 next_start 处继续。",
            ),
            _object(
                {
                    "document": {
                        "type": ["string", "integer"],
                        "description": say(en="Title, file name or document_id.", zh="标题、文件名或 document_id。"),
                    },
                    "page": _number(say(en="Page number, from 1.", zh="页码，从 1 开始。"), 1),
                    "start": _number(say(en="Character to begin at.", zh="起始字符位置。"), 0),
                    "knowledge_base": kb,
                },
                "document",
            ),
            _result(
                {
                    "knowledge_base": _TEXT,
                    "document": _TEXT,
                    "document_id": _INTEGER,
                    "page": _INTEGER,
                    "pages": _INTEGER,
                    "start": _INTEGER,
                    "end": _INTEGER,
                    "characters": _INTEGER,
                    "next_start": {"type": ["integer", "null"]},
                    "text": _TEXT,
                    "uri": _TEXT,
                }
            ),
            offer.read_page,
        ),
        Offered(
            "ask",
            say(en="Ask a question", zh="提问"),
            say(
                en="Have a question answered from the documents, each sentence with the quote that proves it. Says so"
                " when they don't hold the answer. Slower than search: a language model on this machine writes it.",
                zh="依据文档回答问题，每句话附带原文引用；文档中没有答案时会明确说明。由本机语言模型撰写，比 search 慢。",
            ),
            _object({"question": _text(say(en="The question.", zh="问题。")), "knowledge_base": kb}, "question"),
            _result(
                {
                    "knowledge_base": _TEXT,
                    "question": _TEXT,
                    "answer": _TEXT,
                    "abstained": {"type": "boolean"},
                    "citations": {"type": "array", "items": _CITATION},
                    "unsupported_sentences": {"type": "array", "items": _TEXT},
                    "model": _TEXT,
                    "error": _TEXT,
                }
            ),
            offer.ask,
            "question",
        ),
        *_lists(offer, kb),
    ]


def _lists(offer: Offer, kb: dict[str, Any]) -> list[Offered]:
    return [
        Offered(
            "list_documents",
            say(en="List the documents", zh="列出文档"),
            say(en="The documents of a knowledge base.", zh="列出知识库中的文档。"),
            _object(
                {
                    "knowledge_base": kb,
                    "limit": _number(say(en="How many.", zh="数量。"), 1, MOST_DOCUMENTS),
                    "offset": _number(say(en="How many to leave out at the beginning.", zh="跳过开头的数量。"), 0),
                }
            ),
            _result(
                {
                    "knowledge_base": _TEXT,
                    "total": _INTEGER,
                    "next_offset": {"type": ["integer", "null"]},
                    "documents": {"type": "array", "items": _DOCUMENT},
                }
            ),
            offer.list_documents,
        ),
        Offered(
            "list_knowledge_bases",
            say(en="List the knowledge bases", zh="列出知识库"),
            say(en="The knowledge bases there are, with their sizes.", zh="列出全部知识库及其规模。"),
            _object({}),
            _result({"knowledge_bases": {"type": "array", "items": _BASE}}),
            offer.list_knowledge_bases,
        ),
    ]


_TEXT = {"type": "string"}
_INTEGER = {"type": "integer"}


def _text(description: str) -> dict[str, Any]:
    return {"type": "string", "description": description}


def _number(description: str, least: int, most: int | None = None) -> dict[str, Any]:
    return {"type": "integer", "description": description, "minimum": least} | ({"maximum": most} if most else {})


def _object(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _result(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


_HIT = _result(
    {
        "rank": _INTEGER,
        "score": {"type": "number"},
        "document": _TEXT,
        "document_id": _INTEGER,
        "page": _INTEGER,
        "label": _TEXT,
        "section": {"type": "array", "items": _TEXT},
        "start": _INTEGER,
        "end": _INTEGER,
        "text": _TEXT,
        "uri": _TEXT,
    }
)
_CITATION = _result(
    {
        "n": _INTEGER,
        "document": _TEXT,
        "path": _TEXT,
        "page": _INTEGER,
        "start": _INTEGER,
        "end": _INTEGER,
        "quote": _TEXT,
        "verified": {"type": "boolean"},
    }
)
_DOCUMENT = _result(
    {
        "document_id": _INTEGER,
        "title": _TEXT,
        "path": _TEXT,
        "media_type": _TEXT,
        "pages": _INTEGER,
        "added": _TEXT,
        "uri": _TEXT,
    }
)
_BASE = _result({"name": _TEXT, "documents": _INTEGER, "pages": _INTEGER})
