"""Which documents go because their file is gone, and when that looks like a drive that is not there."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path

from ingest.catalog import Known
from ingest.errors import PruneDoubtful
from ingest.language import Text
from ingest.places import gone, inner
from ingest.scan import Scan

_MOST = 0.5
"""Share of a knowledge base that may go without a question."""


def to_prune(found: Scan, known: Mapping[str, Known]) -> dict[str, Known]:
    """Documents under the folders that were walked whose file exists no more, and those of archives that were opened
    and have it no more, and pages that their servers have no more."""
    opened = tuple(map(_below, found.archives))
    roots = (*map(_below, found.folders), *opened)
    there = {file.path for file in found.files} | {refused.path for refused in found.failed}
    return {
        path: one
        for path, one in known.items()
        if path not in there and path.startswith(roots) and (path.startswith(opened) or gone(path))
    } | {path: known[path] for path in found.vanished if path in known}


def check_prune(found: Scan, known: Mapping[str, Known], going: Mapping[str, Known]) -> None:
    """Raises `PruneDoubtful` where a folder that had documents is still there and has no file now, as a mount point whose
    drive is away, and where more than half of the knowledge base would go. A file of the same size and
    time at a place that is new has been moved there, and its document goes with it, as do those within it."""
    new = {(file.size, file.mtime_ns) for file in found.files if file.path not in known}
    parts = {path for within in inner(known).values() for path in within}
    known = {path: one for path, one in known.items() if path not in parts}
    going = {path: one for path, one in going.items() if path in known and (one.bytes, one.mtime_ns) not in new}
    emptied = next((folder for folder in _folders(found, going) if _is_empty(folder, found)), None)
    if emptied is None and len(going) <= _MOST * len(known):
        return
    where = Text(f"; there is no file left in {emptied}", f"；{emptied} 中已没有文件") if emptied else Text("", "")
    raise PruneDoubtful(
        Text(
            f"Pruning would remove {len(going):,} of {len(known):,} documents{where.en}. Nothing was changed.",
            f"清理将移除 {len(known):,} 个文档中的 {len(going):,} 个{where.zh}。未作任何改动。",
        ),
        Text(
            "Is a drive not connected? If they are to go, say so with --yes.",
            "是否有磁盘未连接？如确要移除，请加上 --yes。",
        ),
    )


def _folders(found: Scan, going: Collection[str]) -> list[str]:
    """The folders walked, and those within them, that had documents which would go."""
    roots = tuple(map(_below, (*found.folders, *found.archives)))
    folders: set[str] = set()
    for path in going:
        folder = str(Path(path).parent)
        while _below(folder).startswith(roots) and folder not in folders:
            folders.add(folder)
            folder = str(Path(folder).parent)
    return sorted(folders)


def _is_empty(folder: str, found: Scan) -> bool:
    if any(file.path.startswith(_below(folder)) for file in found.files):
        return False
    if folder in found.folders:
        return True
    try:
        return next(Path(folder).iterdir(), None) is None
    except OSError:
        return False  # deleted with its documents


def _below(folder: str) -> str:
    return folder.rstrip(os.sep) + os.sep
