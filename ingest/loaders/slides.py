"""PowerPoint: a page for each slide, with its tables and its notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ingest.documents import Page, Parsed
from ingest.language import say
from ingest.loaders.layout import Composer, one_line
from ingest.loaders.repair import repair
from ingest.loaders.tables import table
from ingest.loaders.titles import sensible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_PICTURE = 13
"""MSO_SHAPE_TYPE.PICTURE"""


def load_pptx(path: Path) -> Parsed:
    """Slides in order; hidden ones too. A slide with pictures and no text is named in `needs_ocr`."""
    import pptx

    deck = pptx.Presentation(str(path))
    pages: list[Page] = []
    unread: list[int] = []
    for number, slide in enumerate(deck.slides, 1):
        page = Composer()
        title = slide.shapes.title
        heading = one_line(repair(title.text_frame.text)) if title is not None and title.has_text_frame else ""
        page.add("heading", heading, 1)
        shapes = list(_leaves(slide.shapes))
        known = title.shape_id if title is not None else None
        for shape in shapes:
            if shape.shape_id != known:
                _add(page, shape)
        if slide.has_notes_slide and (frame := slide.notes_slide.notes_text_frame) is not None:
            page.add("paragraph", repair(frame.text))
        if not page.text and any(shape.shape_type == _PICTURE for shape in shapes):
            unread.append(number)
        pages.append(Page(number, page.text, page.blocks, (), heading))
    first = next((page.label for page in pages if page.label), "")
    title_text = sensible(deck.core_properties.title) or first or path.stem
    kind = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    return Parsed(title_text, kind, tuple(pages), _notes(unread), tuple(unread))


def _notes(unread: list[int]) -> tuple[str, ...]:
    if not unread:
        return ()
    shown = ", ".join(map(str, unread[:20]))
    return (say(en=f"Slides with pictures but no text: {shown}.", zh=f"只有图片而没有文本的幻灯片：{shown}。"),)


def _leaves(shapes: Iterable[Any]) -> Iterator[Any]:
    """Shapes from top to bottom, groups opened."""
    for shape in sorted(shapes, key=lambda s: (s.top or 0, s.left or 0)):
        if hasattr(shape, "shapes"):
            yield from _leaves(shape.shapes)
        else:
            yield shape


def _add(page: Composer, shape: Any) -> None:  # noqa: ANN401 - python-pptx is untyped
    if getattr(shape, "has_table", False):
        page.add("table", table([[repair(cell.text) for cell in row.cells] for row in shape.table.rows]))
    elif getattr(shape, "has_chart", False):
        page.add("table", _chart(shape.chart))
    elif shape.has_text_frame:
        lines = [("  " * p.level, one_line(repair(p.text), 10_000)) for p in shape.text_frame.paragraphs]
        lines = [(indent, text) for indent, text in lines if text]
        if len(lines) == 1:
            page.add("paragraph", lines[0][1])
        elif shape.is_placeholder:
            page.add("list", "\n".join(f"{indent}- {text}" for indent, text in lines))
        else:
            page.add("paragraph", "\n".join(text for _, text in lines))


def _chart(chart: Any) -> str:  # noqa: ANN401
    """The figures behind a chart, a row for each category."""
    try:
        plot = chart.plots[0]
        categories = [str(category) for category in plot.categories]
        series = [(str(s.name), list(s.values)) for s in plot.series]
    except (AttributeError, IndexError, KeyError, ValueError, TypeError):
        return ""
    rows = [["", *(name for name, _ in series)]]
    for n, category in enumerate(categories):
        rows.append([category, *("" if n >= len(v) or v[n] is None else f"{v[n]:g}" for _, v in series)])
    return table(rows)
