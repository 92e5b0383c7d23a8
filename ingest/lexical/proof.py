"""Whether the lexical index is the one that its passages make: every chunk, every posting, and the totals."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ingest.database import Session
from ingest.lexical.postings import BLOCK, BLOCK_BITS, ENTRY, LENGTH_BITS, SLOT_BITS, entries_of, table

_ROWS = 20_000
"""Rows of postings taken at once."""
_WORD = 1 << 64


def true_to(conn: Session, kb_id: int, rows: Iterable[tuple[int, str, str]]) -> bool:
    """Whether the index holds just what `add` would make of `rows`: (chunk id, text, context) of every chunk.

    Postings are compared as a whole: their order means nothing, so each side is summed up, a 64-bit number for each.
    """
    expected = chunks = terms = 0
    for chunk_id, text, context in rows:
        entries, length = entries_of(text, context)
        row = conn.execute(
            f"SELECT length, merged, terms FROM {table(kb_id, 'chunk')} WHERE id = ?",  # noqa: S608 - the name is ours
            (chunk_id,),
        ).fetchone()
        if row is None or row[0] != length or not _same(row[2], entries):
            return False
        chunks += 1
        terms += length
        if row[1]:
            expected += _of_chunk(chunk_id, length, np.frombuffer(entries, ENTRY))
    held = conn.execute(f"SELECT count(*) FROM {table(kb_id, 'chunk')}").fetchone()[0]  # noqa: S608
    totals = conn.execute(f"SELECT chunks, terms FROM {table(kb_id, 'total')}").fetchall()  # noqa: S608
    return held == chunks and totals == [(chunks, terms)] and _of_postings(conn, kb_id) == expected % _WORD


def _same(held: bytes, entries: bytes) -> bool:
    """Whether two lists of terms are one but for their order."""
    if held == entries:
        return True
    if len(held) != len(entries):
        return False
    return bool((np.sort(np.frombuffer(held, ENTRY)) == np.sort(np.frombuffer(entries, ENTRY))).all())


def _of_chunk(chunk_id: int, length: int, entries: NDArray[np.void]) -> int:
    """The sum of the postings that a chunk has when it is merged."""
    slots = (entries["term"].astype(np.int64) << SLOT_BITS) | (chunk_id >> BLOCK_BITS)
    head = ((chunk_id & (BLOCK - 1)) << (32 - BLOCK_BITS)) | length
    return _summed(slots, np.uint32(head) | (entries["count"].astype(np.uint32) << np.uint32(LENGTH_BITS)))


def _of_postings(conn: Session, kb_id: int) -> int | None:
    """The sum of all that are stored; None where a row is no list of postings."""
    total = 0
    cursor = conn.execute(f"SELECT slot, data FROM {table(kb_id, 'posting')}")  # noqa: S608 - the name is ours
    while rows := cursor.fetchmany(_ROWS):
        sizes = [len(data) for _, data in rows]
        if any(size % 4 for size in sizes):
            return None
        slots = np.fromiter((slot for slot, _ in rows), np.int64, len(rows))
        postings = np.frombuffer(b"".join(data for _, data in rows), "<u4")
        total += _summed(np.repeat(slots, [size // 4 for size in sizes]), postings)
    return total % _WORD


def _summed(slots: NDArray[np.int64], postings: NDArray[np.uint32]) -> int:
    """Sum, modulo 2^64, of a number for each posting (the finaliser of SplitMix64, so that no two changes cancel)."""
    with np.errstate(over="ignore"):
        mixed = slots.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + postings.astype(np.uint64)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return int((mixed ^ (mixed >> np.uint64(31))).sum(dtype=np.uint64))
