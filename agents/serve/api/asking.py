"""Search, answers, and proof of any text."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter

from agents.access.policy import NotFound
from agents.chat.answers import Answered, Event, last_answer
from agents.chat.conversation import Conversation
from agents.proof.checking import check_answer
from agents.proof.telling import of_passages, of_proof
from agents.serve.api.forms import Claim, Query, Question
from agents.serve.visit import Here, Visit, plain, told
from agents.serve.waiting import events, waited
from ingest.language import Text

router = APIRouter(prefix="/api", tags=["Search and answers"])


@router.get("/assistants")
def list_assistants(visit: Here) -> list[dict[str, Any]]:
    """Those whose knowledge bases you may all read: what each is called, says first, and answers from."""
    return [{"name": one.name, "greeting": one.greeting, "kbs": list(one.kbs)} for one in visit.assistants()]


@router.post("/search")
def search(visit: Here, form: Query) -> dict[str, Any]:
    """The best passages for a question, best first. `start` and `end` are offsets into the page's stored text."""
    kbs = visit.bases(form.kbs)
    began = time.monotonic()
    hits = [plain(hit) for hit in visit.library.search(form.query, kbs, form.k, where=form.where)]
    if not form.explain:
        hits = [{name: value for name, value in hit.items() if name not in ("dense", "lexical")} for hit in hits]
    seconds = round(time.monotonic() - began, 4)
    return {"query": form.query, "kb": ", ".join(kbs), "hits": hits, "seconds": seconds}


@router.post("/ask", response_model=None)
async def ask(visit: Here, form: Question) -> Any:  # noqa: ANN401 - JSON, or a stream of it
    """An answer with its proof, or a refusal (`abstained`). With `stream`, as server-sent events: `Standalone`, `Found`,
    `Quoted`, `Thought`, `Token`, `Withdrawn`, and at last `Answered` with all of it. The tokens are a draft: the text of
    `Answered` is what was checked."""
    assistant = visit.assistant(form.assistant) if form.assistant else None
    named, where = tuple(form.kbs), form.where
    if form.conversation:
        kept = check_conversation(visit, form.conversation)
        if "kbs" not in form.model_fields_set:
            named, where = kept.kbs, where or kept.where
    kbs = assistant.kbs if assistant else visit.bases(named)

    def begin(cancel: threading.Event) -> Iterator[Event]:
        chat = visit.platform.chat(kbs, form.conversation or None, form.k, where=where, assistant=assistant)
        return chat.stream(form.question, form.history, cancel)

    def whole(cancel: threading.Event) -> dict[str, Any]:
        return told(last_answer(begin(cancel)))

    def pieces(cancel: threading.Event) -> Iterator[tuple[str, str, Any]]:
        for event in begin(cancel):
            data = told(event.answer) if isinstance(event, Answered) else plain(event)
            yield "", type(event).__name__, data

    if form.stream:
        return await events(visit.request, pieces, visit.desk.seconds)
    return await waited(visit.request, whole, visit.desk.seconds)


@router.post("/check")
async def check(visit: Here, form: Claim) -> dict[str, Any]:
    """Any text of any model, sentence by sentence: whether a passage, or a knowledge base, says it, and where."""
    if form.passages is not None:
        passages = form.passages
        checked = await waited(visit.request, lambda _: check_answer(form.answer, passages, form.question))
        return of_passages(checked, [f"[{n}]" for n in range(1, len(passages) + 1)])
    kb = visit.base("read", form.kb).name
    proof = await waited(visit.request, lambda _: visit.platform.check(form.answer, kb, form.question))
    return {**of_proof(proof), "citations": plain(proof.citations)}


def check_conversation(visit: Visit, identity: str) -> Conversation:
    """A conversation that is the caller's. Raises `NotFound` for any other."""
    for found in visit.platform.conversations.list():
        if found.id == identity and visit.desk.policy.owned(visit.who, "conversation", [identity]):
            visit.bases(found.kbs)
            return found
    raise NotFound(
        Text(f"There is no conversation '{identity}'.", f"没有对话 “{identity}”。"),
        Text("GET /api/conversations lists yours.", "GET /api/conversations 可列出您的对话。"),
    )
