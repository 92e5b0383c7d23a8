"""Headings of reStructuredText, AsciiDoc and Org, which are marked as no other plain text marks them."""

from __future__ import annotations

import re
from collections.abc import Iterator

_MARKED = {"org": re.compile(r"(\*{1,6}) +(\S.*)"), "adoc": re.compile(r"(={1,6}) +(\S.*)")}
_SUFFIXES = {".org": "org", ".adoc": "adoc", ".asciidoc": "adoc", ".rst": "rst"}
_LINE = re.compile(r"([!-/:-@\[-`{-~])\1{2,}\s*")
"""What stands below a title of reStructuredText, and above some: one sign of punctuation again and again."""
_FENCE = {"adoc": re.compile(r"(?:-{4,}|\.{4,})\s*"), "org": re.compile(r"#\+(?:begin|end)_\w+.*", re.IGNORECASE)}
"""Where text begins and ends that is shown as it stands."""

Piece = tuple[int, str]
"""Level (0 for text, from 1 for a heading) and the text."""


def pieces(text: str, suffix: str) -> list[Piece] | None:
    """The text between headings, and the headings without their marks; None for other kinds of file."""
    kind = _SUFFIXES.get(suffix.lower())
    if kind is None:
        return None
    found: list[Piece] = []
    for level, line in _underlined(text) if kind == "rst" else _marked(text, kind):
        if level or not found or found[-1][0]:
            found.append((level, line))
        else:
            found[-1] = (0, f"{found[-1][1]}\n{line}")
    return found


def _marked(text: str, kind: str) -> Iterator[Piece]:
    verbatim = False
    for line in text.split("\n"):
        if _FENCE[kind].fullmatch(line):
            verbatim = not verbatim
        match = None if verbatim else _MARKED[kind].fullmatch(line)
        yield (len(match[1]), match[2].strip()) if match else (0, line)


def _underlined(text: str) -> Iterator[Piece]:
    """Levels in the order in which the styles of lines come up, as the format has it."""
    lines = text.split("\n")
    styles: list[tuple[str, bool]] = []
    at = 0
    while at < len(lines):
        over = bool(_LINE.fullmatch(lines[at])) and at + 2 < len(lines) and lines[at + 2].strip() == lines[at].strip()
        title = at + over
        below = lines[title + 1] if title + 1 < len(lines) else ""
        name = lines[title].strip()
        plain = over or not lines[title][:1].isspace()
        if (
            name
            and plain
            and not _LINE.fullmatch(lines[title])
            and _LINE.fullmatch(below)
            and len(below.strip()) >= len(name)
        ):
            style = (below[0], over)
            if style not in styles:
                styles.append(style)
            yield min(6, styles.index(style) + 1), name
            at = title + 2
        else:
            yield 0, lines[at]
            at += 1
