"""Text from models and documents, made safe to show.

Streamlit shows Markdown with extensions of its own (`:red[…]`, `$latex$`, images in button labels), and an image
in Markdown is fetched from wherever it points. So a model's Markdown is rendered here, by markdown-it without raw
HTML and without images; text that goes into one of Streamlit's labels is escaped by `plain`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.marks import Mark, Marking, letters

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token


_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_ADDRESS = re.compile(r"(?i)(?<=http):(?=//)|(?<=https):(?=//)|www(?=\.)|@")
"""Where GitHub's flavour of Markdown takes text for a link (github.github.com/gfm, 'Autolinks')."""
_SAFE_LINK = re.compile(r"(?i)(https?://|mailto:)")


def plain(text: str) -> str:
    """`text` as Markdown that shows exactly its characters on one line, for labels, captions and toasts. An address in it
    is no link: Streamlit makes one of what is left when the escapes are read, so a joiner that nobody sees parts it."""
    line = _ADDRESS.sub(lambda found: found.group() + "\u2060", " ".join(text.replace("\0", "").split()))
    return _PUNCTUATION.sub(r"\\\1", line)


def answer_html(
    text: str, marks: Sequence[Mark] = (), numbers: Mapping[int, bool] | None = None, *, opening: bool = False
) -> str:
    """A model's Markdown as HTML built from our own few tags.

    `marks` are its sentences in order: what is not proven is underlined and carries the reason as its tooltip. `[n]`
    becomes a small raised number, in the colour of proof where `numbers` says that it proves something and no such
    sentence stands before it; with `numbers` given, any other number in brackets is text; `opening`: a click on one opens the chip below that has it. Images become links, raw HTML
    is shown as the characters it consists of, links lead only to http, https and mailto and say to which host.
    """
    tokens = _markdown().parse(text.replace("\0", "\ufffd"))
    for token in tokens:
        token.info = ""
        if token.type == "table_open":
            token.attrs = {"tabindex": "0"}  # a wide one is scrolled, also by keys
        _secured(token.children or ())
    Marking(tokens, [(_letters_of(mark.sentence), mark) for mark in marks], numbers, opening=opening).draw()
    for token in tokens:
        token.children = token.children and list(_with_hosts(token.children))
    rendered: str = _markdown().renderer.render(tokens, _markdown().options, {})
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


def _letters_of(sentence: str) -> str:
    """Those that are shown of a sentence: rendered as the answer is, without the number of a list's item."""
    return letters(_markdown().parse(sentence.strip()))[0] or letters(_markdown().parseInline(sentence))[0]


def _secured(children: Sequence[Token]) -> None:
    """Links get safe attributes, and note the host they don't show."""
    for at, child in enumerate(children):
        if child.type == "link_open":
            href = str(child.attrs.get("href", ""))
            child.attrs = {"href": href, "rel": "noopener noreferrer nofollow", "target": "_blank"}
            end = next(at + n for n, one in enumerate(children[at:]) if one.type == "link_close")
            host = _host(href)
            shown = "".join(one.content for one in children[at:end])
            if _host(shown) != host and shown.strip().lower() != host:
                children[end].meta["host"] = host


def _with_hosts(children: Sequence[Token]) -> Iterator[Token]:
    """Behind each link where it leads: its text can say anything."""
    from markdown_it.token import Token

    for child in children:
        yield child
        if host := child.meta.get("host"):
            told = Token("html_inline", "", 0)
            told.content = f'<span class="zk-host"> ({html.escape(host)})</span>'
            yield told


def _host(address: str) -> str:
    """Of an address on the web; of one for mail what stands behind the colon; '' of anything else."""
    try:
        parts = urlsplit(address.strip())
        return (parts.path if parts.scheme == "mailto" else parts.hostname or "").lower()
    except ValueError:
        return address
