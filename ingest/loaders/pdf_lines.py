"""From the lines of a PDF page to its paragraphs, tables, lists and headings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from ingest.language import columns, is_cjk
from ingest.loaders.headings import ends_in_page_number, heading_level, is_contents
from ingest.loaders.layout import Composer
from ingest.loaders.pdf_words import HYPHEN
from ingest.loaders.plain import BULLET

CAPTION = 16
"""Lines above the first row of a table that can belong to it."""
NARROW = 40
WIDE = 60
"""Width of the widest line around from which the width of a line tells whether it goes on."""

_CELL = re.compile(
    r"[$¥\uffe5€£HKRMBUS]*[(\uff08]?[-+−]?[$¥\uffe5€£]?\d(?:[\d,.\uff0c]*\d)?[)\uff09]?"
    r"(?:[%\uff05]|pts?|bps|x|[万亿]?元?)?[)\uff09]?|[—–-]|N/?[AM]|n/?[am]|[$¥\uffe5€£%\uff05)\uff09]+"
)
"""A cell of figures: an amount, a year, a dash for nothing, a loose currency or percent sign."""

_CLAUSE = re.compile(r"第\s*[一二三四五六七八九十百零〇两\d]+\s*[条款项]")
"""How an article of a law or a contract begins."""
_NO_LETTER = re.compile(r"[\W_]+")
_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")
_STOPS = tuple(".。!\uff01?\uff1f:\uff1a;\uff1b”」")


def vocabulary(pages: Sequence[str]) -> Counter[str]:
    """How often each word of Latin letters, hyphens included, stands within a line of the document."""
    words: Counter[str] = Counter()
    for page in pages:
        words.update(_WORD.findall(page.lower()))
    return words


def is_row(line: str) -> bool:
    """True for a row of a table of figures: it ends in at least two cells of figures, or is made of them."""
    if line[-1:].islower() and line[-4:].isalpha():  # most lines of prose, spared the trouble
        return False
    tokens = line.split()
    count = figures = 0
    for token in reversed(tokens):
        if not _CELL.fullmatch(token):
            break
        count += 1
        figures += any(c.isdigit() for c in token) or token in ("—", "–", "-")
    return figures >= 2 or (count == len(tokens) and figures >= 1)


def compose(
    page: Composer,
    lines: Sequence[str],
    titles: Mapping[str, int],
    words: Counter[str],
    ends: AbstractSet[int],
    widths: Mapping[int, int],
) -> None:
    """Put lines that belong together on the page.

    `titles`: outline entries of the page with their level, by `title_key`; `words`: the document's `vocabulary`;
    `ends`: lines known to end their paragraph; `widths`: those known to stand in a narrow column of prose, with its width.
    Lines are joined where the first is as wide as its surroundings: there the width broke it, not the author.
    Rows of tables stay lines of their own, and so do headings and the first line of each list item.
    """
    contents = is_contents(lines)
    figures = [is_row(line) for line in lines]
    found = [0 if figures[n] else _level(lines, n) for n in range(len(lines))]
    if contents:  # an index below the heading of its part leaves that one heading
        found = [level if level == 2 and found.count(2) == 1 else 0 for level in found]
    levels = found
    if titles:
        levels = [titles.get(title_key(line), 0) or level for line, level in zip(lines, found, strict=True)]
    rows = [row and not level for row, level in zip(figures, levels, strict=True)]
    n = 0
    while n < len(lines):
        if contents and not levels[n] and ends_in_page_number(lines[n]):
            page.add("paragraph", lines[n])
            n += 1
        elif levels[n]:
            end = _heading_end(lines, rows, levels, n)
            page.add("heading", " ".join(lines[n:end]), levels[n])
            n = end
        elif end := _table_end(lines, rows, levels, n):
            page.add("table", "\n".join(lines[n:end]))
            n = end
        else:
            n = _prose(page, lines, rows, levels, n, words, ends, widths)


def _level(lines: Sequence[str], n: int) -> int:
    before, after = (lines[n - 1] if n else ""), (lines[n + 1] if n + 1 < len(lines) else "")
    return heading_level(lines[n], before, after)


def _heading_end(lines: Sequence[str], rows: Sequence[bool], levels: Sequence[int], n: int) -> int:
    """The line after a heading; a wide one in capitals, or a bare 'NOTE 5', goes on in a line of capitals."""
    after = n + 1
    if after == len(lines) or rows[after] or levels[after] or columns(lines[after]) < 4:
        return after
    goes_on = lines[n].isupper() and lines[after].isupper() and not 12 < columns(lines[n]) < 70
    return after + goes_on


def title_key(title: str) -> str:
    """What a line and an outline entry have in common when they are the same heading."""
    return _NO_LETTER.sub("", title.casefold())


def _table_end(lines: Sequence[str], rows: Sequence[bool], levels: Sequence[int], start: int) -> int:
    """End of the table that begins at `start`, 0 when none does.

    A table is at least two rows with at most three short lines (labels, units, wrapped heads) between two of
    them; short lines right above belong to it as its caption and column heads (narrow ones, as heads that are
    wrapped in their columns are, where there are more than four).
    """
    first = next((n for n in range(start, min(start + CAPTION, len(lines))) if rows[n]), None)
    if first is None or any(levels[n] or _is_prose(lines[n]) for n in range(start, first)):
        return 0
    if any(columns(lines[n]) > NARROW for n in range(start + 1, first - 4)):
        return 0
    last, found = first, 1
    for n in range(first + 1, len(lines)):
        if rows[n]:
            last, found = n, found + 1
        elif levels[n] or _is_prose(lines[n]) or n - last > 3:
            break
    return last + 1 if found >= 2 else 0


def _is_prose(line: str) -> bool:
    """A line too wide, or too much of a sentence, to be the label of a row."""
    return columns(line) > 75 or (
        columns(line) > 40 and line.rstrip().endswith((".", "。", ";", "\uff1b", ",", "\uff0c"))
    )


def _prose(
    page: Composer,
    lines: Sequence[str],
    rows: Sequence[bool],
    levels: Sequence[int],
    n: int,
    words: Counter[str],
    ends: AbstractSet[int],
    widths: Mapping[int, int],
) -> int:
    """Add the paragraph or list that begins at line `n`; the line after it."""
    listed = bool(BULLET.match(lines[n]))
    items = [lines[n]]
    while n + 1 < len(lines) and not levels[n + 1]:
        following = lines[n + 1]
        bullet = bool(BULLET.match(following))
        if n in ends or (lines[n].endswith(_STOPS) and _CLAUSE.match(following)):
            break
        if not bullet and not rows[n] and not rows[n + 1] and _wrapped(lines, rows, n, widths.get(n, 0)):
            items[-1] = join(items[-1], following, words)
        elif bullet and listed:
            items.append(following)
        else:
            break
        n += 1
    page.add("list" if listed else "paragraph", "\n".join(items))
    return n + 1


def _wrapped(lines: Sequence[str], rows: Sequence[bool], n: int, narrow: int) -> bool:
    """True when line `n` was broken by the width of its column, that of a narrow one being known."""
    line = lines[n].rstrip()
    if line.endswith(HYPHEN):
        return True
    width = columns(line)
    if width < 30 and not narrow:
        return False
    around = range(max(0, n - 4), min(len(lines), n + 5))
    widest = narrow or max(columns(lines[m]) for m in around if not rows[m])
    following = lines[n + 1].lstrip()
    ended = line.endswith(_STOPS)
    if not ended and following[:1].islower() and line[-1:].isalnum():
        return True
    if not is_cjk(line[-1:]) and widest < WIDE and not narrow:
        return False  # a narrow table or a list of contents, or a column too narrow to tell
    if ended and columns(following) < 0.75 * width and not following.endswith(_STOPS) and not following[:1].islower():
        return False  # a short line that ends without a stop: a title
    # Otherwise, where the next word would have fitted, the author ended the line.
    word = 2 if is_cjk(following[:1]) else len(following.split(" ", 1)[0]) + 1
    fits = width + word <= widest * (0.97 if ended else 0.85)
    return not fits


def join(first: str, second: str, words: Counter[str]) -> str:
    """Two lines of one paragraph as one: a blank between words, none between CJK characters, hyphens mended."""
    first, second = first.rstrip(), second.lstrip()
    if first.endswith((HYPHEN, "-")) and len(first) > 1 and first[-2].isalpha() and second[:1].isalpha():
        return first[:-1] + hyphen(first[:-1], second, words, certain=first.endswith(HYPHEN)) + second
    first = first.replace(HYPHEN, "-")
    if first and second and is_cjk(first[-1]) and is_cjk(second[0]):
        return first + second
    return f"{first} {second}"


def hyphen(before: str, after: str, words: Counter[str], *, certain: bool = True) -> str:
    """'-' when the word broken between the two keeps its hyphen, '' when the hyphen came from the line's end.

    The document's own spelling decides; a word not seen elsewhere loses it only if it goes on in lower case.
    """
    left = re.search(r"[A-Za-z]*$", before)
    right = re.match(r"[A-Za-z]*", after)
    a, b = (left.group().lower() if left else ""), (right.group().lower() if right else "")
    plain, hyphened = words[a + b], words[f"{a}-{b}"]
    if plain != hyphened:
        return "" if plain > hyphened else "-"
    known = words[a] > 0 and words[b] > 0
    return "-" if not after[:1].islower() or (known and not certain) else ""
