"""A server's stream under the clock: its first token, and the silence between the others."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agents.llm.servers.trouble import Silent

if TYPE_CHECKING:
    from langchain_core.outputs import ChatGenerationChunk

    from agents.llm.servers.one import OneServer
    from agents.llm.servers.pool import Server


@dataclass(frozen=True, slots=True)
class Patience:
    """How long nothing may come, in seconds."""

    first_token: float = 300.0
    between_tokens: float = 60.0


class Stream:
    """One server's stream under the clock."""

    def __init__(self, server: Server[OneServer], patience: Patience) -> None:
        self.server = server
        self._patience = patience
        self._source: AsyncGenerator[ChatGenerationChunk] | None = None

    async def begin(self, source: AsyncGenerator[ChatGenerationChunk]) -> list[ChatGenerationChunk]:
        """Everything up to the first chunk that says something: servers greet at once with an empty one."""
        self._source = source
        begun: list[ChatGenerationChunk] = []
        try:
            async with asyncio.timeout(self._patience.first_token):
                async for chunk in source:
                    begun.append(chunk)
                    if _says_something(chunk):
                        return begun
        except TimeoutError:
            raise Silent(self._patience.first_token, first=True) from None
        return begun

    async def rest(self) -> AsyncGenerator[ChatGenerationChunk]:
        """What follows. Raises `Silent`, `Unfinished` and what openai and httpx raise."""
        assert self._source is not None
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
