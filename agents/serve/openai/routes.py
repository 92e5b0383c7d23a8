"""The endpoints below /v1."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

from fastapi import APIRouter

from agents.serve.openai import grounded, raw
from agents.serve.openai.forms import MOST_TEXTS, ChatRequest, EmbeddingRequest
from agents.serve.openai.naming import assistant_meant, base_meant, check_embedder, listed, no_model
from agents.serve.openai.replies import Part, chunks, whole
from agents.serve.problems import as_openai, problem
from agents.serve.visit import Here, Visit
from agents.serve.waiting import streamed, waited
from ingest.errors import UsageError
from ingest.language import Text

router = APIRouter(prefix="/v1", tags=["OpenAI-compatible"])


@router.get("/models")
def list_models(visit: Here) -> dict[str, Any]:
    """Each knowledge base as `zhiku:NAME`, each assistant as `assistant:NAME`, the language model itself, and the embedder."""
    return {"object": "list", "data": listed(visit)}


@router.get("/models/{model:path}")
def show_model(visit: Here, model: str) -> dict[str, Any]:
    """One of them."""
    for found in listed(visit):
        if found["id"] == model:
            return found
    raise no_model(visit, model)


@router.post("/chat/completions", response_model=None)
async def complete(visit: Here, form: ChatRequest) -> Any:  # noqa: ANN401 - JSON, or a stream of it
    """An answer with proof from `zhiku:NAME` or `assistant:NAME`, or the language model's own reply. With `stream`, as server-sent events.

    An answer's `content` is its checked text, `annotations` say where its markers lead, `refusal` is set when the
    documents do not answer, and `zhiku` holds the whole of it: citations, quotes, hits, verdicts on each sentence."""
    work = _work(visit, form)
    seconds = visit.desk.seconds
    if not form.stream:
        return await waited(visit.request, lambda cancel: whole(form.model, work(cancel)), seconds)
    usage = bool(form.stream_options and form.stream_options.include_usage)

    def lines(cancel: threading.Event) -> Iterator[str]:
        return _primed(map(_line, chunks(form.model, work(cancel), usage=usage)))

    return await streamed(
        visit.request, lines, lambda error: _line(as_openai(problem(error))), seconds, last="data: [DONE]\n\n"
    )


@router.post("/embeddings")
def embed(visit: Here, form: EmbeddingRequest) -> dict[str, Any]:
    """The library's embedder: a unit vector for each text."""
    import numpy as np

    check_embedder(visit, form.model)
    texts = [form.input] if isinstance(form.input, str) else form.input
    if not 1 <= len(texts) <= MOST_TEXTS or not all(text.strip() for text in texts):
        raise UsageError(
            Text(f"Give 1 to {MOST_TEXTS} texts, none of them empty.", f"请给出 1 至 {MOST_TEXTS} 段非空文本。")
        )
    embedder = visit.library.embedder
    questions = form.input_type == "query"
    vectors = np.stack(list(map(embedder.embed_query, texts))) if questions else embedder.embed_passages(texts)
    rows = vectors.astype("<f4")
    tokens = sum(map(embedder.count_tokens, texts))
    return {
        "object": "list",
        "model": form.model,
        "data": [
            {
                "object": "embedding",
                "index": index,
                "embedding": base64.b64encode(row.tobytes()).decode()
                if form.encoding_format == "base64"
                else row.tolist(),
            }
            for index, row in enumerate(rows)
        ],
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }


def _work(visit: Visit, form: ChatRequest) -> Callable[[threading.Event], Iterator[Part]]:
    """What writes the reply, in a thread. Raises what is wrong with the request itself."""
    assistant = assistant_meant(visit, form.model)
    kb = None if assistant else base_meant(visit, form.model)
    if not (assistant or kb):
        raw.messages_of(form)
        return lambda cancel: raw.reply(visit.platform.chat_model, form, cancel)
    kbs = assistant.kbs if assistant else visit.bases([str(kb), *form.zhiku.kbs])
    question, turns = grounded.asked(form.messages)
    pages = f"{visit.request.base_url}api/documents/"

    def work(cancel: threading.Event) -> Iterator[Part]:
        chat = visit.platform.chat(kbs, k=form.zhiku.k, where=form.zhiku.where, assistant=assistant)
        yield from grounded.reply(chat.stream(question, turns, cancel), pages, kbs[0])

    return work


def _primed(lines: Iterator[str]) -> Iterator[str]:
    """The first together with the second, which is the first that can fail."""
    yield next(lines) + next(lines)
    yield from lines


def _line(data: dict[str, Any]) -> str:
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n"
