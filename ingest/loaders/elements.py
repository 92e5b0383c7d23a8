"""Elements of HTML as blocks: headings, paragraphs, lists, tables, code; text within them as it reads."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ingest.language import CJK, is_cjk
from ingest.loaders.equations import mathml
from ingest.loaders.grid import Cell, placed
from ingest.loaders.layout import Composer, one_line
from ingest.loaders.repair import repair
from ingest.loaders.scripts import lowered, raised, struck
from ingest.loaders.table_pages import add_tables
from ingest.loaders.xml_trees import whole

HEADINGS = {f"h{n}": n for n in range(1, 7)}
BLOCKS = frozenset(
    str.split(
        "p div section article main header footer aside nav blockquote figure figcaption address dl dt dd details "
        "summary body html center fieldset legend form hr ul ol menu table pre h1 h2 h3 h4 h5 h6"
    )
)
_READINGS = ("rt", "rp", "rtc")
"""How characters of a `<ruby>` are pronounced: set above the line, no part of the words."""
_BREAK = "\u2028"
"""A `<br>` on its way through (Unicode's own line separator, which XML takes); a line end of the source is no more than a
blank."""
_CJK_BREAK = re.compile(rf"(?<=[{CJK}])[ \t]*\n\s*(?=[{CJK}])")
_NOTE_MARK = re.compile(r"[\[(]?(?:\d{1,3}|[a-z]|[*†‡§]{1,3})[\])]?")
_NOTES = ("noteref", "footnote", "endnote")


def add_blocks(element: Any, page: Composer, skip: Callable[[Any], bool] = lambda _: False) -> None:  # noqa: ANN401
    """Add the content of an element block by block; text between blocks is a paragraph. Elements for which `skip` is
    true are left out. The parts of a list with tables, code or headings in its items are blocks of their own."""
    loose: list[str] = []

    def flush() -> None:
        page.add("paragraph", squeezed("".join(loose)))
        loose.clear()

    loose.append(element.text or "")
    for child in element:
        tag = child.tag if isinstance(child.tag, str) else ""
        if not tag or skip(child):
            pass
        elif level := _level(child, tag):
            flush()
            page.add("heading", one_line(squeezed(text_of(child))), level)
        elif tag in ("ul", "ol", "menu") and next(child.iterdescendants("table", "pre", *HEADINGS), None) is None:
            flush()
            page.add("list", "\n".join(_items(child, 0)))
        elif tag == "dl":
            flush()
            _definitions(child, page)
        elif tag == "table":
            flush()
            _table(child, page)
        elif tag == "pre":
            flush()
            page.add("code", repair(child.text_content()))
        elif tag in BLOCKS or holds_blocks(child):
            flush()
            add_blocks(child, page, skip)
        else:
            _run(child, loose)
        loose.append(child.tail or "")
    flush()


def holds_blocks(element: Any) -> bool:  # noqa: ANN401
    """Whether a block stands within an element."""
    return any(inner.tag in BLOCKS for inner in element.iterdescendants() if isinstance(inner.tag, str))


def text_of(element: Any) -> str:  # noqa: ANN401
    """The text within an element as it reads, `<br>` as a mark that `squeezed` makes a line end."""
    out: list[str] = [element.text or ""]
    for child in element:
        _run(child, out)
        out.append(child.tail or "")
    return "".join(out)


def squeezed(text: str) -> str:
    """White space as a browser shows it, line breaks only for `<br>`; nothing between two CJK characters."""
    lines = (" ".join(_CJK_BREAK.sub("", repair(line)).split()) for line in text.split(_BREAK))
    return "\n".join(filter(None, lines))


def _run(element: Any, out: list[str]) -> None:  # noqa: ANN401
    """Append the text of an inline element to what stands before it."""
    tag = element.tag if isinstance(element.tag, str) else ""
    if tag == "br":
        out.append(_BREAK)
    elif not tag or tag in _READINGS:
        pass
    elif tag in ("sup", "sub"):
        before, text = "".join(out[-8:])[-40:], squeezed(text_of(element))
        out.append(raised(before, text, note=_is_note(element)) if tag == "sup" else lowered(before, text))
    elif tag == "a" and _is_note(element) and _NOTE_MARK.fullmatch(text := squeezed(text_of(element))):
        before = "".join(out[-8:])[-40:]
        out.append(raised(before, text, note=True) if before[-1:].strip() else text)
    elif tag == "img":
        alt = one_line(repair(element.get("alt") or ""))
        out.append(f" [{alt}] " if len(alt.split()) > 1 or sum(map(is_cjk, alt)) > 3 else "")
    elif tag in ("del", "s", "strike"):
        out.append(struck(text_of(element)))
    elif tag == "math":
        out.append(mathml(element))
    elif tag == "input":
        out.append(_input(element))
    else:
        block = tag in BLOCKS or tag in ("li", "tr", "td", "th", "option")
        out.append(" " if block else "")
        out.append(element.text or "")
        for child in element:
            _run(child, out)
            out.append(child.tail or "")
        out.append(" " if block else "")


def _input(element: Any) -> str:  # noqa: ANN401
    kind = (element.get("type") or "text").lower()
    if kind in ("checkbox", "radio"):
        return "☑ " if element.get("checked") is not None else "☐ "
    return f" {element.get('value') or ''} " if kind in ("text", "number", "date", "email", "tel") else ""


def _is_note(element: Any) -> bool:  # noqa: ANN401
    """Whether it leads to a note: it says so, or it is a link within the page behind a word."""
    links = [element] if element.tag == "a" else [*element.iter("a"), *element.iterancestors("a")]
    said = " ".join(str(value) for one in (element, *links) for value in one.attrib.values()).lower()
    return any("#" in (link.get("href") or "") for link in links) or any(name in said for name in _NOTES)


def _level(element: Any, tag: str) -> int:  # noqa: ANN401
    if tag in HEADINGS:
        return HEADINGS[tag]
    if element.get("role") == "heading" and not holds_blocks(element):
        return max(1, whole(element.get("aria-level"), 2, 6))
    return 0


def _items(element: Any, depth: int) -> list[str]:  # noqa: ANN401
    lines: list[str] = []
    numbers = whole(element.get("start"), 1, 10**9)
    for item in element:
        if item.tag in ("ul", "ol", "menu"):  # a list among the items, as careless pages have it
            lines += _items(item, depth + 1)
        if item.tag != "li":
            continue
        text, nested = _item(item, depth + 1)
        numbers = whole(item.get("value"), numbers, 10**9)
        mark = f"{numbers}." if element.tag == "ol" else "-"
        if text:
            lines.append(f"{'  ' * depth}{mark} {text}")
            numbers += 1
        lines += nested
    return lines


def _item(item: Any, depth: int) -> tuple[str, list[str]]:  # noqa: ANN401
    """What an item says itself, on one line, and the lines of the lists within it, `depth` deep."""
    own: list[str] = [item.text or ""]
    nested: list[str] = []
    for child in item:
        if child.tag in ("ul", "ol", "menu"):
            nested += _items(child, depth)
        elif isinstance(child.tag, str) and child.tag not in ("dt", "dd"):  # those follow, where nothing closes them
            _run(child, own)
        own.append(child.tail or "")
    return one_line(squeezed("".join(own)), 100_000), nested


def _definitions(element: Any, page: Composer) -> None:  # noqa: ANN401
    """Terms with what is said of them, a line each: 'Term: what it is', lists in it below. Terms of which nothing is
    said are lines of their own; longer descriptions are blocks."""
    if next(element.iterdescendants("table", "pre", "dl", *HEADINGS), None) is not None:
        add_blocks(element, page)
        return
    lines: list[str] = []
    terms: list[str] = []
    described = False
    for part in element.iter("dt", "dd"):
        text, nested = _item(part, 1)
        if part.tag == "dt":
            terms, described = ([] if described else terms) + [text], False
        elif text or nested:
            term = ", ".join(filter(None, terms))
            lines.append(f"{term}{'' if term.endswith((':', '：', '?', '？')) else ':'} {text}" if term else text)
            lines += nested
            described = True
    page.add("list", "\n".join((*lines, *([] if described else terms))))


def _table(element: Any, page: Composer) -> None:  # noqa: ANN401
    """A table of data as Markdown; one that holds tables, one column, or one row with cells of several lines is layout
    and is read as text."""
    rows = [
        [_cell(cell) for cell in row if cell.tag in ("td", "th")]
        for row in element.iter("tr")
        if next(row.iterancestors("table")) is element
    ]
    caption = element.find("caption")
    if caption is not None:
        page.add("paragraph", squeezed(text_of(caption)))
    narrow = max((sum(cell.columns for cell in row) for row in rows), default=0) < 2
    narrow |= len(rows) == 1 and any(element.find(f".//{tag}") is not None for tag in ("p", "div", "li"))
    if not narrow and element.find(".//table") is None and element.get("role") != "presentation":
        add_tables(page, placed(rows))
        return
    for cell in element.iter("td", "th"):
        if next(cell.iterancestors("table")) is element:
            add_blocks(cell, page)


def _cell(cell: Any) -> Cell:  # noqa: ANN401
    text = one_line(squeezed(text_of(cell)), 10_000)
    return Cell(text, whole(cell.get("rowspan"), 1), whole(cell.get("colspan"), 1) or 1, cell.tag == "th")
