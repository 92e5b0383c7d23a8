"""What was found out about a model file by trying it, kept in the home folder."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import TypeAdapter

from agents.llm.prompting.wishes import Mode  # pydantic reads it at run time
from ingest.whole_files import written

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")

_HEAD, _TAIL = 1 << 20, 1 << 16
"""Bytes that tell one GGUF from another beside its size: all its metadata's beginning, and the last weights."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A model file's best mode of constraint, and what it rests on."""

    mode: Mode
    tasks: int = 0
    """How many tasks each mode was tried on."""
    right: dict[str, int] = field(default_factory=dict)
    """Of them right, by mode."""
    valid: dict[str, int] = field(default_factory=dict)
    """Of them at least of the asked-for form, by mode."""
    seconds: float = 0.0


def folder(home: Path) -> Path:
    """Where a home keeps them: one small file per model, named by what is in the model, so that a renamed file keeps its
    profile and a new one gets none."""
    return home / "model-profiles"


def read(folder: Path, model: Path, kind: type[T], about: str = "") -> T | None:
    """The note of that kind on the file; None when there is none, or it can't be read. `about` tells several apart."""
    try:
        return TypeAdapter(kind).validate_json(_file(folder, model, about).read_bytes())
    except (OSError, ValueError):
        return None


def write(folder: Path, model: Path, value: DataclassInstance, about: str = "") -> None:
    """Keep such a note; whole or not at all. `folder` need not exist. Raises `OSError`."""
    told = {"file": model.name, "bytes": model.stat().st_size, **asdict(value)}
    with written(_file(folder, model, about)) as file:
        file.write(json.dumps(told, ensure_ascii=False, indent=1).encode())


def _file(folder: Path, model: Path, about: str) -> Path:
    return folder / ".".join(filter(None, [identity(model), about, "json"]))


def identity(model: Path) -> str:
    """A name for what is in a GGUF file, from its size, head and tail: reading gigabytes would take a minute."""
    size = model.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with model.open("rb") as file:
        digest.update(file.read(_HEAD))
        file.seek(max(0, size - _TAIL))
        digest.update(file.read(_TAIL))
    return digest.hexdigest()[:24]
