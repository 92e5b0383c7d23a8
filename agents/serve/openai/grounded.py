"""A knowledge base as a model: every reply is an answer with its proof.

What a client of OpenAI's API was sent it can't take back. So the content is the checked text alone, in a stream as well;
what the model writes before it is checked comes as `reasoning_content`, which clients show as a draft or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

from agents.chat.answers import Answer, Answered, Event, Thought, Token
from agents.serve.openai.forms import Message
from agents.serve.openai.replies import Delta, End, Part
from agents.serve.visit import told
from ingest.errors import UsageError
from ingest.language import Text

_MARK = re.compile(r"\[(\d{1,4})\]")


def asked(messages: Sequence[Message]) -> tuple[str, list[tuple[str, str]]]:
    """The question, which is the last message, and the turns before it. Raises `UsageError`."""
    last = messages[-1]
    parts = last.content if isinstance(last.content, list) else []
    if last.role != "user" or any(part.get("type") != "text" for part in parts):
        raise UsageError(
            Text("The last message must be the user's, and text.", "最后一条消息必须是用户消息，且只能是文本。"),
            Text("Pictures and tools go to the model itself.", "图片和工具请直接发送给语言模型。"),
        )
    turns: list[tuple[str, str]] = []
    question = ""
    for message in messages[:-1]:
        if message.role == "user":
            question = message.text
        elif message.role == "assistant" and question:
            turns.append((question, message.text))
            question = ""
    return last.text, turns


def reply(events: Iterable[Event], pages: str, kb: str) -> Iterator[Part]:
    """The events of an answer as a reply; `pages` is the address below which documents lie."""
    draft = ""
    for event in events:
        match event:
            case Thought(text):
                yield Delta(reasoning=text)
            case Token(text):
                # The last piece is held back: where it is the only one, the answer says the same at once.
                if draft:
                    yield Delta(reasoning=draft)
                draft = text
            case Answered(answer):
                yield Delta(content=answer.text)
                yield End(
                    usage=answer.usage,
                    refusal=answer.text if answer.abstained else None,
                    annotations=tuple(_leads(answer, pages, kb)),
                    zhiku=told(answer),
                )


def _leads(answer: Answer, pages: str, kb: str) -> Iterator[dict[str, Any]]:
    """Where each marker `[n]` of the text leads."""
    cited = {citation.n: citation for citation in reversed(answer.citations)}
    for mark in _MARK.finditer(answer.text):
        citation = cited.get(int(mark[1]))
        if citation is None or not citation.document_id:  # an answer that people have kept lies in no document
            continue
        where = f"{citation.document_id}/pages/{citation.page}?kb={quote(citation.kb or kb, safe='')}"
        title = f"{citation.document}, {citation.source}"
        place = {"start_index": mark.start(), "end_index": mark.end(), "title": title, "url": f"{pages}{where}"}
        yield {"type": "url_citation", "url_citation": place}
