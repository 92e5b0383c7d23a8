"""What drawings of Office files say: text of shapes, diagrams (SmartArt), figures behind charts, alternative texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest.loaders.equations import M, equation
from ingest.loaders.grid import table
from ingest.loaders.layout import Composer
from ingest.loaders.number_format import formatted, plain
from ingest.loaders.package import Package, R
from ingest.loaders.repair import repair
from ingest.loaders.scripts import lowered, raised
from ingest.loaders.within import Within

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_DECORATIVE = "{http://schemas.microsoft.com/office/drawing/2017/decorative}decorative"
_IMAGE = "{urn:schemas-microsoft-com:vml}imagedata"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"


def shown_in(package: Package, part: str, drawing: Any) -> Iterator[str]:  # noqa: ANN401 - lxml elements are untyped
    """Names of the pictures that a drawing of an Office file shows."""
    for blip in drawing.iter(f"{A}blip", _IMAGE):
        if relation := blip.get(f"{R}embed") or blip.get(f"{R}id"):
            yield package.target(part, relation)


def paragraph_text(paragraph: Any) -> str:  # noqa: ANN401 - lxml elements are untyped
    """The text of an `a:p`, with raised and lowered characters and line breaks."""
    text = ""
    for node in paragraph:
        if node.tag == f"{A}br":
            text += "\n"
        elif node.tag in (f"{A}r", f"{A}fld"):
            piece = "".join(t.text or "" for t in node.iter(f"{A}t"))
            properties = node.find(f"{A}rPr")
            shift = int(properties.get("baseline", "0").rstrip("%") or 0) if properties is not None else 0
            if shift and piece.strip():
                piece = raised(text, piece) if shift > 0 else lowered(text, piece)
            text += piece
        else:
            # Equations stand in what newer programs read; the other version is a picture of them.
            text += "".join(map(equation, node.iter(f"{M}oMath")))
    return repair(text).strip()


def diagram(package: Package, part: str, element: Any) -> list[str] | None:  # noqa: ANN401
    """The texts of a diagram's shapes in the order of its data, from the diagram inside a drawing.

    None when there is no diagram in it, [] when its part is missing.
    """
    reference = element.find(f".//{_DGM}relIds")
    if reference is None:
        return None
    root = package.xml(package.target(part, reference.get(f"{R}dm", "")))
    points = (point.iterfind(f"{_DGM}t/{A}p") for point in root.iter(f"{_DGM}pt"))
    return [text for point in points if (text := " ".join(filter(None, map(paragraph_text, point))))]


def chart(package: Package, part: str, element: Any) -> list[list[str]] | None:  # noqa: ANN401
    """Names of the series and their figures by category, from the chart inside a drawing.

    None when there is no chart in it, [] when its part is missing or holds no figures.
    """
    reference = element.find(f".//{_C}chart")
    if reference is None:
        return None
    root = package.xml(package.target(part, reference.get(f"{R}id", "")))
    categories: dict[int, str] = {}
    series: list[tuple[str, dict[int, str]]] = []
    for drawn in root.iter(f"{_C}ser"):
        name = " ".join(v.text or "" for v in drawn.iterfind(f"{_C}tx//{_C}v"))
        for axis in ("cat", "xVal"):
            if (labels := drawn.find(f"{_C}{axis}")) is not None:
                categories = _points(labels) | categories
        found = (drawn.find(f"{_C}{axis}") for axis in ("val", "yVal"))
        series += [(repair(name), _points(values)) for values in found if values is not None]
    if not series:
        return []
    title = root.find(f"{_C}chart/{_C}title")
    said = "" if title is None else " ".join(filter(None, map(paragraph_text, title.iter(f"{A}p"))))
    count = max(max(points, default=-1) for _, points in series) + 1
    rows = [[said, *(name for name, _ in series)]]
    rows += [[categories.get(n, ""), *(points.get(n, "") for _, points in series)] for n in range(min(count, 10_000))]
    return rows


def _points(axis: Any) -> dict[int, str]:  # noqa: ANN401
    """Texts by index; of several levels of categories the outermost first."""
    points: dict[int, str] = {}
    for level in axis.findall(f".//{_C}lvl")[::-1] or [axis]:
        last = ""
        found = {int(p.get("idx", "0")): repair(p.findtext(f"{_C}v") or "") for p in level.iter(f"{_C}pt")}
        size = max([*found, *points], default=-1) + 1
        for n in range(size):
            last = found.get(n, last if points or level.tag == f"{_C}lvl" else "")
            if last:
                points[n] = f"{points[n]} {last}" if n in points else last
    return {n: _figure(text, axis.findtext(f".//{_C}formatCode") or "") for n, text in points.items()}


def _figure(text: str, code: str) -> str:
    """A point as its axis shows it: a share as percent, a day as a date."""
    try:
        if code:
            return formatted(float(text), code)
        return plain(float(text)) if any(char in ".eE" for char in text) else text
    except ValueError:
        return text


def add_figures(package: Package, part: str, element: Any, page: Composer, within: Within, place: str) -> bool:  # noqa: ANN401
    """Add the figures of a chart or the texts of a diagram; False for a drawing that is neither. `place`: see
    `Within.miss`."""
    if (rows := chart(package, part, element)) is not None:
        page.add("table", table(rows))
        if not rows:
            within.miss("chart", place)
    elif (texts := diagram(package, part, element)) is not None:
        page.add("list", "\n".join(f"- {text}" for text in texts))
        if not texts:
            within.miss("diagram", place)
    else:
        return False
    return True


def alternative(properties: Any) -> str:  # noqa: ANN401
    """What a picture shows, by the words that were written for it (`descr`, else `title`), '' for none.

    `properties`: its `cNvPr` or `docPr`.
    """
    text = repair(str(properties.get("descr") or properties.get("title") or "")) if properties is not None else ""
    text = " ".join(text.split())
    # Programs put the picture's file name there, which says nothing.
    return "" if "." in text[-5:] and " " not in text else text


def is_decorative(drawing: Any) -> bool:  # noqa: ANN401
    """Whether its author has marked a picture as saying nothing."""
    found = drawing.find(f".//{_DECORATIVE}")
    return found is not None and found.get("val") in ("1", "true")


def shape_texts(shape: Any) -> Iterator[str]:  # noqa: ANN401
    """The paragraphs of a shape that have text."""
    yield from filter(None, map(paragraph_text, shape.iter(f"{A}p")))
