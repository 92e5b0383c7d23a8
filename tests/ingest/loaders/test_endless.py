"""Text that repeats itself without end: what took time by the square of its length would never end here."""

from __future__ import annotations

import pytest

from ingest.documents import Block
from ingest.loaders.elements import squeezed
from ingest.loaders.layout import paginate


def test_nothing_but_headings() -> None:
    text = "a\n" * 50_000
    blocks = [Block("heading", at, at + 1, 1) for at in range(0, len(text), 2)]
    (page,) = paginate(text, blocks, 30_000, 1)
    assert len(page.blocks) == 50_000


def test_headings_stay_with_what_stands_below_them() -> None:
    kinds = ["heading", "heading", "paragraph", "heading", "paragraph", "heading"]
    text = "a" * 12
    blocks = [Block(kind, 2 * n, 2 * n + 1, int(kind == "heading")) for n, kind in enumerate(kinds)]
    assert [[b.kind for b in page.blocks] for page in paginate(text, blocks, 30_000, 1)] == [
        kinds[:3], kinds[3:5], kinds[5:]
    ]  # fmt: skip


@pytest.mark.parametrize("blank", [" ", "\t", " \n"])
def test_nothing_but_blanks_between_two_words(blank: str) -> None:
    assert squeezed(f"one{blank * 300_000}two") == "one two"


@pytest.mark.parametrize(("source", "text"), [
    ("一 \n  二", "一二"), ("一 \n  b", "一 b"), ("a\n\n 二", "a 二"), ("一\n", "一"), (" \n一", "一"), ("a \t\nb", "a b"),
])  # fmt: skip
def test_line_ends_of_the_source(source: str, text: str) -> None:
    assert squeezed(source) == text
