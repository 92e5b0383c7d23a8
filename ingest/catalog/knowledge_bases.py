"""Knowledge bases: names, their embedder, their generation."""

from __future__ import annotations

import difflib
import secrets
from dataclasses import dataclass

from ingest import lexical
from ingest.attached import attached_to
from ingest.database import Database, Session, timestamp
from ingest.embedders import EmbedderIdentity
from ingest.errors import UsageError
from ingest.language import Text


@dataclass(frozen=True, slots=True)
class KnowledgeBase:
    """A knowledge base with its counts."""

    id: int
    name: str
    embedder: str
    """Name of the embedder its vectors come from; empty before the first document."""
    embedder_key: str
    documents: int
    pages: int
    chunks: int
    generation: int
    dirty: bool
    created: str


_SELECT = """
    SELECT kb.id, kb.name, coalesce(e.name, ''), coalesce(e.key, ''),
           (SELECT count(*) FROM document d WHERE d.kb_id = kb.id),
           (SELECT coalesce(sum(pages), 0) FROM document d WHERE d.kb_id = kb.id),
           (SELECT coalesce(sum(chunks), 0) FROM document d WHERE d.kb_id = kb.id),
           kb.generation, kb.dirty, kb.created
    FROM kb LEFT JOIN embedder e ON e.id = kb.embedder_id
"""


class KnowledgeBases:
    """Reads and writes the table `kb` and what hangs on its rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[KnowledgeBase]:
        """Every knowledge base, by name; rebuilds in progress are not among them."""
        return [_row(row) for row in self._database.rows(_SELECT + " WHERE kb.staging_for IS NULL ORDER BY kb.name")]

    def identities(self) -> dict[str, str]:
        """By name, what a base keeps when it is renamed or rebuilt, and no other ever gets."""
        return dict(self._database.rows("SELECT name, identity FROM kb WHERE staging_for IS NULL"))

    def find(self, name: str) -> KnowledgeBase | None:
        """The knowledge base of that name, or None."""
        row = self._database.row(_SELECT + " WHERE kb.name = ?", clean_name(name))
        return _row(row) if row else None

    def get(self, name: str) -> KnowledgeBase:
        """The knowledge base of that name. Raises `UsageError` naming the nearest one."""
        if found := self.find(name):
            return found
        names = [kb.name for kb in self.all() if not attached_to(kb.name)]
        if near := difflib.get_close_matches(name, names, n=1, cutoff=0.5):
            hint = Text(f"Did you mean '{near[0]}'?", f"您是指 “{near[0]}” 吗？")
        elif names:
            hint = Text(f"There are (--kb NAME): {', '.join(names)}.", f"现有（--kb 名称）：{'、'.join(names)}。")
        else:
            hint = Text(
                "The library is empty: `ingest add FOLDER` fills it.",
                "知识库为空：请先用 `ingest add 文件夹` 添加文档。",
            )
        raise UsageError(Text(f"There is no knowledge base '{name}'.", f"没有名为 “{name}” 的知识库。"), hint)

    def create(self, name: str, *, staging_for: int | None = None) -> KnowledgeBase:
        """A new, empty knowledge base. Raises `UsageError` when the name is taken or no name at all."""
        name = clean_name(name)
        if self.find(name):
            raise _taken(name)
        with self._database.transaction() as db:
            (kb_id,) = db.execute(
                "INSERT INTO kb (name, staging_for, created, identity) VALUES (?, ?, ?, ?) RETURNING id",
                (name, staging_for, timestamp(), secrets.token_hex(8)),
            ).fetchone()
            lexical.create(db, kb_id)
        return self.get(name)

    def rename(self, name: str, new: str) -> None:
        """Give it another name; nothing else changes."""
        kb, new = self.get(name), clean_name(new)
        if self.find(new):
            raise _taken(new)
        self._database.write("UPDATE kb SET name = ?, generation = generation + 1 WHERE id = ?", new, kb.id)

    def remove(self, kb_id: int) -> None:
        """Delete it with everything in it. Its collection in the vector index is dropped by the caller."""
        with self._database.transaction() as db:
            self._remove(db, kb_id)

    def _remove(self, db: Session, kb_id: int) -> None:
        lexical.drop(db, kb_id)
        db.execute("DELETE FROM outbox WHERE kb_id = ?", (kb_id,))
        db.execute("DELETE FROM kb WHERE id = ?", (kb_id,))
        drop_unused_vectors(db)

    def switch(self, staging_id: int, kb_id: int) -> None:
        """End a rebuild: the staged knowledge base takes the name, the old one goes."""
        with self._database.transaction() as db:
            name, generation, identity = db.execute(
                "SELECT name, generation, identity FROM kb WHERE id = ?", (kb_id,)
            ).fetchone()
            db.execute("UPDATE kb SET staging_for = NULL WHERE id = ?", (staging_id,))
            for table in ("synced", "web_page", "correction"):
                db.execute(f"UPDATE {table} SET kb_id = ? WHERE kb_id = ?", (staging_id, kb_id))
            self._remove(db, kb_id)
            db.execute(
                "UPDATE kb SET name = ?, generation = ?, identity = ? WHERE id = ?",
                (name, generation + 1, identity, staging_id),
            )

    def staging(self) -> list[tuple[int, str]]:
        """Ids and names of rebuilds that were begun and not ended."""
        return self._database.rows("SELECT id, name FROM kb WHERE staging_for IS NOT NULL")

    def generation(self, kb_id: int) -> tuple[int, bool]:
        """(generation, dirty) of a knowledge base; (-1, False) when it is gone."""
        row = self._database.row("SELECT generation, dirty FROM kb WHERE id = ?", kb_id)
        return (row[0], bool(row[1])) if row else (-1, False)

    def mark(self, kb_id: int, *, dirty: bool) -> None:
        """Say that the vector index may lag behind (or no longer does)."""
        self._database.write("UPDATE kb SET dirty = ? WHERE id = ?", dirty, kb_id)

    def changed(self, kb_id: int) -> None:
        """Let every process look at it anew."""
        self._database.write("UPDATE kb SET generation = generation + 1 WHERE id = ?", kb_id)

    def bind(self, kb_id: int, identity: EmbedderIdentity) -> int:
        """Note which embedder the vectors of a knowledge base come from; returns the embedder's row id."""
        with self._database.transaction() as db:
            embedder_id = embedder_row(db, identity)
            db.execute("UPDATE kb SET embedder_id = ? WHERE id = ?", (embedder_id, kb_id))
        return embedder_id

    def calibration(self, key: str) -> str | None:
        """The stored calibration of an embedder, as JSON."""
        row = self._database.row("SELECT calibration FROM embedder WHERE key = ?", key)
        return row[0] if row else None

    def store_calibration(self, identity: EmbedderIdentity, calibration: str) -> None:
        """Keep an embedder's calibration, so that it is computed once."""
        with self._database.transaction() as db:
            embedder_id = embedder_row(db, identity)
            db.execute("UPDATE embedder SET calibration = ? WHERE id = ?", (calibration, embedder_id))


def embedder_row(db: Session, identity: EmbedderIdentity) -> int:
    """Row id of an embedder, added when it is new."""
    db.execute(
        "INSERT INTO embedder (key, name, dimensions, max_tokens) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
        (identity.key, identity.name, identity.dimensions, identity.max_tokens),
    )
    return int(db.execute("SELECT id FROM embedder WHERE key = ?", (identity.key,)).fetchone()[0])


def drop_unused_vectors(db: Session) -> None:
    """Delete vectors that no chunk refers to, and those of embedders that no knowledge base uses."""
    db.execute("DELETE FROM vector WHERE NOT EXISTS (SELECT 1 FROM chunk WHERE chunk.key = vector.key)")
    db.execute("DELETE FROM vector WHERE embedder_id NOT IN (SELECT embedder_id FROM kb WHERE embedder_id IS NOT NULL)")


def _taken(name: str) -> UsageError:
    return UsageError(
        Text(f"There is already a knowledge base '{name}'.", f"知识库 “{name}” 已存在。"),
        Text(
            "Choose another name; `ingest kb list` shows those taken.", "请换一个名称；`ingest kb list` 可列出已有的。"
        ),
    )


def clean_name(name: str) -> str:
    """A name as it is stored: NFC, no control characters, no blanks around it, 1 to 100 characters."""
    import unicodedata

    cleaned = unicodedata.normalize("NFC", name).strip()
    if not cleaned or len(cleaned) > 100 or any(unicodedata.category(c) in {"Cc", "Cs"} for c in cleaned):
        raise UsageError(
            Text(
                "A knowledge base needs a name of 1 to 100 printable characters.",
                "知识库名称须为 1 到 100 个可见字符。",
            ),
            Text("Chinese, blanks and punctuation are fine.", "可以使用中文、空格和标点。"),
        )
    return cleaned


def _row(row: tuple[int, str, str, str, int, int, int, int, int, str]) -> KnowledgeBase:
    return KnowledgeBase(*row[:8], dirty=bool(row[8]), created=row[9])
