"""The script, its questions, and the hand-over to a person.

A page of another origin speaks to us here without asking first (no preflight): its requests are text, its key stands in the
address. The guard has looked at key and origin. Visitors are told the answer and what proves it, no paths and no ids.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from fastapi import APIRouter
from pydantic import BaseModel, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from agents.access.keys import Key
from agents.access.policy import NotFound
from agents.chat.answers import Answer, Answered, Token, Withdrawn
from agents.serve.guard import KEY
from agents.serve.problems import Refused
from agents.serve.visit import Here
from agents.serve.waiting import events
from ingest.language import Text

router = APIRouter(tags=["Widget"], include_in_schema=False)
_WEBHOOK_SECONDS = 10.0


class Asked(BaseModel):
    """A visitor's question."""

    question: str = Field(min_length=1, max_length=2000)
    history: list[tuple[str, str]] = Field(default_factory=list, max_length=20)
    assistant: str = Field(default="", max_length=500)


class HandOver(BaseModel):
    """A visitor who wants a person."""

    contact: str = Field(min_length=1, max_length=200)
    message: str = Field(default="", max_length=2000)
    history: list[tuple[str, str]] = Field(default_factory=list, max_length=50)


@router.get("/widget.js")
def script() -> Response:
    """The script, for any page."""
    return Response(_script(), media_type="text/javascript", headers={"Cache-Control": "public, max-age=3600"})


@router.get("/widget/assistant")
def greet(visit: Here, name: str) -> dict[str, str]:
    """What the assistant of that name says first."""
    return {"greeting": visit.assistant(name, "widget").greeting}


@router.post("/widget/ask", response_model=None)
async def ask(visit: Here) -> Response:
    """An answer as server-sent events: `draft` while it is written, `void` when that was a thought, at last `answer`."""
    form = await _read(visit.request, Asked)
    key: Key = visit.request.scope[KEY]
    assistant = visit.assistant(form.assistant, "widget") if form.assistant else None
    kbs = assistant.kbs if assistant else visit.bases(key.kbs or (), face="widget")

    def work(cancel: threading.Event) -> Iterator[tuple[str, str, Any]]:
        for event in visit.platform.chat(kbs, assistant=assistant).stream(form.question, form.history, cancel):
            if isinstance(event, Token):
                yield "", "draft", event.text
            elif isinstance(event, Withdrawn):
                yield "", "void", ""
            elif isinstance(event, Answered):
                yield "", "answer", {**_told(event.answer), "person": bool(key.webhook)}

    return await events(visit.request, work, visit.desk.seconds)


@router.post("/widget/person", status_code=204)
async def hand_over(visit: Here) -> None:
    """Tell the webhook of the key that a visitor wants a person, and what was said so far."""
    form = await _read(visit.request, HandOver)
    key: Key = visit.request.scope[KEY]
    if not key.webhook:
        raise NotFound(Text("Nobody can be reached here.", "此处无法转人工。"))
    told = {"widget": key.name, "origin": visit.request.headers.get("origin", ""), **form.model_dump()}
    try:
        async with httpx.AsyncClient(timeout=_WEBHOOK_SECONDS) as client:
            (await client.post(key.webhook, json=told)).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Refused(
            503,
            "webhook",
            Text("Nobody could be reached just now.", "暂时无法转人工。"),
            Text("Try again in a moment.", "请稍后重试。"),
        ) from error


async def _read(request: Request, cls: type[Asked | HandOver]) -> Any:  # noqa: ANN401 - one of these
    """The form in a body of whatever type. Raises `Refused`."""
    try:
        return cls.model_validate(json.loads(await request.body()))
    except (ValueError, ValidationError, RecursionError) as error:
        raise Refused(422, "invalid", Text("The request can't be read.", "无法读取请求。")) from error


def _told(answer: Answer) -> dict[str, Any]:
    """An answer as visitors may see it."""
    return {
        "text": answer.text,
        "refused": answer.abstained,
        "citations": [
            {"n": one.n, "document": one.document, "place": str(one.source), "quote": one.quote}
            for one in answer.citations
            if one.verified
        ],
    }


@cache
def _script() -> bytes:
    return Path(__file__).with_name("widget.js").read_bytes()
