"""What is on this machine, each model with what its file says, for `zhiku models list` and the Models page; and whether one
can be chosen: it is there, whole, and writes text."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from pathlib import Path

from agents.llm import gguf, recommended
from agents.llm.gguf import Gguf
from agents.llm.hub.stock import stock
from agents.llm.names import BUNDLED, OnDisk, Served, bundled_file, resolve
from ingest.errors import ModelError
from ingest.language import Text, language, say


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
    size = sum(file.stat().st_size for file in gguf.parts(header))
    count = header.parameters if header.splits == 1 else 0
    billions = f"{count / 1e9:.1f}B" if count >= 1e9 else f"{count / 1e6:.0f}M"
    context = say(f"{header.context_length:,} tokens", f"上下文 {header.context_length:,}")
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


def checked(name: str, home: Path) -> tuple[str, OnDisk | Served]:
    """What to write into the settings for `name` ('recommended': the best for this machine), and where it is; a file's
    header is read, no server is asked. Raises `ModelError`: there is no such model, its file is broken or not complete, or
    writes no text."""
    if name == recommended.NAME:
        name = recommended.best(recommended.Machine.here()).name
    source = resolve(name, home)
    if isinstance(source, OnDisk) and name != BUNDLED:
        header = gguf.read(source.path)
        gguf.parts(header)
        check_writes(header)
        name = str(source.path) if Path(name).expanduser().is_file() else source.name
    return name, source


_ENCODERS = frozenset(
    {"bert", "modern-bert", "neo-bert", "eurobert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "jina-bert-v3"}
    | {"gemma-embedding", "t5encoder", "clip", "wavtokenizer-dec"}
)
"""Architectures that write no text, as llama.cpp's llama-arch.cpp names them."""


def purpose(header: Gguf) -> Text | None:
    """What else than a language model that writes text the file is; None when it is one."""
    stated = str(header.metadata.get("general.type", "model"))
    if stated == "adapter":
        return Text("an adapter (LoRA) for another model", "用于其他模型的适配器（LoRA）")
    if stated != "model":
        return Text(f"a file of the kind '{stated}'", f"“{stated}” 类型的文件")
    if header.architecture in _ENCODERS or header.metadata.get(f"{header.architecture}.pooling_type"):
        return Text("an embedding model, which writes no text", "向量模型，不能生成文字")
    return None


def check_writes(header: Gguf) -> None:
    """Raise `ModelError` for a file that can't answer."""
    other = purpose(header)
    if other:
        raise ModelError(
            Text(f"{header.name} is {other.en}.", f"{header.name} 是{other.zh}。"),
            Text("Choose an instruction-tuned language model.", "请选择经过指令微调的语言模型。"),
        )
