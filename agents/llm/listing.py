"""What is on this machine, each model with what its file says: for `zhiku models list` and the Models page."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from pathlib import Path

from agents.llm import gguf, splits
from agents.llm.hub.kinds import purpose
from agents.llm.hub.stock import stock
from agents.llm.names import BUNDLED, OnDisk, bundled_file, resolve
from ingest.errors import ModelError
from ingest.language import language, say


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model as it is listed, and as `--json` has it."""

    path: str = ""
    problem: str = ""
    """Why it can't be used; nothing more is known then."""
    bytes: int = 0
    """All its files together."""
    architecture: str = ""
    size: str = ""
    quantisation: str = ""
    context: str = ""
    context_length: int = 0
    licence: str = ""
    note: str = ""
    """What else than a language model it is."""
    name: str = ""
    store: str = ""
    """bundled, home, huggingface, ollama, lmstudio; 'file' for one elsewhere, '' for a server's."""
    used: bool = False
    """Whether it is the one that answers."""


def rows(home: Path, chosen: str) -> list[ModelFile]:
    """Every model on this machine, whoever brought it, and the one that the setting `chosen` means wherever it is."""
    used = file_of(chosen, home)
    found = []
    try:
        file = bundled_file()
        found.append(_row(BUNDLED, BUNDLED, file, used=file == used))
    except ModelError as error:
        found.append(ModelFile(problem=str(error), name=BUNDLED, store=BUNDLED))
    for entry in stock(home):
        answers = entry.path == used and not entry.problem
        found.append(_row(entry.name, entry.store, entry.path, used=answers, problem=str(entry.problem or "")))
    if not any(row.used for row in found):
        found.append(_row(chosen, "file" if used else "", used, used=True))
    return found


def file_of(name: str, home: Path) -> Path | None:
    """The file that a name means; None for a server, or when there is none."""
    try:
        source = resolve(name, home)
    except ModelError:
        return None
    return source.path if isinstance(source, OnDisk) else None


def _row(name: str, store: str, path: Path | None, *, used: bool, problem: str = "") -> ModelFile:
    """With what the file says about itself, or why it says nothing."""
    row = ModelFile(str(path or ""), problem, name=name, store=store, used=used)
    if path is None or problem:
        return row
    try:
        stamp = path.stat()
        facts = _facts(path, (stamp.st_size, stamp.st_mtime_ns), language())
    except (ModelError, OSError) as error:
        return replace(row, problem=str(error))
    return replace(facts, path=row.path, name=name, store=store, used=used)


@functools.lru_cache(256)
def _facts(path: Path, _stamp: tuple[int, int], _language: str) -> ModelFile:
    """What the file as it is now says about itself; reading a header takes some hundredths of a second. Raises `ModelError`."""
    header = gguf.read(path)
    size = sum(file.stat().st_size for file in splits.parts(header))
    count = header.parameters if header.splits == 1 else 0
    billions = f"{count / 1e9:.1f}B" if count >= 1e9 else f"{count / 1e6:.0f}M"
    context = say(en=f"{header.context_length:,} tokens", zh=f"上下文 {header.context_length:,}")
    return ModelFile(
        bytes=size,
        architecture=header.architecture,
        size=billions if count else "",
        quantisation=header.quantisation,
        context=context if header.context_length else "",
        context_length=header.context_length,
        licence=header.licence,
        note=str(purpose(header) or ""),
    )
