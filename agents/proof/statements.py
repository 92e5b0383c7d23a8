"""What a passage states, piece by piece, as a person would quote it.

A piece is a sentence; several clauses that a semicolon joins, which often depend on each other ('12 days after one
year; 15 after five'); a list item; a line of facts; or a table's row together with the row that names its columns.
Headings, page numbers and questions are no pieces, but what they say is kept as the context of those that follow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from agents.proof.denial import denial
from agents.proof.forms import Form, form_of
from agents.proof.tables import as_row, header_above, is_row, is_separator
from ingest.language import is_cjk
from ingest.sentences import CLOSERS, Span, sentences, trimmed

LONGEST = 260
"""Characters up to which clauses joined by semicolons are quoted together."""
LONGEST_LINE = 60
"""Characters up to which a line without a full stop may be a fact of its own, or a heading."""
LONGEST_HEAD = 24
"""Characters of a sentence that begins an item, up to which it is what the item is about."""

_JOINS = (";", "\uff1b")
_ASKS = ("?", "\uff1f")
_LEADS = (":", "\uff1a")
_STOPS = ".!?;\u3002\uff01\uff1f\uff1b\u2026"
_HEADING = re.compile(
    r"^\s*(?:#{1,6}\s|(?:\d{1,2}(?:\.\d{1,2}){0,3}\.?\s|[一二三四五六七八九十]{1,3}、|第.{1,4}[章节条]\s))"
)
_NUMBERED_PAGE = re.compile(r"^\s*(?:page\s+\d+|第\s*\d+\s*页|\d+\s*/\s*\d+)\s*$", re.IGNORECASE)
_FACT = re.compile(
    r"^\s*(?:[\w\u3400-\u9fff .()/-]{1,24}[:\uff1a]\s*\S|[A-Za-z_][\w.]*\s*=\s*\S|[^.…\n]{1,60}(?:\.{4,}|…{3,})\s*\S)"
)
_FIELD = re.compile(r"^(?:question|answer|title|text|content|问题|回答|答案|问|答|q|a)\s*[:\uff1a]\s*", re.IGNORECASE)
_MARK = re.compile(r"^(?:[-*+\u2022\u00b7]\s+|\d{1,2}[.)]\s+(?=\D)|[(\uff08]\d{1,2}[)\uff09]\s*|#{1,6}\s+|>\s*)+")
_BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_GOES_ON = re.compile(r"[ \t]*[^\s]")
_PARAGRAPH_ENDS = re.compile(r"\n[ \t]*\n[ \t]*\Z")
_NEXT_PARAGRAPH = re.compile(r"[ \t]*\n[ \t]*\n\s*(\S.*?)(?=\n[ \t]*\n|\Z)", re.DOTALL)
_ADDRESSED = re.compile(
    r"^(?:(?:from|sent|to|cc|subject|date|发件人|发送时间|收件人|抄送|主题|日期|时间)[ \t]*[:\uff1a][^\n]*\n?){2,}",
    re.IGNORECASE | re.MULTILINE,
)
"""The header lines of a mail, wherever it is quoted."""
_WRAPPED = re.compile("(?<=[\u2e80-\u9fff\uff00-\uffef])\\s*\n\\s*(?=[\u2e80-\u9fff\uff00-\uffef])")


@dataclass(frozen=True, slots=True)
class Statement:
    """A piece of a page that can be quoted."""

    spans: tuple[Span, ...]
    """Offsets on the page, its own last: before it the header of a row's table, or the items a list's item stands under."""
    text: str
    """The same as one readable line."""
    context: str = ""
    """What it can't be understood without: the question it answers, what leads in its list, its columns' names."""
    before: str = ""
    """The sentence before it, which may name what it calls 'it'."""
    whole: str = ""
    """A list's item with the items it stands under: 'No pets: guide dogs excepted'. So is anything under a heading or a lead that
    denies: 'Not covered: wear parts'."""
    row: bool = False
    form: Form = "prose"
    """What `agents.proof.forms` takes it for; rows are prose."""
    titles: bool = False
    """Whether it only says what the page is or whose, as its first line does, or who wrote to whom: it answers when and who, but no
    question of how, what or whether."""


def statements(page: str, start: int, end: int, names: Sequence[str] = ()) -> list[Statement]:
    """The statements within page[start:end], in order. `names` are the titles in force, which are no statements."""
    reading = _Reading(page, {_folded(name) for name in names})
    for (left, right), following in pairwise([*_joined(page, list(_lines(page, start, end))), (end, end)]):
        if is_row(page[left:right]):
            reading.row(left, right)
        else:
            reading.piece(left, right, page[slice(*following)] if page[right : following[0]].count("\n") == 1 else "")
    return reading.found


@dataclass(frozen=True, slots=True)
class _Item:
    """An item of a list: `indent` characters in."""

    indent: int
    span: Span
    line: str


class _Reading:
    """What has been read of a page, and what leads what comes next."""

    def __init__(self, page: str, known: set[str]) -> None:
        self._page = page
        self._known = known
        self._addressed = [match.span() for match in _ADDRESSED.finditer(page)]
        self._marked = self._heading = self._lead = self._head = self._before = ""
        self._heading_at: Span | None = None
        self._lead_at: Span | None = None
        self._head_at: Span | None = None
        self._items: list[_Item] = []
        self._listed: int | None = None
        self._leads_list = False
        self.found: list[Statement] = []

    def row(self, left: int, right: int) -> None:
        """A table's row; the one that names its columns states nothing."""
        text = self._page[left:right]
        header = header_above(self._page, left)
        above = f"{self._over} {self._before}" if not self._lead else self._over
        if is_separator(text) or header == (left, right):
            return
        if header is None:
            self.found.append(Statement(((left, right),), as_row("", text), above, row=True))
        else:
            line = as_row(self._page[slice(*header)], text)
            self.found.append(Statement((header, (left, right)), line, above, row=True))

    def piece(self, left: int, right: int, below: str) -> None:
        """Anything else; `below` is the piece on the next line, '' where that is blank."""
        text = self._page[left:right]
        line = readable(text)
        form = form_of(_BOLD.sub(r"\1", text))
        above = self._above(left, right, line)
        if form == "figures" or not line:
            return  # the numbers of lines or sections state nothing
        if form != "prose":
            self.found.append(Statement(((left, right),), line, self._over, form=form))
        elif (marked := _is_heading(text, line, self._known)) or self._stands_over(left, right, line, below):
            if marked:  # what names the whole page says nothing of one part of it
                self._marked = line if self._page[:left].strip() else ""
            self._heading, self._lead, self._before = line, "", ""
            self._heading_at, self._listed, self._leads_list = (left, right), None, bool(_MARK.match(below))
            if not marked and any(map(str.isdigit, line)):
                self.found.append(Statement(((left, right),), line, self._marked, titles=True))  # 'Soup (serves 4)'
        elif line.endswith(_ASKS) and len(line) < LONGEST:
            self._lead, self._before = line, ""
        elif line.endswith(_LEADS) and len(line) < LONGEST:
            self._lead, self._before = line, line
            self._lead_at = (left, right)
        elif _bare(text):
            self._line(left, right, line)
        else:
            self._sentence(left, right, line, above)

    def _titles(self, left: int, right: int) -> bool:
        """Whether a piece is the page's first paragraph and no sentence, or stands in the head of a mail."""
        first = not self._page[:left].strip() and self._page[right - 1] not in _STOPS
        alone = first and _NEXT_PARAGRAPH.match(self._page, right) and not _MARK.match(self._page[left:right])
        return bool(alone) or any(start <= left < end for start, end in self._addressed)

    @property
    def _over(self) -> str:
        """What stands over a statement: the last heading that is marked as one, a nearer one, a lead."""
        return " ".join(dict.fromkeys((self._marked, self._heading, self._lead)))

    def _stands_over(self, left: int, right: int, line: str, below: str) -> bool:
        """Whether a line without colon has a list or a sentence right below, or begins a paragraph over facts, or is a paragraph by
        itself without figure and the page's first or none such comes next: a heading that nothing marks as one, of a web page or
        of a letter."""
        page = self._page
        if not _bare(line) or not _bare(page[left:right]) or any(char in ":\uff1a=|" for char in line):
            return False
        if _MARK.match(below) or (below.rstrip(CLOSERS)[-1:] in _STOPS and below):
            return True
        first = not page[:left].strip()
        if any(map(str.isdigit, line)) or not (first or _PARAGRAPH_ENDS.search(page, max(0, left - 8), left)):
            return False
        if below:
            return bool(_FACT.match(below))
        following = _NEXT_PARAGRAPH.match(page, right)
        return following is not None and (first or not _bare(following[1]))

    def _above(self, left: int, right: int, line: str) -> list[_Item]:
        """The items of a list that this one stands under; none for what is no item."""
        indent = self._page[self._page.rfind("\n", 0, left) + 1 : left]
        if not _MARK.match(self._page[left:right]) or indent.strip():
            self._items = []
            if self._listed is not None and len(indent) <= self._listed:  # what led the list leads nothing below it
                self._heading, self._lead, self._listed = self._marked if self._leads_list else self._heading, "", None
            return []
        self._listed = len(indent) if self._listed is None else self._listed
        above = [item for item in self._items if item.indent < len(indent)]
        if any(item.line == self._lead for item in self._items[len(above) :]):
            self._lead = ""
        self._items = [*above, _Item(len(indent), (left, right), line)]
        while sum(len(item.line) for item in (*above, self._items[-1])) > LONGEST and above:
            del above[0]
        return above

    def _needed(self, *, denies: bool) -> list[_Item]:
        """What a statement can't be quoted without: the head of its item ('Deposit.'), or, unless it `denies` itself, the lead or the
        heading that denies what it stands over."""
        head = [_Item(0, self._head_at, self._head)] if self._head and self._head_at else []
        over = [] if denies else [(self._lead, self._lead_at), (self._heading, self._heading_at)]
        return head or [_Item(0, at, line) for line, at in over if at and denial(line).negative][:1]

    def _line(self, left: int, right: int, line: str) -> None:
        """A short line without a full stop: a fact, or the title of what follows."""
        self.found.append(Statement(((left, right),), line, self._over, titles=self._titles(left, right)))
        self._before = line

    def _sentence(self, left: int, right: int, line: str, above: Sequence[_Item]) -> None:
        item = bool(_MARK.match(self._page[left:right]))
        if item or _BOLD.match(self._page[left:right]):
            self._head = ""
        before = "" if item else self._before
        above = above or self._needed(denies=denial(line).negative and not item)
        spans = (*(one.span for one in above), (left, right))
        context = " ".join([self._over, *(one.line for one in above)])
        whole = _under([one.line for one in above], line) if above else ""
        begins = item or bool(_BOLD.match(self._page[left:right]))
        bare = len(line) <= LONGEST_HEAD and not any(char.isdigit() or char in _LEADS for char in line)
        if begins and bare and _GOES_ON.match(self._page, right):
            self._head, self._head_at = line, (left, right)  # '3. Deposit. We block 600 euros.'
        if self._head != line or denial(line).negative:
            self.found.append(Statement(spans, line, context, before, whole, titles=self._titles(left, right)))
        self._before = line
        if "\n\n" in self._page[right : right + 3]:
            self._head = ""
            self._lead = self._lead if item else ""


def readable(text: str) -> str:
    """A quote on one line, as text of a paragraph: list marks, names of fields and line breaks gone."""
    line = re.sub(r"\s+", " ", _WRAPPED.sub("", text)).strip()
    line = _FIELD.sub("", _MARK.sub("", _BOLD.sub(r"\1", line)))
    return line[:-1].rstrip() if line.endswith(_JOINS) else line


def _under(above: Sequence[str], line: str) -> str:
    """A list's item with what it stands under: 'No pets: guide dogs excepted'."""
    for lead in map(leading, reversed(above)):
        line = f"{lead} {line}" if lead[-1].isascii() else lead + line
    return line


def leading(line: str) -> str:
    """`line` with the colon that joins it to what it stands over."""
    return line if line.endswith((*_STOPS, *_LEADS)) else line + ("\uff1a" if is_cjk(line[-1]) else ":")


def _lines(page: str, start: int, end: int) -> Iterator[Span]:
    """Sentences; where lines are facts of their own, rows or of a program, or the first is a heading, the lines."""
    for left, right in sentences(page[start:end]):
        yield from _within(page, start + left, start + right)


def _within(page: str, start: int, end: int) -> Iterator[Span]:
    """One sentence in pieces where its line breaks part more than they wrap."""
    piece = page[start:end]
    lines = [(start + m.start(), start + m.end()) for m in re.finditer(r"[^\n]+", piece) if m.group().strip()]
    if len(lines) < 2 or piece.startswith(("```", "~~~")):
        yield start, end
        return
    facts = sum(bool(_FACT.match(page[slice(*line)])) for line in lines)
    if (facts >= 2 and facts * 2 > len(lines)) or (len(piece) > LONGEST and len(piece) < 80 * len(lines)):
        yield from (trimmed(page, *line) for line in lines)
    elif (alone := [_stands_alone(page[slice(*line)]) for line in lines]) and any(alone):
        yield from _parted(page, lines, alone)
    else:
        yield start, end


def _parted(page: str, lines: Sequence[Span], alone: Sequence[bool]) -> Iterator[Span]:
    """Lines that stand alone by themselves, and the runs of others between them as sentences of their own."""
    run: list[Span] = []
    for line, single in zip([*lines, (0, 0)], [*alone, True], strict=True):
        if not single:
            run.append(line)
            continue
        if run:
            yield from _within(page, *trimmed(page, run[0][0], run[-1][1]))
            run = []
        if line[0] < line[1]:
            yield trimmed(page, *line)


def _stands_alone(line: str) -> bool:
    """Whether no sentence runs on into this line: a table's row, or what is no prose."""
    return is_row(line) or is_separator(line) or form_of(line) != "prose"


def _joined(page: str, spans: Sequence[Span]) -> Iterator[Span]:
    """Neighbours that a semicolon joins as one, as long as they stay short enough to read."""
    at = 0
    while at < len(spans):
        start, end = spans[at]
        while (
            at + 1 < len(spans)
            and page[end - 1] in _JOINS
            and "\n\n" not in page[end : spans[at + 1][0]]
            and not _MARK.match(page[spans[at + 1][0] : spans[at + 1][1]])
            and spans[at + 1][1] - start <= LONGEST
        ):
            at += 1
            end = spans[at][1]
        yield start, end
        at += 1


def _is_heading(text: str, line: str, known: set[str]) -> bool:
    if text.lstrip().startswith("#") or _folded(line) in known or _NUMBERED_PAGE.match(line):
        return True
    if (
        line.startswith(("```", "~~~"))
        or (len(line) < 3 and not _MARK.match(text))
        or not any(map(str.isalnum, line))
        or (" | " in line and _bare(text))  # a page's title and its site's
    ):
        return True
    return bool(_HEADING.match(text)) and _bare(text) and not any(char.isdigit() for char in line[4:])


def _bare(line: str) -> bool:
    """A short line that no full stop ends and no list mark begins."""
    return len(line) <= LONGEST_LINE and line[-1:] not in _STOPS and "\n" not in line and not _MARK.match(line)


def _folded(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()
