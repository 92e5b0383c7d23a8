"""Jupyter notebooks: their Markdown, their code, and what the code put out as text or tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ingest.documents import Parsed
from ingest.errors import LoadError
from ingest.language import say
from ingest.loaders.layout import Composer, bare, whole
from ingest.loaders.markdown import blocks_of
from ingest.loaders.repair import repair
from ingest.loaders.web import compose_html

_LONGEST_OUTPUT = 20_000
"""Characters of one output that are kept: a training's log fills megabytes."""


def load_notebook(values: dict[str, Any], path: Path) -> Parsed:
    """Cells in order, each output below its code; pictures among them are counted in a note."""
    page = Composer()
    pictures = 0
    for cell in values["cells"]:
        if not isinstance(cell, dict):
            continue
        text = repair(_joined(cell.get("source")), entities=False)
        if cell.get("cell_type") != "code":
            page.take(text, blocks_of(text))
            continue
        page.add("code", text)
        for output in cell.get("outputs") or ():
            if isinstance(output, dict):
                pictures += _output(output, page)
    unread = say(f"Pictures in outputs that were not read: {pictures}.", f"输出中的 {pictures} 幅图片未读取。")
    title, pages = bare(page.first_heading()) or path.stem, whole(page.text, page.blocks)
    return Parsed(title, "application/x-ipynb+json", pages, (unread,) if pictures else ())


def _output(output: dict[str, Any], page: Composer) -> int:
    """Add one output; 1 for a picture that has no text."""
    data: dict[str, Any] = output.get("data") or {}
    if "text/html" in data and "<table" in (source := _joined(data["text/html"])):
        try:
            found = compose_html(source)
        except LoadError:
            found = Composer()
        page.take(found.text, found.blocks)
        return 0
    if any(str(kind).startswith("image/") for kind in data):
        return 1
    text = _joined(output.get("text") or data.get("text/markdown") or data.get("text/plain"))
    if output.get("output_type") == "error":
        text = f"{output.get('ename', '')}: {output.get('evalue', '')}"
    page.add("code", repair(text, entities=False)[:_LONGEST_OUTPUT])
    return 0


def _joined(source: object) -> str:
    return "".join(map(str, source)) if isinstance(source, list) else str(source or "")
