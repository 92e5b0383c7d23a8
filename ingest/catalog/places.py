"""Where the lines of recognised pages stand on their pictures, as the catalog holds it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence

from ingest.database import Database, Session
from ingest.documents import Page, PlacedLine

_DIGITS = 4
"""Of a share of the page's width: a fiftieth of a millimetre on A4."""
_MOST = 8 << 20
"""Bytes of one page's lines: a restored archive may hold anything."""


def insert(db: Session, document_id: int, pages: Sequence[Page]) -> None:
    """Store what `pages` have; most have nothing."""
    db.executemany(
        "INSERT INTO place VALUES (?, ?, ?)",
        ((document_id, page.number, _packed(page.places)) for page in pages if page.places),
    )


def copy(db: Session, document_id: int, original_id: int) -> None:
    """Store for one document what another has."""
    db.execute("INSERT INTO place SELECT ?, page, lines FROM place WHERE document_id = ?", (document_id, original_id))


def of(database: Database, document_id: int) -> dict[int, tuple[PlacedLine, ...]]:
    """The lines by page."""
    rows = database.rows("SELECT page, lines FROM place WHERE document_id = ?", document_id)
    return {page: _unpacked(data) for page, data in rows}


def of_page(database: Database, document_id: int, page: int) -> tuple[PlacedLine, ...]:
    """The lines of one page, () where it was not recognised."""
    row = database.row("SELECT lines FROM place WHERE document_id = ? AND page = ?", document_id, page)
    return _unpacked(row[0]) if row else ()


def _packed(lines: Sequence[PlacedLine]) -> bytes:
    rows = [[line.text, *(round(n, _DIGITS) for n in line.corners)] for line in lines]
    return zlib.compress(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode())


def _unpacked(data: bytes) -> tuple[PlacedLine, ...]:
    """What was packed; () where the bytes are damaged, for they only draw a mark."""
    try:
        rows = json.loads(zlib.decompressobj().decompress(data, _MOST))
        return tuple(PlacedLine(str(text), tuple(map(float, corners))) for text, *corners in rows)
    except (zlib.error, ValueError, TypeError):
        return ()
