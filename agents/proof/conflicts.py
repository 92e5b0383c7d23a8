"""Two documents that give different values for one thing, such as an older and a newer version of a rule.

A statement (`agents.proof.statements`) that an answer rests on is held against the statements of the other hits. They
conflict when they say the same but for one value:

    words      the same in the same order, up to synonyms, function words and 'raised to'
    numbers    as many, each in the same kind of unit; one differs and all others agree
    the rest   neither denies, bounds or compares what the other doesn't; dates from which they hold are set aside
    subject    the documents are versions of each other by their titles, or the statements share a name or many words;
               titles alike but for a name (offices, rooms, models) are never versions, articles about their titles
               only where the statements name the same

A row of a table is held against the rows with the same key, column by column, whatever the order of the columns. Between
versions of a document a name exchanged behind 'by' or 'is' is a value too, and so is the number with which either answers
the question, in whatever words. Statements in two languages can't be aligned
and never conflict. Much that differs is not the same thing: one conflict too few is better than one that is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from agents.proof import dating
from agents.proof.editions import date_of, file_of, kinship
from agents.proof.frames import SIBLINGS, UNLIKE, VERSIONS, differing, exchanged, framed, match
from agents.proof.numbers import agrees, claimed, stated
from agents.proof.sources import Pages, page_of
from agents.proof.statements import Statement, statements
from agents.proof.tables import cells, rows_below
from ingest.documents import Hit
from ingest.folding import fold
from ingest.language import say
from ingest.orders import gives_orders
from ingest.periods import Period

WORDS_WITH_NAME, WORDS_ALONE = 3, 8
"""Content words (Chinese: characters) that statements of unlike documents must share at least, with a name or code in
both and without. Of 6,321 statements of the sample and the measuring sets held against all hits whatever their titles,
those that were wrongly found to conflict shared 6 ('体长可达80公分。' of three fishes)."""


@dataclass(frozen=True, slots=True)
class Version:
    """What hit `n` (from 1) states at start:end of its page."""

    n: int
    document: str
    start: int
    end: int
    text: str
    """The statement as one readable line."""
    value: str
    """The value as written: '480 元'."""
    dated: Period | None = None
    """When it holds from, as far as it says."""
    file: str = ""
    """The file's name."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two or more versions of one statement: newest first when all are dated, in the order of the hits otherwise."""

    versions: tuple[Version, ...]

    @property
    def newest(self) -> Version | None:
        """The one that its date makes later than all others; None when a date is missing or leaves it open."""
        first, *others = self.versions
        if first.dated and all(v.dated and first.dated.first > v.dated.last for v in others):
            return first
        return None

    def __str__(self) -> str:
        """One sentence for a reader, in the language in force."""
        comma = say(en=", ", zh="，")
        noted = [(v, comma.join(self._notes(v))) for v in self.versions]
        said = comma.join(
            say(
                en=f"“{v.document}”{notes and f' ({notes})'} says {v.value}",
                zh=f"《{v.document}》{notes and f'（{notes}）'}为 {v.value}",
            )
            for v, notes in noted
        )
        if self.newest:
            return say(
                en=f"The documents disagree: {said}; the first is newer.", zh=f"文档说法不一：{said}；前者较新。"
            )
        return say(
            en=f"The documents disagree: {said}; no date says which is newer.",
            zh=f"文档说法不一：{said}；没有日期说明哪一个更新。",
        )

    def _notes(self, version: Version) -> list[str]:
        """What stands in brackets behind a title: its date, and where several are called the same the file's name."""
        twins = [v.file for v in self.versions if v.document == version.document]
        notes = [version.dated.text] if version.dated else []
        return [*notes, version.file] if len(set(twins)) > 1 else notes


@dataclass(frozen=True, slots=True)
class _Said:
    """A statement of hit `n`."""

    n: int
    hit: Hit
    statement: Statement
    when: Period | None
    """The date it names itself."""
    bare: str
    """The statement, folded, without that date."""
    cells: tuple[tuple[str, str], ...] = ()
    """Of a row: (column, cell)."""
    keys: tuple[str, ...] = ()
    """Of a row: the first column's cells in its whole table."""


def conflicts(
    proven: Sequence[tuple[int, int, int]],
    hits: Sequence[Hit],
    pages: Pages,
    answering: Sequence[tuple[int, Statement]] = (),
    units: frozenset[str] = frozenset(),
) -> tuple[Conflict, ...]:
    """The conflicts between what an answer rests on and the other hits.

    `proven` are its quotes: (number of the hit from 1, start, end on the hit's page). A quote whose page can't be read
    back, or has changed, has none. `answering` are statements of the hits that answer the same question with a number, of
    `units` where it asks for some: versions of a document that have another one there disagree, in whatever words.
    """
    shelf = _Shelf(hits, pages, answering, units)
    found: list[Conflict] = []
    seen: set[frozenset[tuple[int, int, int, str]]] = set()
    for n, start, end in proven:
        for said in shelf.said(n):
            left, right = said.statement.spans[-1]
            if left < end and start < right:
                for conflict in _against(said, shelf):
                    key = frozenset((hits[v.n - 1].document_id, v.start, v.end, v.value) for v in conflict.versions)
                    if key not in seen:
                        seen.add(key)
                        found.append(conflict)
    return tuple(found)


@dataclass(slots=True)
class _Shelf:
    """The statements of the hits, taken apart when first asked for."""

    hits: Sequence[Hit]
    pages: Pages
    answering: Sequence[tuple[int, Statement]]
    units: frozenset[str]
    _known: dict[int, list[_Said]] = field(default_factory=dict)
    _dates: dict[int, Period | None] = field(default_factory=dict)

    def said(self, n: int) -> list[_Said]:
        """What hit `n` states."""
        if n not in self._known:
            hit = self.hits[n - 1]
            page = page_of(self.pages, hit)
            useless = page[hit.start : hit.end] != hit.text or gives_orders(hit.text)
            pieces = [] if useless else statements(page, hit.start, hit.end, hit.headings)
            self._known[n] = [_said(n, hit, piece, page) for piece in pieces]
        return self._known[n]

    def date(self, said: _Said) -> Period | None:
        """From when a statement holds: its own date, its headings', its document's."""
        if said.when:
            return said.when
        above = [*reversed(said.hit.section), said.statement.context]
        if when := next(filter(None, map(dating.named, above)), None):
            return when
        hit = said.hit
        if hit.document_id not in self._dates:
            self._dates[hit.document_id] = date_of(hit, self.pages)
        return self._dates[hit.document_id]

    def of_its_title(self, hit: Hit) -> bool:
        """Whether the page speaks of what its title names, as an article does: then 'it' is named nowhere else, and the
        same sentence of another page is about something else."""
        title = dating.undated(hit.document).strip()
        lines = fold(page_of(self.pages, hit)).splitlines()
        return bool(title) and any(title in line and line.strip("# ") != title for line in lines)


def _said(n: int, hit: Hit, statement: Statement, page: str) -> _Said:
    when, bare = dating.in_force(statement.text)
    if not (statement.row and page[slice(*statement.spans[-1])].startswith("|") and len(statement.spans) == 2):
        return _Said(n, hit, statement, when, bare)
    heads, values = (cells(page[slice(*span)]) for span in statement.spans)
    keys = tuple(fold(cells(page[slice(*row)])[0]) for row in rows_below(page, statement.spans[0]))
    return _Said(n, hit, statement, when, bare, tuple(zip(heads, values, strict=False)), keys)


def _against(said: _Said, shelf: _Shelf) -> Iterator[Conflict]:
    """The conflicts of one statement, one for each of its values."""
    by_value: dict[tuple[int, int], list[tuple[_Said, str, str]]] = {}
    for n, hit in enumerate(shelf.hits, 1):
        if n == said.n:
            continue
        kin = kinship(said.hit, hit)
        if kin == SIBLINGS or (kin == UNLIKE and said.cells):
            continue
        if kin == UNLIKE and not framed(said.bare).names and (shelf.of_its_title(said.hit) or shelf.of_its_title(hit)):
            continue
        for other in shelf.said(n):
            if bool(said.cells) == bool(other.cells) and _same_subject(said, other, kin):
                for place, mine, theirs in _values(said, other, kin):
                    by_value.setdefault(place, []).append((other, mine, theirs))
    for others in by_value.values():
        versions = {(said.hit.document_id, fold(others[0][1])): _version(said, others[0][1], shelf)}
        for other, _, value in others:
            versions.setdefault((other.hit.document_id, fold(value)), _version(other, value, shelf))
        yield Conflict(_ordered(list(versions.values())))
    if not by_value:
        yield from _in_other_words(said, shelf)


def _in_other_words(said: _Said, shelf: _Shelf) -> Iterator[Conflict]:
    """The conflict of one statement with the one of another version that answers the same question and shares no number."""
    for n, statement in shelf.answering:
        if kinship(said.hit, shelf.hits[n - 1]) != VERSIONS:
            continue
        for other in shelf.said(n):
            if other.statement.spans != statement.spans or not _same_subject(said, other, VERSIONS):
                continue
            mine, theirs = (
                [number for number in claimed(one.bare) if not shelf.units or number.kind in shelf.units]
                for one in (said, other)
            )
            if mine and theirs and not any(agrees(number, theirs) for number in mine):
                versions = [_version(one, f"“{one.statement.text}”", shelf) for one in (said, other)]
                yield Conflict(_ordered(versions))
                return


def _same_subject(one: _Said, other: _Said, kin: str) -> bool:
    """Whether two statements can be about the same thing. Between versions, headings and what leads a list must say
    nothing different ('Interns' against 'Staff' does); others must share a name, or enough words."""
    if kin == VERSIONS:
        mine, theirs = (
            framed(dating.undated(" ".join([*said.hit.section[-1:], said.statement.context]))) for said in (one, other)
        )
        return not match(mine, theirs).replaced
    mine, theirs = framed(one.bare), framed(other.bare)
    return match(mine, theirs).shared >= (WORDS_WITH_NAME if mine.names & theirs.names else WORDS_ALONE)


def _values(one: _Said, other: _Said, kin: str) -> Iterator[tuple[tuple[int, int], str, str]]:
    """(place in `one`, value there, value in `other`) for each value in which the two differ."""
    if one.cells:
        yield from _cells_apart(one, other)
        return
    mine, theirs = framed(one.bare), framed(other.bare)
    for at in differing(mine, theirs):
        places = [(frame.slots[at].start, frame.slots[at].end) for frame in (mine, theirs)]
        yield places[0], _written(one, mine.text, places[0]), _written(other, theirs.text, places[1])
    if kin == VERSIONS and (names := exchanged(mine, theirs)):
        yield names[0], _written(one, mine.text, names[0]), _written(other, theirs.text, names[1])


def _cells_apart(one: _Said, other: _Said) -> Iterator[tuple[tuple[int, int], str, str]]:
    """Cells of the same column that hold different quantities, where the rows have the same key."""
    key = fold(one.cells[0][1])
    if key != fold(other.cells[0][1]) or fold(one.cells[0][0]) != fold(other.cells[0][0]):
        return
    if one.keys.count(key) != 1 or other.keys.count(key) != 1:
        return
    theirs = {fold(column): cell for column, cell in other.cells[1:]}
    for at, (column, cell) in enumerate(one.cells[1:], 1):
        against = theirs.get(fold(column), "")
        mine, yours = stated(cell), stated(against)
        if len(mine) == len(yours) == 1 and mine[0].kind == yours[0].kind and not agrees(mine[0], yours):
            yield (at, at), cell, against


def _written(said: _Said, bare: str, place: tuple[int, int]) -> str:
    """The value as the statement has it, upper case and all."""
    value = bare[slice(*place)]
    at = fold(said.statement.text).find(value)
    same = len(fold(said.statement.text)) == len(said.statement.text)
    return said.statement.text[at : at + len(value)].strip() if same and at >= 0 else value.strip()


def _version(said: _Said, value: str, shelf: _Shelf) -> Version:
    start, end = said.statement.spans[-1]
    return Version(
        said.n, said.hit.document, start, end, said.statement.text, value, shelf.date(said), file_of(said.hit)
    )


def _ordered(versions: list[Version]) -> tuple[Version, ...]:
    by_hit = sorted(versions, key=lambda v: v.n)
    if any(v.dated is None for v in by_hit):
        return tuple(by_hit)
    return tuple(sorted(by_hit, key=lambda v: v.dated.first if v.dated else "", reverse=True))
