"""A model behind one server or several alike: balanced, failed over, retried, cancelled.

Until the first token is there a failure is nobody's business: the next server is asked, and after all of them, with
growing pauses, the same ones again. After it a broken stream is an error, since what was shown can't be taken back;
only `invoke`, which has shown nothing yet, starts over.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, TypeVar

import tenacity
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import generate_from_stream
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr

from agents.llm.names import displayed
from agents.llm.servers.one import OneServer, Patience, Stream
from agents.llm.servers.pool import Pool, Server
from agents.llm.servers.trouble import Kind, asked_to_wait, broken_off, explained, kind_of, told
from agents.llm.streaming import announce, last_chunk
from ingest.apart import background
from ingest.apart.threads import Cancelled

_LOG = logging.getLogger(__name__)
_T = TypeVar("_T")
_ROUNDS = 3
"""How often every server is asked before giving up."""
_PAUSE, _LONGEST_PAUSE = 0.5, 8.0
"""Seconds between rounds: at random up to this, doubled with each round (full jitter: AWS Architecture Blog,
'Exponential Backoff And Jitter')."""
_MOST_PATIENCE = 30.0
"""Seconds that a `Retry-After` is waited for; longer ones are an error to tell."""


class _Retry(Exception):
    """Every server failed this time, in ways that may pass."""

    def __init__(self, server: Server, reason: BaseException, pause: float) -> None:
        super().__init__(str(reason))
        self.server, self.reason, self.pause = server, reason, pause


class BalancedChat(OneServer):
    """What `open_model` gives for an address or several."""

    _pool: Pool = PrivateAttr()
    _patience: Patience = PrivateAttr(default_factory=Patience)
    _ask_after: Callable[[Server], Awaitable[bool]] | None = PrivateAttr(default=None)
    _probes: set[asyncio.Task[None]] = PrivateAttr(default_factory=set)

    def over(
        self,
        pool: Pool,
        patience: Patience,
        ask_after: Callable[[Server], Awaitable[bool]] | None = None,
    ) -> BalancedChat:
        """Let the servers of `pool` answer; `ask_after` tells whether a server that failed is well again."""
        self._pool, self._patience, self._ask_after = pool, patience, ask_after
        return self

    @property
    def accepts_cancel(self) -> bool:
        """`cancel=` may be passed to `invoke` and `stream`."""
        return True

    @property
    def retries_itself(self) -> bool:
        """Whoever asks need not try again what fails before the first token."""
        return True

    @property
    def servers(self) -> list[Server]:
        """The servers and how each is doing."""
        return self._pool.servers

    def describe(self) -> str:
        """Model and servers in one line."""
        names = list(dict.fromkeys(server.chat.model_name for server in self.servers))
        return f"{' / '.join(names)} ({', '.join(displayed(server.url) for server in self.servers)})"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002  # LangChain's signature
        **kwargs: Any,  # noqa: ANN401
    ) -> ChatResult:
        return background.wait(self._whole(messages, stop, kwargs))

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,  # noqa: ARG002  # LangChain's signature
        **kwargs: Any,  # noqa: ANN401
    ) -> ChatResult:
        return await background.await_(self._whole(messages, stop, kwargs))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,  # noqa: ANN401
    ) -> Iterator[ChatGenerationChunk]:
        cancel = kwargs.pop("cancel", None)
        try:
            for chunk in background.iterate(lambda: self._streamed(messages, stop, kwargs), cancel):
                yield announce(chunk, run_manager)
        except Cancelled:
            yield announce(self._cancelled(), run_manager)

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,  # noqa: ANN401
    ) -> AsyncIterator[ChatGenerationChunk]:
        cancel = kwargs.pop("cancel", None)

        async def tell(chunk: ChatGenerationChunk) -> ChatGenerationChunk:
            if run_manager:
                await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            return chunk

        try:
            async for chunk in background.aiterate(lambda: self._streamed(messages, stop, kwargs), cancel):
                yield await tell(chunk)
        except Cancelled:
            yield await tell(self._cancelled())

    async def _whole(self, messages: list[BaseMessage], stop: list[str] | None, options: dict[str, Any]) -> ChatResult:
        """The sum of a stream; a broken one starts over, of a cancelled one what has come is kept."""
        cancel = options.pop("cancel", None)
        kept: list[ChatGenerationChunk] = []

        async def once(server: Server) -> None:
            kept.clear()
            with self._pool.lease(server):
                stream = Stream(server.chat.pieces(messages, stop, options), self._patience)
                kept.extend(await stream.begin())
                async for chunk in stream.rest():
                    kept.append(chunk)  # noqa: PERF401  # what has come is kept when the rest is cancelled

        try:
            await background.until_cancelled(self._attempts(once), cancel)
        except Cancelled:
            kept.append(self._cancelled())
        return generate_from_stream(iter(kept))

    async def _streamed(
        self, messages: list[BaseMessage], stop: list[str] | None, options: dict[str, Any]
    ) -> AsyncGenerator[ChatGenerationChunk]:
        """Nothing until a server has given its first token; then what it says, to the end or to an error."""
        lease = contextlib.ExitStack()

        async def once(server: Server) -> tuple[Server, Stream, list[ChatGenerationChunk]]:
            with contextlib.ExitStack() as opening:
                opening.enter_context(self._pool.lease(server))
                stream = Stream(server.chat.pieces(messages, stop, options), self._patience)
                begun = await stream.begin()
                lease.push(opening.pop_all())
            return server, stream, begun

        with lease:
            server, stream, begun = await self._attempts(once)
            for chunk in begun:
                yield chunk
            try:
                async with contextlib.aclosing(stream.rest()) as rest:
                    async for chunk in rest:
                        yield chunk
            except Exception as error:
                if not told(error):
                    raise
                self._pool.failed(server)
                raise broken_off(server.url, error) from error

    async def _attempts(self, once: Callable[[Server], Awaitable[_T]]) -> _T:
        """`once` with one server after another, in rounds. Raises `ModelError` when nothing helps."""
        retrying = tenacity.AsyncRetrying(
            stop=tenacity.stop_after_attempt(_ROUNDS),
            retry=tenacity.retry_if_exception(
                lambda error: isinstance(error, _Retry) and error.pause <= _MOST_PATIENCE
            ),
            wait=_pause,
            reraise=True,
        )
        try:
            return await retrying(self._round, once)
        except _Retry as given_up:
            raise explained(given_up.server.url, given_up.reason) from given_up.reason

    async def _round(self, once: Callable[[Server], Awaitable[_T]]) -> _T:
        """Every server once, the best first."""
        tried: list[Server] = []
        pauses: list[float] = []
        failed: tuple[Server, BaseException] | None = None
        self._revive()
        while (server := self._pool.pick(tried)) is not None:
            tried.append(server)
            try:
                result = await once(server)
            except Exception as error:
                if not told(error):
                    raise
                kind, asked = kind_of(error), asked_to_wait(error)
                if kind is Kind.WRONG:
                    raise explained(server.url, error) from error
                _LOG.info("Model server %s: %s", displayed(server.url), displayed(str(error)))
                self._pool.failed(server, rest=asked)
                if failed is None or kind is not Kind.REFUSED:
                    failed = server, error
                if kind is not Kind.REFUSED:
                    pauses.append(asked)
            else:
                self._pool.answered(server)
                return result
        assert failed is not None
        if not pauses:  # all of them refuse us: asking again would not help
            raise explained(failed[0].url, failed[1]) from failed[1]
        raise _Retry(*failed, min(pauses))

    def _revive(self) -> None:
        """While others answer, find out whether the dead are well again, so that no question has to."""
        if self._ask_after is None or not any(server.alive for server in self.servers):
            return
        for server in self._pool.due():
            probe = asyncio.create_task(self._probe(server))
            self._probes.add(probe)
            probe.add_done_callback(self._probes.discard)

    async def _probe(self, server: Server) -> None:
        assert self._ask_after is not None
        if await self._ask_after(server):
            self._pool.answered(server)
        else:
            self._pool.failed(server)

    def _cancelled(self) -> ChatGenerationChunk:
        return last_chunk(self.model_name, asked=0, cached=0, said=0, reason="cancelled")


_backoff = tenacity.wait_random_exponential(_PAUSE, _LONGEST_PAUSE)


def _pause(state: tenacity.RetryCallState) -> float:
    """Seconds until the next round: what the least demanding server asked for, and a random part on top."""
    error = state.outcome.exception() if state.outcome else None
    return (error.pause if isinstance(error, _Retry) else 0.0) + _backoff(state)
