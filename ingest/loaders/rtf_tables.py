"""Tables of RTF: rows that each say where their own cells end, as HTML with spans."""

from __future__ import annotations

from dataclasses import dataclass

_NEAR = 60
"""Twips (1/1440 inch) within which two edges of columns are one: programs round."""


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
