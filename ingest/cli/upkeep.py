"""The commands that look after libraries: kb, status, doctor, rebuild, backup, restore."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ingest.catalog import KnowledgeBase
from ingest.cli import drawing
from ingest.cli.actions import confirmed
from ingest.cli.shell import Common, emit, tell
from ingest.language import say
from ingest.pages import counted, shown_size
from ingest.records import picked


def kb_list(common: Common) -> None:
    """`ingest kb list`."""
    with closing(common.library()) as library:
        kbs = library.kbs()
    if common.json:
        emit({"kbs": [_kb(kb) for kb in kbs]})
    else:
        drawing.kbs(kbs)


def kb_create(common: Common, *, name: str) -> None:
    """`ingest kb create`."""
    with closing(common.library()) as library:
        kb = library.create_kb(name)
    tell(common, _kb(kb), say(f"Created '{kb.name}'.", f"已新建 “{kb.name}”。"))


def kb_remove(common: Common, *, name: str, yes: bool) -> None:
    """`ingest kb remove`."""
    with closing(common.library()) as library:
        kb = library.kb(name)
        question = say(
            f"Delete '{kb.name}' with its {counted(kb.documents, 'document')}. Really?",
            f"将删除 “{kb.name}” 及其 {kb.documents} 个文档。确定吗？",
        )
        if not confirmed(question, yes=yes):
            return
        library.remove_kb(kb.name)
    tell(
        common,
        {"removed": kb.name, "documents": kb.documents, "chunks": kb.chunks},
        say(
            f"Deleted '{kb.name}': {counted(kb.documents, 'document')}, {counted(kb.chunks, 'passage')}.",
            f"已删除 “{kb.name}”：{kb.documents} 个文档，{kb.chunks} 个片段。",
        ),
    )


def kb_rename(common: Common, *, name: str, new: str) -> None:
    """`ingest kb rename`."""
    with closing(common.library()) as library:
        library.rename_kb(name, new)
    tell(common, {"renamed": name, "to": new}, say(f"'{name}' is now '{new}'.", f"“{name}” 已更名为 “{new}”。"))


def status(common: Common) -> None:
    """`ingest status`."""
    with closing(common.library()) as library:
        kbs, synced = library.kbs(), library.syncing.all()
        home, settings = library.home, library.settings
        size = sum(file.stat().st_size for file in home.rglob("*") if file.is_file() and not file.is_symlink())
    data = {
        "home": str(home),
        "bytes": size,
        "embedder": settings.embedder,
        "kbs": [_kb(kb) for kb in kbs],
        "documents": sum(kb.documents for kb in kbs),
        "pages": sum(kb.pages for kb in kbs),
        "chunks": sum(kb.chunks for kb in kbs),
        "healthy": not any(kb.dirty for kb in kbs),
        "synced": [asdict(one) for one in synced],
    }
    if common.json:
        emit(data)
    else:
        drawing.status(data, kbs, synced)


def doctor(common: Common, *, repair: bool) -> int:
    """`ingest doctor`: status 1 while a problem is left."""
    with closing(common.library()) as library:
        findings = library.doctor(repair=repair)
    left = [f for f in findings if f.level == "problem" and not f.mended]
    if common.json:
        emit({"healthy": not left, "findings": [asdict(f) for f in findings]})
    else:
        drawing.findings(findings, quiet=common.quiet)
    return 1 if left else 0


def rebuild(common: Common, *, embedder: str | None) -> None:
    """`ingest rebuild`."""
    from ingest.cli.bar import Steps

    with closing(common.library()) as library, Steps(quiet=common.quiet) as steps:
        before = library.kb(common.kb)
        documents = library.rebuild(common.kb, embedder, steps.show)
        after = library.kb(common.kb)
    told = say(
        f"The index of '{common.kb}' is built again: {counted(documents, 'document')}.",
        f"“{common.kb}” 的索引已重建：{documents} 个文档。",
    )
    if before.embedder == after.embedder and before.embedder_key != after.embedder_key:
        told += say(
            f" Every passage was embedded anew, by the '{after.embedder}' embedder of this version.",
            f"所有片段都已由本版本的 “{after.embedder}” 向量模型重新生成向量。",
        )
    tell(common, {"kb": common.kb, "documents": documents}, told)


def compact(common: Common) -> None:
    """`ingest compact`."""
    with closing(common.library()) as library:
        freed = library.compact()
    tell(common, {"freed": freed}, say(f"{shown_size(freed)} freed.", f"已释放 {shown_size(freed)}。"))


def backup(common: Common, *, file: str) -> None:
    """`ingest backup`."""
    with closing(common.library()) as library:
        size = library.backup(Path(file).expanduser().absolute())
    tell(
        common,
        {"file": file, "bytes": size},
        say(f"Saved {shown_size(size)} to {file}.", f"已备份 {shown_size(size)} 到 {file}。"),
    )


def restore(common: Common, *, file: str, yes: bool) -> None:
    """`ingest restore`. The library is not opened: it may be the damaged one that is to be replaced."""
    from ingest.wiring import restore_library

    home = common.folder
    question = say(f"Replace the library in {home} by {file}. Really?", f"将用 {file} 替换 {home} 中的知识库。确定吗？")
    if not confirmed(question, yes=yes):
        return
    found = restore_library(home, Path(file).expanduser().absolute())
    data = {
        "file": file,
        "former": str(found.former) if found.former else None,
        "left": list(found.left),
        "left_in": str(found.left_in) if found.left_in else None,
        "embedders": list(found.embedders),
        "ignored": len(found.ignored),
    }
    tell(common, data, "\n".join(drawing.restored(file, found)))


def _kb(kb: KnowledgeBase) -> dict[str, Any]:
    return picked(asdict(kb), "name", "embedder", "documents", "pages", "chunks", "created")
