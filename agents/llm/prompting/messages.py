"""LangChain's messages as the plain dictionaries chat templates are written against."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any

from langchain_core.messages import BaseMessage

from agents.llm.calls import Family
from agents.llm.calls.describing import written_out
from ingest.errors import ModelError
from ingest.language import Text

_ROLES = {"human": "user", "ai": "assistant", "system": "system", "tool": "tool"}
_SILENT = {"reasoning", "thinking", "tool_use", "tool_call", "tool_call_chunk", "input_json_delta"}
"""Content blocks that are not words: thoughts are not read back, calls are in `tool_calls`."""


def as_template_messages(messages: Sequence[BaseMessage]) -> list[dict[str, Any]]:
    """One dictionary per message. Raises `ModelError` for pictures and the like: the models here read text."""
    names: dict[str, str] = {}
    plain = []
    for message in messages:
        kind = message.type.removesuffix("MessageChunk").lower()  # the sum of a stream is as good as a message
        role = _ROLES.get(kind) or str(getattr(message, "role", "user"))
        entry: dict[str, Any] = {"role": role, "content": text_of(message.content)}
        failed = [_failed(dict(call)) for call in getattr(message, "invalid_tool_calls", None) or ()]
        entry["content"] = "\n".join([*filter(None, [entry["content"]]), *failed])
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
    return _answered(plain)


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
                Text(f"This model reads text only, not '{kind}'.", f"该模型只能读取文本，不支持 “{kind}”。"),
                Text("Leave it out, or describe it in words.", "请去掉该内容，或用文字描述。"),
            )
    return "\n".join(parts)


def with_system(messages: list[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    """`text` at the end of the system message, or as a new one."""
    if messages and messages[0]["role"] == "system":
        first = {**messages[0], "content": f"{messages[0]['content']}\n\n{text}"}
        return [first, *messages[1:]]
    return [{"role": "system", "content": text}, *messages]


_SHORT = re.compile(r"[a-zA-Z0-9]{9}")
_MALFORMED = re.compile(r"Malformed call \((.*?)\): ", re.DOTALL)
_NO_RESULT = "There is no result: the call was not carried out."


def _failed(call: dict[str, Any]) -> str:
    """What the model is told of a call that it began and that never became one. Its own words are left out: half a call
    in the history is copied, or read as one."""
    said = str(call.get("args") or "")
    found = _MALFORMED.match(said)
    problem = found[1] if found else str(call.get("error") or "its arguments are not valid JSON")
    name = f" of '{call['name']}'" if call.get("name") else ""
    return f"(A call{name} was begun here that was not carried out: {problem[:300]}.)"


def _answered(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every call with its result and every result with its call: templates raise, or lose what comes after, otherwise."""
    found: list[dict[str, Any]] = []
    open_calls: dict[str, dict[str, Any]] = {}

    def close() -> None:
        for number, call in open_calls.items():
            name = call["function"]["name"]
            found.append({"role": "tool", "content": _NO_RESULT, "tool_call_id": number, "name": name})
        open_calls.clear()

    for message in messages:
        if message["role"] == "tool":
            if open_calls.pop(message["tool_call_id"], None) is None:
                close()
                message = written_out(message)  # noqa: PLW2901  # the same in other words
        else:
            close()
            open_calls.update({call["id"]: call for call in message.get("tool_calls") or ()})
        found.append(message)
    return found


def as_family(messages: list[dict[str, Any]], family: Family) -> list[dict[str, Any]]:
    """The same messages with calls as the family's templates demand them: one a message, or ids of a certain form."""
    if family.alone:
        messages = _one_call_each(messages)
    ids: dict[str, str] = {}
    changed = []
    for message in messages:
        entry = dict(message)
        if "tool_calls" in entry:
            for call in entry["tool_calls"]:
                ids[call["id"]] = _id(call, len(ids), family)
            entry["tool_calls"] = [{**call, "id": ids[call["id"]]} for call in entry["tool_calls"]]
        if "tool_call_id" in entry:
            entry["tool_call_id"] = ids.get(entry["tool_call_id"], entry["tool_call_id"])
        changed.append(entry)
    return changed


def _id(call: dict[str, Any], place: int, family: Family) -> str:
    number = str(call["id"])
    if family.numbered_ids:
        return f"functions.{call['function']['name']}:{place}"
    if family.short_ids and not _SHORT.fullmatch(number):
        return hashlib.sha256(number.encode()).hexdigest()[:9]
    return number


def _one_call_each(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each call of several as a message of its own, its result behind it."""
    found: list[dict[str, Any]] = []
    results = {m["tool_call_id"]: m for m in messages if m["role"] == "tool"}
    for message in messages:
        calls = message.get("tool_calls") or ()
        if message["role"] == "tool":
            continue
        if not calls:
            found.append(message)
        for i, call in enumerate(calls):
            found.append({**message, "content": "" if i else message["content"], "tool_calls": [call]})
            found += [results[call["id"]]] if call["id"] in results else []
    return found
