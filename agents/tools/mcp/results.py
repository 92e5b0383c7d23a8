"""What a server sent back, as text a model can read."""

from __future__ import annotations

from mcp import types

from agents.tools.mcp.harmless import harmless, visible
from ingest.language import say

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
            return say(en=f"[{en}, {block.mimeType}, {size:,} bytes]", zh=f"[{zh}，{block.mimeType}，{size:,} 字节]")
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
