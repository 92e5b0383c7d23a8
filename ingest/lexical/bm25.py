"""BM25 over the postings, as a share of the most a chunk could score for the query.

score = Σ idf·tf·(k1+1)/(tf + k1·(1−b+b·length/mean)) / ((k1+1)·Σ idf),  idf = ln(1 + (N−df+½)/(df+½))

with the sums over the query's distinct terms, those no chunk has included: a query most of whose words are unknown
here (another language, another subject) scores low everywhere, which is what fusion and the evidence test
rely on. Where the documents are in the other language than the query, a term's idf is multiplied by its weight
(`across`), in both sums. k1, b: Robertson & Zaragoza, The Probabilistic Relevance Framework (2009), and Lucene's defaults.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from ingest.database import each
from ingest.lexical.across import MARKS, ORDINARY, asked_across, names
from ingest.lexical.postings import (
    BLOCK,
    BLOCK_BITS,
    LENGTH_BITS,
    LONGEST,
    MERGE_AT,
    SLOT_BITS,
    table,
    term_id,
    waiting_chunks,
)
from ingest.lexical.terms import query_terms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from ingest.database import Session

K1 = 1.2
B = 0.75
QUERY_CHARACTERS = 4_000
"""Of longer queries the beginning counts; a person's question is a hundredth of it."""
QUERY_TERMS = 192
"""Of longer queries the rarest terms count."""


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
        ids, scores = _scores(conn, [kb_ids] if isinstance(kb_ids, int) else kb_ids, query)
    if within is not None:
        fits = np.isin(ids, within, assume_unique=True)
        ids, scores = ids[fits], scores[fits]
    if not ids.size:
        return []
    if ids.size > limit:
        floor = np.partition(scores, ids.size - limit)[ids.size - limit]
        kept = np.flatnonzero(scores >= floor)
        ids, scores = ids[kept], scores[kept]
    order = np.lexsort((ids, -scores))[:limit]
    return [(int(ids[i]), float(scores[i])) for i in order]


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
    """(ids, scores) of all chunks that share a term with the query."""
    nothing = np.empty(0, np.int64), np.empty(0, np.float32)
    counts = [conn.execute(f"SELECT chunks, terms FROM {table(i, 'total')}").fetchone() for i in kb_ids]  # noqa: S608
    total, length = (sum(column) for column in zip(*counts, strict=True))
    query = query[:QUERY_CHARACTERS]
    wanted = sorted(set(map(term_id, query_terms(query))))
    if not total or not wanted:
        return nothing
    marks = {lang: list(map(term_id, words)) for lang, words in MARKS.items()}
    found, frequencies = _postings(conn, kb_ids, wanted, sorted({*marks["zh"], *marks["en"]} - set(wanted)))
    frequency = np.array([frequencies[term] for term in wanted])
    idf = np.log1p((total - frequency + 0.5) / (frequency + 0.5))
    if asked_across(query, {lang: max(frequencies[term] for term in ids) / total for lang, ids in marks.items()}):
        named = set(map(term_id, names(query)))
        idf *= np.array([1.0 if term in named else ORDINARY for term in wanted])
    order = np.argsort(-idf, kind="stable")[:QUERY_TERMS]
    blocks = sorted({block for term in wanted for block, _ in found[term]})
    if not blocks:
        return nothing
    base = {block: i * BLOCK for i, block in enumerate(blocks)}
    scores = np.zeros(len(blocks) * BLOCK, np.float32)
    mean = max(1.0, length / total)
    penalty = (K1 * (1 - B + B * np.arange(LONGEST + 1) / mean)).astype(np.float32)
    for i in order:
        if not found[wanted[i]]:
            continue
        # All blocks of a term at once: of a frequent one there are as many as thousands of chunks.
        postings = np.concatenate([postings for _, postings in found[wanted[i]]])
        starts = np.array([base[block] for block, _ in found[wanted[i]]], np.int64)
        at = np.repeat(starts, [len(postings) for _, postings in found[wanted[i]]])
        at += postings >> np.uint32(32 - BLOCK_BITS)
        tf = ((postings >> np.uint32(LENGTH_BITS)) & np.uint32(0xFF)).astype(np.float32)
        gain = penalty[postings & np.uint32(LONGEST)]
        gain += tf
        np.divide(tf, gain, out=gain)
        gain *= np.float32(idf[i])
        scores[at] += gain
    scores /= np.float32(idf[order].sum())
    at = np.flatnonzero(scores)
    ids = np.asarray(blocks, np.int64)[at >> BLOCK_BITS] * BLOCK + (at & (BLOCK - 1))
    return ids, np.minimum(scores[at], 1.0)


def _postings(
    conn: Session, kb_ids: Sequence[int], wanted: list[int], counted: list[int]
) -> tuple[dict[int, list[tuple[int, NDArray[np.uint32]]]], dict[int, int]]:
    """For each term of `wanted` its (block, postings), merged and waiting ones alike (a block may come more than once: of
    ids that are neighbours some may be in one knowledge base and some in another); and for each of both lists in how many
    chunks it stands. Of those `counted`, the most frequent of all, merged postings are not read.
    """
    found: dict[int, list[tuple[int, NDArray[np.uint32]]]] = {term: [] for term in (*wanted, *counted)}
    frequencies = dict.fromkeys(found, 0)
    for kb_id in kb_ids:
        of_term = f"FROM {table(kb_id, 'posting')} WHERE slot >= ? AND slot < ?"
        for term, rows in zip(wanted, each(conn, f"SELECT slot, data {of_term}", map(_span, wanted)), strict=True):
            for slot, data in rows:
                found[term].append((slot & ((1 << SLOT_BITS) - 1), np.frombuffer(data, "<u4")))
        sizes_of = each(conn, f"SELECT coalesce(sum(length(data)), 0) {of_term}", map(_span, counted))
        for term, ((size,),) in zip(counted, sizes_of, strict=True):
            frequencies[term] += size // 4
        ids, lengths, entries, sizes = waiting_chunks(conn, kb_id, MERGE_AT)
        if entries.size:
            _add_waiting(found, [*wanted, *counted], ids, lengths, entries, sizes)
    for term, blocks in found.items():
        frequencies[term] += sum(len(postings) for _, postings in blocks)
    return found, frequencies


def _span(term: int) -> tuple[int, int]:
    """The slots of its blocks: from, and up to."""
    return term << SLOT_BITS, (term + 1) << SLOT_BITS


def _add_waiting(
    found: dict[int, list[tuple[int, NDArray[np.uint32]]]],
    wanted: list[int],
    ids: NDArray[np.int64],
    lengths: NDArray[np.int64],
    entries: NDArray[np.void],
    sizes: Sequence[int],
) -> None:
    # A table over the low 16 bits drops nearly everything in one pass; a sort or hash would cost ten times that.
    sieve = np.zeros(1 << 16, np.bool_)
    sieve[np.asarray(wanted, np.uint32) & 0xFFFF] = True
    near = np.flatnonzero(sieve[entries["term"] & 0xFFFF])
    owner = np.repeat(np.arange(len(ids)), sizes)[near]
    near_terms, counts = entries["term"][near], entries["count"][near].astype(np.uint32)
    low = (ids[owner] & (BLOCK - 1)).astype(np.uint32)
    postings = (low << np.uint32(32 - BLOCK_BITS)) | (counts << np.uint32(LENGTH_BITS))
    postings |= lengths[owner].astype(np.uint32)
    block_of = ids[owner] >> BLOCK_BITS
    for term in set(near_terms.tolist()).intersection(wanted):
        mine = near_terms == term
        for block in sorted(set(block_of[mine].tolist())):
            found[term].append((block, postings[mine & (block_of == block)]))
