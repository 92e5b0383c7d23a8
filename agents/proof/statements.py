"""What a passage states, piece by piece, as a person would quote it.

A piece is a sentence; several clauses that a semicolon joins, which often depend on each other ('12 days after one
year; 15 after five'); a list item; a line of facts; or a table's row together with the row that names its columns.
Headings, page numbers and questions are no pieces, but what they say is kept as the context of those that follow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.language import is_cjk
from ingest.sentences import sentences, trimmed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ingest.sentences import Span

LONGEST = 260
"""Characters up to which clauses joined by semicolons are quoted together."""
LONGEST_LINE = 60
"""Characters up to which a line without a full stop may be a fact of its own, a heading, or the row of a printed table."""

_JOINS = (";", "\uff1b")
_ASKS = ("?", "\uff1f")
_LEADS = (":", "\uff1a")
_STOPS = ".!?;\u3002\uff01\uff1f\uff1b\u2026"
_SEPARATOR = re.compile(r"^\s*\|(?:\s*:?-{2,}:?\s*\|)+\s*$")
_HEADING = re.compile(
    r"^\s*(?:#{1,6}\s|(?:\d{1,2}(?:\.\d{1,2}){0,3}\.?\s|[一二三四五六七八九十]{1,3}、|第.{1,4}[章节条]\s))"
)
_NUMBERED_PAGE = re.compile(r"^\s*(?:page\s+\d+|第\s*\d+\s*页|\d+\s*/\s*\d+)\s*$", re.IGNORECASE)
_FACT = re.compile(r"^\s*(?:[\w\u3400-\u9fff .()/-]{1,24}[:\uff1a]\s*\S|[A-Za-z_][\w.]*\s*=\s*\S)")
_FIELD = re.compile(r"^(?:question|answer|title|text|content|问题|回答|答案|问|答|q|a)\s*[:\uff1a]\s*", re.IGNORECASE)
_MARK = re.compile(r"^(?:[-*+\u2022\u00b7]\s+|#{1,6}\s+|>\s*)+")
_WRAPPED = re.compile("(?<=[\u2e80-\u9fff\uff00-\uffef])\\s*\n\\s*(?=[\u2e80-\u9fff\uff00-\uffef])")


@dataclass(frozen=True, slots=True)
class Statement:
    """A piece of a page that can be quoted."""

    spans: tuple[Span, ...]
    """Offsets on the page: one, or for the row of a table its header's and its own."""
    text: str
    """The same as one readable line."""
    context: str = ""
    """What it can't be understood without: the question it answers, what leads in its list, its columns' names."""
    before: str = ""
    """The sentence before it, which may name what it calls 'it'."""
    row: bool = False


def statements(page: str, start: int, end: int, names: Sequence[str] = ()) -> list[Statement]:
    """The statements within page[start:end], in order. `names` are the titles in force, which are no statements."""
    known = {_folded(name) for name in names}
    pieces = list(_joined(page, list(_lines(page, start, end))))
    found: list[Statement] = []
    header: Span | None = None
    heading = lead = before = ""
    columns: Span | None = None
    for left, right in pieces:
        text = page[left:right]
        if text.lstrip().startswith("|"):
            if header is None:
                header = _header_above(page, left)
            if not _SEPARATOR.match(text) and header[0] < left:
                line = as_row(page[slice(*header)], text)
                found.append(Statement((header, (left, right)), line, f"{heading} {lead or before}", row=True))
            continue
        header = None
        line = readable(text)
        if _is_heading(text, line, known):
            heading, lead, before, columns = line, "", "", None
        elif line.endswith(_ASKS) and len(line) < LONGEST:
            lead, before = line, ""
        elif line.endswith(_LEADS) and len(line) < LONGEST:
            lead, before = line, line
        elif _bare(text):
            if columns is None and _names_columns(line):
                columns = (left, right)
            elif columns and len(page[slice(*columns)].split()) == len(line.split()):
                shown = as_row(page[slice(*columns)], text)
                found.append(Statement((columns, (left, right)), shown, f"{heading} {lead}", row=True))
                continue
            names_them = readable(page[slice(*columns)]) if columns and columns[0] != left else ""
            found.append(Statement(((left, right),), line, f"{heading} {lead} {names_them}", row=bool(names_them)))
        else:
            columns = None
            item = bool(_MARK.match(text))
            found.append(Statement(((left, right),), line, f"{heading} {lead}", before="" if item else before))
            before = line
            if "\n\n" in page[right : right + 3] and not item:
                lead = ""
    return found


def readable(text: str) -> str:
    """A quote on one line, as text of a paragraph: list marks, names of fields and line breaks gone."""
    line = re.sub(r"\s+", " ", _WRAPPED.sub("", text)).strip()
    line = _FIELD.sub("", _MARK.sub("", line))
    return line[:-1].rstrip() if line.endswith(_JOINS) else line


def as_row(header: str, row: str) -> str:
    """A table's row in words: 'City group: Abroad; Meals per day: 55 euros'."""
    heads, cells = _cells(header), _cells(row)
    chinese = any(map(is_cjk, header + row))
    colon, semicolon = ("\uff1a", "\uff1b") if chinese else (": ", "; ")
    if len(heads) < len(cells):
        heads += [""] * (len(cells) - len(heads))
    return semicolon.join(
        f"{head}{colon}{cell}" if head else cell for head, cell in zip(heads, cells, strict=False) if cell
    )


def _cells(line: str) -> list[str]:
    line = line.strip()
    if line.startswith("|"):
        return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))]
    return line.split()


def _header_above(page: str, row: int) -> Span:
    """The first line of the table that the row at `row` belongs to."""
    top = row
    while top > 0:
        begin = page.rfind("\n", 0, top - 1) + 1
        if not page[begin : top - 1].lstrip().startswith("|"):
            break
        top = begin
    stop = page.find("\n", top)
    line = page[top : len(page) if stop < 0 else stop]
    left = top + len(line) - len(line.lstrip())
    return left, top + len(line.rstrip())


def _lines(page: str, start: int, end: int) -> Iterator[Span]:
    """Sentences; where lines are facts of their own or of a program, or the first is a heading, the lines."""
    text = page[start:end]
    for left, right in sentences(text):
        piece = text[left:right]
        lines = [m.span() for m in re.finditer(r"[^\n]+", piece) if m.group().strip()]
        if len(lines) > 1 and not piece.startswith(("```", "~~~")):
            first = piece[slice(*lines[0])].rstrip()
            facts = sum(bool(_FACT.match(piece[slice(*line)])) for line in lines)
            if (facts >= 2 and facts * 2 > len(lines)) or (len(piece) > LONGEST and len(piece) < 80 * len(lines)):
                for a, b in lines:
                    yield trimmed(page, start + left + a, start + left + b)
                continue
            if (
                (_HEADING.match(first) or first.endswith(_ASKS))
                and len(first) <= LONGEST_LINE
                and first[-1] not in ".。"
            ):
                yield trimmed(page, start + left, start + left + lines[0][1])
                yield trimmed(page, start + left + lines[1][0], start + right)
                continue
        yield start + left, start + right


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
        or len(line) < 3
        or not any(map(str.isalnum, line))
        or (" | " in line and _bare(text))
    ):
        return True
    return bool(_HEADING.match(text)) and _bare(text) and not any(char.isdigit() for char in line[4:])


def _bare(line: str) -> bool:
    """A short line that no full stop ends and no list mark begins."""
    return len(line) <= LONGEST_LINE and line[-1:] not in _STOPS and "\n" not in line and not _MARK.match(line)


def _names_columns(line: str) -> bool:
    """Three or more words and no number, colon or equals sign: the first line of a table that was printed."""
    return len(line.split()) >= 3 and not any(char.isdigit() or char in ":=\uff1a" for char in line)


def _folded(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()
