"""Packs the units of a page into passages of about the target size.

A passage is closed where a heading begins, or where the next unit would take it further above the target than it
is below it now; never right after a heading. What is embedded is the passage and, before it, its context: the
document's title, the section path, and the header row where a table was split. Only the passage is quoted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import takewhile

from ingest.chunking.units import Limits, Outline, Splitter, Unit, blocks_of, heading_text
from ingest.documents import Chunk, Page, Parsed

_BETWEEN = " › "
_WORD = re.compile(r"[^\W\d_]{3,}|[\u3400-\u9fff]{2}")
_YEAR = re.compile(r"(?:19|20)\d\d")
_BETWEEN_WORDS = re.compile(r"[\s_]+")
TARGET_TOKENS = 192
"""Recall@1 at 160/192/256: XQuAD zh→zh .947/.950/.950, en→en .963/.963/.967, en→zh .727/.740/.743, zh→en
.730/.747/.747; llm-notes .850/.875/.875, but a passage with the very evidence among the first 5: 1.0/.975/.925."""
_SLACK = 8
"""Counts of parts do not add up to the count of the whole by a token here and there."""


class Chunker:
    """Splits parsed documents into passages that fit an embedder. Holds no state between documents."""

    def __init__(self, count_tokens: Callable[[str], int], max_tokens: int, target_tokens: int = TARGET_TOKENS) -> None:
        """`count_tokens` measures a text in the embedder's tokens; no passage with its context exceeds `max_tokens`.

        `target_tokens` is the size aimed at, lowered where `max_tokens` asks for it. Raises `ValueError` when
        `max_tokens` is too small for any passage (under 32).
        """
        if max_tokens < 32:
            raise ValueError(f"max_tokens must be at least 32, not {max_tokens}")
        self._count, self._max = count_tokens, max_tokens
        self._context_limit = max_tokens // 4
        self._target = min(target_tokens, max_tokens // 2)
        self._small = self._target // 4

    def split(self, parsed: Parsed, halted: Callable[[], bool] = lambda: False) -> list[Chunk]:
        """The passages of a document in reading order, no more of them once it is `halted`; none reaches over the end of a page."""
        contexts = Contexts(heading_text(parsed.title), self._count, self._context_limit)
        pages = takewhile(lambda _: not halted(), parsed.pages)
        return [chunk for page in pages for chunk in self._page(page, contexts)]

    def _page(self, page: Page, contexts: Contexts) -> Iterator[Chunk]:
        groups: list[list[Unit]] = []
        for unit in self._units(page, contexts):
            if not groups or self._closes(groups[-1], unit, contexts):
                groups.append(_led(groups))
            groups[-1].append(unit)
        for group in self._without_scraps([group for group in groups if group], contexts):
            yield from self._chunks(page, group, contexts)

    def _units(self, page: Page, contexts: Contexts) -> Iterator[Unit]:
        splitter = Splitter(page.text, self._count)
        outline, lead = Outline(page.section), 0
        for block in blocks_of(page):
            if block.kind == "heading":
                outline.enter(heading_text(page.text[block.start : block.end]), block.level or 1)
            room = self._max - contexts.path(outline.path)[1] - _SLACK
            # What a heading leads to has to fit below it; a stack of headings longer than that loses its hold.
            lead = lead if lead <= room // 2 else 0
            whole = room - lead
            limits = Limits(self._target, min(whole, self._target * 3 // 2), whole)
            for unit in splitter.units(block, outline.path, limits):
                yield unit
                lead = lead + unit.tokens if unit.leads else 0

    def _closes(self, group: list[Unit], unit: Unit, contexts: Contexts) -> bool:
        """True when `unit` begins a new passage."""
        now = sum(each.tokens for each in group)
        if self._needs([*group, unit], contexts) > self._max - _SLACK:
            return True
        if all(each.leads for each in group):
            return False
        if unit.heading:
            return now >= self._small
        target = min(unit.aim, group[-1].aim)
        return now + unit.tokens - target >= target - now

    def _needs(self, group: list[Unit], contexts: Contexts) -> int:
        """Estimated tokens of a passage with its context."""
        text = sum(each.tokens for each in group)
        context = max(contexts.path(each.section)[1] for each in (group[0], group[-1]))
        header = group[0].header
        return text + context + (self._context_limit if header else 0)

    def _without_scraps(self, groups: list[list[Unit]], contexts: Contexts) -> list[list[Unit]]:
        """Small fragments of the same section, and headings without a text, go to the passage before them."""
        kept: list[list[Unit]] = []
        for group in groups:
            scrap = all(each.leads for each in group) or (
                sum(each.tokens for each in group) < self._small
                and group[0].section == (kept or [group])[-1][-1].section
                and not group[0].heading
            )
            if kept and scrap and self._needs(kept[-1] + group, contexts) <= self._max - _SLACK:
                kept[-1] += group
            else:
                kept.append(group)
        return kept

    def _chunks(self, page: Page, group: list[Unit], contexts: Contexts) -> Iterator[Chunk]:
        """The passage of a group; more than one only where the estimate of its length was too low."""
        start, end = group[0].start, group[-1].end
        section = _section(group)
        text = page.text[start:end]
        context, _ = contexts.path(_unsaid(section, group, page.text))
        if (header := group[0].header) and header[1] <= start:
            row = contexts.shortened(page.text[slice(*header)])
            context = f"{context}\n{row}" if context else row
        chunk = Chunk(page.number, start, end, text, section, context)
        tokens = self._count(chunk.embedded_text)
        if tokens <= self._max:
            yield Chunk(page.number, start, end, text, section, context, tokens)
        elif len(group) > 1:
            middle = len(group) // 2
            yield from self._chunks(page, group[:middle], contexts)
            yield from self._chunks(page, group[middle:], contexts)
        else:
            only = group[0]
            # Halving ends: a single character with the context cut to a quarter of the limit always fits.
            parts = Splitter(page.text, self._count).hard(start, end, max(1, only.tokens // 2))
            for first, last, size in parts:
                part = Unit(only.kind, first, last, size, only.section, only.aim, header=only.header)
                yield from self._chunks(page, [part], contexts)


def _led(groups: list[list[Unit]]) -> list[Unit]:
    """Take the headings that end the last group away from it: they begin the next one."""
    if not groups or all(unit.leads for unit in groups[-1]):
        return []
    last = groups[-1]
    keep = len(last)
    while last[keep - 1].leads:
        keep -= 1
    taken = last[keep:]
    del last[keep:]
    return taken


def _section(group: list[Unit]) -> tuple[str, ...]:
    """The path that all of the passage lies under; headings alone do not count unless there is nothing else."""
    paths = [unit.section for unit in group if not unit.heading] or [unit.section for unit in group[:1]]
    shared = paths[0]
    for path in paths:
        while path[: len(shared)] != shared:
            shared = shared[:-1]
    return shared


def _unsaid(section: tuple[str, ...], group: list[Unit], text: str) -> tuple[str, ...]:
    """The part of the path that the passage does not itself say in its headings."""
    said = {heading_text(text[unit.start : unit.end]) for unit in group if unit.heading}
    return tuple(name for name in section if name not in said)


def title_words(title: str) -> str:
    """The title as it is put before passages; '' for one without words in it.

    File names come apart at their underscores: 'ACME_2022_10K' is 'ACME 2022 10K', and often the only place that
    names the company. 'zh-001' or '3f2a_0001' say nothing and would only blur the vectors of their passages.
    """
    parts = [part for part in _BETWEEN_WORDS.split(title) if part]
    telling = [part for part in parts if _WORD.search(re.sub(r"\w*\d\w*", " ", part))]
    # One word and a running number ('scan_0042', 'TRIAL_106') is a name for counting, not for reading.
    if not telling or (len(parts) == 2 and parts[1].isdigit() and not _YEAR.fullmatch(parts[1])):
        return ""
    return " ".join(parts)


class Contexts:
    """Writes the context lines of one document and knows their length."""

    def __init__(self, title: str, count: Callable[[str], int], limit: int) -> None:
        """No context line is longer than `limit` tokens; `title` may be empty, and is left out if it says nothing."""
        self._title = title_words(title)
        self._count, self._limit = count, limit
        self._known: dict[tuple[str, ...], tuple[str, int]] = {}

    def path(self, section: tuple[str, ...]) -> tuple[str, int]:
        """The line naming title and section, and its tokens; the outermost parts go first when it is too long."""
        if section not in self._known:
            parts = [self._title, *section] if self._title and self._title not in section else list(section)
            while len(parts) > 1 and self._count(_BETWEEN.join(parts)) > self._limit:
                del parts[0]
            line = self.shortened(_BETWEEN.join(parts))
            self._known[section] = line, self._count(line)
        return self._known[section]

    def shortened(self, line: str) -> str:
        """The beginning of `line` that keeps to the limit, on one line."""
        line = " ".join(line.split())
        while line and (tokens := self._count(line)) > self._limit:
            line = line[: min(len(line) - 1, len(line) * self._limit // tokens)].rstrip()
        return line
