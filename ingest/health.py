"""Looks a library over, all that it keeps against what it was made of, and mends what can be mended."""

from __future__ import annotations

import contextlib
import random
import shlex
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ingest import lexical
from ingest.catalog import Catalog, KnowledgeBase
from ingest.catalog.proofs import key_of, sound
from ingest.embedders import Embedder
from ingest.errors import ZhikuError
from ingest.language import say
from ingest.mirror import Mirror
from ingest.places import gone, is_there, read_with
from ingest.rebuild import spare
from ingest.sqlite import SqliteFile, examined
from ingest.stores import BESIDE
from ingest.vectors.chroma import IndexAwayError, IndexDamagedError


@contextlib.contextmanager
def copied_index(home: Path) -> Iterator[Path]:
    """A folder with a copy of the index of `home`, for as long as it is wanted."""
    with tempfile.TemporaryDirectory(prefix="zhiku-index-") as scratch:
        if (home / "index").is_dir():
            shutil.copytree(home / "index", Path(scratch) / "index")
        yield Path(scratch) / "index"


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
    """Checks of everything in a library. `repair` needs the writer lock, which the caller holds."""

    def __init__(
        self,
        catalog: Catalog,
        mirror: Mirror,
        embedder_of: Callable[[KnowledgeBase], Embedder],
        reread: Callable[[KnowledgeBase, str], object],
    ) -> None:
        """`embedder_of` gives the embedder a knowledge base was made with, `reread` reads a file of it anew."""
        self._catalog, self._mirror, self._embedder_of, self._reread = catalog, mirror, embedder_of, reread

    def examine(self, *, repair: bool) -> list[Finding]:
        """Every check, in order; with `repair` problems are mended and said to be."""
        findings = self._files(repair=repair)
        if findings[0].level == "problem" and not findings[0].mended:
            return findings  # what a broken file says of itself proves nothing
        for kb_id, name in self._catalog.kbs.staging():
            findings.append(self._staging(kb_id, name, repair=repair))
        for kb in self._catalog.kbs.all():
            findings += [check(kb, repair=repair) for check in (self._texts, self._vectors, self._index, self._lexical)]
            findings += self._sources(kb)
        findings += self._room()
        if repair and all(one.level != "problem" or one.mended for one in findings):
            self._catalog.proofs.seal()
        return findings

    def _files(self, *, repair: bool) -> list[Finding]:
        """The catalog first, then the other databases beside it: each page and each row can be read."""
        home, database = self._catalog.home, self._catalog.database
        if not isinstance(database, SqliteFile):
            return [Finding("ok", say("The database server answers.", "数据库服务器响应正常。"))]
        catalog = database.path
        others = [path for store in BESIDE if (path := home / store.path).exists()]
        verdicts = [(path, examined(path, repair=repair)) for path in (catalog, *others)]
        return [self._file(path, *found, catalog=path == catalog) for path, found in verdicts]

    def _file(self, path: Path, before: str, after: str, *, catalog: bool) -> Finding:
        if not before and catalog:
            return Finding("ok", say("The catalog is sound.", "目录库完好。"))
        if not before:
            return Finding("ok", say(f"{path.name} is sound.", f"{path.name} 完好。"))
        what = say(f"{path.name} is damaged: {before}.", f"{path.name} 已损坏：{before}。")
        if not after:
            return _mendable(what, mended=True)
        todo = say("Restore a backup with `ingest restore FILE`.", "请用 `ingest restore FILE` 恢复备份。")
        if not catalog:
            todo += say(
                f" Without one, move {path} away: the documents are not in it.",
                f"没有备份时请移走 {path}：文档不在其中。",
            )
        elif before.startswith("index"):
            todo = say("`ingest doctor --repair`.", "请运行 `ingest doctor --repair`。")
        return Finding("problem", what, todo)

    def _staging(self, kb_id: int, name: str, *, repair: bool) -> Finding:
        what = say(f"A rebuild was begun and not ended ('{name}').", f"有一次未完成的重建（“{name}”）。")
        if repair:
            self._catalog.kbs.remove(kb_id)
            self._mirror.drop(kb_id)
        return _mendable(what, mended=repair)

    def _texts(self, kb: KnowledgeBase, *, repair: bool) -> Finding:
        altered = self._catalog.proofs.altered(kb.id)
        if not altered:
            return Finding("ok", say(f"{kb.name}: every text is what was read.", f"{kb.name}：文本均与读入时一致。"))
        if repair:
            for path in altered.values():
                if is_there(path):
                    self._reread(kb, read_with(path, self._catalog.documents.known(kb.id)))
        left = self._catalog.proofs.altered(kb.id) if repair else altered
        first = next(iter((left or altered).values()))
        what = say(
            f"{kb.name}: the stored text of {len(altered)} documents is damaged, such as {first}.",
            f"{kb.name}：{len(altered)} 个文档的存储文本已损坏，例如 {first}。",
        )
        if not left:
            return _mendable(what, mended=True)
        if not repair and all(map(is_there, left.values())):
            return _mendable(what, mended=False)
        again = next((path for path in left.values() if not is_there(path)), first)
        return Finding(
            "problem",
            what,
            say(
                "Files that are where they were are read anew by `ingest doctor --repair`; for others restore a backup, or"
                f" take them out: `ingest remove {shlex.quote(again)} --kb {shlex.quote(kb.name)}`.",
                "仍在原位置的文件可由 `ingest doctor --repair` 重新读取；其余请恢复备份，或将其移除："
                f"`ingest remove {shlex.quote(again)} --kb {shlex.quote(kb.name)}`。",
            ),
        )

    def _vectors(self, kb: KnowledgeBase, *, repair: bool) -> Finding:
        missing, altered = self._catalog.vectors.flawed(kb.id)
        if not missing and not altered:
            return Finding("ok", say(f"{kb.name}: every passage has its vector.", f"{kb.name}：每个片段都有向量。"))
        what = say(
            f"{kb.name}: {len(missing)} passages have no vector, {len(altered)} a damaged one.",
            f"{kb.name}：{len(missing)} 个片段没有向量，{len(altered)} 个片段的向量已损坏。",
        )
        if not repair:
            return _mendable(what, mended=False)
        try:
            _, left = Mender(self._catalog, self._mirror, kb, self._embedder_of(kb)).run()
        except ZhikuError as error:
            return Finding("problem", f"{what} {error.message}", str(error.hint or ""))
        if not left:
            return _mendable(what, mended=True)
        todo = say("First put their texts right.", "请先修复其文本。")
        return Finding("problem", what, todo)

    def _index(self, kb: KnowledgeBase, *, repair: bool) -> Finding:
        try:
            wrong, orphans = self._mirror.compare(kb.id)
            if repair and (wrong or orphans or self._catalog.kbs.generation(kb.id)[1]):
                self._mirror.reconcile(kb.id)
        except IndexAwayError as error:
            return Finding("problem", f"{kb.name}: {error.message}", str(error.hint))
        except IndexDamagedError as error:
            what = say(
                f"{kb.name}: the vector index is damaged: {error.why}.", f"{kb.name}：向量索引已损坏：{error.why}。"
            )
            if repair:
                self._mirror.rebuild_all()
            return _mendable(what, mended=repair)
        if not wrong and not orphans:
            return Finding(
                "ok", say(f"{kb.name}: {kb.chunks} passages indexed.", f"{kb.name}：{kb.chunks} 个片段均已索引。")
            )
        what = say(
            f"{kb.name}: the vector index lacks {len(wrong)} vectors, or has them altered, and has {len(orphans)} too many.",
            f"{kb.name}：向量索引中有 {len(wrong)} 个向量缺失或被改动，多出 {len(orphans)} 个。",
        )
        return _mendable(what, mended=repair)

    def _lexical(self, kb: KnowledgeBase, *, repair: bool) -> Finding:
        database, texts = self._catalog.database, self._catalog.documents.texts
        with database.reading() as db:
            if lexical.true_to(db, kb.id, texts(kb.id)):
                return Finding("ok", say(f"{kb.name}: the word index is complete.", f"{kb.name}：全文索引完整。"))
        if repair:
            with database.transaction() as db:
                lexical.rebuild(db, kb.id, list(texts(kb.id)))
        what = say(
            f"{kb.name}: the word index is not the one that the passages make.", f"{kb.name}：全文索引与片段不一致。"
        )
        return _mendable(what, mended=repair)

    def _room(self) -> list[Finding]:
        freed = spare(self._catalog)
        if not freed:
            return []
        what = say(
            f"Documents that came and went left some {freed / 1e6:,.0f} MB behind.",
            f"反复增删文档后，磁盘上留有约 {freed / 1e6:,.0f} MB 可回收空间。",
        )
        return [Finding("note", what, say("`ingest compact` frees them.", "可运行 `ingest compact` 回收。"))]

    def _sources(self, kb: KnowledgeBase) -> list[Finding]:
        lost = [d.path for d in self._catalog.documents.all(kb.id) if gone(d.path)]
        if not lost:
            return []
        return [
            Finding(
                "note",
                say(
                    f"{kb.name}: {len(lost)} source files are gone from the disk, such as {lost[0]}."
                    " Their text is still here.",
                    f"{kb.name}：{len(lost)} 个源文件已不在磁盘上，例如 {lost[0]}。其文本仍保留在库中。",
                ),
                say("`ingest sync FOLDER` removes such documents.", "`ingest sync 文件夹` 会移除这些文档。"),
            )
        ]


def _mendable(what: str, *, mended: bool) -> Finding:
    todo = "" if mended else say("`ingest doctor --repair`.", "请运行 `ingest doctor --repair`。")
    return Finding("problem", what, todo, mended=mended)


_BATCH = 64
_TRIED = 8
"""Copies without a digest that are embedded again before the others are believed."""
_SAME = 0.999
"""Cosine of a passage's vector with itself, embedded on another day in another batch; int8 models vary by 1e-4."""


class Mender:
    """Restores the vectors of one knowledge base. Callers hold the writer lock and let the index be told afterwards."""

    def __init__(self, catalog: Catalog, mirror: Mirror, kb: KnowledgeBase, embedder: Embedder) -> None:
        """`embedder` is the one that the knowledge base was made with."""
        self._catalog, self._mirror, self._kb, self._embedder = catalog, mirror, kb, embedder

    def run(self) -> tuple[int, int]:
        """Restore what can be; returns how many vectors were wrong, and how many of them still are (their text is not
        what it was, so nothing can be made of it). Raises `ModelError` where the embedder can't embed.
        """
        missing, altered = self._catalog.vectors.flawed(self._kb.id)
        wrong = sorted(missing | altered)
        if not wrong:
            return 0, 0
        copies = self._copies(wrong)
        self._catalog.vectors.put_back(self._kb.id, copies)
        rest = [i for i in wrong if i not in copies]
        made = 0
        for at in range(0, len(rest), _BATCH):
            vectors = {i: row.astype("<f4").tobytes() for i, row in self._embedded(rest[at : at + _BATCH]).items()}
            self._catalog.vectors.put_back(self._kb.id, vectors)
            made += len(vectors)
        self._mirror.forget(self._kb.id)
        return len(wrong), len(rest) - made

    def _copies(self, wrong: Sequence[int]) -> Mapping[int, bytes]:
        """The index's copies of them that are right: by their digest, or where it is lost as well by a sample."""
        proofs = self._catalog.vectors.proofs(self._kb.id, wrong)
        proven: dict[int, bytes] = {}
        unproven: dict[int, NDArray[np.float32]] = {}
        for i, row in self._mirror.copies(self._kb.id, wrong).items():
            key, digest, dimensions = proofs[i]
            data = row.astype("<f4").tobytes()
            if not sound(key, data, digest, dimensions):
                continue
            if digest is None:
                unproven[i] = row
            else:
                proven[i] = data
        tried = self._embedded(random.sample(sorted(unproven), min(_TRIED, len(unproven))))
        if tried and all(float(row @ unproven[i]) >= _SAME for i, row in tried.items()):
            proven |= {i: row.astype("<f4").tobytes() for i, row in unproven.items()}
        return proven

    def _embedded(self, chunk_ids: Sequence[int]) -> dict[int, NDArray[np.float32]]:
        """Passages embedded again, as far as their text is what it was."""
        proofs = self._catalog.vectors.proofs(self._kb.id, chunk_ids)
        texts = {
            p.chunk_id: f"{p.context}\n{p.text}" if p.context else p.text
            for p in self._catalog.documents.passages(chunk_ids)
        }
        sure = [i for i, text in texts.items() if key_of(text) == proofs[i][0]]
        if not sure:
            return {}
        return dict(zip(sure, self._embedder.embed_passages([texts[i] for i in sure]), strict=True))
