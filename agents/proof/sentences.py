"""Text into sentences with exact offsets, for Chinese and English, prose, lists, tables and code.

A sentence ends at 。！？；… or at . ! ? followed by a blank and something that can begin a sentence, at a blank
line, and at the end of a line that is a heading, a list item or a table row. Closing quotes and brackets belong to the
sentence they close. What a line break merely wraps stays together.
"""

from __future__ import annotations

import re

Span = tuple[int, int]

_ABBREVIATIONS = frozenset(
    re.findall(
        r"\S+",
        """
mr mrs ms dr prof sr jr st vs etc inc ltd co corp no vol fig figs sec eq al cf approx dept est gen gov hon rev
jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun u.s u.k e.g i.e a.m p.m ph.d d.c
""",
    )
)
_CLOSERS = "\"'”’」』）)】》〉]"
_END = re.compile(
    rf"[。！？!?｡]+[{re.escape(_CLOSERS)}]*|[；;](?=\s|[\u3000-\u9fff])|…{{2,}}[{re.escape(_CLOSERS)}]*|\.+[{re.escape(_CLOSERS)}]*(?=\s|$)"
)
_LINE_UNIT = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]|[-*+•·●▪][ \t]|\d{1,3}[.)、][ \t]|[（(]?[一二三四五六七八九十]{1,3}[)）、．][ \t]?|\||>)"
)
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)")


def sentences(text: str) -> list[Span]:
    """(start, end) of every sentence, in order, blanks around it left out; together they hold every non-blank
    character of `text`."""
    spans: list[Span] = []
    for start, end in _units(text):
        spans.extend(_split(text, start, end))
    return spans


def _units(text: str) -> list[Span]:
    """Stretches that no sentence crosses: paragraphs, and the lines that stand by themselves."""
    units: list[Span] = []
    begin = position = 0
    fenced = False

    def close(upto: int) -> None:
        if text[begin:upto].strip():
            units.append((begin, upto))

    for line in text.splitlines(keepends=True):
        stop = position + len(line)
        fence = bool(_FENCE.match(line))
        if fence:
            if not fenced:
                close(position)
                begin = position
            else:
                units.append((begin, stop))
                begin = stop
            fenced = not fenced
        elif not fenced and not line.strip():
            close(position)
            begin = stop
        elif not fenced and _LINE_UNIT.match(line):
            close(position)
            begin = position
            if line.lstrip()[0] in "#|":
                close(stop)
                begin = stop
        position = stop
    close(position)
    return units


def _split(text: str, start: int, end: int) -> list[Span]:
    if _FENCE.match(text[start:end]) or text[start:end].lstrip().startswith("|"):
        return _trimmed(text, [(start, end)])
    cuts, begin = [], start
    for match in _END.finditer(text, start, end):
        stop = match.end()
        if match.group()[0] == "." and not _ends_sentence(text, match.start(), stop, end):
            continue
        if match.group()[0] in "!?" and text[stop:end].lstrip()[:1].islower():
            continue
        cuts.append((begin, stop))
        begin = stop
    if text[begin:end].strip():
        cuts.append((begin, end))
    return _trimmed(text, cuts)


def _ends_sentence(text: str, dot: int, after: int, end: int) -> bool:
    """False for the dot of an abbreviation, an initial, a list number."""
    word = re.search(r"[\w.]*$", text[max(0, dot - 12) : dot])
    before = word.group().lower() if word else ""
    following = text[after:end].lstrip()
    if not following:
        return True
    if before in _ABBREVIATIONS or (len(before) == 1 and before.isalpha() and before.isascii()):
        return (
            before in {"etc", "a.m", "p.m", "inc", "ltd", "co", "corp", "u.s", "u.k"}
            and following[0].isupper()
            and (following.split()[0].lower().strip(",.") in _STARTERS)
        )
    if before.isdigit() and len(before) <= 3 and not text[max(0, dot - len(before) - 12) : dot - len(before)].strip():
        return False
    return not following[0].islower()


_STARTERS = frozenset(
    re.findall(
        r"\S+",
        """
the a an it he she they we i this that these those in on at as but and however its their
""",
    )
)


def _trimmed(text: str, spans: list[Span]) -> list[Span]:
    kept = []
    for start, end in spans:
        piece = text[start:end]
        left = start + len(piece) - len(piece.lstrip())
        right = start + len(piece.rstrip())
        if left < right:
            kept.append((left, right))
    return kept
