"""The tables of a lexical index, and writing them.

    lexical_<kb>_total    one row: number of chunks, and of terms in all of them
    lexical_<kb>_chunk    chunk id → its terms (needed to take it out again), and whether it is merged yet
    lexical_<kb>_posting  (term, block of 4096 chunk ids) → who has the term, how often

A posting is one little-endian uint32: 12 bits chunk id within its block, 8 bits term frequency, 12 bits length
of the chunk in terms. Scoring thus reads one blob per term and block and nothing else, and does so in numpy.
Terms are known by their CRC-32; with a million distinct terms the chance that one of a query's collides is 1 in
4000. New chunks wait in `chunk` and are merged into `posting` 256 at a time, which is what makes a document of
one page cheap to add: rewriting some thousand blobs for each would not be.

Why not FTS5: its bm25() visits every occurrence of every term, and the single characters of a Chinese question occur
in nearly every chunk. With the same terms at 10,000 chunks it took 28 ms a Chinese question and 8 ms an English
one, growing with the corpus; this takes 1.6 and 0.7. And SQLite before 3.43 cannot delete from a contentless one.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ingest.database import Session, each
from ingest.lexical.terms import terms

BLOCK_BITS = 12
BLOCK = 1 << BLOCK_BITS
LENGTH_BITS = 12
LONGEST = (1 << LENGTH_BITS) - 1
MOST_FREQUENT = 255
COUNTED = MOST_FREQUENT << LENGTH_BITS | LONGEST
"""The bits of a posting that its gain depends on."""
SLOT_BITS = 28
"""A posting's key is term << 28 | block: 60 bits, so a term's blocks are neighbours in the table."""
MERGE_AT = 256
"""Chunks waiting before they are merged. More make a search slower, fewer make adding slower."""

ENTRY = np.dtype([("term", "<u4"), ("count", "u1")])
"""A chunk's own list of terms, as stored in `lexical_<kb>_chunk`."""


class Postings(NamedTuple):
    """Postings of one term: `data`, of which the first `sizes[0]` are of block `blocks[0]`, and so on."""

    blocks: NDArray[np.int64]
    sizes: NDArray[np.int64]
    data: NDArray[np.uint32]


def table(kb_id: int, part: str) -> str:
    """Name of one of the three tables; `int` guards the SQL it is put into."""
    return f"lexical_{int(kb_id)}_{part}"


def term_id(term: str) -> int:
    """CRC-32 of the UTF-8 form; lone surrogates, as broken PDFs yield them, included."""
    return zlib.crc32(term.encode("utf-8", "surrogatepass"))


def create(conn: Session, kb_id: int) -> None:
    """Make an empty index for a knowledge base."""
    conn.execute(f"CREATE TABLE {table(kb_id, 'total')} (chunks INTEGER NOT NULL, terms INTEGER NOT NULL)")
    conn.execute(f"INSERT INTO {table(kb_id, 'total')} VALUES (0, 0)")  # noqa: S608 - the name is ours
    conn.execute(
        f"CREATE TABLE {table(kb_id, 'chunk')}"
        " (id INTEGER PRIMARY KEY, length INTEGER NOT NULL, merged INTEGER NOT NULL, terms BLOB NOT NULL)"
    )
    _index_waiting(conn, kb_id)
    conn.execute(f"CREATE TABLE {table(kb_id, 'posting')} (slot INTEGER PRIMARY KEY, data BLOB NOT NULL)")


def drop(conn: Session, kb_id: int) -> None:
    """Delete a knowledge base's index; nothing happens where there is none."""
    for part in ("total", "chunk", "posting"):
        conn.execute(f"DROP TABLE IF EXISTS {table(kb_id, part)}")


def renumber(conn: Session, kb_id: int, new: int) -> None:
    """Let the index of one knowledge base be that of another number, which has none."""
    for part in ("total", "chunk", "posting"):
        conn.execute(f"ALTER TABLE {table(kb_id, part)} RENAME TO {table(new, part)}")
    conn.execute(f"DROP INDEX {table(kb_id, 'waiting')}")
    _index_waiting(conn, new)


def _index_waiting(conn: Session, kb_id: int) -> None:
    conn.execute(f"CREATE INDEX {table(kb_id, 'waiting')} ON {table(kb_id, 'chunk')} (id) WHERE merged = 0")


def add(conn: Session, kb_id: int, rows: Iterable[tuple[int, str, str]]) -> None:
    """Index chunks given as (chunk id, text, context). Ids must be new: the database's own error otherwise.

    The context (title, section path, table header) counts like text: on long reports the company's name often
    stands nowhere else.
    """
    insert = f"INSERT INTO {table(kb_id, 'chunk')} VALUES (?, ?, 0, ?)"  # noqa: S608
    new = [(chunk_id, *entries_of(text, context)) for chunk_id, text, context in rows]
    conn.executemany(insert, ((chunk_id, length, entries) for chunk_id, entries, length in new))
    if new:
        chunks, terms_added = len(new), sum(length for _, _, length in new)
        _count(conn, kb_id, chunks, terms_added)
        _merge_if_due(conn, kb_id)


def rebuild(conn: Session, kb_id: int, rows: Iterable[tuple[int, str, str]]) -> None:
    """Make the index anew out of all its chunks, given as for `add`."""
    drop(conn, kb_id)
    create(conn, kb_id)
    add(conn, kb_id, rows)


def ids(conn: Session, kb_id: int) -> set[int]:
    """Every chunk the index holds."""
    return {row[0] for row in conn.execute(f"SELECT id FROM {table(kb_id, 'chunk')}")}  # noqa: S608


def remove(conn: Session, kb_id: int, chunk_ids: Iterable[int]) -> None:
    """Take chunks out; ids that are not there are ignored."""
    chunk_table, posting_table = table(kb_id, "chunk"), table(kb_id, "posting")
    chunks = length = 0
    gone: dict[int, list[int]] = {}
    wanted = [(chunk_id,) for chunk_id in chunk_ids]
    select = f"SELECT length, merged, terms FROM {chunk_table} WHERE id = ?"  # noqa: S608
    for (chunk_id,), rows in zip(wanted, each(conn, select, wanted), strict=True):
        for size, merged, entries in rows:
            chunks += 1
            length += size
            if merged:
                block, place = divmod(chunk_id, BLOCK)
                terms = np.frombuffer(entries, ENTRY)["term"].astype(np.int64)
                for slot in (terms << SLOT_BITS | block).tolist():
                    gone.setdefault(slot, []).append(place)
    conn.executemany(f"DELETE FROM {chunk_table} WHERE id = ?", wanted)  # noqa: S608
    slots = [(slot,) for slot in sorted(gone)]
    left: list[tuple[bytes, int]] = []
    for (slot,), rows in zip(slots, each(conn, f"SELECT data FROM {posting_table} WHERE slot = ?", slots), strict=True):  # noqa: S608
        for (data,) in rows:  # none where it was lost; the doctor would have found it
            postings = np.frombuffer(data, "<u4", len(data) // 4)
            left.append((postings[~np.isin(postings >> (32 - BLOCK_BITS), gone[slot])].tobytes(), slot))
    conn.executemany(f"UPDATE {posting_table} SET data = ? WHERE slot = ?", (one for one in left if one[0]))  # noqa: S608
    conn.executemany(f"DELETE FROM {posting_table} WHERE slot = ?", ((slot,) for data, slot in left if not data))  # noqa: S608
    if chunks:
        _count(conn, kb_id, -chunks, -length)


def entries_of(text: str, context: str) -> tuple[bytes, int]:
    """A chunk's own list of terms (`ENTRY`), and its length in terms."""
    counts = Counter(map(term_id, terms(text)))
    if context:
        counts.update(map(term_id, terms(context)))
    entries = np.empty(len(counts), ENTRY)
    entries["term"] = np.fromiter(counts.keys(), np.uint32, len(counts))
    entries["count"] = np.minimum(np.fromiter(counts.values(), np.int64, len(counts)), MOST_FREQUENT)
    return entries.tobytes(), min(counts.total(), LONGEST)


def _count(conn: Session, kb_id: int, chunks: int, length: int) -> None:
    conn.execute(f"UPDATE {table(kb_id, 'total')} SET chunks = chunks + ?, terms = terms + ?", (chunks, length))  # noqa: S608


def _merge_if_due(conn: Session, kb_id: int) -> None:
    waiting = conn.execute(f"SELECT count(*) FROM {table(kb_id, 'chunk')} WHERE merged = 0").fetchone()[0]  # noqa: S608
    while waiting >= MERGE_AT:
        _merge(conn, kb_id)
        waiting -= MERGE_AT


def _merge(conn: Session, kb_id: int) -> None:
    """Append the postings of up to `MERGE_AT` waiting chunks to their terms' blobs."""
    ids, lengths, entries, sizes = waiting_chunks(conn, kb_id, MERGE_AT)
    low = (ids & (BLOCK - 1)).astype(np.uint32)
    heads = (low << np.uint32(32 - BLOCK_BITS)) | lengths.astype(np.uint32)
    postings = np.repeat(heads, sizes) | (entries["count"].astype(np.uint32) << np.uint32(LENGTH_BITS))
    slots = (entries["term"].astype(np.int64) << SLOT_BITS) | np.repeat(ids >> BLOCK_BITS, sizes)
    order = np.argsort(slots, kind="stable")
    slots, postings = slots[order], postings[order]
    starts = np.flatnonzero(np.concatenate(([True], slots[1:] != slots[:-1])))
    data = postings.astype("<u4").tobytes()
    bounds = [*(starts * 4).tolist(), len(data)]
    conn.executemany(
        f"INSERT INTO {(name := table(kb_id, 'posting'))} VALUES (?, ?)"  # noqa: S608
        f" ON CONFLICT (slot) DO UPDATE SET data = CAST({name}.data || excluded.data AS BLOB)",
        ((slot, data[start:end]) for slot, start, end in zip(slots[starts].tolist(), bounds, bounds[1:], strict=False)),
    )
    conn.executemany(f"UPDATE {table(kb_id, 'chunk')} SET merged = 1 WHERE id = ?", ((i,) for i in ids.tolist()))  # noqa: S608


def merged(conn: Session, kb_id: int, wanted: Sequence[int]) -> Iterator[tuple[int, Postings]]:
    """The merged postings of those terms of `wanted` that have any.

    All blocks come as one row: each row costs a thread that shares the interpreter with other readers a turn of it, and of
    frequent words there are some thousand. (An aggregate of blobs is text by its type and their bytes by its content.)
    """
    what = "group_concat(slot - ?1), group_concat(length(data) / 4), CAST(group_concat(data, '') AS BLOB)"
    for term, (blocks, sizes, data) in _of_terms(conn, kb_id, wanted, what):
        if blocks is not None:
            places, counts = (np.fromiter(map(int, told.split(",")), np.int64) for told in (blocks, sizes))
            yield term, Postings(places, counts, np.frombuffer(data, "<u4"))


def frequencies_of(conn: Session, kb_id: int, wanted: Sequence[int]) -> Iterator[tuple[int, int]]:
    """How many merged postings each term of `wanted` has."""
    for term, (found,) in _of_terms(conn, kb_id, wanted, "coalesce(sum(length(data) / 4), 0)"):
        yield term, int(found)


def _of_terms(conn: Session, kb_id: int, wanted: Sequence[int], what: str) -> Iterator[tuple[int, tuple[Any, ...]]]:
    statement = f"SELECT {what} FROM {table(kb_id, 'posting')} WHERE slot >= ?1 AND slot < ?2 AND length(data) % 4 = 0"  # noqa: S608
    spans = ((term << SLOT_BITS, (term + 1) << SLOT_BITS) for term in wanted)
    for term, (found,) in zip(wanted, each(conn, statement, spans), strict=True):
        yield term, found


def waiting(conn: Session, kb_id: int, wanted: Collection[int]) -> Iterator[tuple[int, Postings]]:
    """The postings of chunks that are not merged yet, for each term of `wanted` that they have."""
    ids, lengths, entries, sizes = waiting_chunks(conn, kb_id, MERGE_AT)
    # A table over the low 16 bits drops nearly everything in one pass; a sort or hash would cost ten times that.
    sieve = np.zeros(1 << 16, np.bool_)
    sieve[np.fromiter(wanted, np.uint32, len(wanted)) & 0xFFFF] = True
    near = np.flatnonzero(sieve[entries["term"] & 0xFFFF])
    if not near.size:
        return
    near = near[np.argsort(entries["term"][near], kind="stable")]
    owner = np.searchsorted(np.cumsum(sizes), near, "right")
    data = ((ids[owner] & (BLOCK - 1)) << (32 - BLOCK_BITS) | lengths[owner]).astype(np.uint32)
    data |= entries["count"][near].astype(np.uint32) << np.uint32(LENGTH_BITS)
    terms, starts = np.unique(entries["term"][near], return_index=True)
    for term, start, end in zip(terms.tolist(), starts, [*starts[1:], len(near)], strict=True):
        if term in wanted:
            yield term, Postings(ids[owner[start:end]] >> BLOCK_BITS, np.ones(end - start, np.int64), data[start:end])


def waiting_chunks(
    conn: Session, kb_id: int, limit: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.void], Sequence[int]]:
    """(ids, lengths, all their entries in one array, entries per chunk) of chunks not merged yet."""
    rows = conn.execute(
        f"SELECT id, length, terms FROM {table(kb_id, 'chunk')} WHERE merged = 0 ORDER BY id LIMIT ?",  # noqa: S608
        (limit,),
    ).fetchall()
    entries = np.frombuffer(b"".join(row[2] for row in rows), ENTRY)
    ids = np.fromiter((row[0] for row in rows), np.int64, len(rows))
    lengths = np.fromiter((row[1] for row in rows), np.int64, len(rows))
    return ids, lengths, entries, [len(row[2]) // ENTRY.itemsize for row in rows]
