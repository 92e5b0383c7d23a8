"""LangChain's messages as the plain dictionaries chat templates are written against."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from ingest.errors import ModelError
from ingest.language import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from langchain_core.messages import BaseMessage

_ROLES = {"human": "user", "ai": "assistant", "system": "system", "tool": "tool"}
_SILENT = {"reasoning", "thinking", "tool_use", "tool_call", "tool_call_chunk", "input_json_delta"}
"""Content blocks that are not words: thoughts are not read back, calls are in `tool_calls`."""


def as_template_messages(messages: Sequence[BaseMessage]) -> list[dict[str, Any]]:
    """One dictionary per message. Raises `ModelError` for pictures and the like: the models here read text."""
    names: dict[str, str] = {}
    plain = []
    for message in messages:
        role = _ROLES.get(message.type) or str(getattr(message, "role", "user"))
        entry: dict[str, Any] = {"role": role, "content": text_of(message.content)}
        calls = getattr(message, "tool_calls", None) or []
        if calls:
            entry["tool_calls"] = [
                {
                    "type": "function",
                    "id": call["id"] or "",
                    "function": {"name": call["name"], "arguments": call["args"]},
                }
                for call in calls
            ]
            names.update({call["id"] or "": call["name"] for call in calls})
        if role == "tool":
            entry["tool_call_id"] = getattr(message, "tool_call_id", "")
            entry["name"] = message.name or names.get(entry["tool_call_id"], "")
        plain.append(entry)
    return plain


def text_of(content: object) -> str:
    """The words of a message's content, blocks joined. Raises `ModelError` for what is not text."""
    if isinstance(content, str):
        return content
    parts: list[str] = []
    for block in content if isinstance(content, list) else []:
        if isinstance(block, str):
            parts.append(block)
        elif block.get("type") == "tool_result":
            parts.append(text_of(block.get("content", "")))
        elif "text" in block:
            parts.append(str(block["text"]))
        elif block.get("type") == "json":
            import json

            parts.append(json.dumps(block.get("json"), ensure_ascii=False))
        elif block.get("type") not in _SILENT:
            kind = str(block.get("type"))
            raise ModelError(
                Text(en=f"This model reads text only, not '{kind}'.", zh=f"该模型只能读取文本，不支持 “{kind}”。"),
                Text(en="Leave it out, or describe it in words.", zh="请去掉该内容，或用文字描述。"),
            )
    return "\n".join(parts)


def with_system(messages: list[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    """`text` at the end of the system message, or as a new one."""
    if messages and messages[0]["role"] == "system":
        first = {**messages[0], "content": f"{messages[0]['content']}\n\n{text}"}
        return [first, *messages[1:]]
    return [{"role": "system", "content": text}, *messages]


_SHORT = re.compile(r"[a-zA-Z0-9]{9}")


def with_short_ids(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same messages with ids of calls as Mistral's templates demand them: nine letters and digits."""

    def short(name: str) -> str:
        return name if _SHORT.fullmatch(name) else hashlib.sha256(name.encode()).hexdigest()[:9]

    changed = []
    for message in messages:
        entry = dict(message)
        if "tool_calls" in entry:
            entry["tool_calls"] = [{**call, "id": short(call["id"])} for call in entry["tool_calls"]]
        if "tool_call_id" in entry:
            entry["tool_call_id"] = short(entry["tool_call_id"])
        changed.append(entry)
    return changed
