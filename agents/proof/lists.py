"""Lists as a whole: what to bring, or how something is done, half of the items tell wrongly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from ingest.numerals import NUMERAL_CHARACTERS
from ingest.orders import gives_orders
from ingest.sentences import Span, sentences

MOST_ITEMS, LONGEST_LIST = 20, 1600
"""Items and characters up to which a list is quoted whole: longer ones are contracts, not answers."""
ITEM = re.compile(
    r"[ \t]*(?:[-*+\u2022\u00b7]\s+|\d{1,2}[.)\u3001]\s*(?=\D)|[(\uff08]\d{1,2}[)\uff09]|[\u2460-\u2473]"
    rf"|第[{NUMERAL_CHARACTERS}\d]{{1,3}}步|步骤\s?[{NUMERAL_CHARACTERS}\d]|step \d)",
    re.IGNORECASE,
)
"""How an item begins: by a bullet, by its number, or as a step."""


def whole_list(page: str, at: int) -> tuple[Span, ...]:
    """The items of the list that has one at offset `at` of `page`, each with the lines that it runs on to; none where `at` lies in no
    list, or in one of clauses of several sentences each."""
    items = next((items for items in _lists(page) if any(start <= at < end for start, end in items)), ())
    if not 1 < len(items) <= MOST_ITEMS or items[-1][1] - items[0][0] > LONGEST_LIST:
        return ()
    texts = [page[start:end] for start, end in items]
    several = sum(len(sentences(ITEM.sub("", text, count=1))) > 1 for text in texts)
    return () if 4 * several > len(items) or gives_orders("\n".join(texts)) else items


@lru_cache(maxsize=32)
def _lists(page: str) -> tuple[tuple[Span, ...], ...]:
    """Every list of `page`: items that only blank lines part."""
    found: list[list[Span]] = []
    for item, following in pairwise([(0, 0), *_items(page)]):
        if not found or page[item[1] : following[0]].strip():
            found.append([])
        found[-1].append(following)
    return tuple(map(tuple, found))


def _items(page: str) -> Iterator[Span]:
    item: Span | None = None
    for line in re.finditer(r"[^\n]*\S[^\n]*", page):
        begins = bool(ITEM.match(line.group()))
        if item and not begins and line.group()[0].isspace() and "\n\n" not in page[item[1] : line.start()]:
            item = item[0], line.end()
            continue
        if item:
            yield item
        item = (line.start() + len(line.group()) - len(line.group().lstrip()), line.end()) if begins else None
    if item:
        yield item
