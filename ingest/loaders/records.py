"""JSON and JSON Lines, written out for reading: one page per group of records."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ingest.documents import Page, Parsed
from ingest.errors import LoadError
from ingest.language import Text
from ingest.loaders.layout import MAX_PAGES, Composer, one_line, too_long
from ingest.loaders.repair import repair

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGE = 4_000
"""Characters of records after which a page is full."""


def load_json(text: str, path: Path) -> Parsed:
    """Records as lines 'key: value', nested ones indented. An object that holds one list of objects is that list."""
    text = repair(text, entities=False)
    try:
        values: Any = json.loads(text)
        media_type = "application/json"
    except json.JSONDecodeError as error:
        values = _lines(text, error)
        media_type = "application/x-ndjson"
    if isinstance(values, dict) and isinstance(values.get("cells"), list) and "nbformat" in values:
        return _notebook(values, path)
    records = values if isinstance(values, list) else [values]
    title = ""
    if isinstance(values, dict):
        title = one_line(str(values.get("title") or values.get("name") or ""))
    return Parsed(title or path.stem, media_type, tuple(_pages(records)))


def _lines(text: str, error: json.JSONDecodeError) -> list[Any]:
    """One value a line; a last line cut short is left out, any other fault is the file's."""
    values = []
    lines = [line for line in text.splitlines() if line.strip()]
    for n, line in enumerate(lines):
        try:
            values.append(json.loads(line))
        except json.JSONDecodeError as fault:
            if values and n == len(lines) - 1:
                break
            where, what = (n + 1, fault.msg) if values else (error.lineno, error.msg)
            raise LoadError(
                Text(en=f"The JSON is not valid: {what} in line {where}.", zh=f"JSON 无效：第 {where} 行，{what}。"),
                Text(en="Correct that line and add the file again.", zh="请修正该行后重新添加。"),
            ) from fault
    return values


def _pages(records: list[Any]) -> Iterator[Page]:
    page, first, number = Composer(), 1, 1
    for n, record in enumerate(records, 1):
        page.add("paragraph", "\n".join(_readable(record, 0)))
        if len(page.text) >= PAGE or n == len(records):
            label = "" if first == 1 and n == len(records) else f"{first}–{n}"
            yield Page(number, page.text, page.blocks, (), label)
            page, first, number = Composer(), n + 1, number + 1
            if number > MAX_PAGES:
                raise too_long()


def _readable(value: Any, depth: int) -> Iterator[str]:  # noqa: ANN401 - JSON is anything
    indent = "  " * depth
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, (dict, list)) and inner and not _flat(inner):
                yield f"{indent}{key}:"
                yield from _readable(inner, depth + 1)
            else:
                yield f"{indent}{key}: {_scalar(inner)}"
    elif isinstance(value, list) and not _flat(value):
        for inner in value:
            lines = list(_readable(inner, depth + 1))
            if lines:
                yield f"{indent}- {lines[0].strip()}"
                yield from lines[1:]
    else:
        yield indent + _scalar(value)


def _flat(value: Any) -> bool:  # noqa: ANN401
    """A short list of plain values, which reads best on one line."""
    return isinstance(value, list) and not any(isinstance(v, (dict, list)) for v in value) and len(str(value)) < 200


def _scalar(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ", ".join(map(_scalar, value))
    return json.dumps(value, ensure_ascii=False)


def _notebook(values: dict[str, Any], path: Path) -> Parsed:
    """A Jupyter notebook: its Markdown and its code, without the outputs."""
    page = Composer()
    for cell in values["cells"]:
        source = cell.get("source", "") if isinstance(cell, dict) else ""
        text = "".join(source) if isinstance(source, list) else str(source)
        if cell.get("cell_type") == "code":
            page.add("code", text)
            continue
        for part in text.split("\n\n"):
            marks = len(part) - len(part.lstrip("#"))
            heading = 0 < marks <= 6 and "\n" not in part.strip()
            page.add("heading" if heading else "paragraph", part, marks if heading else 0)
    from ingest.loaders.layout import bare, whole

    return Parsed(bare(page.first_heading()) or path.stem, "application/x-ipynb+json", whole(page.text, page.blocks))
