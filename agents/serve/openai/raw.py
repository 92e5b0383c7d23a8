"""The language model itself: messages in, text and tool calls out, nothing of the documents."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage

from agents.llm.abilities import Abilities
from agents.llm.usage import Usage
from agents.serve.openai.forms import ChatRequest
from agents.serve.openai.replies import Delta, End, Part, call_piece
from ingest.errors import UsageError
from ingest.language import Text

_REASONS = {"stop", "length", "tool_calls", "content_filter"}


def messages_of(form: ChatRequest) -> list[BaseMessage]:
    """The messages as LangChain has them. Raises `UsageError` for what is none."""
    from langchain_core.messages.utils import convert_to_messages

    try:
        return convert_to_messages([{"content": "", **m.model_dump(exclude_none=True)} for m in form.messages])
    except (ValueError, KeyError, TypeError, AttributeError, NotImplementedError) as error:
        raise UsageError(
            Text("A message can't be read.", "有消息无法识别。"),
            Text(f"{type(error).__name__}.", f"{type(error).__name__}。"),
        ) from error


def reply(model: BaseChatModel, form: ChatRequest, cancel: threading.Event) -> Iterator[Part]:
    """What the model says, as it comes, until `cancel` is set. Raises what it raises."""
    able = Abilities(model)
    options: dict[str, Any] = {"stop": [form.stop] if isinstance(form.stop, str) else form.stop}
    if able.cancels:  # a model of ours, which takes these as well
        options |= {name: value for name in _CHOSEN if (value := getattr(form, name)) is not None}
        most = form.max_completion_tokens or form.max_tokens
        options |= {"cancel": cancel, **({"max_tokens": most} if most else {})}
    messages = messages_of(form)
    runnable: Any = model
    if form.tools:
        extra = {} if form.parallel_tool_calls is None else {"parallel_tool_calls": form.parallel_tool_calls}
        runnable = model.bind_tools(_sound(form.tools), tool_choice=form.tool_choice, **extra)  # type: ignore[arg-type]
    usage, reason, called = Usage(), "stop", False
    for chunk in runnable.stream(messages, **{name: value for name, value in options.items() if value is not None}):
        if cancel.is_set():
            break
        calls = tuple(
            call_piece(piece["index"] or 0, piece["id"], piece["name"], piece["args"] or "")
            for piece in getattr(chunk, "tool_call_chunks", ())
        )
        called = called or bool(calls)
        thought = str(chunk.additional_kwargs.get("reasoning_content") or "")
        yield Delta(str(chunk.text), thought, calls)
        if counted := chunk.usage_metadata:
            cached = (counted.get("input_token_details") or {}).get("cache_read") or 0
            usage += Usage(counted["input_tokens"], cached, counted["output_tokens"])
        reason = str(chunk.response_metadata.get("finish_reason") or reason)
    yield End("tool_calls" if called else reason if reason in _REASONS else "stop", usage)


_CHOSEN = ("temperature", "top_p", "seed", "response_format")


def _sound(tools: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Raises `UsageError` for a tool that is no function with a name."""
    for tool in tools:
        function = tool.get("function")
        if (
            tool.get("type") != "function"
            or not isinstance(function, dict)
            or not isinstance(function.get("name"), str)
        ):
            raise UsageError(
                Text("A tool is a function with a name.", "工具必须是带名称的函数。"),
                Text(
                    'Write {"type": "function", "function": {"name": …, "parameters": …}}.',
                    '请写成 {"type": "function", "function": {"name": …, "parameters": …}}。',
                ),
            )
    return tools
