"""Word documents: body text in order, headings by outline level, lists, tables as Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ingest.documents import Parsed
from ingest.loaders.layout import Composer, bare, sections
from ingest.loaders.repair import repair
from ingest.loaders.tables import table
from ingest.loaders.titles import sensible

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SKIPPED = frozenset(
    {f"{_W}del", f"{_W}moveFrom", f"{_W}instrText", f"{_W}pPr", f"{_W}rPr", f"{_W}txbxContent"}
    | {"{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}
)
"""What is in the file but not in the text: deletions on record, field codes, formats, doubles for old programs."""
_BREAKS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_NAME = re.compile(r"(?:heading|标题|標題)\s*([1-9])", re.IGNORECASE)


def load_docx(path: Path) -> Parsed:
    """A page for each top-level section, labelled with its heading; see `layout.sections`."""
    import docx

    document = docx.Document(str(path))
    levels = _heading_levels(document)
    page = Composer()
    items: list[str] = []
    title = ""

    def close_list() -> None:
        page.add("list", "\n".join(items))
        items.clear()

    for element in _blocks(document.element.body):
        if element.tag == f"{_W}tbl":
            close_list()
            page.add("table", table([_cells(row) for row in element.iter(f"{_W}tr") if _table_of(row) is element]))
            continue
        text = repair(_text(element)).strip()
        level, listed, named = _format(element, levels)
        if named and text and not title:
            title = bare(text)
            level = level or 1
        if listed and text and not level:
            items.append("  " * (listed - 1) + "- " + " ".join(text.split("\n")))
            continue
        close_list()
        page.add("heading" if level else "paragraph", text, level)
    close_list()
    title = sensible(document.core_properties.title) or title or page.first_heading() or path.stem
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return Parsed(title, kind, sections(page.text, page.blocks))


def _blocks(container: Any) -> Iterator[Any]:  # noqa: ANN401 - lxml elements are untyped
    """Paragraphs and tables in order, also those inside content controls."""
    for child in container:
        if child.tag in (f"{_W}p", f"{_W}tbl"):
            yield child
        elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}customXml", f"{_W}ins"):
            yield from _blocks(child)


def _text(element: Any) -> str:  # noqa: ANN401
    parts: list[str] = []
    stack = [element]
    while stack:
        node = stack.pop()
        if node.tag in _SKIPPED:
            continue
        if node.tag == f"{_W}t":
            parts.append(node.text or "")
        elif node.tag in _BREAKS:
            parts.append(_BREAKS[node.tag])
        stack.extend(reversed(node))
    return "".join(parts)


def _cells(row: Any) -> list[str]:  # noqa: ANN401
    """Texts of a row's cells; a cell across several columns is followed by empty ones."""
    cells: list[str] = []
    for cell in row.iter(f"{_W}tc"):
        if _row_of(cell) is not row:
            continue
        cells.append(repair("\n".join(_text(p) for p in cell.iter(f"{_W}p"))))
        span = cell.find(f"{_W}tcPr/{_W}gridSpan")
        if span is not None:
            cells += [""] * (int(span.get(f"{_W}val", "1")) - 1)
    return cells


def _table_of(row: Any) -> Any:  # noqa: ANN401
    return next(row.iterancestors(f"{_W}tbl"))


def _row_of(cell: Any) -> Any:  # noqa: ANN401
    return next(cell.iterancestors(f"{_W}tr"))


def _format(paragraph: Any, levels: dict[str, tuple[int, bool, bool]]) -> tuple[int, int, bool]:  # noqa: ANN401
    """Heading level (0: none), depth of a list item (0: none), and whether this is the title."""
    properties = paragraph.find(f"{_W}pPr")
    if properties is None:
        return 0, 0, False
    style = properties.find(f"{_W}pStyle")
    level, listed, named = (
        levels.get(style.get(f"{_W}val"), (0, False, False)) if style is not None else (0, False, False)
    )
    own = properties.find(f"{_W}outlineLvl")
    if own is not None and int(own.get(f"{_W}val", "9")) < 9:
        level = int(own.get(f"{_W}val")) + 1
    numbering = properties.find(f"{_W}numPr")
    depth = 1 if listed else 0
    if numbering is not None:
        indent = numbering.find(f"{_W}ilvl")
        depth = 1 + (int(indent.get(f"{_W}val", "0")) if indent is not None else 0)
    return level, depth, named


def _heading_levels(document: Any) -> dict[str, tuple[int, bool, bool]]:  # noqa: ANN401
    """For each paragraph style: heading level by its outline level or name, whether a list, whether the title."""
    levels: dict[str, tuple[int, bool, bool]] = {}
    for style in document.styles.element.iter(f"{_W}style"):
        name_element = style.find(f"{_W}name")
        name = name_element.get(f"{_W}val", "") if name_element is not None else ""
        outline = style.find(f"{_W}pPr/{_W}outlineLvl")
        level = 0
        if outline is not None and int(outline.get(f"{_W}val", "9")) < 9:
            level = int(outline.get(f"{_W}val")) + 1
        elif match := _NAME.match(name):
            level = int(match[1])
        listed = name.lower().startswith(("list bullet", "list number", "列表项目", "列表编号"))
        levels[style.get(f"{_W}styleId", "")] = (level, listed, name.lower() in ("title", "标题", "標題"))
    return levels
