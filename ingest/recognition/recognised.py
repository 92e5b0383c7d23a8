"""What is found in a picture, and how it is kept."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.errors import ZhikuError

Corners = tuple[float, float, float, float, float, float, float, float]
"""x and y of a line's four corners: where it begins above, ends above, ends below, begins below."""
Rectangle = tuple[float, float, float, float]
"""Left, top, right, bottom; y grows downwards."""


class RecognitionError(ZhikuError):
    """A picture could not be read: told in a note on the document, which keeps what else it holds."""


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
