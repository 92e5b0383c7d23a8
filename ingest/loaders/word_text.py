"""The text of a Word paragraph as a reader sees it, and what hangs on it: notes, comments, text boxes, pictures.

Tracked changes count as accepted. Hidden text, the codes of fields and versions for old programs are left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ingest.loaders.drawings import A
from ingest.loaders.equations import M, equation
from ingest.loaders.repair import repair
from ingest.loaders.scripts import lowered, raised, struck
from ingest.loaders.symbols import is_symbol_font, symbol
from ingest.loaders.word_styles import Style, Styles, W, switched, value
from ingest.loaders.xml_trees import is_on

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
V = "{urn:schemas-microsoft-com:vml}"
_SKIPPED = frozenset(
    f"{W}{name}" for name in ("del", "moveFrom", "pPr", "rPr", "sdtPr", "sdtEndPr", "rt", "rubyPr", "delText", "tblPr")
) | {f"{_MC}Fallback"}
_CHARACTERS = {f"{W}tab": "\t", f"{W}ptab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}
_PHONETIC = re.compile(r"\\s\\up\s*\d*\s*\((?P<guide>.*?)\)\s*[,;，；](?P<base>.*?)\)\s*\Z")
_CIRCLED = re.compile(r"\\o\\ac\s*\((?P<ring>.*?)[,;，；](?P<base>.*?)\)")
_QUOTIENT = re.compile(r"\\f\s*\((?P<over>.*?)[,;，；](?P<under>.*?)\)")
_PAGE = re.compile(r"\s*(?:PAGE|NUMPAGES|SECTIONPAGES)\b", re.IGNORECASE)


@dataclass(slots=True)
class Attached:
    """What a paragraph refers to and does not say itself, in its order."""

    notes: list[tuple[str, str]] = field(default_factory=list)
    """('footnote' or 'endnote', id)."""
    comments: list[str] = field(default_factory=list)
    """Ids."""
    boxes: list[Any] = field(default_factory=list)
    """Elements that hold paragraphs of their own."""
    drawings: list[Any] = field(default_factory=list)
    """Drawings and pictures."""
    hidden: bool = False
    """Whether something was left out because it is not shown."""
    paged: bool = False
    """Whether the number of a page stands in it."""
    bold: bool = True
    """Whether all of its text is bold; True as well for none."""


@dataclass(slots=True)
class _Field:
    code: str = ""
    result: bool = False
    """Whether its result has begun, which stands for it."""


class Inline:
    """Reads paragraphs one after the other: a field may begin in one and end in another."""

    def __init__(self, styles: Styles, mark: Callable[[str, str], str]) -> None:
        """`mark`: the sign of a note, by its kind ('footnote', 'endnote') and id."""
        self._styles, self._mark = styles, mark
        self._fields: list[_Field] = []

    def read(self, paragraph: Any) -> tuple[str, Attached]:  # noqa: ANN401 - lxml elements are untyped
        """The text of a `w:p`, with what is attached to it."""
        attached = Attached()
        reading = _Reading(attached, self._styles.of(paragraph.find(f"{W}pPr")))
        self._walk(paragraph, reading)
        # The code of a field that was never closed must not swallow the rest of the document.
        self._fields = [known for known in self._fields if known.result]
        return repair(reading.text.replace("~~~~", "")).strip(), attached

    def _walk(self, parent: Any, reading: _Reading) -> None:  # noqa: ANN401
        for node in parent:
            kind = node.tag if isinstance(node.tag, str) else ""
            if not kind or kind in _SKIPPED:
                continue
            if kind == f"{W}r":
                self._run(node, reading)
            elif kind in (f"{M}oMath", f"{M}oMathPara"):
                reading.add(equation(node), bold=None)
            elif kind == f"{W}sdt":
                self._control(node, reading)
            elif kind == f"{W}fldSimple":
                self._fields.append(_Field(node.get(f"{W}instr", ""), result=True))
                self._walk(node, reading)
                self._fields.pop()
            else:
                self._walk(node, reading)

    def _run(self, run: Any, reading: _Reading) -> None:  # noqa: ANN401
        properties = run.find(f"{W}rPr")
        named = self._styles.of_run(properties) if properties is not None else Style()
        hidden = switched(properties, "vanish")
        if named.hidden if hidden is None else hidden:
            reading.attached.hidden |= any((t.text or "").strip() for t in run.iter(f"{W}t"))
            return
        if hidden is None and reading.style.hidden:
            reading.attached.hidden = True
            return
        bold = switched(properties, "b")
        bold = (named.bold or reading.style.bold) if bold is None else bold
        fonts = None if properties is None else properties.find(f"{W}rFonts")
        font = "" if fonts is None else fonts.get(f"{W}ascii") or fonts.get(f"{W}hAnsi") or ""
        shift = value(properties, "vertAlign")
        shifted = named.shift if shift is None else shift
        inside = _Reading(reading.attached, reading.style, before=reading.text)
        for node in run:
            self._piece(node, inside, font)
        if switched(properties, "strike") or switched(properties, "dstrike"):
            inside.text = struck(inside.text)
        if shifted == "superscript" and inside.text.strip() and not inside.marked:
            reading.add(raised(reading.text, inside.text), bold=bold)
        elif shifted == "subscript" and inside.text.strip():
            reading.add(lowered(reading.text, inside.text), bold=bold)
        else:
            reading.add(inside.text, bold=bold)

    def _piece(self, node: Any, reading: _Reading, font: str) -> None:  # noqa: ANN401, PLR0912, C901 - one branch per kind
        kind = node.tag if isinstance(node.tag, str) else ""
        attached = reading.attached
        if kind == f"{W}fldChar":
            self._field(node, reading)
        elif kind == f"{W}instrText":
            if self._fields and not self._fields[-1].result:
                self._fields[-1].code += node.text or ""
        elif kind in _SKIPPED or self._coded:
            return
        elif kind == f"{W}t":
            text = node.text or ""
            if is_symbol_font(font):
                text = "".join(symbol(font, ord(char)) for char in text)
            if self._paged:
                attached.paged = True
            reading.text += text
        elif kind in _CHARACTERS:
            reading.text += _CHARACTERS[kind]
        elif kind == f"{W}sym":
            code = node.get(f"{W}char", "")
            reading.text += (
                symbol(node.get(f"{W}font", ""), int(code, 16)) if re.fullmatch("[0-9A-Fa-f]+", code) else ""
            )
        elif kind == f"{W}ruby":
            for base in node.iterfind(f"{W}rubyBase"):
                self._walk(base, reading)
        elif kind in (f"{W}footnoteReference", f"{W}endnoteReference"):
            self._note(node, reading, "footnote" if kind == f"{W}footnoteReference" else "endnote")
        elif kind == f"{W}commentReference":
            attached.comments.append(node.get(f"{W}id", ""))
        elif kind in (f"{W}drawing", f"{W}pict", f"{W}object"):
            _drawing(node, attached)
        elif kind == f"{_MC}AlternateContent":
            choice = node.find(f"{_MC}Choice")
            for inner in choice if choice is not None else ():
                self._piece(inner, reading, font)
        elif kind in (f"{M}oMath", f"{M}oMathPara"):
            reading.text += equation(node)

    def _note(self, node: Any, reading: _Reading, kind: str) -> None:  # noqa: ANN401
        name = node.get(f"{W}id", "")
        reading.attached.notes.append((kind, name))
        if not is_on(node.get(f"{W}customMarkFollows")) and (mark := self._mark(kind, name)):
            reading.text += raised(reading.before + reading.text, mark, note=True)
            reading.marked = True

    @property
    def _coded(self) -> bool:
        """Whether what comes is the code of a field rather than its result."""
        return any(not known.result for known in self._fields)

    @property
    def _paged(self) -> bool:
        return any(known.result and _PAGE.match(known.code) for known in self._fields)

    def _field(self, node: Any, reading: _Reading) -> None:  # noqa: ANN401
        kind = node.get(f"{W}fldCharType")
        if kind == "begin":
            self._fields.append(_Field())
            if (data := node.find(f"{W}ffData")) is not None and not any(not f.result for f in self._fields[:-1]):
                reading.text += _form_field(data)
        elif kind == "separate" and self._fields:
            self._fields[-1].result = True
        elif kind == "end" and self._fields:
            ended = self._fields.pop()
            if not ended.result and not self._coded:
                if _PAGE.match(ended.code):
                    reading.attached.paged = True
                reading.text += _shown_by(ended.code)

    def _control(self, node: Any, reading: _Reading) -> None:  # noqa: ANN401
        """A content control: a box by its state, the prompt of an empty one left out, any other by its content."""
        properties = node.find(f"{W}sdtPr")
        box = None if properties is None else properties.find(f"{_W14}checkbox")
        if box is not None:
            state = box.find(f"{_W14}checked")
            reading.add("☑" if state is not None and is_on(state.get(f"{_W14}val"), absent=True) else "☐", bold=None)
        elif switched(properties, "showingPlcHdr") is not True:
            for content in node.iterfind(f"{W}sdtContent"):
                self._walk(content, reading)


@dataclass(slots=True)
class _Reading:
    """The text so far of a paragraph or a run."""

    attached: Attached
    style: Style
    text: str = ""
    before: str = ""
    """Of a run: the paragraph's text before it."""
    marked: bool = False
    """Of a run: whether it holds the mark of a note, which is raised already."""

    def add(self, text: str, *, bold: bool | None) -> None:
        self.text += text
        if bold is not None and text.strip():
            self.attached.bold &= bold


def _form_field(data: Any) -> str:  # noqa: ANN401
    """A box to tick or the entry chosen from a list; the text of other fields stands in their result."""
    if (box := data.find(f"{W}checkBox")) is not None:
        checked = switched(box, "checked")
        return "☑" if (switched(box, "default") if checked is None else checked) else "☐"
    if (listed := data.find(f"{W}ddList")) is not None:
        entries = [entry.get(f"{W}val", "") for entry in listed.iterfind(f"{W}listEntry")]
        at = next((chosen for name in ("result", "default") if (chosen := value(listed, name)) is not None), "") or "0"
        return entries[int(at)] if at.isdigit() and int(at) < len(entries) else ""
    return ""


def _shown_by(code: str) -> str:
    """What a field without a result shows: the words below a phonetic guide, a number in a ring, a fraction."""
    code = code.strip()
    if not code.upper().startswith("EQ"):
        return ""
    if match := _PHONETIC.search(code):
        return match["base"].strip()
    if match := _CIRCLED.search(code):
        base = match["base"].strip()
        return "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"[int(base) - 1] if re.fullmatch(r"[1-9]|1\d|20", base) else f"({base})"
    if match := _QUOTIENT.search(code):
        return f"{match['over'].strip()}/{match['under'].strip()}"
    return ""


def _drawing(node: Any, attached: Attached) -> None:  # noqa: ANN401
    boxes = [box for box in node.iter(f"{W}txbxContent") if _shown(box, node)]
    attached.boxes += [box for box in boxes if not any(up in boxes for up in box.iterancestors())]
    attached.boxes += [body for body in node.iter(f"{A}txBody") if _shown(body, node)]
    attached.drawings.append(node)


def _shown(box: Any, within: Any) -> bool:  # noqa: ANN401
    """Whether no version for old programs lies between."""
    for up in box.iterancestors():
        if up is within:
            return True
        if up.tag == f"{_MC}Fallback":
            return False
    return True
