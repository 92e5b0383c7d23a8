"""Models in several files: all of them are needed, and the first is the one to open."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ingest.errors import ModelError
from ingest.language import Text

if TYPE_CHECKING:
    from agents.llm import gguf


def parts(header: gguf.Gguf) -> list[Path]:
    """The files of the model that begins with `header`, in order. Raises `ModelError` when not all are there, or it is not
    the first of them."""
    if header.splits == 1:
        return [header.path]
    stem, _, tail = header.path.stem.rpartition("-of-")
    base = stem.rpartition("-")[0]
    names = [f"{base}-{i:05d}-of-{tail}.gguf" for i in range(1, header.splits + 1)]
    paths = [header.path.with_name(name) for name in names]
    missing = [path.name for path in paths if not path.is_file()]
    if missing or header.path.name != names[0]:
        listed = ", ".join(missing) or names[0]
        raise ModelError(
            Text(
                en=f"{header.path.name} is one of {header.splits} files of a model.",
                zh=f"{header.path.name} 是某模型 {header.splits} 个文件之一。",
            ),
            Text(
                en=f"Put all of them in one folder and open the first; needed: {listed}.",
                zh=f"请把所有文件放入同一文件夹并打开第一个；需要：{listed}。",
            ),
        )
    return paths
