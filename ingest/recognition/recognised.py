"""What is found in a picture, and how it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Corners = tuple[float, float, float, float, float, float, float, float]
"""x and y of a line's four corners: where it begins above, ends above, ends below, begins below."""
Rectangle = tuple[float, float, float, float]
"""Left, top, right, bottom; y grows downwards."""


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text, or a piece of one where a gap divides it."""

    text: str
    box: Rectangle
    """In pixels of the page as it is held to be read, made level."""
    corners: Corners
    """In shares (0 to 1) of the width and height of the picture as it was given."""
    score: float = 1.0
    """The recogniser's own certainty, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The rules of a table, in the measure of `TextLine.box`."""

    columns: tuple[float, ...]
    """x of every upright rule, from left to right."""
    rows: tuple[float, ...]
    """y of every level rule, from top to bottom."""
    cells: tuple[tuple[int, int, int, int], ...]
    """Cells as the first row and column and the last row and column they cover, counted from 0."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """The text of one picture."""

    width: float = 0.0
    height: float = 0.0
    """Of the page as it is held to be read, in pixels."""
    lines: tuple[TextLine, ...] = ()
    frames: tuple[Frame, ...] = ()
    markdown: str = ""
    """The text from a server that says nothing of places, instead of lines."""

    @property
    def text(self) -> str:
        """All that was read, in no particular order."""
        return self.markdown or "\n".join(line.text for line in self.lines)

    def packed(self) -> list[Any]:
        """As JSON can hold it."""
        lines = [
            [line.text, [round(n, 1) for n in line.box], [round(n, 5) for n in line.corners], round(line.score, 3)]
            for line in self.lines
        ]
        frames = [[list(f.columns), list(f.rows), [list(cell) for cell in f.cells]] for f in self.frames]
        return [round(self.width, 1), round(self.height, 1), lines, frames, self.markdown]

    @classmethod
    def unpacked(cls, data: Any) -> Recognised:  # noqa: ANN401 - what JSON holds
        """What `packed` was called on. Raises `TypeError`, `ValueError` or `IndexError` for anything else."""
        width, height, lines, frames, markdown = data
        return cls(
            float(width),
            float(height),
            tuple(
                TextLine(str(text), _four(box), _eight(corners), float(score)) for text, box, corners, score in lines
            ),
            tuple(
                Frame(tuple(map(float, xs)), tuple(map(float, ys)), tuple(_cell(cell) for cell in cells))
                for xs, ys, cells in frames
            ),
            str(markdown),
        )


def _four(values: Any) -> Rectangle:  # noqa: ANN401
    a, b, c, d = map(float, values)
    return a, b, c, d


def _cell(values: Any) -> tuple[int, int, int, int]:  # noqa: ANN401
    a, b, c, d = map(int, values)
    return a, b, c, d


def _eight(values: Any) -> Corners:  # noqa: ANN401
    a, b, c, d, e, f, g, h = map(float, values)
    return a, b, c, d, e, f, g, h
