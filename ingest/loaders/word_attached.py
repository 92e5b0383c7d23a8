"""What stands in other parts of a Word file: notes, comments, drawings, documents inserted as they are."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ingest.documents import Parsed
from ingest.errors import LoadError, Skipped
from ingest.loaders.drawings import add_figures, alternative, is_decorative, shown_in
from ingest.loaders.layout import Composer
from ingest.loaders.links import behind, of_field
from ingest.loaders.package import Package, R
from ingest.loaders.repair import repair
from ingest.loaders.within import Within
from ingest.loaders.word_styles import W
from ingest.loaders.word_text import V

_OBJECT = "{urn:schemas-microsoft-com:office:office}OLEObject"
_PICTURE = "{http://schemas.openxmlformats.org/drawingml/2006/picture}pic"
_PROPERTIES = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"


def linked(package: Package, part: str) -> Any:  # noqa: ANN401 - lxml elements are untyped
    """The root of a part, with the addresses that its links lead to behind their words."""
    root = package.xml(part)
    links: list[tuple[str, Any, int]] = []  # where it leads, and the element and place behind its words
    codes: list[str] = []
    for node in root.iter(f"{W}hyperlink", f"{W}fldSimple", f"{W}fldChar", f"{W}instrText"):
        if node.tag == f"{W}instrText":
            codes[-1:] = ["".join((*codes[-1:], node.text or ""))]
        elif node.tag != f"{W}fldChar":
            target = of_field(node.get(f"{W}instr", "")) or package.link(part, node.get(f"{R}id", ""))
            links += [(target, node, len(node))] if any(map(str.strip, node.itertext(f"{W}t"))) else []
        elif node.get(f"{W}fldCharType") == "begin":
            codes.append("")
        elif node.get(f"{W}fldCharType") == "end" and codes:
            run = node.getparent()
            links.append((of_field(codes.pop()), run, run.index(node)))
    said = behind("".join(root.itertext(f"{W}t")), (target for target, *_ in links))
    for target, element, place in reversed(links):
        if target in said:
            text = element.makeelement(f"{W}t")
            text.text = said[target]
            if element.tag != f"{W}r":
                run = element.makeelement(f"{W}r")
                run.append(text)
                text = run
            element.insert(place, text)
    return root


def note_texts(package: Package, part: str, kind: str) -> dict[str, Any]:
    """The footnotes, endnotes or comments (`kind`: 'footnote', …) by their ids, without separators."""
    found = {}
    for name in package.related(part, f"{kind}s"):
        for element in linked(package, name).iterfind(f"{W}{kind}"):
            if element.get(f"{W}type", "normal") == "normal":
                found[str(element.get(f"{W}id", ""))] = element
    return found


def add_drawing(package: Package, part: str, element: Any, page: Composer, within: Within, place: str) -> None:  # noqa: ANN401
    """Figures of a chart, texts of a diagram, what a picture is said to show and what is written in it.

    `place`: the heading it stands under.
    """
    for words in element.iter(f"{V}textpath"):
        page.add("paragraph", repair(words.get("string", "")))
    if element.tag == f"{W}object":
        for embedded in element.iter(_OBJECT):
            within.file(package.target(part, embedded.get(f"{R}id", "")), place)
        return
    said = alternative(element.find(f".//{_PROPERTIES}"))
    if add_figures(package, part, element, page, within, place):
        page.add("paragraph", said)
    elif element.find(f".//{_PICTURE}") is not None or element.find(f".//{V}imagedata") is not None:
        said = said or _old_alternative(element)
        page.add("paragraph", said)
        if not is_decorative(element):
            within.picture(shown_in(package, part, element), page, said, place)
    else:
        page.add("paragraph", said)


def inserted(package: Package, part: str, relation: str, page: Composer, load: Callable[[Path], Parsed]) -> bool:
    """Add a document that was inserted as it is (`w:altChunk`): a web page, a text or another Word document.

    False when it is missing or of a kind that cannot be read here.
    """
    name = package.target(part, relation)
    suffix = Path(name).suffix.lower()
    if suffix not in (".htm", ".html", ".xhtml", ".txt", ".docx", ".docm"):
        return False
    with tempfile.TemporaryDirectory() as folder, package.open(name) as file:
        copy = Path(folder) / f"inserted{suffix}"
        copy.write_bytes(file.read())
        try:
            parsed = load(copy)
        except (LoadError, Skipped):
            return False
    for inner in parsed.pages:
        page.take(inner.text, inner.blocks)
    return True


def _old_alternative(element: Any) -> str:  # noqa: ANN401
    texts = (" ".join(repair(shape.get("alt", "")).split()) for shape in element.iter(f"{V}shape"))
    return next(filter(None, texts), "")
