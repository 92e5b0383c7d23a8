"""Text from models and documents, made safe to show.

Streamlit shows Markdown with extensions of its own (`:red[…]`, `$latex$`, images in button labels), and an image
in Markdown is fetched from wherever it points. So a model's Markdown is rendered here, by markdown-it without raw
HTML and without images, and passes a gate that knows every tag and attribute it may contain; text that goes into
one of Streamlit's labels is escaped by `plain`.
"""

from __future__ import annotations

import html
import re
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_MARKER = re.compile(r"\[(\d{1,3})\]")
_SPACE = re.compile(r"\s+")
_HEADINGS_AND_TABLES = {"h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"}
_RUNNING_TEXT = {
    "p",
    "br",
    "hr",
    "strong",
    "em",
    "s",
    "code",
    "pre",
    "ul",
    "ol",
    "li",
    "blockquote",
    "a",
    "span",
    "sup",
}
_TAGS = _HEADINGS_AND_TABLES | _RUNNING_TEXT
_ATTRIBUTES = {
    "a": {"href", "title", "rel", "target"},
    "span": {"class", "title"},
    "sup": {"class"},
    "ol": {"start"},
    "th": {"style"},
    "td": {"style"},
}
_SAFE_LINK = re.compile(r"(?i)(https?://|mailto:)")
_ALIGNMENT = re.compile(r"text-align:(left|right|center)")
_CLASSES = frozenset({"zk-n", "zk-n zk-unproven-n", "zk-unproven"})


def plain(text: str) -> str:
    """`text` as Markdown that shows exactly its characters on one line, for labels, captions and toasts."""
    return _PUNCTUATION.sub(r"\\\1", _SPACE.sub(" ", text.replace("\0", "")).strip())


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters of `text` on one line, cut with an ellipsis."""
    line = _SPACE.sub(" ", text).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def answer_html(
    text: str, unsupported: Sequence[str] = (), verified: Collection[int] | None = None, hint: str = ""
) -> str:
    """A model's Markdown as HTML built from our own few tags.

    `[n]` becomes a small raised number, greyed when `verified` is given and does not hold `n`. A sentence of
    `unsupported` is underlined with dots and carries `hint` as its tooltip. Images become links, raw HTML is shown
    as the characters it consists of, links lead only to http, https and mailto.
    """
    tokens = _markdown().parse(text.replace("\0", "\ufffd"))
    wanted = [bare for sentence in unsupported if (bare := _bare(sentence))]
    for token in tokens:
        token.info = ""
        if token.type == "inline" and token.children:
            token.children = _marked(token.children, wanted, verified, hint)
    rendered: str = _markdown().renderer.render(tokens, _markdown().options, {})
    if not _Gate.passes(rendered):
        rendered = f"<p>{html.escape(text)}</p>"
    return f'<div class="zk-answer">{rendered}</div>'


def highlighted(text: str, spans: Sequence[tuple[int, int]], name: str = "zk-quote") -> str:
    """`text` as HTML with the character ranges in `spans` inside `<mark>`; ranges may overlap and overrun."""
    edges = [False] * (len(text) + 1)
    for start, end in spans:
        edges[max(start, 0) : min(end, len(text))] = [True] * max(0, min(end, len(text)) - max(start, 0))
    parts: list[str] = []
    position = 0
    while position < len(text):
        stop = position + 1
        while stop < len(text) and edges[stop] == edges[position]:
            stop += 1
        piece = html.escape(text[position:stop]).replace("\0", "\ufffd")
        parts.append(f'<mark class="{name}">{piece}</mark>' if edges[position] else piece)
        position = stop
    return "".join(parts)


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "linkify": False})
    parser.enable(["table", "strikethrough"])
    # `reference` would let "[1]: http://…" turn a citation's marker into a link.
    parser.disable(["image", "reference", "html_block", "html_inline"])
    parser.validateLink = lambda url: bool(_SAFE_LINK.match(url))  # type: ignore[method-assign]
    return parser


def _bare(sentence: str) -> str:
    """The letters of a sentence: no markers, no Markdown punctuation, no space."""
    return "".join(c for c in _MARKER.sub("", sentence) if c.isalnum())


def _marked(
    children: Sequence[Token], unsupported: Sequence[str], verified: Collection[int] | None, hint: str
) -> list[Token]:
    """Replace plain text by text with raised markers and underlined sentences; links get safe attributes."""
    from markdown_it.token import Token

    flags = _unproven(children, unsupported)
    out: list[Token] = []
    for child, unproven in zip(children, flags, strict=True):
        if child.type == "link_open":
            child.attrs = {
                "href": child.attrs.get("href", ""),
                "rel": "noopener noreferrer nofollow",
                "target": "_blank",
            }
        if child.type != "text":
            out.append(child)
            continue
        token = Token("html_inline", "", 0)
        token.content = _inline(child.content, unproven, verified, hint)
        out.append(token)
    return out


def _unproven(children: Sequence[Token], unsupported: Sequence[str]) -> list[list[bool]]:
    """For every child a flag per character: is it part of an unsupported sentence?"""
    flags = [[False] * len(child.content) for child in children]
    where: list[tuple[int, int]] = []
    letters: list[str] = []
    for number, child in enumerate(children):
        if child.type not in {"text", "code_inline"}:
            continue
        hidden = {i for found in _MARKER.finditer(child.content) for i in range(*found.span())}
        for i, char in enumerate(child.content):
            if char.isalnum() and i not in hidden:
                where.append((number, i))
                letters.append(char)
    line = "".join(letters)
    for sentence in unsupported:
        begin = line.find(sentence)
        if begin < 0:
            continue
        places = where[begin : begin + len(sentence)]
        for (part, a), (following, b) in pairwise([*places, places[-1]]):
            # Spaces and punctuation between two letters of the sentence belong to it too.
            stop = b if following == part else len(flags[part]) - 1
            flags[part][a : stop + 1] = [True] * (stop + 1 - a)
            if following != part:
                flags[following][: b + 1] = [True] * (b + 1)
    return flags


def _inline(text: str, unproven: Sequence[bool], verified: Collection[int] | None, hint: str) -> str:
    parts: list[str] = []
    position = 0
    for found in _MARKER.finditer(text):
        parts.append(_underlined(text, position, found.start(), unproven, hint))
        known = verified is None or int(found[1]) in verified
        parts.append(f'<sup class="{"zk-n" if known else "zk-n zk-unproven-n"}">{int(found[1])}</sup>')
        position = found.end()
    parts.append(_underlined(text, position, len(text), unproven, hint))
    return "".join(parts)


def _underlined(text: str, start: int, end: int, unproven: Sequence[bool], hint: str) -> str:
    parts: list[str] = []
    while start < end:
        stop = start + 1
        while stop < end and unproven[stop] == unproven[start]:
            stop += 1
        piece = html.escape(text[start:stop])
        title = f' title="{html.escape(hint)}"' if hint else ""
        parts.append(f'<span class="zk-unproven"{title}>{piece}</span>' if unproven[start] else piece)
        start = stop
    return "".join(parts)


class _Gate(HTMLParser):
    """Reads rendered HTML and remembers whether anything in it is not on our short list."""

    def __init__(self) -> None:
        super().__init__()
        self.clean = True

    @classmethod
    def passes(cls, rendered: str) -> bool:
        gate = cls()
        gate.feed(rendered)
        gate.close()
        return gate.clean

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        allowed = _ATTRIBUTES.get(tag, set())
        self.clean &= tag in _TAGS and all(name in allowed and _harmless(name, value or "") for name, value in attrs)

    def handle_endtag(self, tag: str) -> None:
        self.clean &= tag in _TAGS

    def handle_comment(self, data: str) -> None:  # noqa: ARG002
        self.clean = False

    def handle_decl(self, decl: str) -> None:  # noqa: ARG002
        self.clean = False

    def handle_pi(self, data: str) -> None:  # noqa: ARG002
        self.clean = False


def _harmless(name: str, value: str) -> bool:
    if name == "href":
        return bool(_SAFE_LINK.match(value))
    if name == "class":
        return value in _CLASSES
    if name == "style":
        return bool(_ALIGNMENT.fullmatch(value))
    return True
