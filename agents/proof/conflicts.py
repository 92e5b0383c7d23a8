"""Two documents that give different values for one thing, such as an older and a newer version of a rule.

A statement (`agents.proof.statements`) that an answer rests on is held against the statements of the other hits.

versions    of one document, by their titles: what says the same but for its numbers, or for a name behind 'by' or 'is'; a row
            beside the row with the same key, column by column. Under headings that say something else it is another subject.
named       one document names the other, as what changes a clause of it does: the statement there that comes nearest
any others  but siblings, alike but for a name (offices, rooms, models): what answers the same question with other numbers

What stands in both documents is changed by neither. Statements in two languages can't be aligned and never conflict. Much that
differs is not the same thing: one conflict too few is better than one that is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from agents.proof import dating
from agents.proof.editions import NAMED, date_of, file_of, is_draft, kinship, outdates
from agents.proof.frames import SIBLINGS, VERSIONS, differing, exchanged, framed, half_shared, is_name, replaced
from agents.proof.numbers import Quantity, agrees, stated
from agents.proof.rarity import canonical_terms
from agents.proof.sources import Pages, page_of
from agents.proof.statements import Statement, readable, statements
from agents.proof.tables import cells, rows_below
from ingest.documents import Hit
from ingest.folding import fold
from ingest.language import say
from ingest.orders import gives_orders
from ingest.periods import Period
from ingest.sentences import Span

_BECOMES = re.compile(r".*[:：]\s*(?!\d)", re.DOTALL)
SHARED = 2
"""Content terms, with those of one's title, that statements of unlike documents must share at least."""


@dataclass(frozen=True, slots=True)
class Version:
    """What `hit`, the `n`th (from 1), states at start:end of its page."""

    n: int
    hit: Hit
    start: int
    end: int
    value: str
    """The value as written: '480 元'."""
    dated: Period | None = None
    """When it holds from, as far as it says."""

    @property
    def document(self) -> str:
        """Its title."""
        return readable(self.hit.document)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two or more versions of one statement: newest first when all are dated, in the order of the hits otherwise; drafts last."""

    versions: tuple[Version, ...]

    def counting(self, at: Period | None = None) -> Version | None:
        """The one that counts, now or in the period `at`; None when a date is missing or leaves it open."""
        valid = [v for v in self.versions if not is_draft(v.hit)]
        for one in valid:
            others = [v for v in valid if v is not one]
            if all(one.dated and v.dated and outdates(one.dated, v.dated, at) for v in others):
                return one
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
        which = say(en="no date says which is newer", zh="没有日期说明哪一个更新")
        if self.counting():
            which = say(en="the first is newer", zh="前者较新")
        if is_draft(self.versions[-1].hit):
            which = say(en="the last is a draft", zh="最后一个是草案")
        return say(en=f"The documents disagree: {said}; {which}.", zh=f"文档说法不一：{said}；{which}。")

    def _notes(self, version: Version) -> list[str]:
        """What stands in brackets behind a title: its date, and where several are called the same the file's name."""
        twins = {file_of(v.hit) for v in self.versions if v.document == version.document}
        notes = [version.dated.text] if version.dated else []
        return [*notes, file_of(version.hit)] if len(twins) > 1 else notes


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
    `units` where it asks for some.
    """
    shelf = _Shelf(hits, pages, answering, units)
    found: list[Conflict] = []
    seen: list[set[tuple[int, int, int, str]]] = []
    for n, start, end in proven:
        for said in shelf.said(n):
            left, right = said.statement.spans[-1]
            if left < end and start < right:
                for conflict in _against(said, shelf):
                    values = {(hits[v.n - 1].document_id, v.start, v.end, v.value) for v in conflict.versions}
                    if not any(len(values & told) > 1 for told in seen):
                        seen.append(values)
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
        when, whole = next(filter(None, map(dating.named, above)), None), date_of(said.hit, self.pages)
        within = when and whole and when.first <= whole.first <= whole.last <= when.last
        return whole if within else when or whole


def _said(n: int, hit: Hit, statement: Statement, page: str) -> _Said:
    when, bare = dating.in_force(statement.text)
    if not (statement.row and len(statement.spans) == 2):
        return _Said(n, hit, statement, when, bare)
    heads, values = (cells(page[slice(*span)]) for span in statement.spans)
    keys = tuple(fold(cells(page[slice(*row)])[0]) for row in rows_below(page, statement.spans[0]))
    return _Said(n, hit, statement, when, bare, tuple(zip(heads, values, strict=False)), keys)


def _against(said: _Said, shelf: _Shelf) -> Iterator[Conflict]:
    """The conflicts of one statement, one for each of its values."""
    own: list[_Said] = []
    documents: dict[tuple[int, str], list[_Said]] = {}
    for n, hit in enumerate(shelf.hits, 1):
        kin = SIBLINGS if n == said.n else kinship(said.hit, hit)
        if kin != SIBLINGS:
            documents.setdefault((hit.document_id, kin), []).extend(shelf.said(n))
        elif hit.document_id == said.hit.document_id:
            own += shelf.said(n)
    by_value: dict[Span, list[tuple[_Said, str, str]]] = {}
    for (_, kin), others in documents.items():
        if any(other.bare == said.bare for other in others):
            continue
        for place, mine, other, theirs in _apart(said, own, others, kin, shelf):
            by_value.setdefault(place, []).append((other, mine, theirs))
    for differ in by_value.values():
        versions = {(said.hit.document_id, fold(differ[0][1])): _version(said, differ[0][1], shelf)}
        for other, _, value in differ:
            versions.setdefault((other.hit.document_id, fold(value)), _version(other, value, shelf))
        yield Conflict(_ordered(list(versions.values())))


def _apart(
    said: _Said, own: list[_Said], others: list[_Said], kin: str, shelf: _Shelf
) -> list[tuple[Span, str, _Said, str]]:
    """(place, value there, statement of another document, its value) for each value in which that says otherwise: the same but
    for it, or in other words and told whole."""
    unlike = [one for one in others if one.bare not in {mine.bare for mine in own} and _same_subject(said, one, kin)]
    if kin == VERSIONS and (found := [apart for other in unlike for apart in _values(said, other)]):
        return found
    answering = [
        one for one in unlike if (one.n, one.statement) in shelf.answering and _disagree(said, one, shelf.units)
    ]
    near = _nearest(said, unlike) if kin == NAMED else None
    changed = [near] if near and _nearest(near, own) is said and _changed(said, near) else []
    return [_whole(said, one) for one in (answering or changed)[:1]]


def _nearest(said: _Said, among: list[_Said]) -> _Said | None:
    """What shares the most words with a statement, besides those that name the documents."""

    def common(one: _Said) -> int:
        titles = framed(f"{said.hit.document} {one.hit.document}").words
        return ((framed(said.bare).words & framed(one.bare).words) - titles).total()

    return max(among, key=common, default=None)


def _whole(said: _Said, other: _Said) -> tuple[Span, str, _Said, str]:
    return (0, 0), f"“{said.statement.text}”", other, f"“{other.statement.text}”"


def _disagree(one: _Said, other: _Said, units: frozenset[str]) -> bool:
    """Whether both give numbers, of `units` if any, and share none."""
    mine, theirs = (
        [number for number in framed(said.bare).numbers if not units or number.kind in units] for said in (one, other)
    )
    return bool(mine and theirs) and not any(agrees(number, theirs) for number in mine)


def _changed(one: _Said, other: _Said) -> bool:
    """Whether statements that share half of their words differ in a number, or one denies what the other doesn't; of what says
    that something becomes something else, what it becomes."""
    mine, theirs = (framed(_BECOMES.sub("", said.bare)) for said in (one, other))
    sides = (mine.numbers, theirs.numbers), (theirs.numbers, mine.numbers)
    numbers = all(any(not agrees(number, there) for number in here) for here, there in sides)
    return half_shared(mine, theirs) and (numbers or mine.tokens.count("¬") != theirs.tokens.count("¬"))


def _same_subject(one: _Said, other: _Said, kin: str) -> bool:
    """Whether two statements can be about the same thing. Between versions, headings and what leads a list must say
    nothing different ('Interns' against 'Staff' does); others must share some terms."""
    if bool(one.cells) != bool(other.cells) or (kin != VERSIONS and one.cells):
        return False
    if kin == VERSIONS:
        mine, theirs = (
            framed(dating.undated(" ".join([*said.hit.section[-1:], said.statement.context]))) for said in (one, other)
        )
        return not replaced(mine, theirs)
    bare = [canonical_terms(said.bare) for said in (one, other)]
    titled = [canonical_terms(f"{said.hit.document} {said.bare}") for said in (one, other)]
    return bare[0] == bare[1] or len((bare[0] & titled[1]) | (bare[1] & titled[0])) >= SHARED


def _values(one: _Said, other: _Said) -> Iterator[tuple[Span, str, _Said, str]]:
    """The values in which statements of two versions differ that are the same otherwise; the whole where several do, or what one
    counts has no unit."""
    if one.cells:
        for at, mine, theirs in _cells_apart(one, other):
            yield (at, at), mine, other, theirs
        return
    found = differing(framed(one.bare), framed(other.bare))
    if len(found) > 1 or (found and not found[0][0].kind):
        yield _whole(one, other)
    elif found:
        mine, theirs = (_written(said, number) for said, number in zip((one, other), found[0], strict=True))
        yield (found[0][0].at, 0), mine, other, theirs
    elif names := exchanged(one.bare, other.bare):
        yield (1, 1), names[0], other, names[1]


def _written(said: _Said, number: Quantity) -> str:
    """A number with its unit, as the statement has it."""
    return said.bare[number.at : number.at + len(number.surface)].strip()


def _cells_apart(one: _Said, other: _Said) -> Iterator[tuple[int, str, str]]:
    """Cells of the same column that hold different quantities or names, where the rows have the same key."""
    key = fold(one.cells[0][1])
    if key != fold(other.cells[0][1]) or fold(one.cells[0][0]) != fold(other.cells[0][0]):
        return
    if one.keys.count(key) != 1 or other.keys.count(key) != 1:
        return
    theirs = {fold(column): cell for column, cell in other.cells[1:]}
    for at, (column, cell) in enumerate(one.cells[1:], 1):
        against = theirs.get(fold(column), "")
        mine, yours = stated(cell), stated(against)
        numbers = len(mine) == len(yours) == 1 and mine[0].kind == yours[0].kind and not agrees(mine[0], yours)
        words = not mine and not yours and fold(cell) != fold(against) and is_name(cell) and is_name(against)
        if numbers or words:
            yield at, cell, against


def _version(said: _Said, value: str, shelf: _Shelf) -> Version:
    return Version(said.n, said.hit, *said.statement.spans[-1], value, shelf.date(said))


def _ordered(versions: list[Version]) -> tuple[Version, ...]:
    found = sorted(versions, key=lambda v: v.n)
    if all(v.dated or is_draft(v.hit) for v in found):
        found.sort(key=lambda v: v.dated.first if v.dated else "", reverse=True)
    return tuple(sorted(found, key=lambda v: is_draft(v.hit)))
