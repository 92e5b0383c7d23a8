"""One server: started, called, watched, ended. Everything here runs in the client's event loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx
from mcp import ClientSession, McpError, StdioServerParameters, types
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CONNECTION_CLOSED

from agents.tools.mcp.harmless import harmless, visible
from agents.tools.mcp.servers_file import ServerEntry, expanded
from agents.tools.tool import ToolError
from ingest.errors import ZhikuError
from ingest.language import say

logger = logging.getLogger(__name__)

STARTS = 2
"""A server that has ended is started once more and no oftener: one that keeps ending is broken."""
_PING_SECONDS = 2.0
_MOST_PAGES = 1_000
"""Of a server's list of tools."""
_ENDED = (anyio.ClosedResourceError, anyio.BrokenResourceError, anyio.EndOfStream, ConnectionError, httpx.HTTPError)


class ServerTrouble(ToolError):
    """The server, not the call, is what went wrong."""


class _Session(ClientSession):
    """Tells the server when an answer is no longer waited for (specification, basic/utilities/cancellation)."""

    async def send_request(self, request: Any, result_type: Any, *args: Any, **more: Any) -> Any:  # noqa: ANN401 - the SDK's generics
        identity = self._request_id
        try:
            return await super().send_request(request, result_type, *args, **more)
        except (asyncio.CancelledError, McpError) as error:
            given_up = isinstance(error, asyncio.CancelledError) or error.error.code == httpx.codes.REQUEST_TIMEOUT
            if given_up and not isinstance(request.root, types.InitializeRequest):
                with contextlib.suppress(Exception), anyio.move_on_after(1, shield=True):
                    gone = types.CancelledNotification(params=types.CancelledNotificationParams(requestId=identity))
                    await self.send_notification(types.ClientNotification(gone))
            raise


class Connection:
    """A server's session. It lives in a task of its own, since the transports must be left where they were entered."""

    def __init__(self, entry: ServerEntry, log: Path) -> None:
        self.entry, self._log = entry, log
        self._starts = 0
        self._lock = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._session: _Session | None = None
        self._changed = False
        self._checking: asyncio.Task[None] | None = None
        self.tools: dict[str, types.Tool] = {}
        """As the server describes them now, by the server's own names."""

    async def start(self) -> None:
        """Start the server and list its tools. Raises `ServerTrouble`."""
        self._starts += 1
        self._stopping = asyncio.Event()
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._live(ready), name=f"mcp-{self.entry.name}")
        try:
            await asyncio.wait_for(ready, self.entry.timeout)
        except TimeoutError:
            await self.stop()
            seconds = self.entry.timeout
            raise self._trouble(
                en=f"did not start within {seconds:g} seconds", zh=f"未能在 {seconds:g} 秒内启动"
            ) from None
        except ZhikuError:
            raise
        except Exception as error:
            await self.stop()
            raise self._trouble(en=f"can't be started: {_why(error)}", zh=f"无法启动：{_why(error)}") from error

    async def call(self, name: str, arguments: Mapping[str, Any], seconds: float) -> tuple[str, Any]:
        """Text and structured content of a call; `refresh` comes before it. Raises `ToolError` for what the server says,
        and `ServerTrouble` when it has ended or doesn't answer. A call that was under way then is not repeated: it may
        have been done."""
        if name not in self.tools or self._session is None:
            raise ToolError(en=f"The server no longer has '{name}'.", zh=f"服务器已不再提供 “{name}”。")
        try:
            result = await asyncio.wait_for(self._session.call_tool(name, dict(arguments)), seconds)
        except TimeoutError:
            self._checking = asyncio.create_task(self._check())
            raise self._trouble(en=f"gave no answer for {seconds:g} seconds", zh=f"{seconds:g} 秒内没有回应") from None
        except asyncio.CancelledError:
            self._checking = asyncio.create_task(self._check())
            raise
        except (McpError, *_ENDED) as error:
            if isinstance(error, McpError) and error.error.code != CONNECTION_CLOSED:
                raise ToolError(error.error.message[:1_000]) from error
            await self.stop()
            raise self._trouble(
                en="ended during the call, which may or may not have been carried out",
                zh="在调用期间退出，该调用可能已执行，也可能没有",
            ) from error
        if result.isError:
            raise ToolError(words(result))
        return words(result), result.structuredContent

    async def refresh(self) -> None:
        """Start it again if it has ended, and list its tools again if it said they have changed."""
        async with self._lock:
            if self._checking is not None:
                await asyncio.wait([self._checking])
                self._checking = None
            await self._revive()

    async def stop(self) -> None:
        """End the session and, where it is ours, the process: input closed, then SIGTERM, then SIGKILL."""
        task, self._task, self._session = self._task, None, None
        if task is not None:
            self._stopping.set()
            with contextlib.suppress(Exception, asyncio.CancelledError):
                await asyncio.wait_for(task, 10)

    async def end(self) -> None:
        """Stop for good: a call that comes now starts nothing again."""
        self._starts = STARTS
        await self.stop()

    async def _revive(self) -> None:
        if self._task is None or self._task.done() or self._session is None:
            await self.stop()
            if self._starts >= STARTS:
                raise self._trouble(en="has ended again and is not started a third time", zh="再次退出，不再重新启动")
            await self.start()
        elif self._changed:
            self._changed = False
            self.tools = await self._listed(self._session)

    async def _check(self) -> None:
        """After a call without an answer: a server that doesn't even answer a ping is ended."""
        if self._session is None:
            return
        try:
            await asyncio.wait_for(self._session.send_ping(), _PING_SECONDS)
        except (TimeoutError, McpError, *_ENDED):
            await self.stop()

    async def _live(self, ready: asyncio.Future[None]) -> None:
        try:
            async with AsyncExitStack() as stack:
                reading, writing = await self._transport(stack)
                session = await stack.enter_async_context(
                    _Session(
                        reading,
                        writing,
                        read_timeout_seconds=timedelta(seconds=max(self.entry.timeout, 1)),
                        message_handler=self._heard,
                        client_info=types.Implementation(name="zhiku", version="1"),
                    )
                )
                await session.initialize()
                self.tools = await self._listed(session)
                self._changed = False
                self._session = session
                if not ready.done():
                    ready.set_result(None)
                await self._stopping.wait()
        except BaseException as error:
            logger.info("MCP server %s", self.entry.name, exc_info=True)
            if not ready.done():
                ready.set_exception(_first(error))
            elif isinstance(error, asyncio.CancelledError):
                raise
        finally:
            self._session = None

    async def _transport(self, stack: AsyncExitStack) -> tuple[Any, Any]:
        entry = self.entry
        if entry.command:
            self._log.parent.mkdir(parents=True, exist_ok=True)
            log = stack.enter_context(self._log.open("w", encoding="utf-8"))
            parameters = StdioServerParameters(
                command=entry.command,
                args=list(entry.args),
                env=_environment() | {key: expanded(value) for key, value in entry.env.items()},
                cwd=entry.cwd or None,
                encoding_error_handler="replace",
            )
            return await stack.enter_async_context(stdio_client(parameters, errlog=log))
        headers = {key: expanded(value) for key, value in entry.headers.items()}
        client = await stack.enter_async_context(
            httpx.AsyncClient(headers=headers, timeout=httpx.Timeout(30, read=300))
        )
        reading, writing, _ = await stack.enter_async_context(
            streamable_http_client(expanded(entry.url), http_client=client)
        )
        return reading, writing

    async def _listed(self, session: ClientSession) -> dict[str, types.Tool]:
        found: dict[str, types.Tool] = {}
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            page = await session.list_tools(params=types.PaginatedRequestParams(cursor=cursor) if cursor else None)
            found |= {tool.name: tool for tool in page.tools}
            if not (cursor := page.nextCursor):
                return found
        raise RuntimeError(say("its list of tools has no end", "其工具列表没有尽头"))

    async def _heard(self, message: object) -> None:
        if isinstance(message, types.ServerNotification) and isinstance(
            message.root, types.ToolListChangedNotification
        ):
            self._changed = True

    def _trouble(self, en: str, zh: str) -> ServerTrouble:
        """With the last line the server wrote on stderr, which mostly says why."""
        last = ""
        if self.entry.command:
            with contextlib.suppress(OSError):
                lines = self._log.read_text("utf-8", "replace")[-2_000:].split("\n")
                last = next((line.strip() for line in reversed(lines) if line.strip()), "")[:300]
        said = f" ({last})" if last else ""
        return ServerTrouble(
            en=f"The MCP server '{self.entry.name}' {en}.{said}", zh=f"MCP 服务器 “{self.entry.name}” {zh}。{said}"
        )


def _environment() -> dict[str, str]:
    """What a server's process sees of ours. The SDK adds USER, LOGNAME, SHELL, TERM, PATH and HOME, nothing else."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL", "TZ") if name in os.environ}


def _first(error: BaseException) -> Exception:
    """What lies at the bottom of task groups' groups."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error if isinstance(error, Exception) else RuntimeError(type(error).__name__)


def _why(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return say(f"there is no program '{error.filename}'", f"没有程序 “{error.filename}”")
    closed = isinstance(error, McpError) and error.error.code == CONNECTION_CLOSED
    if closed or isinstance(error, anyio.BrokenResourceError | anyio.ClosedResourceError | anyio.EndOfStream):
        return say("it ended before it had said anything in MCP", "尚未按 MCP 协议应答即已退出")
    return (str(error) or type(error).__name__)[:300]


LARGEST = 200_000
"""Characters kept of one result; what a prompt shows of it is far less."""


def words(result: types.CallToolResult) -> str:
    """All of it in order, what is no text by a line that names it."""
    return visible("\n".join(_words(block) for block in result.content)[:LARGEST])


def _words(block: types.ContentBlock) -> str:
    match block:
        case types.TextContent():
            return block.text
        case types.ImageContent() | types.AudioContent():
            size = len(block.data) * 3 // 4
            en, zh = ("a picture", "图片") if block.type == "image" else ("a recording", "音频")
            return say(f"[{en}, {block.mimeType}, {size:,} bytes]", f"[{zh}，{block.mimeType}，{size:,} 字节]")
        case types.ResourceLink():
            about = harmless(block.description or "", 200)
            name = harmless(block.title or block.name, 100)
            return say(f"[a resource: {name}, {block.uri} {about}]", f"[资源：{name}，{block.uri} {about}]")
        case types.EmbeddedResource(resource=types.TextResourceContents() as resource):
            return resource.text
        case types.EmbeddedResource(resource=resource):
            return say(
                f"[a file: {resource.uri}, {resource.mimeType or 'unknown type'}]",
                f"[文件：{resource.uri}，{resource.mimeType or '未知类型'}]",
            )
