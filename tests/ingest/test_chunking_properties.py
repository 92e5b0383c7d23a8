"""What holds for every text there is."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.chunking import Chunker
from ingest.chunking.breaks import clings
from ingest.documents import Block, Chunk, Page, Parsed
from ingest.embedders.bundled import BundledEmbedder
from ingest.embedders.hashing import HashingEmbedder

HASHING = HashingEmbedder()
BUNDLED = BundledEmbedder()

ANY = st.characters(exclude_categories=["Cs"])
CHINESE = st.text(
    "的一是在不了有和人这中大为上个国我以要他。，、；：？！…“”‘’（）《》【】\n 　", min_size=1, max_size=120
)
ENGLISH = st.text("etaoin shrdlu ETA.,;:!?'\"()[]-\n", min_size=1, max_size=160)
TABLE = st.lists(st.lists(st.text("甲乙ab1 ", max_size=6), min_size=2, max_size=3), min_size=1, max_size=12).map(
    lambda rows: "".join(f"| {' | '.join(row)} |\n" for row in rows)
)
GARBAGE = st.text(ANY, max_size=60)
WORD = st.builds(lambda char, size: char * size, ANY, st.integers(1, 400))
KINDS = st.sampled_from(["heading", "paragraph", "list", "table", "code"])
PART = st.tuples(KINDS, st.one_of(CHINESE, ENGLISH, TABLE, GARBAGE, WORD), st.integers(1, 4))


@st.composite
def pages(draw: st.DrawFn) -> Page:
    """A page of mixed parts, with the blocks that a loader would give, or without any."""
    text, blocks = "", []
    for kind, part, level in draw(st.lists(PART, max_size=7)):
        if part.strip():
            blocks.append(Block(kind, len(text), len(text) + len(part), level if kind == "heading" else 0))
        text += part + draw(st.sampled_from(["\n", "\n\n", " ", ""]))
    section = tuple(draw(st.lists(st.text(ANY, min_size=1, max_size=30), max_size=2)))
    return Page(1, text, tuple(blocks) if draw(st.booleans()) else (), section)


def check(page: Page, chunks: list[Chunk], limit: int) -> None:
    covered: set[int] = set()
    for chunk in chunks:
        assert chunk.text == page.text[chunk.start : chunk.end]
        assert chunk.text == chunk.text.strip() != ""
        assert 0 < chunk.tokens <= limit
        # A page that begins with closing marks, or has only them or blanks for a whole passage, leaves no choice.
        before = page.text[: chunk.start].split()
        blanks = chunk.start - len(page.text[: chunk.start].rstrip())
        if clings(chunk.text[0]) and before and blanks < limit // 4:
            assert all(map(clings, before[-1][-8:])), (before[-1][-8:], chunk.text[:8])
        covered.update(range(chunk.start, chunk.end))
    assert covered >= {at for at, char in enumerate(page.text) if not char.isspace()}
    assert [chunk.start for chunk in chunks] == sorted(chunk.start for chunk in chunks)


@given(pages(), st.integers(32, 200), st.integers(8, 120))
@settings(max_examples=250)
def test_every_page_is_covered_within_the_limit(page: Page, limit: int, target: int) -> None:
    chunker = Chunker(HASHING.count_tokens, limit, target)
    parsed = Parsed("标题 Title", "text/plain", (page,))
    chunks = chunker.split(parsed)
    check(page, chunks, limit)
    assert all(chunk.tokens == HASHING.count_tokens(chunk.embedded_text) for chunk in chunks)
    assert chunker.split(parsed) == chunks


@given(pages())
@settings(max_examples=150)
def test_it_holds_for_the_tokens_of_the_bundled_embedder(page: Page) -> None:
    chunks = Chunker(BUNDLED.count_tokens, 64, 40).split(Parsed("标题 Title", "text/plain", (page,)))
    check(page, chunks, 64)
    assert all(chunk.tokens == BUNDLED.count_tokens(chunk.embedded_text) for chunk in chunks)
