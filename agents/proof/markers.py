"""Citation markers in a model's text: read in whatever form it wrote them, put back as `[n]`.

Only the numbers 1…k of the k passages shown can be markers. In square brackets a list or a range is one only when all of
it can be and when it stands where a citation stands, at the end of a clause or before its sentence, and not where a value
does: `[0, 1, 1, 2]`, 'open [9-17] daily' and 'the range is [1, 3]' are text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count as count_up

from ingest.sentences import CLOSERS, sentences

_WORDS = (
    *str.split("passage passages source sources document documents doc docs reference references ref refs"),
    *str.split("citation citations id 段落 来源 文档 资料 引用 出处"),
)
"""What models write before the number."""
_BLANK = r"(?:(?<![ \t])[ \t]+)?"
"""A run of blanks from its beginning: looked for from each of them, a long one would take its time."""
_ROUND = ("passages", "段落")
"""Those that count in round brackets too."""
_WORD = rf"\^|{'|'.join(sorted(_WORDS, key=len, reverse=True))}"
_LIST = rf"\d{{1,3}}(?:\s*[,，、;；\-–~]\s*(?:(?:{_WORD})\s*[:：#]?)?\s*\d{{1,3}})*"
_FORM = re.compile(
    rf"(?P<blank>{_BLANK})(?:[\[【［]\s*(?P<word>{_WORD})?\s*[:：#]?\s*(?P<numbers>{_LIST})\s*[\]】］](?!\()"
    rf"|[(（]\s*(?:passages?|段落)\s*(?P<round>{_LIST})\s*[)）])",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\d\s*[-–~]")
_VALUE = re.compile(r"(?:\b(?:is|are|was|were|be|equals?)|[=:：(（,，是为])\s*$", re.IGNORECASE)
"""What stands before a list that is a value."""
_NEAR = 80
"""Characters before a marker that tell what it stands behind."""
_STOPS = "。！？!?."
_ENDS = re.compile(
    rf"(?:[ \t]*[\[【［][^\]】］\n]{{1,20}}[\]】］]){{0,200}}[ \t]*(?:$|[\n{_STOPS}…,，、；;：:|*{re.escape(CLOSERS)}])"
)
"""What stands behind a citation: perhaps others, then the end of a clause, a cell, a line."""
_BEGINS = re.compile(rf"(?:^|\n|[{_STOPS}][{re.escape(CLOSERS)}]*)[ \t]*(?P<item>[-*+•·]\s*|\d{{1,3}}[.)、]\s*)?$")
_CODE = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|`[^`\n]*`", re.DOTALL)
_HIDDEN = re.compile("\ue000(\\d+)\ue001")
_OPEN = re.compile(
    rf"{_BLANK}(?P<sign>[\[【［(（])\s*(?P<word>\^|[^\W\d_]*)\s*[:：#]?(?P<rest>(?:\d|[\s,，、;；\-–~])*)$"
)
_STOP = re.compile(rf"(?:[。！？!?.；;…][{re.escape(CLOSERS)}*]*|\|)\s*$")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer. `text` is without its markers; `start`, `end` span it in the normalised text."""

    text: str
    start: int
    end: int
    marks: tuple[int, ...]
    code: bool = False
    """Whether it is a block of code, whose text is exactly as written."""


def normalise(text: str, count: int) -> str:
    """All markers as `[1][2]`, within the sentence they belong to; those that name none of `count` passages are left out.

    Models put markers behind a sentence's full stop, or before its first word: which of the two an answer does is seen
    from the whole of it. What the end of the text cut off in the middle is left out too.
    """
    text = text.replace("\ue000", "")  # stands for code below
    codes = _CODE.findall(text)
    places = count_up()
    prose = _CODE.sub(lambda _: f"\ue000{next(places)}\ue001", text)
    prose = prose[: len(prose) - unfinished(prose)]
    prose = _FORM.sub(lambda form: _read(form, prose, count), prose)
    prose = prose if _in_front(prose, count) else _pulled_in(prose, count)
    return _HIDDEN.sub(lambda place: codes[int(place[1])], prose)


def split(text: str, count: int, known: str = "") -> list[Sentence]:
    """The sentences of a normalised text, with the numbers each one cites. `known` is what its names may come from."""
    found = []
    for start, end in sentences(text, known):
        piece = text[start:end]
        if piece.startswith(("```", "~~~")):
            found.append(Sentence(piece, start, end, (), code=True))
            continue
        marks = [
            int(n) for prose in _CODE.split(piece) for n in re.findall(r"\d+", "".join(_mark(count).findall(prose)))
        ]
        found.append(Sentence(without(piece, count), start, end, tuple(dict.fromkeys(marks))))
    return found


def without(text: str, count: int | None = None) -> str:
    """`text` with no markers of `count` passages; None: of however many."""
    attached = re.compile(rf"(?:(?:(?<!\s)\s+)?{_mark(count).pattern})+")
    kept: list[str] = []
    position = 0
    for code in _CODE.finditer(text):
        kept += [attached.sub("", text[position : code.start()]), code.group()]
        position = code.end()
    return "".join([*kept, attached.sub("", text[position:])]).strip()


def with_marks(sentence: str, marks: Sequence[int]) -> str:
    """`sentence` (without markers) with `marks` in front of its full stop."""
    if not marks:
        return sentence
    tail = re.search(r"[。！？!?.；;]+[”\"』」)）]*$|\s*\|$", sentence)
    cut = tail.start() if tail else len(sentence)
    space = " " if cut and sentence[:cut].rstrip()[-1:].isascii() else ""
    return f"{sentence[:cut].rstrip()}{space}{_written(marks)}{sentence[cut:]}"


def ends(sentence: str) -> bool:
    """Whether it was written to its end: with a full stop, or a table's bar."""
    return bool(_STOP.search(sentence))


def unfinished(text: str) -> int:
    """How many characters at the end of a text under way may be the beginning of a marker: what to hold back while it is
    shown as it comes. 0 in a block of code."""
    last = None
    for last in _CODE.finditer(text):  # noqa: B007 - the last one
        pass
    if last and last.end() == len(text) and last.group()[:3] in {"```", "~~~"}:
        return 0
    opened = _OPEN.search(text)
    if not opened:
        return 0
    rounded, word = opened["sign"] in "(（", opened["word"].lower()
    if rounded and opened["rest"] and not word:
        return 0
    begins = any(one.startswith(word) for one in (_ROUND if rounded else ("^", *_WORDS)))
    return len(opened.group()) if begins else 0


def _read(form: re.Match[str], prose: str, count: int) -> str:
    """What a form becomes: markers, nothing, or what it was."""
    listed = form["numbers"] or form["round"]
    numbers = _numbers(listed)
    shown = [n for n in dict.fromkeys(numbers) if 1 <= n <= count]
    marks = f"{form['blank']}{_written(shown)}" if shown else ""
    opened = form.group()[len(form["blank"])]
    whole = len(shown) == len(numbers)
    if form["word"]:
        return marks
    if form["round"]:
        return marks if whole else form.group()
    near = max(0, form.start() - _NEAR)
    before, behind = "…" * bool(near) + prose[near : form.start()], bool(_ENDS.match(prose, form.end()))
    begins = _BEGINS.search(before)
    if len(numbers) == 1:
        index = numbers == [0] and re.search(r"\w$", before, re.ASCII)
        cited = begins or (behind and not _VALUE.search(before) and not index)
        return marks if shown or cited else form.group()
    if opened != "[" and shown and (whole or not _RANGE.search(listed)):
        return marks
    placed = behind and not _VALUE.search(before) and not (begins and begins["item"])
    return marks if whole and (placed or (begins and not behind)) else form.group()


def _numbers(listed: str) -> list[int]:
    numbers: list[int] = []
    for part in re.split(r"[,，、;；]", listed):
        ends = [int(n) for n in re.findall(r"\d+", part)]
        numbers += range(ends[0], ends[1] + 1) if len(ends) == 2 and 0 < ends[1] - ends[0] < 20 else ends
    return numbers


def _written(marks: Sequence[int]) -> str:
    return "".join(f"[{n}]" for n in marks)


@lru_cache(maxsize=256)
def _mark(count: int | None) -> re.Pattern[str]:
    """One marker as `normalise` writes it."""
    if count is None:
        return re.compile(r"\[\d{1,3}\](?!\()")
    return re.compile(rf"\[(?:{'|'.join(map(str, range(1, count + 1)))})\](?!\()" if count else r"(?!)")


def _in_front(prose: str, count: int) -> bool:
    """Whether the markers stand before the sentences they belong to, and not behind."""
    group = rf"(?:{_mark(count).pattern}[ \t]*)+"
    begun = re.findall(rf"^[ \t]*(?:[-*+•·]\s+|\d{{1,3}}[.)、]\s*)?{group}(?=[^\s\[{_STOPS}])", prose, re.MULTILINE)
    ended = re.findall(rf"[^\s\]{_STOPS}][ \t]*{group}(?=[{_STOPS},，;；|]|$)", prose, re.MULTILINE)
    last = re.search(rf"{_mark(count).pattern}\s*\Z", prose) and not re.match(rf"\s*{group}", prose)
    return len(begun) > len(ended) + bool(last)


def _pulled_in(prose: str, count: int) -> str:
    """Markers behind a full stop drawn in front of it, so that they stay with their sentence."""
    group = rf"{_mark(count).pattern}(?:[ \t]*{_mark(count).pattern})*"
    behind = re.compile(rf"([{_STOPS}]+[”\"』」]?)((?:[ \t]*|[ \t]*\n\s*(?={group}[ \t]*(?:\n|$))){group})")
    return behind.sub(lambda found: _inside(found[1], "".join(found[2].split())), prose)


def _inside(stop: str, marks: str) -> str:
    return f"{marks}{stop}" if not stop[0].isascii() else f" {marks}{stop}"
