"""What a server sent back, as text a model can read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agents.tools.mcp.harmless import harmless, visible
from ingest.language import say

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from langchain_mcp_adapters.interceptors import MCPToolCallRequest, MCPToolCallResult
    from mcp import types

LARGEST = 200_000
"""Characters kept of one result; what a prompt shows of it is far less."""


async def in_words(
    request: MCPToolCallRequest, handler: Callable[[MCPToolCallRequest], Awaitable[MCPToolCallResult]]
) -> MCPToolCallResult:
    """An interceptor of langchain-mcp-adapters that leaves only text in a result: the adapter itself refuses sound,
    and would give pictures to models that can't see."""
    from mcp import types

    runtime: Any = request.runtime
    if runtime is not None:  # the adapter takes an argument of that name for its own
        request = request.override(args=request.args | {"runtime": runtime})
    result = await handler(request)
    if not isinstance(result, types.CallToolResult):
        return result
    text = "\n".join(_words(block) for block in result.content)[:LARGEST]
    return result.model_copy(update={"content": [types.TextContent(type="text", text=visible(text))]})


def _words(block: types.ContentBlock) -> str:
    from mcp import types

    match block:
        case types.TextContent():
            return block.text
        case types.ImageContent():
            size = len(block.data) * 3 // 4
            return say(
                en=f"[a picture, {block.mimeType}, {size:,} bytes]", zh=f"[图片，{block.mimeType}，{size:,} 字节]"
            )
        case types.AudioContent():
            size = len(block.data) * 3 // 4
            return say(
                en=f"[a recording, {block.mimeType}, {size:,} bytes]", zh=f"[音频，{block.mimeType}，{size:,} 字节]"
            )
        case types.ResourceLink():
            about = harmless(block.description or "", 200)
            name = harmless(block.title or block.name, 100)
            return say(en=f"[a resource: {name}, {block.uri} {about}]", zh=f"[资源：{name}，{block.uri} {about}]")
        case types.EmbeddedResource(resource=types.TextResourceContents() as resource):
            return resource.text
        case types.EmbeddedResource(resource=resource):
            return say(
                en=f"[a file: {resource.uri}, {resource.mimeType or 'unknown type'}]",
                zh=f"[文件：{resource.uri}，{resource.mimeType or '未知类型'}]",
            )
