"""HTML: the content of a page with its headings, lists and tables, without navigation; also where it is nested deeper than
libxml2 reads: at 256 levels it stops, and everything behind is lost without an error."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from ingest.documents import Parsed
from ingest.errors import LoadError
from ingest.language import Text
from ingest.loaders.elements import HEADINGS, add_blocks, holds_blocks, squeezed, text_of
from ingest.loaders.encoding import decode, of_label
from ingest.loaders.layout import Composer, one_line, sections, whole
from ingest.loaders.links import put_behind
from ingest.loaders.properties import of_html, sensible

_CHARSET = re.compile(
    rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]{3,20})|<\?xml[^>]{0,100}encoding=[\"']([\w-]{3,20})", re.IGNORECASE
)
_DROPPED = (
    *("script", "style", "noscript", "template", "head", "svg", "iframe", "object", "dialog", "option[not(@selected)]"),
    "select[not(ancestor::td or ancestor::dd or ancestor::label)]",
)
"""XPath's names of what shows nothing, or what is to be chosen; a choice made in a form is what the form says."""


def load_html(data: bytes, path: Path) -> Parsed:
    """The main content as one page (parts when long)."""
    return page_of(markup(data), path)


def page_of(text: str, path: Path) -> Parsed:
    """The same from the source as text."""
    text, root = _tree(text)
    details = of_html(root)
    title = _title(root)
    _drop_unread(root)
    for link in root.iter("a") if "NETSCAPE-Bookmark-file" in text[:200] else ():  # a browser's list of addresses
        link.tail = f" ({link.get('href', '')})" + (link.tail or "")
    page = _main(text, root)
    pages = sections(page.text, page.blocks) if len(page.text) > 30_000 else whole(page.text, page.blocks)
    return Parsed(title or page.first_heading() or path.stem, "text/html", pages, details=details)


def markup(data: bytes) -> str:
    """The source as text: by its marks and grammar, else by the character set it declares, else by guessing."""
    declared = _CHARSET.search(data[:4096])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    name = of_label((declared[1] or declared[2]).decode("ascii")) if declared else ""
    if name and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode(name, errors="replace")
        if text.count("\ufffd") * 200 <= len(text):
            return text
    return decode(data)[0]


def compose_html(text: str, *, addresses: bool = False) -> Composer:
    """All that is to be read, whatever of it would be navigation and the like in a page of the web; `addresses`: with those that
    links lead to. Raises `LoadError`."""
    _, root = _tree(text)
    _drop_unread(root)
    if addresses:
        put_behind([link for link in root.iter("a") if link.text_content().strip()], "href", root.text_content())
    page = Composer()
    body = root.find(".//body")
    add_blocks(root if body is None else body, page)
    return page


def _tree(text: str) -> tuple[str, Any]:
    """The source as it can be read, and its root."""
    root, complete = _read(text)
    if not complete:
        text = shallow(text)
        root, _ = _read(text)
    return text, root


def _drop_unread(root: Any) -> None:  # noqa: ANN401 - lxml is untyped
    """Take away what shows nothing, and what is to be pressed or filled in; a form that holds the page itself is read
    (ASP.NET has such)."""
    for element in root.xpath("//*[" + " or ".join(f"self::{name}" for name in _DROPPED) + "]"):
        if element.tag != "head" and element.getparent() is not None:
            element.drop_tree()
    for element in root.xpath("//button"):
        asks = element.text_content().rstrip().endswith(("?", "？"))  # and is answered in what it unfolds
        named = any(one.tag in HEADINGS or one.tag in ("dt", "summary") for one in element.iterancestors())
        if element.getparent() is not None and not asks and not named:
            element.drop_tree()
    for form in root.xpath("//form"):
        reads = any(one.tag in HEADINGS or one.tag in ("p", "table", "ul", "dl", "article") for one in form.iter())
        if form.getparent() is not None and not (reads and holds_blocks(form)):
            form.drop_tree()


def _main(text: str, root: Any) -> Composer:  # noqa: ANN401
    from ingest.loaders.main_content import Content

    page, content = Composer(), Content(root, text)
    if (heading := content.title()) is not None:
        page.add("heading", one_line(squeezed(text_of(heading))), 1)
    add_blocks(content.element, page, content.leaves_out)
    for address in content.addresses(page.text):
        page.add("paragraph", squeezed(text_of(address)))
    return page


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
            Text("The page is empty or its HTML is damaged.", "网页为空或 HTML 已损坏。"),
            Text("Open it in a browser and save it again.", "请在浏览器中打开并重新保存。"),
        ) from error
    return root, not cut_off(parser)


def _title(root: Any) -> str:  # noqa: ANN401
    for query in ("//meta[@property='og:title']/@content", "//title/text()", "//h1//text()"):
        found = root.xpath(query)
        joined = " ".join(map(str, found)) if "h1" in query else (str(found[0]) if found else "")
        if title := sensible(one_line(joined)):
            return title
    return ""


DEEPEST = 200
"""Levels kept; libxml2 reads 256 (XML_MAX_HTML_DEPTH), and adds some of its own."""
_VOID = frozenset(str.split("area base br col embed hr img input link meta param source track wbr"))
_WHOLE = frozenset(str.split("script style noscript template title textarea"))
"""What must not be told from its content."""
_INLINE = frozenset(
    str.split("a abbr b bdi bdo big cite code del dfn em font i ins kbd mark q s samp small span strong sub")
)
_IMPLIED = frozenset(str.split("p li dt dd tr td th option thead tbody tfoot"))
"""Closed by the next of their kind."""
_LINE = "<br>"
_TOO_DEEP = "ERR_RESOURCE_LIMIT"


def cut_off(parser: Any) -> bool:  # noqa: ANN401 - lxml is untyped
    """Whether an lxml parser gave up within the document it has read last."""
    return any(entry.type_name == _TOO_DEEP for entry in parser.error_log)


def shallow(markup: str) -> str:
    """`markup` without the tags below `DEEPEST` levels, their text in its order, each block on a line of its own."""
    reader = _Reader()
    reader.feed(re.sub(r"<(?![A-Za-z/!?])", "&lt;", markup))
    reader.close()
    return "".join(reader.written)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.written: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag in _IMPLIED and self._open and self._open[-1] == tag:
            self.handle_endtag(tag)
        if tag not in _VOID:
            self._open.append(tag)
        self._write(tag, self.get_starttag_text() or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.written.append(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._open[-DEEPEST:]:
            return
        while self._open[-1] != tag:
            self.handle_endtag(self._open[-1])
        self._write(tag, f"</{tag}>")
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self.written.append(data)

    def handle_entityref(self, name: str) -> None:
        self.written.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.written.append(f"&#{name};")

    def _write(self, tag: str, as_it_is: str) -> None:
        if len(self._open) <= DEEPEST or tag in _VOID or tag in _WHOLE:
            self.written.append(as_it_is)
        elif tag not in _INLINE and self.written[-1:] != [_LINE]:
            self.written.append(_LINE)
