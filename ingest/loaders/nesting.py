"""HTML nested deeper than libxml2 reads: at 256 levels it stops, and everything behind is lost without an error."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

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
