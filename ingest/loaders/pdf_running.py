"""Running headers and footers of a PDF, told by their place and by how page numbers grow.

A line runs where it stands in the margin at the same height on many pages and says the same on each, but for the page
number: a number of its own that grows with the pages, or one that is called a page's. Other figures count: rows of a
price list, 'Day 3' and the number of a certificate are alike in everything but what matters. The first copy of a line
with words stays.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from ingest.loaders.pdf_page import Leaf, Line
from ingest.numerals import han_value

EDGE = 3
"""Lines at the top and at the bottom of a page that can be running headers or footers."""
MARGIN = 0.13
"""Share of the page's height, at the top and at the bottom, in which they stand."""
SAME_PLACE = 3.0
"""Points by which the height of a running line may differ."""
REPEATED = 0.4
"""Share of the pages a running line stands on: under half, because left and right pages often differ."""
FEWEST_PAGES = 3
NEIGHBOURS = 2
"""Pages within which another copy must show that the number grows by one a page: left and right may differ."""

NUMBERED = 20
"""Highest page number beside a title, in pages of the document: a chapter of a book goes on from the others."""

_PAGE = r"(?:pages?|pp?\.|pg\.?|seite|s\.|p[áa]gina|p[áa]g\.|стр(?:аница|\.)?)"
_OF = r"(?:of|/|von|de|sur|из|out of|\|)"
_HAN = "一二三四五六七八九十百零〇两"
_FOLIO = re.compile(
    rf"^\W*(?:{_PAGE}|p|第)?\s*([ivxlc]+|[A-Z]?-?\d{{1,4}}|[{_HAN}]+(?=\s*页))\s*(?:页|頁)?"
    rf"\s*(?:{_OF}\s*\d+\s*(?:页|頁)?|[,\uff0c/]?\s*共\s*\d+\s*(?:页|頁))?\W*$",
    re.IGNORECASE,
)
"""A line with nothing but the page's own number."""
_CALLED = re.compile(
    rf"(?<!\w){_PAGE}\s*(\d{{1,4}})(?:\s*{_OF}\s*\d+)?(?!\w)"
    rf"|第\s*(\d{{1,4}}|[{_HAN}]+)\s*[页頁](?:\s*[,\uff0c/]?\s*共\s*\d+\s*[页頁])?",
    re.IGNORECASE,
)
"""A page number within a line, called so."""
_DIVIDER = re.compile(r"\s+[|·•–—]\s+")
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}


class _Copy(NamedTuple):
    page: int
    number: int | None
    distance: float


class _Edge(NamedTuple):
    """One of the outermost lines of a page: what its copies have in common ('#' for the page number), the number and
    how it is printed; its distance from the nearer edge of the paper, negative for the lower one, None outside the
    margins."""

    at: int
    top: bool
    key: str
    number: int | None
    shown: str
    placed: bool
    distance: float | None


class Running(NamedTuple):
    """What runs on a page: numbers of its lines to leave out, of those that stay as the first copy, and the page
    number printed there ('' when there is none)."""

    dropped: frozenset[int]
    first: frozenset[int]
    folio: str


def running(leaves: Sequence[Leaf]) -> list[Running]:
    """For each page its running lines."""
    edges = [[_edge(leaf, at, top=top, pages=len(leaves)) for at, top in _edges(leaf)] for leaf in leaves]
    copies: dict[tuple[str, bool], list[_Copy]] = {}
    for page, found in enumerate(edges):
        for edge in found:
            if edge.distance is not None:
                copies.setdefault((edge.key, edge.top), []).append(_Copy(page, edge.number, edge.distance))
    fewest = max(FEWEST_PAGES, REPEATED * sum(bool(leaf.lines) for leaf in leaves))
    runs = {
        key: kept for key, found in copies.items() if len(found) >= fewest and len(kept := _kept(key, found)) >= fewest
    }
    numbers = {key: frozenset((copy.page, copy.number) for copy in kept) for key, kept in runs.items()}
    firsts = {key: min(copy.page for copy in kept) for key, kept in runs.items()}
    return [_on_page(page, found, numbers, firsts) for page, found in enumerate(edges)]


def _on_page(
    page: int,
    edges: Sequence[_Edge],
    runs: dict[tuple[str, bool], frozenset[tuple[int, int | None]]],
    firsts: dict[tuple[str, bool], int],
) -> Running:
    dropped: set[int] = set()
    first: set[int] = set()
    folio = ""
    ended: set[bool] = set()
    for edge in edges:
        key = (edge.key, edge.top)
        if edge.at in dropped or edge.at in first or (edge.top in ended and edge.key != "#"):
            continue
        # A line whose place is not known, from the second reader, runs when it does elsewhere.
        if key not in runs or (edge.placed and (page, edge.number) not in runs[key]):
            ended.add(edge.top)
            continue
        (first if edge.key.strip("#") and page == firsts[key] else dropped).add(edge.at)
        folio = edge.shown or folio
    return Running(frozenset(dropped), frozenset(first), folio)


def _edges(leaf: Leaf) -> list[tuple[int, bool]]:
    """Numbers of the first and last lines of the page, from outside in, and whether they are of the first."""
    count, reach = len(leaf.lines), min(EDGE, len(leaf.lines))
    heights = [line.box.bottom if line.box else None for line in leaf.lines]
    first = sorted(range(reach), key=lambda n: -(heights[n] or 0.0))
    last = sorted(range(count - 1, count - 1 - reach, -1), key=lambda n: heights[n] or 0.0)
    return [*((n, True) for n in first), *((n, False) for n in last)]


def _edge(leaf: Leaf, at: int, *, top: bool, pages: int) -> _Edge:
    line = leaf.lines[at]
    key, number, shown = _read(line, pages)
    distance = None
    if line.box is not None and leaf.height:
        above, below = leaf.height - line.box.top, line.box.bottom
        if key == "#" or min(above, below) <= MARGIN * leaf.height:
            distance = above if above < below else -below
    return _Edge(at, top, key, number, shown, line.box is not None, distance)


def _kept(key: tuple[str, bool], copies: Sequence[_Copy]) -> list[_Copy]:
    """The copies that stand where most of them do and whose numbers, where they have any, grow.

    A bare page number may follow the text up and down, as on pages that a browser printed.
    """
    places: list[list[_Copy]] = []
    for copy in sorted(copies, key=lambda copy: copy.distance):
        if places and (key[0] == "#" or copy.distance - places[-1][-1].distance <= SAME_PLACE):
            places[-1].append(copy)
        else:
            places.append([copy])
    return [copy for place in places if len(place) >= FEWEST_PAGES for copy in _growing(place)]


def _growing(copies: Sequence[_Copy]) -> list[_Copy]:
    """Those whose number is as far ahead of the page as on a neighbouring page; all, where there is no number."""
    ahead = {(copy.page, copy.number - copy.page) for copy in copies if copy.number is not None}
    near = [step for step in range(-NEIGHBOURS, NEIGHBOURS + 1) if step]
    return [
        copy
        for copy in copies
        if copy.number is None or any((copy.page + step, copy.number - copy.page) in ahead for step in near)
    ]


def _read(line: Line, pages: int) -> tuple[str, int | None, str]:
    """What is the same on all copies of a line, with '#' for the page number; the number; and as it is printed."""
    if match := _FOLIO.match(line.text):
        return "#", _number(match[1]), match[1]
    if match := _CALLED.search(line.text):
        shown = match[1] or match[2]
        return _same(line.text[: match.start()] + "#" + line.text[match.end() :]), _number(shown), shown
    parts = list(line.parts or _DIVIDER.split(line.text))
    for at in (0, -1) if len(parts) > 1 else ():
        match = _FOLIO.match(parts[at])
        # Set apart, a number that no page of the document could have is that of something else.
        if match and match[1].isdigit() and int(match[1]) <= NUMBERED * pages + NUMBERED:
            parts[at] = "#"
            return _same(" ".join(parts)), int(match[1]), match[1]
    return _same(line.text), None, ""


def _same(text: str) -> str:
    return " ".join(text.split()).casefold()


def _number(shown: str) -> int:
    """The value of a page number: '12', 'F-3', 'xiv', '十二'."""
    if digits := re.sub(r"\D", "", shown):
        return int(digits)
    if shown[0] in _HAN:
        return int(han_value(shown))
    values = [_ROMAN[char] for char in shown.lower()]
    return sum(-a if a < b else a for a, b in pairwise([*values, 0]))
