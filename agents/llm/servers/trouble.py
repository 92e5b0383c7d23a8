"""What goes wrong with a server: which of it another try may mend, and what to tell people."""

from __future__ import annotations

import json
from enum import Enum, auto

import openai

from agents.llm.errors import PromptTooLong
from agents.llm.hub.transport import retry_after
from agents.llm.names import displayed
from ingest.conversing import from_conversation
from ingest.errors import ModelError
from ingest.language import Text

_LONGEST_REST = 60.0
"""Seconds that a server may ask to be left alone; whoever asks for more is as good as gone for now."""


class Kind(Enum):
    """What to do about a failure."""

    BUSY = auto()
    """It lives, but takes nothing now: another server, or the same later."""
    GONE = auto()
    """It does not answer, or not sensibly: another server, or the same later."""
    REFUSED = auto()
    """It will not take us, whatever we ask: another server, never the same."""
    WRONG = auto()
    """The request is at fault: no server would take it."""


class Silent(Exception):
    """Nothing came for too long."""

    def __init__(self, seconds: float, *, first: bool) -> None:
        super().__init__(f"nothing came for {seconds:g} seconds" + (" (no first token)" if first else ""))


class Unfinished(Exception):
    """A stream ended without saying why: its connection was cut, or the answer is no event stream."""

    def __init__(self) -> None:
        super().__init__("the stream ended in the middle")


def kind_of(error: BaseException) -> Kind:
    """How a failure is to be taken."""
    if isinstance(error, ModelError):
        return Kind.WRONG
    if isinstance(error, openai.APIStatusError):
        status = error.status_code
        if status in {408, 425, 429, 503}:
            return Kind.BUSY
        if status in {401, 403, 404}:
            return Kind.REFUSED
        return Kind.GONE if status >= 500 else Kind.WRONG
    return Kind.GONE


def told(error: BaseException) -> bool:
    """Whether it is a failure of the conversation with a server (and no mistake of the program)."""
    return from_conversation(error) or isinstance(
        error,
        OSError | Silent | Unfinished | ModelError | ValueError | KeyError | TypeError | AttributeError | IndexError,
    )  # the last five: what langchain-openai raises on an answer that is not what it should be


def asked_to_wait(error: BaseException) -> float:
    """Seconds the server asks to be left alone by `Retry-After` (a number or a date); 0 when it does not say."""
    response = getattr(error, "response", None)
    return min(retry_after(getattr(response, "headers", {}).get("retry-after", "")) or 0.0, _LONGEST_REST)


def too_long(error: BaseException) -> PromptTooLong | None:
    """The refusal of a prompt that is longer than the context, as llama-server says it, with its figures."""
    body = getattr(error, "body", None)
    if isinstance(body, dict) and body.get("type") == "exceed_context_size_error":
        tokens, limit = body.get("n_prompt_tokens"), body.get("n_ctx")
        if isinstance(tokens, int) and isinstance(limit, int):
            return PromptTooLong(tokens, limit)
    return None


def explained(url: str, error: BaseException) -> ModelError:
    """What is wrong with the server at `url`, in a line; without a password, since it goes into traces."""
    url = displayed(url)
    if isinstance(error, ModelError):
        return error
    if long := too_long(error):
        return long
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status in (401, 403):
        return ModelError(
            Text(f"The model server {url} refuses the key.", f"模型服务器 {url} 拒绝了密钥。"),
            Text("Set 'model_api_key' (or ZHIKU_MODEL_API_KEY).", "请设置 model_api_key（或 ZHIKU_MODEL_API_KEY）。"),
        )
    if kind_of(error) is Kind.WRONG:
        return ModelError(
            Text(
                f"The model server {url} refuses the request: {_detail(error)}.",
                f"模型服务器 {url} 拒绝了请求：{_detail(error)}。",
            ),
            Text(
                "If the prompt is too long for it, set 'context' to what the server was started with, or use fewer passages (k).",
                "若是提示词过长，请把 context 设为服务器启动时的上下文长度，或减少段落数（k）。",
            ),
        )
    return ModelError(
        Text(
            f"The model server {url} does not answer: {_detail(error)}.",
            f"模型服务器 {url} 没有应答：{_detail(error)}。",
        ),
        Text(
            "Start the server, and check address and port; the address usually ends with /v1.",
            "请启动服务器，并检查地址和端口；地址通常以 /v1 结尾。",
        ),
    )


def broken_off(url: str, error: BaseException) -> ModelError:
    """A stream that ended after part of the answer was handed on: nobody can take that back."""
    url = displayed(url)
    return ModelError(
        Text(
            f"The model server {url} broke off in the middle of its answer: {_detail(error)}.",
            f"模型服务器 {url} 在回答中途中断：{_detail(error)}。",
        ),
        Text("Ask again; the part that came is not the whole answer.", "请重新提问；已显示的部分并不完整。"),
    )


def _detail(error: BaseException) -> str:
    if isinstance(error, json.JSONDecodeError):
        return "its answer is not JSON"
    text = " ".join(str(error).split())[:200].rstrip(". ")
    if isinstance(error, openai.APIConnectionError):
        text = _root(error) or text
    return displayed(text) or type(error).__name__


def _root(error: BaseException) -> str:
    """What the innermost cause says: openai's own words are 'Connection error'."""
    said = ""
    while (cause := error.__cause__ or error.__context__) is not None:
        said, error = " ".join(str(cause).split())[:200].rstrip(". ") or said, cause
    return said
