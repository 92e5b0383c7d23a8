"""After the reading: what sidecars and the user say of the files named, unchanged ones included."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ingest.catalog import Catalog
from ingest.catalog.fields import SIDECAR
from ingest.documents import Failure
from ingest.labels import sidecar_pairs
from ingest.language import Text
from ingest.pipeline.run import Run
from ingest.places import inner
from ingest.scan import Found, sidecars

MOST_BYTES = 1 << 20
"""Of a sidecar."""


def describe(files: Sequence[Found], catalog: Catalog, kb_id: int, said: Sequence[tuple[str, str]], run: Run) -> None:
    """Bring what is stored in line with the sidecars of `files`, and add what the user says of all of them. A sidecar
    that can't be read is a failure of its own; what an earlier one said is then kept."""
    held = catalog.fields.said(kb_id, SIDECAR)
    known = catalog.documents.known(kb_id)
    within = inner(known)
    for found in files:
        document = known.get(found.path)
        if document is None:  # it could not be read
            continue
        beside = next((path for path in map(Path, sidecars(found.path)) if path.is_file()), None)
        if beside is not None or document.document_id in held:
            try:
                pairs = _read(beside) if beside is not None else []
            except (OSError, ValueError) as error:
                run.beside((_unreadable(beside, error),), ())
            else:
                catalog.fields.say(document.document_id, SIDECAR, pairs)
        if said:
            for path in (found.path, *within.get(found.path, ())):
                catalog.fields.add(known[path].document_id, said)


def _read(path: Path) -> list[tuple[str, str]]:
    if path.stat().st_size > MOST_BYTES:
        raise ValueError("too large")
    return sidecar_pairs(path.read_bytes())


def _unreadable(path: Path | None, error: Exception) -> Failure:
    reason = Text(
        f"This description of a document is no JSON object ({error}).", f"该文档说明文件不是 JSON 对象（{error}）。"
    )
    hint = Text(
        'Write something like {"tags": ["contract"], "author": "Li"}; the document itself is there.',
        '写法如 {"tags": ["合同"], "author": "李"}；文档本身已添加。',
    )
    return Failure(str(path), str(reason), str(hint))
