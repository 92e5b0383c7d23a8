"""A grid taken apart where empty rows and columns stand: the rectangles that may be tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingest.loaders.grid import Grid, Span, carried
from ingest.loaders.header_rows import Places, is_figure


@dataclass(frozen=True, slots=True)
class Part:
    """Neighbouring rows with text, and the columns of the grid in which they have any."""

    places: Places
    columns: tuple[int, ...]
    gap: int
    """Empty rows above it."""


def parts(grid: Grid) -> Iterator[Part]:
    """The parts from top to bottom, those beside one another from left to right."""
    rows = carried(grid)
    begun: dict[int, list[Span]] = {}
    for span in grid.spans:
        begun.setdefault(span.top, []).append(span)
    own = [any(text.strip() for text in source) for source in grid.rows]
    covered = {at for span in grid.spans for at in range(span.top + 1, min(span.bottom, len(rows) - 1) + 1)}
    run: list[int] = []
    gap = waiting = 0
    for at in range(len(rows) + 1):
        if at < len(rows) and own[at]:
            if run and at in grid.heads and run[-1] not in grid.heads:
                yield from _side_by_side(grid, rows, begun, run, gap)
                run, gap = [], 0
            gap = gap if run else waiting
            waiting = 0
            run.append(at)
        elif run and at in covered:
            continue  # an empty row that a cell from above reaches into parts nothing
        else:
            waiting += 1
            if run:
                yield from _side_by_side(grid, rows, begun, run, gap)
                run = []


def _side_by_side(
    grid: Grid, rows: list[list[str]], begun: Mapping[int, Sequence[Span]], run: list[int], gap: int
) -> Iterator[Part]:
    filled = [n for n in range(len(rows[run[0]])) if any(rows[at][n].strip() for at in run)]
    groups: list[list[int]] = []
    for column in filled:
        if not groups or column - groups[-1][-1] > 1:
            groups.append([])
        groups[-1].append(column)
    if not all(len(group) > 1 and _keyed(rows, run, group[0]) for group in groups):
        aside = [group for group in groups[1:] if _aside(rows, run, group)]
        groups = [[n for n in filled if not any(n in group for group in aside)], *aside]
    for group in groups:
        kept = [at for at in run if any(rows[at][column].strip() for column in group)]
        yield Part(_places(grid, rows, begun, kept, group), tuple(group), gap)


def _aside(rows: Sequence[Sequence[str]], run: Sequence[int], group: Sequence[int]) -> bool:
    """Whether two columns are names with their figures that stand beside a list, such as its sums: not in each of its rows,
    and without a name above the figures."""
    said = [[rows[at][n].strip() for n in group] for at in run]
    figures = [pair[-1] for pair in said if pair[-1]]
    alone = len(group) == 2 and _keyed(rows, run, group[0]) and not all(map(any, said))
    return alone and len(figures) > 1 and all(map(is_figure, figures))


def _keyed(rows: Sequence[Sequence[str]], run: Sequence[int], column: int) -> bool:
    """Whether a column can be the first of a table: two names or more, each but once."""
    names = [text for at in run if (text := rows[at][column].strip())]
    return len(names) > 1 and len(set(names)) == len(names) and not any(map(is_figure, names))


def _places(
    grid: Grid,
    rows: Sequence[Sequence[str]],
    begun: Mapping[int, Sequence[Span]],
    kept: Sequence[int],
    columns: Sequence[int],
) -> Places:
    """`begun`: the spans by the row they begin in."""
    place = {column: n for n, column in enumerate(columns)}
    at = {number: n for n, number in enumerate(kept)}
    grouped: list[list[tuple[int, int]]] = [[] for _ in kept]
    below = [0] * len(kept)
    for span in (span for number in kept for span in begun.get(number, ())):
        inside = [place[n] for n in columns if span.left <= n <= span.right]
        if not inside or not rows[span.top][span.left].strip():
            continue
        if 1 < len(inside) < len(columns):
            grouped[at[span.top]].append((inside[0], inside[-1]))
        first = at[span.top]
        reach = sum(number <= span.bottom for number in kept[first + 1 : first + 50])
        below[first] = max(below[first], reach)
    own = [[source[n] if n < len(source) else "" for n in columns] for source in (grid.rows[n] for n in kept)]
    shown = [[rows[number][column] for column in columns] for number in kept]
    heads = [number in grid.heads or number in grid.bold for number in kept]
    names = [frozenset(place[n] for n in columns if (number, n) in grid.names) for number in kept]
    return Places(shown, own, heads, grouped, below, names)
