"""A language model that says what it is told to: the seam where chat, agents and the app are tested.

It ships with the product and is a LangChain chat model like any other: it streams token by token, counts usage,
keeps thoughts apart, calls tools, can be cancelled, and remembers what it was asked.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGenerationChunk
from pydantic import Field, PrivateAttr

from agents.llm.streaming import StreamingChat, announce, call_chunk, last_chunk, text_chunk
from agents.llm.thoughts import ThoughtSplitter

_TOKEN = re.compile(r"\s*[A-Za-z0-9_]+|\s*[^\sA-Za-z0-9_]|\s+")
"""Words with the space before them, every other character by itself: close to what real tokens look like."""


class ScriptExhausted(AssertionError):
    """More was asked of a script than it holds."""


class ScriptedChat(StreamingChat):
    """Replays `replies` in order, one per call. Tools are recorded in `options`; the script decides whether it calls them.

    A reply is a string (`<think>…</think>` at its start becomes thoughts), an `AIMessage` (with tool calls, if
    any), an exception to raise, or a callable that gets the messages and returns one of these. With
    `repeat=True` it starts again at the end; otherwise one call too many raises `ScriptExhausted`.
    """

    replies: list[Any] = Field(default_factory=list)
    repeat: bool = False
    model: str = "scripted"
    temperature: float | None = None
    max_tokens: int | None = None
    stop: list[str] | None = None
    token_seconds: float = 0.0
    """Seconds each token takes, for tests that watch or interrupt a stream."""

    _asked: list[list[BaseMessage]] = PrivateAttr(default_factory=list)
    _options: list[dict[str, Any]] = PrivateAttr(default_factory=list)
    _lock: threading.Lock = PrivateAttr(default_factory=threading.Lock)

    @property
    def received(self) -> list[list[BaseMessage]]:
        """The messages of every call so far, in order."""
        return self._asked

    @property
    def options(self) -> list[dict[str, Any]]:
        """The keyword arguments of every call so far (tools, tool_choice, response_format, …), with `stop`."""
        return self._options

    @property
    def _llm_type(self) -> str:
        return "zhiku-scripted"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model": self.model}

    def describe(self) -> str:
        """One line about the model, as the real ones give."""
        return f"{self.model} (scripted)"

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,  # noqa: ANN401
    ) -> Iterator[ChatGenerationChunk]:
        reply = self._next(messages, stop, kwargs)
        cancel = kwargs.get("cancel")
        limit = kwargs.get("max_tokens", self.max_tokens)
        said, reason = 0, "stop"
        splitter = ThoughtSplitter()
        text, stops = str(reply.content), stop or self.stop or []
        text = min((text.split(word, 1)[0] for word in stops if word), key=len, default=text)
        for token in _TOKEN.findall(text):
            if cancel is not None and cancel.is_set():
                reason = "cancelled"
                break
            if limit is not None and said >= limit:
                reason = "length"
                break
            if self.token_seconds:
                time.sleep(self.token_seconds)
            said += 1
            yield from (announce(text_chunk(kind, part), run_manager) for kind, part in splitter.feed(token))
        yield from (announce(text_chunk(kind, part), run_manager) for kind, part in splitter.finish())
        calls = reply.tool_calls if reason == "stop" else []
        for index, call in enumerate(calls):
            yield announce(call_chunk(index, call["name"], call["args"], call["id"] or f"call_{index}"), run_manager)
        asked = sum(len(_TOKEN.findall(str(message.content))) for message in messages)
        reason = "tool_calls" if calls else reason
        yield announce(
            last_chunk(self.model, asked=asked, cached=0, said=said + len(calls), reason=reason), run_manager
        )

    def _next(self, messages: list[BaseMessage], stop: list[str] | None, options: dict[str, Any]) -> AIMessage:
        with self._lock:
            turn = len(self._asked)
            self._asked.append(list(messages))
            self._options.append({**options, "stop": stop})
        if not self.replies or (turn >= len(self.replies) and not self.repeat):
            raise ScriptExhausted(
                f"The script holds {len(self.replies)} replies and was asked for another: {messages[-1].content!r}"
            )
        reply = self.replies[turn % len(self.replies)]
        if callable(reply) and not isinstance(reply, BaseException):
            reply = reply(messages)
        if isinstance(reply, BaseException):
            raise reply
        return reply if isinstance(reply, AIMessage) else AIMessage(content=str(reply))
