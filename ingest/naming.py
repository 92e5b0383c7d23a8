"""Which document a person means: by its id, its path, its file's name or its title."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ingest.catalog import Known
from ingest.documents import Document
from ingest.errors import UsageError
from ingest.language import Text
from ingest.places import inner


def named(documents: Sequence[Document], name: str, kb: str) -> Document:
    """The one of `documents`, those of `kb`, that `name` stands for. Raises `UsageError` for none, naming the nearest,
    and for several."""
    name = unicodedata.normalize("NFC", name)
    path = str(Path(name).expanduser().absolute())
    # 'é' is one character or two: what is typed and what a file system has may differ in that alone.
    places = {name, unicodedata.normalize("NFC", path)}
    meant: tuple[Callable[[Document], bool], ...] = (
        lambda d: unicodedata.normalize("NFC", d.path) in places,
        lambda d: str(d.id) == name,
        lambda d: Path(unicodedata.normalize("NFC", d.path)).name == name,
        lambda d: unicodedata.normalize("NFC", d.title) == name,
    )
    for means in meant:
        matches = [d for d in documents if means(d)]
        if len(matches) == 1:
            return matches[0]
        if matches:
            options = ", ".join(d.path for d in matches[:5])
            raise UsageError(
                Text(f"'{name}' is the name of several documents.", f"有多个文档名为 “{name}”。"),
                Text(f"Give the whole path: {options}.", f"请给出完整路径：{options}。"),
            )
    near = difflib.get_close_matches(name, [Path(d.path).name for d in documents], n=1, cutoff=0.4)
    raise UsageError(
        Text(f"There is no document '{name}' in '{kb}'.", f"“{kb}” 中没有文档 “{name}”。"),
        Text(f"Did you mean '{near[0]}'?", f"您是指 “{near[0]}” 吗？")
        if near
        else Text("`ingest list` shows what is there.", "`ingest list` 可列出全部文档。"),
    )


def with_parts(documents: Sequence[Document], known: Mapping[str, Known]) -> list[int]:
    """Ids of documents and of those within them."""
    within = inner(known)
    parts = [known[path].document_id for document in documents for path in within.get(document.path, ())]
    return list(dict.fromkeys([*(document.id for document in documents), *parts]))
