"""What people have put right in stored pages: each correction with who made it, so that it can be taken back, and made again
when its file is read anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.catalog import passages
from ingest.catalog.rows import row_of_page
from ingest.database import Database, Session, timestamp
from ingest.documents import Chunk, Correction, Page

_COLUMNS = "id, page, start, former, text, made, who, undone"


class Corrections:
    """The table of them. They belong to a document's path, whose row changes whenever its file is read anew."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, kb_id: int, path: str) -> list[Correction]:
        """Those of a document, taken back or not, in the order in which they were made."""
        statement = f"SELECT {_COLUMNS} FROM correction WHERE kb_id = ? AND path = ? ORDER BY id"
        return [Correction(*row) for row in self._database.rows(statement, kb_id, path)]

    def in_force(self, kb_id: int) -> dict[str, list[Correction]]:
        """Those of a knowledge base that were not taken back, by path."""
        found: dict[str, list[Correction]] = {}
        statement = f"SELECT path, {_COLUMNS} FROM correction WHERE kb_id = ? AND undone = '' ORDER BY id"
        for path, *row in self._database.rows(statement, kb_id):
            found.setdefault(path, []).append(Correction(*row))
        return found

    def put(
        self,
        document_id: int,
        page: Page,
        chunks: Sequence[Chunk],
        embed: Callable[[list[str]], NDArray[np.float32]],
        correction: Correction,
    ) -> None:
        """Let a document's page be `page` and its passages `chunks` from now on, and keep the correction that led there: a
        new one where it has no number yet, otherwise as taken back."""
        with self._database.transaction() as db:
            kb_id, path, embedder_id = db.execute(
                "SELECT kb_id, path, embedder_id FROM document d JOIN kb ON kb.id = d.kb_id WHERE d.id = ?",
                (document_id,),
            ).fetchone()
            vectors = passages.completed(db, embedder_id, chunks, {}, embed)
            former = passages.clear(db, kb_id, document_id)
            _, number, *columns = row_of_page(document_id, page)
            db.execute(
                "UPDATE page SET label = ?, section = ?, blocks = ?, text = ?, digest = ?"
                " WHERE document_id = ? AND number = ?",
                (*columns, document_id, number),
            )
            passages.insert(db, (kb_id, embedder_id, document_id), chunks, vectors)
            db.execute("UPDATE document SET chunks = ? WHERE id = ?", (len(chunks), document_id))
            passages.drop_unused(db, former)
            self._note(db, kb_id, path, correction)

    def undo(self, number: int) -> None:
        """It was taken back, and had left nothing in the text."""
        self._database.write("UPDATE correction SET undone = ? WHERE id = ?", timestamp(), number)

    @staticmethod
    def _note(db: Session, kb_id: int, path: str, made: Correction) -> None:
        if made.id:
            db.execute("UPDATE correction SET undone = ? WHERE id = ?", (timestamp(), made.id))
            return
        db.execute(
            "INSERT INTO correction (kb_id, path, page, start, former, text, made, who) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (kb_id, path, made.page, made.start, made.former, made.text, timestamp(), made.who),
        )


def by_page(db: Session, document_ids: Sequence[int]) -> Mapping[tuple[int, int], list[Correction]]:
    """The corrections in force of documents, by document and page."""
    found: dict[tuple[int, int], list[Correction]] = {}
    for part in passages.parts(document_ids):
        rows = db.execute(
            "SELECT d.id, x.id, x.page, x.start, x.former, x.text, x.made, x.who, x.undone FROM correction x"
            f" JOIN document d ON d.kb_id = x.kb_id AND d.path = x.path"
            f" WHERE d.id IN ({passages.marks(part)}) AND x.undone = '' ORDER BY x.id",
            part,
        )
        for document_id, *row in rows:
            made = Correction(*row)
            found.setdefault((document_id, made.page), []).append(made)
    return found


def last_day(made: Sequence[Correction], page: str, start: int, end: int) -> str:
    """The last day on which any of a page's corrections changed something within a range of its text; '' for none."""
    placed = ((one, one.place(page)) for one in made)
    return max((one.made[:10] for one, at in placed if 0 <= at < end and start < at + len(one.text)), default="")
