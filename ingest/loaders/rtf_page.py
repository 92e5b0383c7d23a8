"""What an RTF document says, gathered as HTML: paragraphs, tables, and what stands beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from ingest.language import say
from ingest.loaders.layout import one_line

_NEAR = 60
"""Twips (1/1440 inch) within which two edges of columns are one: programs round."""
RUNNING = re.compile(r"(header|footer)[lrf]?")
"""Groups that hold what each page repeats."""
_FOLIO = 15
"""Letters up to which a header with the number of the page says nothing else."""


@dataclass(slots=True)
class _Aside:
    """Text that runs beside the paragraph it stands in: a footnote, a comment, a header."""

    kind: str
    depth: int
    outer: list[str]


class RtfPage:
    """Takes text and marks in the order of the file."""

    def __init__(self) -> None:
        self.numbered = False
        """Whether the aside at hand shows the number of its page."""
        self.author = ""
        """Of the comment that comes next."""
        self._html: list[str] = []
        self._text: list[str] = []
        self._asides: list[_Aside] = []
        self._after: list[str] = []
        self._table: Table | None = None
        self._footnotes = 0
        self._running: dict[str, dict[str, None]] = {"header": {}, "footer": {}}

    def add(self, markup: str) -> None:
        """More of the paragraph or cell at hand."""
        self._text.append(markup)

    def paragraph(self, level: int, *, in_table: bool) -> None:
        """A paragraph has ended; `level` counts from 1 for a heading."""
        if self._asides or (in_table and self._table is not None):
            self._text.append("<br>")
            return
        text = "".join(self._text)
        self._text.clear()
        if text.strip():
            self._end_table()
            tag = f"h{min(6, level)}" if level else "p"
            self._html.append(f"<{tag}>{text}</{tag}>")
        if self._table is None:
            self._html += self._after
            self._after.clear()

    def row(self, word: str, number: int | None) -> None:
        """A control word of a table; others are ignored."""
        if self._asides or (self._table is None and word not in ("trowd", "cell", "row")):
            return
        if self._table is None:
            if word == "trowd":
                self.paragraph(0, in_table=False)
            self._table = Table()
        if word == "cell":
            self._table.cell("".join(self._text))
            self._text.clear()
        else:
            self._table.control(word, number)

    def begin_aside(self, kind: str, depth: int, *, in_table: bool) -> None:
        """What comes up to the end of the group at `depth` stands beside the paragraph."""
        if not in_table and "".join(self._text).strip():
            self._end_table()
        if kind == "footnote":
            self._footnotes += 1
            self._text.append(f'<sup class="footnote">{self._footnotes}</sup>')
        self._asides.append(_Aside(kind, depth, self._text))
        self._text, self.numbered = [], False

    def end_asides(self, depth: int) -> None:
        """The group at `depth` has ended."""
        while self._asides and self._asides[-1].depth >= depth:
            self._end_aside()

    def html(self, level: int) -> str:
        """All of it; headers stand once before the text, footers behind."""
        self.end_asides(0)
        self.paragraph(level, in_table=False)
        self._end_table()
        headers, footers = self._running["header"], self._running["footer"]
        parts = [f"<p>{line}</p>" for line in headers]
        parts += [*self._html, *self._after, *(f"<p>{line}</p>" for line in footers if line not in headers)]
        return f"<body>{''.join(parts)}</body>"

    def _end_table(self) -> None:
        """Write the table that stands before, and the notes in it."""
        if self._table is not None:
            self._html += [self._table.html(), *self._after]
            self._after.clear()
            self._table = None

    def _end_aside(self) -> None:
        aside = self._asides.pop()
        text, self._text = "".join(self._text), aside.outer
        plain = one_line(re.sub("<[^>]+>", " ", text), 10_000)
        running = RUNNING.fullmatch(aside.kind)
        if not plain or (running and self.numbered and sum(map(str.isalpha, plain)) <= _FOLIO):
            return
        if running:
            self._running[running[1]][plain] = None
        elif aside.kind == "footnote":
            self._after.append(f'<p><sup class="footnote">{self._footnotes}</sup> {text}</p>')
        elif aside.kind == "annotation":
            author = one_line(escape(self.author))
            self._after.append(f"<p>{say(f'Comment by {author}: ', f'{author} 的批注：')}{text}</p>")
        else:
            self._after.append(f"<p>{text}</p>")


@dataclass(frozen=True, slots=True)
class _Place:
    """A cell as its row announces it."""

    right: int
    goes_on_down: bool
    goes_on_right: bool


class Table:
    """One table, told control word by control word."""

    def __init__(self) -> None:
        self._places: list[_Place] = []
        self._marks: set[str] = set()
        self._heads: set[int] = set()
        self._head = False
        self._cells: list[str] = []
        self._rows: list[tuple[list[_Place], list[str]]] = []

    def control(self, word: str, number: int | None) -> None:
        """A control word of a row; others are ignored."""
        if word == "trowd":
            self._places, self._head = [], False
        elif word == "trhdr":
            self._head = True
        elif word in ("clvmrg", "clmrg"):
            self._marks.add(word)
        elif word == "cellx":
            self._places.append(_Place(number or 0, "clvmrg" in self._marks, "clmrg" in self._marks))
            self._marks.clear()
        elif word == "row":
            self._end_row()

    def cell(self, html: str) -> None:
        """A cell has ended."""
        self._cells.append(html)

    def html(self) -> str:
        """The table; a row that never ended counts as one."""
        if self._cells:
            self._end_row()
        edges = self._edges()
        out = []
        for at, (places, cells) in enumerate(self._rows):
            tag = "th" if at in self._heads else "td"
            out.append("<tr>")
            left = 0
            for n, text in enumerate(cells):
                if n >= len(places):
                    out.append(f"<{tag}>{text}</{tag}>")
                    continue
                right = _edge(edges, places[n].right)
                beside = n + 1
                while beside < len(places) and places[beside].goes_on_right:
                    right = _edge(edges, places[beside].right)
                    beside += 1
                if not places[n].goes_on_down and not places[n].goes_on_right:
                    down = self._down(at, places[n].right)
                    out.append(f'<{tag} colspan="{max(1, right - left)}" rowspan="{down}">{text}</{tag}>')
                left = right
            out.append("</tr>")
        return f"<table>{''.join(out)}</table>"

    def _end_row(self) -> None:
        if self._head:
            self._heads.add(len(self._rows))
        self._rows.append((list(self._places), self._cells))
        self._cells = []

    def _edges(self) -> list[int]:
        edges: list[int] = []
        for edge in sorted({place.right for places, _ in self._rows for place in places}):
            if not edges or edge - edges[-1] > _NEAR:
                edges.append(edge)
        return edges

    def _down(self, at: int, right: int) -> int:
        """Rows that the cell which ends at `right` covers."""
        rows = 1
        for places, _ in self._rows[at + 1 :]:
            if not any(place.goes_on_down and abs(place.right - right) <= _NEAR for place in places):
                break
            rows += 1
        return rows


def _edge(edges: list[int], right: int) -> int:
    """The number of the edge at `right`, from 1."""
    return 1 + min(range(len(edges)), key=lambda n: abs(edges[n] - right))
