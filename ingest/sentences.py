"""Text into sentences with exact offsets, for Chinese and English, prose, lists, tables and code.

A sentence ends at 。！？；… or at . ! ? followed by a blank and something that can begin a sentence, at a blank
line, at the end of a line that is a heading, a list item or a table row, and of one that left room for what the next begins with,
where a sentence ends there. Closing quotes and brackets belong to the sentence they close. What a line break merely wraps stays
together, and so does a name with a ! or ? in it.

Passages are cut (`ingest.chunking.breaks`) by the same abbreviations, closers and edges, and by simpler ends: with these,
13 of 759 documents of the sample and the measuring sets would be cut elsewhere, and what is stored be embedded anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ingest.language import columns, is_cjk
from ingest.numerals import MONTHS, WEEKDAYS

Span = tuple[int, int]

ABBREVIATIONS = (
    *str.split("Mr Mrs Ms Dr Prof Sr Jr St Hon Rev Gen Gov Inc Ltd Co Corp Dept Est No Nos Vol Fig Figs Sec Eq"),
    *str.split("vs al cf approx p pp e.g i.e"),
    *(short.title() for names in (MONTHS, WEEKDAYS) for shorts in names.values() for short in shorts),
)
"""As they are written before their full stop, which ends no sentence."""
CLOSERS = "\"'”’」』）)】》〉〕］｝]}»"
"""What belongs to the sentence that it closes."""
_QUOTES = "\"'“‘「『【《"
_OPENERS = _QUOTES + "（(〈〔［[｛{«"
_MAY_END = frozenset({"etc", "a.m", "p.m", "inc", "ltd", "co", "corp", "u.s", "u.k"})
"""Abbreviations that often are a sentence's last word."""
_ABBREVIATED = frozenset(map(str.lower, ABBREVIATIONS)) | _MAY_END | {"ph.d", "d.c"}
_STARTERS = frozenset(
    str.split("the a an it he she they we i this that these those in on at as but and however its their")
)
"""Words that begin a sentence after one of those."""
_CLOSED = rf"(?:[{re.escape(CLOSERS)}]|\*\*|\[\^[\w-]+\])*"
_END = re.compile(
    rf"[。！？!?｡]+{_CLOSED}|[；;](?=\s|[\u3000-\u9fff])|(?<!…)…{{2}}(?!…){_CLOSED}|(?<!\.)\.{{1,3}}{_CLOSED}(?=\s|$)"
)
"""Longer runs of dots lead the eye to a price or a page."""
_LINE_UNIT = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]|[-*+•·●▪][ \t]|\d{1,3}[.)、][ \t]|[（(]?[一二三四五六七八九十]{1,3}[)）、．][ \t]?|\||>|"
    r"[\[(<]?\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?,?[T \t]+(?:[上下]午)?\d{1,2}:\d\d)"
)
"""How a line begins that stands by itself or begins something new: a heading, an item, a row, a message with its time."""
_INITIALS = re.compile(r"(?:[a-z]\.)+[a-z]")
_NAME_BEFORE = re.compile(r"(?:[A-Z0-9][\w'’&.-]*[!?]?[ \t]+)*[A-Z0-9][\w'’&.-]*$", re.ASCII)
_NAME_BEHIND = re.compile(r"[ \t]+([A-Z][\w'’&-]*)(?:[!?]?[ \t]+[A-Z0-9][\w'’&-]*)*[!?.]?", re.ASCII)
"""Capitalised Latin words up to a ! or ? and from there on: what may be a name with that sign in it."""
_LONGEST_NAME = 60
"""Characters on either side of the sign that are looked at."""
_LINE = re.compile(r"[^\n]*\S[^\n]*")
_GOES_ON = frozenset(",\uff0c、-–—(\uff08[&/+=")
"""What no sentence, heading or item ends with."""
_FULL = 0.8
"""Share of a paragraph's width up to which a line left room: printed lines of one width differ by their letters."""
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)")


def sentences(text: str, known: str = "") -> list[Span]:
    """(start, end) of every sentence, in order, blanks around it left out; together they hold every non-blank
    character of `text`. `known` is what its names may come from: where one goes on behind a ! or ?, nothing ends."""
    return [span for start, end in _units(text) for span in _split(text, start, end, known)]


def trimmed(text: str, start: int, end: int) -> Span:
    """The span without the blanks around it; empty (`start == end`) when there is nothing else."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _units(text: str) -> list[Span]:
    """Stretches that no sentence crosses: paragraphs, and the lines that stand by themselves."""
    units: list[Span] = []
    begin = position = 0
    fenced = False
    parted = {start for lines in _paragraphs(text) for start in _parted(text, lines)}

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
        elif not fenced and position in parted:
            close(position)
            begin = position
        position = stop
    close(position)
    return units


def _paragraphs(text: str) -> Iterator[list[Span]]:
    """The lines of each run without a blank line."""
    lines: list[Span] = []
    for line in _LINE.finditer(text):
        if lines and text.count("\n", lines[-1][1], line.start()) > 1:
            yield lines
            lines = []
        lines.append(line.span())
    yield lines


def _parted(text: str, lines: Sequence[Span]) -> set[int]:
    """Of a paragraph's `lines` the beginnings of those that the line before, which left room for more, does not run on into: it is
    an item or a numbered heading, or a sentence ends from there to the next such line."""
    if len(lines) < 2:
        return set()
    parted: set[int] = set()
    width, upto = max(columns(text[slice(*line)]) for line in lines), lines[-1][1]
    for above, line in reversed([*pairwise(lines)]):
        before, said = text[slice(*above)], text[slice(*line)]
        if _LINE_UNIT.match(said):
            upto = line[0]
        elif _left_room(before, said, width):
            ends = (text[end.start()] for end in _ends(text, line[0], upto))
            if _LINE_UNIT.match(before) or any(sign not in ";\uff1b" for sign in ends):
                parted.add(line[0])
            upto = line[0]
    return parted


def _left_room(before: str, line: str, width: int) -> bool:
    """Whether what `line` begins with would have fitted behind `before`, and may begin a sentence."""
    word = line.split(maxsplit=1)[0]
    first = word[0]
    if _LINE_UNIT.match(before) and len(line) - len(line.lstrip()) > len(before) - len(before.lstrip()):
        return False
    if before.rstrip()[-1:] in _GOES_ON or not (
        first.isupper() or first.isdigit() or first in _QUOTES or is_cjk(first)
    ):
        return False
    return columns(before.rstrip()) + (4 if is_cjk(first) else 1 + columns(word)) <= _FULL * width


def _split(text: str, start: int, end: int, known: str) -> Iterator[Span]:
    begin = start
    if not (_FENCE.match(text[start:end]) or text[start:end].lstrip().startswith("|")):
        for stop in (match.end() for match in _ends(text, start, end, known)):
            yield trimmed(text, begin, stop)
            begin = stop
    if text[begin:end].strip():
        yield trimmed(text, begin, end)


def _ends(text: str, start: int, end: int, known: str = "") -> Iterator[re.Match[str]]:
    for match in _END.finditer(text, start, end):
        stop, sign = match.end(), match.group()[0]
        if sign == "." and not _ends_sentence(text, start, match.start(), stop, end):
            continue
        if sign in "!?" and (
            text[stop:end].lstrip()[:1].islower() or _in_name(text, match.start(), stop, start, end, known)
        ):
            continue
        yield match


def _in_name(text: str, sign: int, after: int, start: int, end: int, known: str) -> bool:
    """Whether the ! or ? at `sign` stands within a name (Yahoo! Inc.), a link, or the like: with no blank behind it; in
    capitalised Latin words that quotes, brackets or Chinese enclose on a side, or that have another such sign; or where
    `known` has the word before it and the one behind it just as they are here."""
    if text[after : after + 1].isascii() and text[after : after + 1].isalnum():
        return text[sign - 1 : sign].isascii()
    before = _NAME_BEFORE.search(text, max(start, sign - _LONGEST_NAME), sign)
    behind = _NAME_BEHIND.match(text, after, min(end, after + _LONGEST_NAME))
    if not before or not behind or behind[1].lower() in _STARTERS:
        return False
    left, right = text[start : before.start()][-2:], text[behind.end() : end][:2]
    enclosed = left[-1:] in tuple(_OPENERS) or right[:1] in tuple(CLOSERS)
    chinese = any(char.isalpha() and is_cjk(char) for char in (left.rstrip()[-1:], right.lstrip()[:1]))
    if enclosed or chinese or re.search(r"[!?]", before.group() + behind.group()):
        return True
    return f"{before.group().split()[-1]}{text[sign : behind.end(1)]}" in known


def _ends_sentence(text: str, start: int, dot: int, after: int, end: int) -> bool:
    """False for the dot of an abbreviation, an initial, a list number."""
    word = re.search(r"[\w.]*$", text[max(0, dot - 12) : dot], re.ASCII)
    before = word.group().lower() if word else ""
    following = text[after:end].lstrip()
    if not following:
        return True
    if (
        before in _ABBREVIATED
        or (len(before) == 1 and before.isalpha() and before.isascii())
        or _INITIALS.fullmatch(before)
    ):
        first = following.split()[0]
        return before in _MAY_END and first[0].isupper() and first.lower().strip(",.") in _STARTERS
    if (
        before.isdigit()
        and len(before) <= 3
        and not text[max(start, dot - len(before) - 12) : dot - len(before)].strip()
    ):
        return False
    return not following[0].islower()
