"""What a tool returned as what a model reads: text of a bounded length, and JSON for whoever wants the value."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from agents.tools.tool import Observation, ToolError
from ingest.documents import Hit
from ingest.language import say
from ingest.pages import counted, page_name

MOST = 6_000
"""Characters of an observation: some 1,500 tokens of English or 4,000 of Chinese, a fair share of an 8k context."""
PART = 5_000
"""Characters of a page or file that are told at once: with its head an observation stays below `MOST`."""
MOST_DATA = 200_000
"""Characters of a value that is kept as JSON beside the text: it is saved with its call, with the result and in the
trace, and a server may send megabytes."""
_MOST_ITEMS = 1_000


def observed(value: object) -> Observation:
    """An observation of any value: texts as they are, hits as numbered passages, the rest as JSON."""
    if isinstance(value, Observation):
        text, cut = bounded(value.text)
        data, dropped = _kept(_json(value.data))
        return replace(value, text=text, data=data, truncated=value.truncated or cut or dropped)
    if isinstance(value, Hit):
        value = [value]
    if isinstance(value, (list, tuple)) and value and all(isinstance(item, Hit) for item in value):
        text, cut = bounded(passages(value))
        return Observation(text=text, hits=tuple(value), truncated=cut)
    if isinstance(value, str):
        text, cut = bounded(value)
        return Observation(text=text or say("(empty text)", "（空文本）"), data=value[:MOST_DATA], truncated=cut)
    if value is None:
        return Observation(text=say("Done; nothing was returned.", "已完成，没有返回内容。"))
    data = _json(value)
    text, cut = bounded(data if isinstance(data, str) else json.dumps(data, ensure_ascii=False))
    return Observation(text=text, data=_kept(data)[0], truncated=cut)


def _kept(data: Any) -> tuple[Any, bool]:  # noqa: ANN401 - JSON
    """`data` within `MOST_DATA`, and whether it had more: of a text the beginning, of anything else nothing, since half
    of it would be something else."""
    if isinstance(data, str):
        return data[:MOST_DATA], len(data) > MOST_DATA
    too_large = isinstance(data, (dict, list)) and len(json.dumps(data, ensure_ascii=False)) > MOST_DATA
    return (None, True) if too_large else (data, False)


def passages(hits: Sequence[Hit]) -> str:
    """Hits as numbered passages with document and page."""
    return "\n\n".join(f"[{n}] {where(hit)}\n{hit.text}" for n, hit in enumerate(hits, 1))


def where(hit: Hit) -> str:
    """Document, sections and page of a hit in one line."""
    return " · ".join(part for part in (*hit.headings, page_name(hit.page, hit.label)) if part)


def part_of(text: str, part: int) -> tuple[str, int]:
    """What is told of a long text as its `part`, from 1, and how many parts it has. Raises `ToolError` for one it has not."""
    parts = max(1, -(-len(text) // PART))
    if part > parts:
        raise ToolError(
            en=f"There are only {counted(parts, 'part')}: ask for 1 to {parts}.",
            zh=f"共 {parts} 部分，请指定 1 至 {parts}。",
        )
    return text[(part - 1) * PART : part * PART], parts


def bounded(text: str) -> tuple[str, bool]:
    """The beginning of `text`, with a mark that says how much is missing, and whether any is."""
    text = text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")
    if len(text) <= MOST:
        return text, False
    mark = say(
        f"\n[… {len(text) - MOST:,} of {len(text):,} characters left out. Ask for less at a time.]",
        f"\n[… 全文 {len(text):,} 个字符，已省略 {len(text) - MOST:,} 个。请缩小范围。]",
    )
    return text[:MOST] + mark, True


def _json(value: Any) -> Any:  # noqa: ANN401
    """`value` as JSON: models, dataclasses, dates and numbers of any kind as pydantic writes them."""
    from pydantic_core import from_json, to_json

    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, (bytes, bytearray)):
        return say(f"({len(value):,} bytes)", f"（{len(value):,} 字节）")
    if hasattr(value, "__next__"):
        value = list(islice(value, _MOST_ITEMS))
    try:
        return from_json(to_json(value, fallback=str, inf_nan_mode="strings", bytes_mode="base64"))
    except (ValueError, TypeError, RecursionError):  # circular, or not to be written
        return str(value)
