"""RTF: its words, tables, headings and notes written as HTML, which our reader of HTML makes blocks of.

Control words as in Microsoft's RTF Specification 1.9.1. Bytes are read by the code page of their font, else by that of
the document.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path

from ingest.documents import Parsed
from ingest.language import say
from ingest.loaders.layout import sections
from ingest.loaders.links import of_field
from ingest.loaders.properties import sensible
from ingest.loaders.rtf_page import RUNNING, RtfPage
from ingest.loaders.web import compose_html
from ingest.loaders.within import Kind, missed

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z'])|([{}])|[\r\n]+|([^\\{}\r\n]+)|\\", re.DOTALL
)
_CHARSETS = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030", 136: "big5hkscs", 161: "cp1253",
    162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874",
    238: "cp1250", 254: "cp437",
}  # fmt: skip
"""`\\fcharset` to code page, where it is not the document's own (0 and 1)."""
_CODE_PAGES = {936: "gb18030", 950: "big5hkscs", 10000: "mac_roman", 65001: "utf-8"}
_SIGNS = {
    "tab": " ", "line": "<br>", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“",
    "rdblquote": "”", "bullet": "•", "emspace": " ", "enspace": " ", "qmspace": " ", "softline": "<br>",
}  # fmt: skip
_SKIPPED = frozenset(
    str.split(
        "colortbl pict nonshppict objdata listtable listoverridetable generator filetbl revtbl rsidtbl xmlnstbl "
        "themedata colorschememapping latentstyles datastore shprslt sp bkmkstart bkmkend upr pntxta pntxtb ftnsep ftnsepc "
        "aftnsep aftnsepc ftncn aftncn template private1 info operator mmathPr wgrffmtfilter"
    )
)
_ENTERED = frozenset(str.split("shpinst shppict listtext atnauthor annotation ud"))
"""Groups that readers may pass over (`\\*`) and we don't."""
_HEADING = re.compile(r"(?:heading|标题) ?([1-9])\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _State:
    """What holds within a group."""

    into: str = "text"
    """Where text goes: 'text', 'skip', 'fonts', 'styles', 'title', 'code' of a field, or a note's kind."""
    codec: str = ""
    ignored: int = 1
    """Characters behind a `\\u` that stand in for it."""
    script: int = 0
    left_out: bool = False
    """Hidden or deleted."""
    level: int = 0
    style: int = 0
    in_table: bool = False
    linked: bool = False


@dataclass(slots=True)
class _Reader:
    data: bytes
    codec: str = "cp1252"
    page: RtfPage = field(default_factory=RtfPage)
    title: str = ""
    unread: list[Kind] = field(default_factory=list)
    hidden: bool = False
    _state: _State = field(default_factory=_State)
    _stack: list[_State] = field(default_factory=list)
    _raw: bytearray = field(default_factory=bytearray)
    _high: str = ""
    """The first half of a character beyond U+FFFF."""
    _skip: int = 0
    _fonts: dict[int, str] = field(default_factory=dict)
    _font: int = 0
    _styles: dict[int, int] = field(default_factory=dict)
    _code: str = ""
    """Of the field that is read."""

    def read(self) -> str:
        """The document as HTML."""
        at, optional = 0, False
        while at < len(self.data):
            match = _TOKEN.match(self.data, at)
            if match is None:
                break
            at = match.end()
            word, number, byte, sign, brace, literal = match.groups()
            if literal:
                self._bytes(literal)
            elif byte:
                self._bytes(bytes((int(byte, 16),)))
            elif sign in (b"\\", b"{", b"}"):
                self._bytes(sign)
            elif brace:
                self._flush()
                self._open() if brace == b"{" else self._close()
            elif sign == b"*":
                optional = True
                continue
            elif word == b"bin":
                at += max(0, int(number or 0))
            elif word or sign:
                self._flush()
                name = (word or b"").decode("ascii")
                self._control(name, int(number) if number else None, optional) if name else self._sign(sign)
            optional = False
        self._flush()
        return self.page.html(self._state.level)

    # -- groups and bytes -----------------------------------------------------------------------------

    def _open(self) -> None:
        self._stack.append(self._state)
        self._skip = 0

    def _close(self) -> None:
        self._skip = 0
        self.page.end_asides(len(self._stack))
        if self._stack:
            linked, self._state = self._state.linked, self._stack.pop()
            if linked and not self._state.linked:
                self.page.add("</a>")

    def _bytes(self, data: bytes) -> None:
        if self._skip:
            taken = min(self._skip, len(data))
            self._skip -= taken
            data = data[taken:]
        if self._state.into != "skip":
            self._raw += data

    def _flush(self) -> None:
        """The bytes gathered as text: half a character may be in hexadecimal, half a plain letter."""
        if self._raw:
            data = bytes(self._raw)
            self._raw.clear()
            self._write(self._decoded(data))

    def _decoded(self, data: bytes) -> str:
        if self._state.codec:
            return data.decode(self._state.codec, "replace")
        try:
            return data.decode(self.codec)
        except UnicodeDecodeError:  # a font of Western characters in a Chinese document
            return data.decode("cp1252" if self.codec != "utf-8" else self.codec, "replace")

    def _write(self, text: str, *, markup: bool = False) -> None:
        state = self._state
        if state.into in ("fonts", "skip"):
            return
        if state.into == "styles":
            if match := _HEADING.search(text):
                self._styles.setdefault(state.style, int(match[1]))
            return
        if state.into == "code":
            self._code += text
        elif state.into == "title":
            self.title += text
        elif state.into == "author":
            self.page.author += text
        elif state.left_out:
            self.hidden |= bool(text.strip())
        else:
            text = text if markup else escape(text, quote=False)
            tag = {1: "sup", -1: "sub"}.get(state.script)
            self.page.add(f"<{tag}>{text}</{tag}>" if tag and text.strip() else text)

    # -- control words --------------------------------------------------------------------------------

    def _sign(self, sign: bytes) -> None:
        if self._skip:
            self._skip -= 1
        elif sign in (b"~", b"_", b"\n", b"\r"):
            self._write({b"~": " ", b"_": "-"}.get(sign, "")) if sign in (b"~", b"_") else self.page.paragraph(
                self._state.level, in_table=self._state.in_table
            )

    def _control(self, word: str, number: int | None, optional: bool) -> None:  # noqa: FBT001 - how the group began
        if word == "u" and number is not None:
            self._unicode(number)
        elif word in _SIGNS:
            if self._skip:
                self._skip -= 1
            else:
                self._write(_SIGNS[word], markup=True)
        elif not self._destination(word, optional) and not self._setting(word, number):
            self._layout(word, number)

    def _unicode(self, number: int) -> None:
        self._skip = self._state.ignored
        char = chr(number % 0x10000)
        if "\ud800" <= char <= "\udbff":
            self._high = char
            return
        pair, self._high = self._high + char, ""
        self._write(pair.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))

    def _destination(self, word: str, optional: bool) -> bool:  # noqa: FBT001
        """Whether the word begins a group of its own kind."""
        state = self._state
        inside = state.into in ("text", "skip")
        if word == "pict" and state.into == "text":
            self.unread.append("picture")
        if word == "object" and state.into == "text":
            self.unread.append("embedded")
        if word in ("fonttbl", "stylesheet"):
            self._state = replace(state, into="fonts" if word == "fonttbl" else "styles")
        elif word == "title" and inside:
            self._state = replace(state, into="title")
        elif word == "fldinst" and inside:
            self._code, self._state = "", replace(state, into="code")
        elif word == "fldrslt" and inside and (link := of_field(self._code)):
            self._code, self._state = "", replace(state, linked=True)
            self.page.add(f'<a href="{escape(link)}">')
        elif word == "atnauthor":
            self.page.author = ""
            self._state = replace(state, into="author")
        elif word == "ud":
            self._state = replace(state, into="text")
        elif word in ("footnote", "annotation", "shptxt") or RUNNING.fullmatch(word):
            if state.into == "text":
                self.page.begin_aside(word, len(self._stack), in_table=state.in_table)
                self._state = _State(ignored=state.ignored)
        elif word in _SKIPPED or (optional and word not in _ENTERED):
            self._state = replace(state, into="skip" if state.into != "title" else state.into)
        else:
            return word in _ENTERED
        return True

    def _setting(self, word: str, number: int | None) -> bool:
        state, on = self._state, number != 0
        if word == "ansicpg" and number:
            self.codec = _known(_CODE_PAGES.get(number, f"cp{number}"))
        elif word in ("mac", "pc", "pca"):
            self.codec = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}[word]
        elif word == "f" and state.into == "fonts":
            self._font = number or 0
        elif word == "fcharset" and state.into == "fonts":
            self._fonts[self._font] = _CHARSETS.get(number or 0, "")
        elif word == "f":
            self._state = replace(state, codec=self._fonts.get(number or 0, ""))
        elif word == "uc":
            self._state = replace(state, ignored=max(0, number or 0))
        elif word in ("super", "sub", "up", "dn", "nosupersub"):
            script = 0 if word == "nosupersub" or not on else 1 if word in ("super", "up") else -1
            self._state = replace(state, script=script)
        elif word in ("v", "deleted", "htmlrtf"):
            self._state = (
                replace(state, left_out=on) if word != "htmlrtf" else replace(state, into="skip" if on else "text")
            )
        elif word == "plain":
            self._state = replace(state, codec="", script=0, left_out=False)
        elif word == "pard":
            self._state = replace(state, level=0, in_table=False)
        elif word in ("s", "outlinelevel") and number is not None:
            self._style(word, number)
        else:
            return False
        return True

    def _style(self, word: str, number: int) -> None:
        state = self._state
        level = number + 1 if number < 9 else 0
        if word == "s":
            self._state = replace(state, style=number, level=self._styles.get(number, 0))
        elif state.into == "styles":
            self._styles[state.style] = level
        else:
            self._state = replace(state, level=level)

    def _layout(self, word: str, number: int | None) -> None:
        if self._state.into != "text":
            return
        if word in ("par", "sect", "page"):
            self.page.paragraph(self._state.level, in_table=self._state.in_table)
        elif word == "intbl":
            self._state = replace(self._state, in_table=True)
        elif word in ("nestcell", "nestrow"):
            self.page.add(", " if word == "nestcell" else "; ")
        elif word in ("chpgn", "sectnum"):
            self.page.numbered = True
        else:
            self.page.row(word, number)


def rtf_html(data: bytes) -> tuple[str, str, tuple[str, ...]]:
    """The document as HTML, its title ('' for none), and notes on what was not read."""
    reader = _Reader(data)
    html = reader.read()
    hidden = (say("Hidden text was left out.", "隐藏的文字未读取。"),) if reader.hidden else ()
    return html, sensible(reader.title), (*hidden, *missed((kind, "") for kind in reader.unread))


def load_rtf(data: bytes, path: Path) -> Parsed:
    """A page for each top-level section, labelled with its heading; see `layout.sections`."""
    html, title, notes = rtf_html(data)
    page = compose_html(html, addresses=True)
    return Parsed(
        title or page.first_heading() or path.stem, "application/rtf", sections(page.text, page.blocks), notes
    )


def _known(codec: str) -> str:
    try:
        codecs.lookup(codec)
    except LookupError:
        return "cp1252"
    return codec
