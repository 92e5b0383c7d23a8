"""Where a text may be cut: sentence ends, line ends, clause ends, and what must not stand at an edge.

The rules about line edges are those of Chinese and Japanese typesetting (W3C, Requirements for Chinese Text
Layout, "prohibition rules for line start and line end"), applied to the edges of passages.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

from ingest.sentences import ABBREVIATIONS, CLOSERS, trimmed

_NEVER_FIRST = frozenset("。．，、；：？！…‥～,.;:?!%‰℃°゛゜ヽヾーゝゞ々\u200d")
_CLOSED = f"[{re.escape(CLOSERS)}]*"
_SENTENCE_END = re.compile(
    rf"[。！？；…｡]+{_CLOSED}"  # ideographic ends need no blank after them
    rf"|[.!?]+{_CLOSED}(?=\s)"
    r"|[!?]+(?=[\u2e80-\u9fff])"
)
_CLAUSE_END = re.compile(r"[，、：；]|[,;:](?=\s)|——")
_LINE_END = re.compile(r"\n")
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_ABBREVIATION = re.compile(rf"(?:^|[\s(])(?:[A-Z]|{'|'.join(map(re.escape, ABBREVIATIONS))})\.$")


@lru_cache(maxsize=4096)
def clings(char: str) -> bool:
    """True for what belongs to the character before it: closing punctuation, combining marks, joiners."""
    return char in _NEVER_FIRST or unicodedata.category(char) in {"Pe", "Pf", "Mn", "Me", "Mc"}


def opens(char: str) -> bool:
    """True for what belongs to the character after it: opening brackets and quotation marks."""
    return unicodedata.category(char) in {"Ps", "Pi"}


def settled(text: str, at: int, end: int) -> int:
    """The first place at or after `at`, up to `end`, where a passage may begin; blanks before it do not count."""
    while True:
        first = at
        while first < end and text[first].isspace():
            first += 1
        if first >= end or not clings(text[first]):
            return at if first < end else end
        at = first + 1
        while at < end and clings(text[at]):
            at += 1
        # A word such as '.NET' stays in one piece.
        if text[at - 1].isascii():
            while at < end and text[at].isascii() and text[at].isalnum():
                at += 1


def _cut(text: str, start: int, end: int, places: Iterable[int]) -> list[tuple[int, int]]:
    edges = [start]
    for place in places:
        if place > edges[-1] and (edge := settled(text, place, end)) < end:
            edges.append(edge)
    edges.append(end)
    spans = (trimmed(text, first, last) for first, last in pairwise(edges))
    return [(first, last) for first, last in spans if first < last]


def _sentence_ends(text: str, start: int, end: int) -> Iterator[int]:
    for match in _SENTENCE_END.finditer(text, start, end):
        if match[0] == "." and _ABBREVIATION.search(text, max(start, match.end() - 12), match.end()):
            continue
        yield match.end()


def sentences(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Spans of the sentences of `text[start:end]`, trimmed, in order; together they hold every non-blank character."""
    end = len(text) if end is None else end
    return _cut(text, start, end, _sentence_ends(text, start, end))


def lines(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Spans of the lines."""
    return _cut(text, start, end, (match.end() for match in _LINE_END.finditer(text, start, end)))


def paragraphs(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Spans between blank lines."""
    return _cut(text, start, end, (match.end() for match in _BLANK_LINE.finditer(text, start, end)))


def clauses(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Spans between commas, colons, semicolons and dashes."""
    return _cut(text, start, end, (match.end() for match in _CLAUSE_END.finditer(text, start, end)))


def last_resort(text: str, start: int, at: int) -> int:
    """The best place in `text[start:at]` to cut a text that has no clauses; `at` itself when there is none.

    A blank in the second half of the span, else the last character that may stand first in what follows.
    """
    half = start + (at - start) // 2
    for place in range(at, half, -1):
        if text[place - 1].isspace() and not text[place].isspace() and not clings(text[place]):
            return place
    for after_opening in (False, True):
        for place in range(at, start, -1):
            if not (text[place].isspace() or clings(text[place])) and (after_opening or not opens(text[place - 1])):
                return place
    return at
