"""Words of a stranger made fit for a prompt: a server's descriptions and schemas are data, whatever they say.

This lowers the odds, no more: a description can mislead in words that no pattern knows. What holds is that a call
above the risk 'read' needs the user's approval, and that a description can't change unnoticed (`trust`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ingest.json_schema import references
from ingest.orders import ADDRESSED
from prompts import neutral

LONGEST_DESCRIPTION = 600
LONGEST_PARAMETER = 160
LARGEST_SCHEMA = 12_000
"""Characters of JSON. A larger schema would be most of a small model's context."""
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e01ef]"
)
"""Control characters, and letters nobody sees: bidirectional controls, tags (an invisible alphabet)."""
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|(?<=[。！？；])\s*|</?[A-Z_]{3,30}>|\n+")
_ORDERS = re.compile(
    # Wider than for a document: a description has no reason to speak of any of this.
    f"{ADDRESSED}|"
    r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:previous|prior|above|earlier|all|other|your)\b"
    r"|\b(?:do not|don't|never|without)\b.{0,20}\b(?:tell|mention|inform|notify|reveal|show|ask|telling|asking)\b.{0,30}\buser"
    r"|\bsystem prompt\b|\byou are now\b|\bnew instructions?\b"
    r"|\b(?:send|post|forward|upload|pass|include|append|copy|leak|exfiltrate)\b.{0,60}"
    r"\b(?:conversation|chat history|prompt|passwords?|credentials?|api keys?|private keys?|tokens?|secrets?|environment variables?)\b"
    r"|~/\.|\.ssh\b|id_rsa|/etc/passwd|(?<!\w)\.env\b|mcp\.json"
    r"|(?:忽略|无视|忘记|不要理会).{0,20}(?:之前|以上|先前|上述|所有|其他|你的).{0,20}(?:指令|指示|提示|规则|要求)"
    r"|(?:不要|不得|别|切勿|无需).{0,12}(?:告诉|告知|透露|提及|通知|询问).{0,12}用户"
    r"|(?:把|将).{0,20}(?:对话|聊天记录|密码|密钥|令牌|凭证|提示词|环境变量).{0,20}(?:发送|上传|转发|附上|泄露|传递|写入)"
    r"|系统提示|(?:发送|上传|转发|附上|泄露|传递).{0,30}(?:对话|聊天记录|密码|密钥|令牌|凭证|提示词|环境变量)",
    re.IGNORECASE,
)


def visible(text: str) -> str:
    """`text` without characters that nobody sees but models read, and without a chat template's control tokens."""
    return neutral(_INVISIBLE.sub("", text))


def harmless(text: str, most: int = LONGEST_DESCRIPTION) -> str:
    """One line of at most `most` characters: sentences that give orders beyond the tool's use are left out, and
    nothing reads as markup."""
    kept = []
    for sentence in _SENTENCE.split(visible(text[: 20 * most])):
        plain = " ".join(sentence.split())
        if plain:
            kept.append("[…]" if _ORDERS.search(plain) else plain)
    line = " ".join(part for n, part in enumerate(kept) if part != "[…]" or kept[n - 1 : n] != ["[…]"])
    line = re.sub(r"(?<=[。！？；]) ", "", line)
    line = line.translate({ord("<"): "‹", ord(">"): "›", ord("`"): "'"})
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def harmless_schema(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """The schema with its sentences made harmless; None for one that is no object's, refers elsewhere, or is larger
    than `LARGEST_SCHEMA` even without its sentences."""
    if schema.get("type", "object") != "object":
        return None
    try:
        if not all(reference.startswith("#") for reference in references(schema)):
            return None
        for sentences in (True, False):
            found: dict[str, Any] = {"type": "object", "properties": {}} | _cleaned(schema, sentences=sentences)
            if len(json.dumps(found, ensure_ascii=False)) <= LARGEST_SCHEMA:
                return found
    except (RecursionError, ValueError, TypeError):
        return None
    return None


def _cleaned(schema: Any, *, sentences: bool, named: bool = False) -> Any:  # noqa: ANN401 - any JSON
    """`named` where the keys are the names of parameters and not the schema's own words."""
    if isinstance(schema, list):
        return [_cleaned(item, sentences=sentences) for item in schema]
    if not isinstance(schema, dict):
        return visible(schema) if isinstance(schema, str) else schema
    kept: dict[str, Any] = {}
    for key, value in schema.items():
        if named:
            kept[key] = _cleaned(value, sentences=sentences)
        elif key in ("enum", "const", "required"):
            kept[key] = value  # sent back as they are
        elif key in ("properties", "$defs", "definitions"):
            kept[key] = _cleaned(value, sentences=sentences, named=True)
        elif key == "description" and isinstance(value, str):
            if sentences and (text := harmless(value, LONGEST_PARAMETER)):
                kept[key] = text
        elif key not in ("title", "examples", "example", "$comment", "$schema", "$id", "markdownDescription"):
            kept[key] = _cleaned(value, sentences=sentences)
    return kept
