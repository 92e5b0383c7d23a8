"""Looks a library over and mends what can be mended without losing anything."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ingest import lexical
from ingest.language import say
from ingest.vectors.chroma import IndexDamagedError

if TYPE_CHECKING:
    from ingest.catalog import Catalog, KnowledgeBase
    from ingest.mirror import Mirror


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at, in the language in force."""

    level: Literal["ok", "note", "problem"]
    what: str
    """What was found."""
    todo: str = ""
    """What to do about it; empty when nothing is to be done."""
    mended: bool = False


class Health:
    """Checks of catalog against index. `repair` needs the writer lock, which the caller holds."""

    def __init__(self, catalog: Catalog, mirror: Mirror) -> None:
        self._catalog = catalog
        self._mirror = mirror

    def examine(self, *, repair: bool) -> list[Finding]:
        """Every check, in order; with `repair` problems are mended and said to be."""
        findings = [self._file()]
        for kb_id, name in self._catalog.kbs.staging():
            findings.append(self._staging(kb_id, name, repair=repair))
        for kb in self._catalog.kbs.all():
            findings += [self._index(kb, repair=repair), self._lexical(kb, repair=repair), self._vectors(kb)]
            findings += self._sources(kb)
        return findings

    def _file(self) -> Finding:
        with self._catalog.database.reading() as db:
            verdict = db.execute("PRAGMA integrity_check").fetchone()[0]
        if verdict == "ok":
            return Finding("ok", say("The catalog is sound.", "目录库完好。"))
        return Finding(
            "problem",
            say(f"The catalog is damaged: {verdict}.", f"目录库已损坏：{verdict}。"),
            say("Restore a backup with `ingest restore FILE`.", "请用 `ingest restore FILE` 恢复备份。"),
        )

    def _staging(self, kb_id: int, name: str, *, repair: bool) -> Finding:
        what = say(f"A rebuild was begun and not ended ('{name}').", f"有一次未完成的重建（“{name}”）。")
        if repair:
            self._catalog.kbs.remove(kb_id)
            self._mirror.drop(kb_id)
        return _mendable(what, mended=repair)

    def _index(self, kb: KnowledgeBase, *, repair: bool) -> Finding:
        if repair:
            missing, orphans = self._mirror.reconcile(kb.id)
        else:
            try:
                lacking, superfluous = self._mirror.compare(kb.id)
            except IndexDamagedError as error:
                return Finding(
                    "problem",
                    say(
                        f"{kb.name}: the vector index is damaged: {error.why}.",
                        f"{kb.name}：向量索引已损坏：{error.why}。",
                    ),
                    say("`ingest doctor --repair` builds it again.", "`ingest doctor --repair` 会重新建立。"),
                )
            missing, orphans = len(lacking), len(superfluous)
        if not missing and not orphans:
            return Finding(
                "ok", say(f"{kb.name}: {kb.chunks} passages indexed.", f"{kb.name}：{kb.chunks} 个片段均已索引。")
            )
        what = say(
            f"{kb.name}: the vector index lacks {missing} passages and has {orphans} too many.",
            f"{kb.name}：向量索引缺少 {missing} 个片段，多出 {orphans} 个。",
        )
        return _mendable(what, mended=repair)

    def _lexical(self, kb: KnowledgeBase, *, repair: bool) -> Finding:
        database = self._catalog.database
        with database.reading() as db:
            held = lexical.ids(db, kb.id)
        wanted = self._catalog.vectors.ids(kb.id)
        if held == wanted:
            return Finding("ok", say(f"{kb.name}: the word index is complete.", f"{kb.name}：全文索引完整。"))
        if repair:
            with database.transaction() as db:
                lexical.remove(db, kb.id, sorted(held - wanted))
                passages = self._catalog.documents.passages(sorted(wanted - held))
                lexical.add(db, kb.id, [(p.chunk_id, p.text, p.context) for p in passages])
        what = say(
            f"{kb.name}: the word index differs by {len(held ^ wanted)} passages.",
            f"{kb.name}：全文索引有 {len(held ^ wanted)} 个片段不一致。",
        )
        return _mendable(what, mended=repair)

    def _vectors(self, kb: KnowledgeBase) -> Finding:
        lacking = len(self._catalog.vectors.ids(kb.id)) - len(self._catalog.vectors.matrix(kb.id)[0])
        if not lacking:
            return Finding("ok", say(f"{kb.name}: every passage has its vector.", f"{kb.name}：每个片段都有向量。"))
        return Finding(
            "problem",
            say(f"{kb.name}: {lacking} passages have no vector.", f"{kb.name}：{lacking} 个片段没有向量。"),
            say(f"`ingest rebuild --kb {kb.name}`.", f"请运行 `ingest rebuild --kb {kb.name}`。"),
        )

    def _sources(self, kb: KnowledgeBase) -> list[Finding]:
        gone = [d.path for d in self._catalog.documents.all(kb.id) if ":" not in d.path and not Path(d.path).exists()]
        if not gone:
            return []
        return [
            Finding(
                "note",
                say(
                    f"{kb.name}: {len(gone)} source files are gone from the disk, such as {gone[0]}."
                    " Their text is still here.",
                    f"{kb.name}：{len(gone)} 个源文件已不在磁盘上，例如 {gone[0]}。其文本仍保留在库中。",
                ),
                say(
                    "`ingest add FOLDER --prune` removes such documents.",
                    "`ingest add 文件夹 --prune` 会移除这些文档。",
                ),
            )
        ]


def _mendable(what: str, *, mended: bool) -> Finding:
    todo = "" if mended else say("`ingest doctor --repair`.", "请运行 `ingest doctor --repair`。")
    return Finding("problem", what, todo, mended=mended)
