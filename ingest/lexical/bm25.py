"""BM25 over the postings, as a share of the most a chunk could score for the query.

score = Σ idf·tf·(k1+1)/(tf + k1·(1−b+b·length/mean)) / ((k1+1)·Σ idf),  idf = ln(1 + (N−df+½)/(df+½))

with the sums over the query's distinct terms, those no chunk has included: a query most of whose words are unknown
here (another language, another subject) scores low everywhere, which is what fusion and the evidence test
rely on. Where the documents are in the other language than the query, a term's idf is multiplied by its weight
(`across`), in both sums. k1, b: Robertson & Zaragoza, The Probabilistic Relevance Framework (2009), and Lucene's defaults.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from ingest.database import Session
from ingest.language import is_han, language_of
from ingest.lexical.postings import (
    BLOCK,
    BLOCK_BITS,
    COUNTED,
    LENGTH_BITS,
    LONGEST,
    Postings,
    frequencies_of,
    merged,
    table,
    term_id,
    waiting,
)
from ingest.lexical.terms import query_terms, terms

K1 = 1.2
B = 0.75
QUERY_CHARACTERS = 4_000
"""Of longer queries the beginning counts; a person's question is a hundredth of it."""
QUERY_TERMS = 192
"""Of longer queries the rarest terms count."""
_USUAL = 31 << LENGTH_BITS
"""Few passages have a term more often."""


def search(
    conn: Session,
    kb_ids: int | Sequence[int],
    query: str,
    limit: int,
    within: NDArray[np.int64] | None = None,
) -> list[tuple[int, float]]:
    """The best `limit` chunks that share a term with `query`: (chunk id, score in 0..1), best first.

    Several knowledge bases are searched as if they were one. `within` holds the ids that may be found (None: all); it
    changes no score. Equal scores come in the order of ids. Empty when nothing matches.
    """
    with _snapshot(conn):
        blocks, scores = _scores(conn, [kb_ids] if isinstance(kb_ids, int) else kb_ids, query)
    if within is not None:
        block = np.searchsorted(blocks, within >> BLOCK_BITS)
        here = np.flatnonzero(np.append(blocks, -1)[block] == within >> BLOCK_BITS)
        places = (block[here] << BLOCK_BITS) + (within[here] & (BLOCK - 1))
        scores, every = np.zeros_like(scores), scores
        scores[places] = every[places]
    floor = np.partition(scores, scores.size - limit)[scores.size - limit] if scores.size > limit else 0.0
    places = np.flatnonzero(scores >= floor) if floor > 0 else np.flatnonzero(scores)
    ids, best = (blocks[places >> BLOCK_BITS] << BLOCK_BITS) + (places & (BLOCK - 1)), scores[places]
    order = np.lexsort((ids, -best))[:limit]
    return list(zip(ids[order].tolist(), np.minimum(best[order], 1.0).tolist(), strict=True))


@contextmanager
def _snapshot(conn: Session) -> Iterator[None]:
    """All reads of one search see the same state, though another process merges meanwhile."""
    if conn.in_transaction:
        yield
        return
    conn.execute("BEGIN")
    try:
        yield
    finally:
        conn.execute("COMMIT")


def _scores(conn: Session, kb_ids: Sequence[int], query: str) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Blocks in which a term of the query stands, ascending, and the scores of their chunks, `BLOCK` for each."""
    nothing = np.empty(0, np.int64), np.empty(0, np.float32)
    counts = [conn.execute(f"SELECT chunks, terms FROM {table(i, 'total')}").fetchone() for i in kb_ids]  # noqa: S608
    total, length = (sum(column) for column in zip(*counts, strict=True))
    query = query[:QUERY_CHARACTERS]
    wanted = sorted(set(map(term_id, query_terms(query))))
    if not total or not wanted:
        return nothing
    marks = {lang: list(map(term_id, words)) for lang, words in MARKS.items()}
    found, frequencies = _found(conn, kb_ids, wanted, sorted({*marks["zh"], *marks["en"]} - set(wanted)))
    frequency = np.array([frequencies[term] for term in wanted])
    idf = np.log1p((total - frequency + 0.5) / (frequency + 0.5))
    if asked_across(query, {lang: max(frequencies[term] for term in ids) / total for lang, ids in marks.items()}):
        named = set(map(term_id, names(query)))
        idf *= np.array([1.0 if term in named else ORDINARY for term in wanted])
    order = np.argsort(-idf, kind="stable")[:QUERY_TERMS]
    parts = [part for term in wanted for part in found[term]]
    if not parts:
        return nothing
    blocks = np.unique(np.concatenate([part.blocks for part in parts]))
    scores = np.zeros(len(blocks) * BLOCK, np.float32)
    mean = max(1.0, length / total)
    gains = _gains(mean, _USUAL)
    for i in order:
        for part in found[wanted[i]]:
            counted = part.data & np.uint32(COUNTED)
            if (largest := int(counted.max(initial=0))) >= gains.size:
                gains = _gains(mean, largest)
            gain = gains.take(counted, mode="clip")
            gain *= np.float32(idf[i])
            places = np.repeat(np.searchsorted(blocks, part.blocks) << BLOCK_BITS, part.sizes)
            places += part.data >> np.uint32(32 - BLOCK_BITS)
            np.add.at(scores, places, gain)
    scores /= np.float32(idf[order].sum())
    return blocks, scores


def _gains(mean: float, largest: int) -> NDArray[np.float32]:
    """Tf / (tf + k1·(1−b+b·length/mean)) at `tf << LENGTH_BITS | length`, up to the tf of the `largest`."""
    penalty = (K1 * (1 - B + B * np.arange(LONGEST + 1) / mean)).astype(np.float32)
    tf = np.arange((largest >> LENGTH_BITS) + 1, dtype=np.float32)[:, None]
    return (tf / (tf + penalty)).ravel()


def _found(
    conn: Session, kb_ids: Sequence[int], wanted: list[int], counted: list[int]
) -> tuple[dict[int, list[Postings]], dict[int, int]]:
    """Of each term of `wanted` its postings, a part for each knowledge base and those that wait there; and for each of both
    lists in how many chunks it stands. Of those `counted`, the most frequent of all, merged postings are not read.
    """
    found: dict[int, list[Postings]] = {term: [] for term in (*wanted, *counted)}
    frequencies = dict.fromkeys(found, 0)
    for kb_id in kb_ids:
        for term, part in merged(conn, kb_id, wanted):
            found[term].append(part)
        for term, count in frequencies_of(conn, kb_id, counted):
            frequencies[term] += count
        for term, part in waiting(conn, kb_id, found):
            found[term].append(part)
    for term, parts in found.items():
        frequencies[term] += sum(part.data.size for part in parts)
    return found, frequencies


MARKS = {"en": ("the", "of"), "zh": ("的", "在")}
"""Words that stand in nearly every passage of their language and in hardly any of the other. Share of the passages with
the commoner one: XQuAD .99 (en) and .98 (zh), cmrc-trial .90, saved web articles .85; with the other language's .00 to
.06."""
AT_HOME = 0.5
"""A language in whose words this share of the passages is written is the documents'."""
AWAY = 0.1
"""A language with fewer of them is not."""
ORDINARY = 0.25
"""Weight of a term that is neither name nor number in a question asked across languages."""

_WORD = re.compile(r"\S+")
_BEGINS = re.compile(r"(?:^|[.?!]\s+)\W*$")
_NAME = re.compile(r"\d|[^\W\d_][A-Z]")


# An English question's ordinary words find no Chinese sentence. What they find in Chinese documents are code, links and the
# English in brackets behind a term, mostly beside what was asked ('large language model', 'attention'). They keep a part of
# their weight there, because such a bracket is sometimes the very place.
def asked_across(query: str, shares: dict[str, float]) -> bool:
    """True when the documents are in the one of our two languages that `query` is not in.

    `shares` has, for 'zh' and 'en', the share of the passages that hold the commoner of its `MARKS`.
    """
    asked = language_of(query)
    if asked not in MARKS:
        return False
    other = "en" if asked == "zh" else "zh"
    return shares[asked] < AWAY and shares[other] >= AT_HOME


def names(query: str) -> set[str]:
    """The terms of `query` that are written alike in both languages.

    In a Chinese question whatever is not Chinese; in an English one what has a digit, capitals beyond the first letter,
    or a capital within the sentence.
    """
    if language_of(query) == "zh":
        return {term for term in query_terms(query) if not is_han(term[0])}
    found: set[str] = set()
    for word in _WORD.finditer(query):
        written = word.group().strip("\"'()[]“”‘’?!.,:;")
        within = written[:1].isupper() and not _BEGINS.search(query[: word.start()])
        if within or _NAME.search(written):
            found.update(terms(written))
    return found
