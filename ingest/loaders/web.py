"""HTML: the main content by trafilatura, with headings, lists and tables; everything visible where it finds none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ingest.documents import Parsed
from ingest.errors import LoadError
from ingest.language import Text, is_cjk
from ingest.loaders.encoding import decode, of_label
from ingest.loaders.layout import Composer, one_line, sections, whole
from ingest.loaders.nesting import cut_off, shallow
from ingest.loaders.repair import repair
from ingest.loaders.tables import table
from ingest.loaders.titles import sensible

if TYPE_CHECKING:
    from pathlib import Path

_CHARSET = re.compile(
    rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]{3,20})|<\?xml[^>]{0,100}encoding=[\"']([\w-]{3,20})", re.IGNORECASE
)
_DROPPED = ("script", "style", "noscript", "template", "head", "svg", "iframe", "object", "form", "button", "select")
_CHROME = ("nav", "footer", "aside")
_HEADINGS = {f"h{n}": n for n in range(1, 7)}
_BLOCKS = frozenset(
    str.split(
        "p div section article main header footer aside nav blockquote figure figcaption address dl dt dd details "
        "summary body html center fieldset hr"
    )
)
_BREAK = "\u2028"
"""A `<br>` on its way through (Unicode's own line separator, which XML takes); a line end of the source is no more than a
blank."""
_CJK_BREAK = re.compile(r"(?<=[\u3001-\u9fff\uff00-\uffef])[ \t]*\r?\n[ \t]*(?=[\u3001-\u9fff\uff00-\uffef])")
_SOURCE_BREAK = re.compile(r"(\S)?[ \t]*\n\s*(\S)?")
_TOO_LITTLE = 0.1
"""Share of the visible text below which trafilatura's answer is taken for a miss, on pages of some length."""


def load_html(data: bytes, path: Path) -> Parsed:
    """The main content as one page (parts when long)."""
    text = markup(data)
    title, page = compose_html(text, main_only=True)
    pages = sections(page.text, page.blocks) if len(page.text) > 30_000 else whole(page.text, page.blocks)
    return Parsed(title or page.first_heading() or path.stem, "text/html", pages)


def markup(data: bytes) -> str:
    """The source as text: by its marks and grammar, else by the character set it declares, else by guessing."""
    declared = _CHARSET.search(data[:4096])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    if declared and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        if name := of_label((declared[1] or declared[2]).decode("ascii")):
            text = data.decode(name, errors="replace")
            if text.count("\ufffd") * 200 <= len(text):
                return text
    return decode(data)[0]


def compose_html(text: str, *, main_only: bool) -> tuple[str, Composer]:
    """Title ('' when there is none worth the name) and content. `main_only`: without navigation and the like."""
    if "<pre" not in text:  # a line end between two Chinese characters would become a blank
        text = _CJK_BREAK.sub("", text)
    root, whole = _read(text)
    if not whole:
        text = shallow(text)
        root, _ = _read(text)
    title = _title(root)
    everything = Composer()
    for element in root.xpath("//*[" + " or ".join(f"self::{name}" for name in _DROPPED) + "]"):
        if element.tag != "head" and element.getparent() is not None:
            element.drop_tree()
    if main_only:
        main = _main_content(text)
        visible = len("".join(root.text_content().split()))
        if main is not None:
            found = Composer()
            _walk(main, found)
            if len(found.text) >= _TOO_LITTLE * visible or len(found.text) > 2000:
                return title, found
        for element in root.xpath("//" + " | //".join(_CHROME)):
            if element.getparent() is not None:
                element.drop_tree()
    body = root.find(".//body")
    _walk(root if body is None else body, everything)
    return title, everything


def _tree(text: str) -> Any:  # noqa: ANN401 - lxml is untyped
    return _read(text)[0]


def _read(text: str) -> tuple[Any, bool]:
    """The tree, and whether it is all of it."""
    from lxml import etree, html

    # A declaration of the encoding in text that is already decoded is an error to lxml.
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text.replace("\0", ""), count=1)
    parser = html.HTMLParser(no_network=True, huge_tree=False)
    try:
        root = html.document_fromstring(text, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise LoadError(
            Text(en="The page is empty or its HTML is damaged.", zh="网页为空或 HTML 已损坏。"),
            Text(en="Open it in a browser and save it again.", zh="请在浏览器中打开并重新保存。"),
        ) from error
    return root, not cut_off(parser)


def _title(root: Any) -> str:  # noqa: ANN401
    for query in ("//meta[@property='og:title']/@content", "//title/text()", "//h1//text()"):
        found = root.xpath(query)
        joined = " ".join(map(str, found)) if "h1" in query else (str(found[0]) if found else "")
        if title := sensible(one_line(joined)):
            return title
    return ""


def _main_content(text: str) -> Any:  # noqa: ANN401
    """Trafilatura's choice as a tree of HTML, None when it finds none."""
    import logging

    from lxml import etree
    from trafilatura import extract

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        result = extract(
            text,
            output_format="html",
            include_tables=True,
            include_comments=False,
            include_formatting=False,
            favor_recall=True,
            deduplicate=False,
        )
    except (ValueError, TypeError, AttributeError, RecursionError, etree.LxmlError):
        return None
    return _tree(result) if result and result.strip() else None


def _walk(element: Any, page: Composer) -> None:  # noqa: ANN401 - one branch per kind of element
    """Add the content of an element block by block; text between blocks is a paragraph."""
    loose: list[str] = []

    def flush() -> None:
        page.add("paragraph", _squeeze("".join(loose)))
        loose.clear()

    if element.text:
        loose.append(element.text)
    for child in element:
        tag = child.tag if isinstance(child.tag, str) else ""
        if tag in _HEADINGS:
            flush()
            page.add("heading", one_line(repair(child.text_content())), _HEADINGS[tag])
        elif tag in ("ul", "ol"):
            flush()
            page.add("list", "\n".join(_items(child, 0)))
        elif tag == "table":
            flush()
            _table(child, page)
        elif tag == "pre":
            flush()
            page.add("code", repair(child.text_content()))
        elif tag == "br":
            loose.append(_BREAK)
        elif tag in _BLOCKS or (tag and _holds_blocks(child)):
            flush()
            _walk(child, page)
        elif tag:
            loose.append(_inline(child))
        if child.tail:
            loose.append(child.tail)
    flush()


def _holds_blocks(element: Any) -> bool:  # noqa: ANN401
    return any(
        isinstance(e.tag, str) and (e.tag in _BLOCKS or e.tag in _HEADINGS or e.tag in ("ul", "ol", "table", "pre"))
        for e in element.iterdescendants()
    )


def _inline(element: Any) -> str:  # noqa: ANN401
    for line_break in element.iter("br"):
        line_break.tail = _BREAK + (line_break.tail or "")
    return str(element.text_content())


def _squeeze(text: str) -> str:
    """White space as a browser shows it, line breaks only for `<br>`; nothing between two CJK characters."""
    lines = (" ".join(_SOURCE_BREAK.sub(_blank, repair(line)).split()) for line in text.split(_BREAK))
    return "\n".join(filter(None, lines))


def _blank(match: re.Match[str]) -> str:
    before, after = match[1] or "", match[2] or ""
    return before + after if before and after and is_cjk(before) and is_cjk(after) else f"{before} {after}"


def _items(element: Any, depth: int) -> list[str]:  # noqa: ANN401
    lines: list[str] = []
    for number, item in enumerate(element.iterchildren("li"), 1):
        own: list[str] = [item.text or ""]
        nested: list[str] = []
        for child in item:
            if child.tag in ("ul", "ol"):
                nested += _items(child, depth + 1)
            elif isinstance(child.tag, str):
                own.append(_inline(child).replace(_BREAK, " "))
            own.append(child.tail or "")
        text = one_line(repair(" ".join(own)), 100_000)
        mark = f"{number}." if element.tag == "ol" else "-"
        if text:
            lines.append(f"{'  ' * depth}{mark} {text}")
        lines += nested
    return lines


def _table(element: Any, page: Composer) -> None:  # noqa: ANN401
    """A table of data as Markdown; one that holds blocks, or one column, is layout and is read as text."""
    rows = [
        [one_line(repair(_inline(cell).replace(_BREAK, " ")), 10_000) for cell in row if cell.tag in ("td", "th")]
        for row in element.iter("tr")
        if next(row.iterancestors("table")) is element
    ]
    layout = element.find(".//table") is not None or max(map(len, rows), default=0) < 2
    if not layout:
        page.add("table", table(rows))
        return
    for cell in element.iter("td", "th"):
        if next(cell.iterancestors("table")) is element:
            _walk(cell, page)
