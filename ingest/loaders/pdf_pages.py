"""From the lines of all pages of a PDF or a scan to its pages: what runs left out, sections carried on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

from ingest.documents import Page
from ingest.language import columns
from ingest.loaders.layout import Composer, bare, descend
from ingest.loaders.pdf_columns import Drawn, Piece, bands, is_prose
from ingest.loaders.pdf_lines import WIDE, compose, hyphen, title_key, vocabulary
from ingest.loaders.pdf_page import Leaf, Line
from ingest.loaders.pdf_running import Running, running
from ingest.loaders.pdf_tables import continued
from ingest.loaders.pdf_words import HYPHEN
from ingest.loaders.table_pages import add_tables

Outline = list[tuple[int, int, str]]
"""Entries of an outline: page index from 0, level from 1, title."""
_SPACE = 1.5
"""Space above a line, in its height, from which it begins a paragraph whatever the widths of the lines: that of text in
double spacing is less."""
_INDENT = 2.5
"""How far the lines of a column begin from one another at most, in their height."""
_ALONE = Running(frozenset(), frozenset(), "")


def pages_of(
    leaves: Sequence[Leaf], comments: Sequence[Sequence[str]], outline: Outline, labels: Sequence[str]
) -> tuple[Page, ...]:
    """The pages, `comments` below the text of each; `labels`: their names in the document's own numbering, or ''."""
    words = vocabulary([leaf.text for leaf in leaves])
    path: tuple[str, ...] = ()
    levels: tuple[int, ...] = ()
    pages = []
    above: Drawn | None = None
    for index, (leaf, runs) in enumerate(zip(leaves, running(leaves), strict=True)):
        entries = [(level, title) for at, level, title in outline if at == index]
        titles = {title_key(title): level for level, title in entries}
        page = Composer()
        groups = _groups(leaf, runs)
        if groups and above and (table := groups[0][0].table):
            groups[0][0] = groups[0][0]._replace(table=continued(above, table))
        above = groups[-1][-1].table if groups else above
        _add(page, groups, titles, words)
        for comment in comments[index]:
            page.add("paragraph", comment)
        text = page.text
        headings = [(b.level, bare(text[b.start : b.end])) for b in page.blocks if b.kind == "heading"]
        on_page = {title_key(title) for _, title in headings}
        section = path
        for level, title in entries:
            # A section whose heading is not among the lines begins, as far as can be known, with the page.
            if title_key(title) not in on_page:
                path, levels = descend(path, levels, level, title)
                section = path
        for level, title in headings:
            path, levels = descend(path, levels, level, title)
        label = labels[index] or (runs.folio if runs.folio != str(index + 1) else "")
        pages.append(Page(index + 1, text, page.blocks, section, label, leaf.places))
    return tuple(pages)


def add_leaf(page: Composer, leaf: Leaf) -> None:
    """Put the lines of a picture that stands within a document on its page."""
    _add(page, _groups(leaf, _ALONE), {}, vocabulary([leaf.text]))


def _add(page: Composer, groups: Sequence[list[Line]], titles: Mapping[str, int], words: Counter[str]) -> None:
    for lines in groups:
        if lines[0].blocks:
            for kind, text, level in lines[0].blocks:
                page.add(kind, text, level)
        elif table := lines[0].table:
            rows = [[_mend(text, words) for text in cells] for cells in table.grid.rows]
            add_tables(page, replace(table.grid, rows=rows))
        else:
            widths, ends = _columns(lines)
            ends |= {n for n, (line, below) in enumerate(pairwise(lines)) if _ends(line, below)}
            compose(page, [_mend(line.text, words) for line in lines], titles, words, ends, widths)


def _columns(lines: Sequence[Line]) -> tuple[dict[int, int], set[int]]:
    """The lines that stand in narrow columns of prose, with the width of theirs in letters, and those of them below which
    there is more space than usual."""
    widths: dict[int, int] = {}
    ends: set[int] = set()
    runs = [[0]]
    for n, (line, below) in enumerate(pairwise(lines), 1):
        if not _under(line, below):
            runs.append([])
        runs[-1].append(n)
    for run in runs:
        width = max(columns(lines[n].text) for n in run)
        column = [[Piece(lines[n].text, box)] for n in run if (box := lines[n].box)]
        if width < WIDE and is_prose(column):
            widths |= dict.fromkeys(run, width)
            ends |= set(accumulate(map(len, bands(column)[:-1]), initial=run[0] - 1)) - {run[0] - 1}
    return widths, ends


def _under(a: Line, b: Line) -> bool:
    """True where `b` stands below `a` in its column, neither of them in pieces."""
    if a.box is None or b.box is None or a.parts or b.parts:
        return False
    return b.box.top < a.box.top and not _far(a, b) and abs(a.box.left - b.box.left) < _INDENT * a.box.height


def _groups(leaf: Leaf, runs: Running) -> list[list[Line]]:
    """The page's lines without those that run, in groups that have nothing in common, tables among them: the one copy of a
    header that stays is apart from what follows."""
    groups: list[list[Line]] = []
    before: Line | None = None
    stays = False
    for n, line in enumerate(leaf.lines):
        if n in runs.dropped:
            continue
        apart = (stays or n in runs.first) and before is not None and _far(before, line)
        if before is None or apart or _whole(before) or _whole(line):
            groups.append([])
        groups[-1].append(line)
        before, stays = line, n in runs.first
    return groups


def _whole(line: Line) -> bool:
    """Whether it is no line but a part of the page as it will stand."""
    return bool(line.blocks) or line.table is not None


def _far(a: Line, b: Line) -> bool:
    """True for two lines with nearly a line's height between them."""
    return a.box is not None and b.box is not None and a.box.bottom - b.box.top > 0.8 * min(a.box.height, b.box.height)


def _ends(a: Line, b: Line) -> bool:
    """True where `b` can't go on with the paragraph of `a`: one is a row of a table, or `b` stands far below it, above it without being beside it, or a row of
    three and more cells below a line of text."""
    if a.apart or b.apart:
        return True
    if a.box is None or b.box is None or b.text[:1].islower():
        return False
    if len(b.parts) > 2 and not a.parts:
        return True
    beside = b.box.left >= a.box.right or a.box.left >= b.box.right
    return a.box.bottom - b.box.top > _SPACE * min(a.box.height, b.box.height) or (
        b.box.bottom > a.box.top and not beside
    )


def _mend(line: str, words: Counter[str]) -> str:
    """PDFium at times joins the halves of a broken word itself and leaves its sign between them."""
    while 0 < (at := line.find(HYPHEN)) < len(line) - 1:
        line = line[:at] + hyphen(line[:at], line[at + 1 :], words) + line[at + 1 :]
    return line
