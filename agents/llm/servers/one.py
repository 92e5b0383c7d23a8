"""One server, asked once, its stream under the clock: no retries, no friendly words. `balanced.py` has both."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk
from langchain_openai import ChatOpenAI

from agents.llm.servers.trouble import Silent, Unfinished
from agents.llm.streaming import text_chunk
from agents.llm.thoughts import ThoughtSplitter


class OneServer(ChatOpenAI):
    """ChatOpenAI that keeps thoughts apart, speaks every server's dialect, and notices an answer cut short."""

    @classmethod
    def is_lc_serializable(cls) -> bool:
        """False: a pool of servers is opened by name, not read back from LangChain's JSON."""
        return False

    @property
    def _llm_type(self) -> str:
        return "zhiku-server"

    async def pieces(
        self, messages: list[BaseMessage], stop: list[str] | None, options: dict[str, Any]
    ) -> AsyncGenerator[ChatGenerationChunk]:
        """The answer as it is written. Raises what openai and httpx raise, and `Unfinished`."""
        splitter = ThoughtSplitter()
        ended = False
        manager: AsyncCallbackManagerForLLMRun | None = None  # the caller's callbacks run where the caller is
        async for chunk in super()._astream(messages, stop=stop, run_manager=manager, **options):
            if reason := (chunk.generation_info or {}).get("finish_reason"):
                ended = True
                chunk.message.response_metadata.setdefault("finish_reason", reason)
            for part in _separated(chunk, splitter):
                yield part
        for kind, text in splitter.finish():
            yield text_chunk(kind, text)
        if not ended:
            raise Unfinished

    def _get_request_payload(self, input_: Any, *, stop: list[str] | None = None, **kwargs: Any) -> dict[str, Any]:  # noqa: ANN401
        """`max_tokens` as everybody but OpenAI still calls it: Ollama ignores the new name."""
        payload = super()._get_request_payload(input_, stop=stop, **kwargs)
        if "max_completion_tokens" in payload:
            payload["max_tokens"] = payload.pop("max_completion_tokens")
        return payload

    def _convert_chunk_to_generation_chunk(
        self, chunk: dict[str, Any], default_chunk_class: type, base_generation_info: dict[str, Any] | None
    ) -> ChatGenerationChunk | None:
        """As upstream, and the `reasoning_content` (llama-server, vLLM) or `reasoning` (Ollama) it drops."""
        found = super()._convert_chunk_to_generation_chunk(chunk, default_chunk_class, base_generation_info)
        choices = chunk.get("choices") or []
        delta = (choices[0].get("delta") or {}) if choices else {}
        if found is not None and (thought := delta.get("reasoning_content") or delta.get("reasoning")):
            found.message.additional_kwargs["reasoning_content"] = thought
        return found


def _separated(chunk: ChatGenerationChunk, splitter: ThoughtSplitter) -> Iterator[ChatGenerationChunk]:
    """`<think>` of servers that don't take it out themselves."""
    text = chunk.message.content
    if not isinstance(text, str) or not text:
        yield chunk
        return
    pieces = splitter.feed(text)
    if len(pieces) == 1 and pieces[0] == ("answer", text):
        yield chunk
        return
    for kind, part in pieces:
        yield text_chunk(kind, part)
    chunk.message.content = ""
    chunk.text = ""
    yield chunk


@dataclass(frozen=True, slots=True)
class Patience:
    """How long nothing may come, in seconds."""

    first_token: float = 300.0
    between_tokens: float = 60.0


class Stream:
    """One server's stream under the clock."""

    def __init__(self, source: AsyncGenerator[ChatGenerationChunk], patience: Patience) -> None:
        self._source, self._patience = source, patience

    async def begin(self) -> list[ChatGenerationChunk]:
        """Everything up to the first chunk that says something: servers greet at once with an empty one."""
        begun: list[ChatGenerationChunk] = []
        try:
            async with asyncio.timeout(self._patience.first_token):
                async for chunk in self._source:
                    begun.append(chunk)
                    if _says_something(chunk):
                        return begun
        except TimeoutError:
            raise Silent(self._patience.first_token, first=True) from None
        return begun

    async def rest(self) -> AsyncGenerator[ChatGenerationChunk]:
        """What follows. Raises `Silent`, `Unfinished` and what openai and httpx raise."""
        async with contextlib.aclosing(self._source) as source:
            while True:
                try:
                    async with asyncio.timeout(self._patience.between_tokens):
                        chunk = await anext(source)
                except StopAsyncIteration:
                    return
                except TimeoutError:
                    raise Silent(self._patience.between_tokens, first=False) from None
                yield chunk


def _says_something(chunk: ChatGenerationChunk) -> bool:
    message: Any = chunk.message
    return bool(
        message.content
        or message.additional_kwargs.get("reasoning_content")
        or getattr(message, "tool_call_chunks", None)
        or (chunk.generation_info or {}).get("finish_reason")
    )
