"""A reply on its way to a client of OpenAI's: whole, or as chunks."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from agents.llm.usage import Usage


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of a reply."""

    content: str = ""
    reasoning: str = ""
    """What is not the answer: a model's thoughts, and the draft of an answer that is still to be proven."""
    calls: tuple[Mapping[str, Any], ...] = ()
    """Pieces of tool calls, each with its `index`."""


@dataclass(frozen=True, slots=True)
class End:
    """The last of a reply."""

    reason: str = "stop"
    usage: Usage = field(default_factory=Usage)
    refusal: str | None = None
    """The text of an answer that declines; it is the content as well, for clients that show nothing else."""
    annotations: tuple[Mapping[str, Any], ...] = ()
    zhiku: Mapping[str, Any] | None = None
    """Everything about an answer, as `POST /api/ask` gives it."""


Part = Delta | End
"""A reply is any number of `Delta`, then its `End`."""


def whole(model: str, parts: Iterable[Part]) -> dict[str, Any]:
    """A chat completion."""
    content = reasoning = ""
    calls: dict[int, dict[str, Any]] = {}
    end = End()
    for part in parts:
        if isinstance(part, End):
            end = part
            continue
        content += part.content
        reasoning += part.reasoning
        for piece in part.calls:
            call = calls.setdefault(piece["index"], {"id": "", "type": "function", "function": _function("", "")})
            call["id"] = call["id"] or piece.get("id") or ""
            known, more = call["function"], piece["function"]
            call["function"] = _function(known["name"] + (more["name"] or ""), known["arguments"] + more["arguments"])
    message = {
        "role": "assistant",
        "content": None if calls and not content else content,
        "refusal": end.refusal,
        "annotations": list(end.annotations),
        **({"reasoning_content": reasoning} if reasoning and end.zhiku is None else {}),
        **({"tool_calls": [calls[index] for index in sorted(calls)]} if calls else {}),
    }
    choice = {"index": 0, "message": message, "finish_reason": end.reason, "logprobs": None}
    head = _head(model, "chat.completion")
    return {**head, "choices": [choice], "usage": usage_of(end.usage), **_extension(end)}


def chunks(model: str, parts: Iterable[Part], *, usage: bool) -> Iterator[dict[str, Any]]:
    """The same as chunks; with `usage` one more says what it cost."""
    head = _head(model, "chat.completion.chunk")

    def chunk(delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
        return {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": reason, "logprobs": None}]}

    yield chunk({"role": "assistant", "content": ""})
    end = End()
    for part in parts:
        if isinstance(part, End):
            end = part
            continue
        delta = {
            **({"content": part.content} if part.content else {}),
            **({"reasoning_content": part.reasoning} if part.reasoning else {}),
            **({"tool_calls": [dict(call) for call in part.calls]} if part.calls else {}),
        }
        if delta:
            yield chunk(delta)
    last = {
        **({"refusal": end.refusal} if end.refusal else {}),
        **({"annotations": list(end.annotations)} if end.annotations else {}),
    }
    yield {**chunk(last, end.reason), **_extension(end)}
    if usage:
        yield {**head, "choices": [], "usage": usage_of(end.usage)}


def usage_of(usage: Usage) -> dict[str, Any]:
    """Tokens in OpenAI's words."""
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
    }


def call_piece(index: int, identity: str | None, name: str | None, arguments: str) -> dict[str, Any]:
    """A piece of a tool call; its `id` and name stand in the first."""
    head = {"id": identity, "type": "function"} if identity else {}
    return {"index": index, **head, "function": _function(name, arguments)}


def _function(name: str | None, arguments: str) -> dict[str, Any]:
    return {"name": name, "arguments": arguments}


def _head(model: str, kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{uuid.uuid4().hex}", "object": kind, "created": int(time.time()), "model": model}


def _extension(end: End) -> dict[str, Any]:
    return {} if end.zhiku is None else {"zhiku": end.zhiku}
