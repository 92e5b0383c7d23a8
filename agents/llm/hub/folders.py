"""GGUF files lying in folders of the form owner/repo: the home's, LM Studio's, a snapshot of the hub's cache."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from agents.llm.hub import filenames
from ingest.language import Text

Store = Literal["home", "huggingface", "ollama", "lmstudio"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One model as its store knows it; nothing was read but names and manifests."""

    name: str
    """What to write after `model =`."""
    store: Store
    path: Path
    """Its file, the first one where there are several."""
    aliases: tuple[str, ...] = ()
    """Other names that mean it when nothing else has them."""
    problem: Text | None = None
    """Why it can't be used, as far as the store shows."""


def files(folder: Path) -> list[str]:
    """The '.gguf' files below `folder`, relative to it with '/', sorted; links that lead nowhere are among them.

    What can't be read and what is hidden is passed over; links to folders are followed once.
    """
    found = []
    seen: set[str] = set()
    for at, below, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(at)
        if real in seen:
            below.clear()
            continue
        seen.add(real)
        below[:] = sorted(name for name in below if not name.startswith("."))
        found += [
            Path(at, name).relative_to(folder).as_posix()
            for name in names
            if name.lower().endswith(".gguf") and not name.startswith(".")
        ]
    return sorted(found)


def models(folder: Path, *, least: int = 0) -> Iterator[tuple[str, str, list[str]]]:
    """Each model below `folder`: its repository 'owner/repo' ('' for a file that lies in fewer than `least` folders), its
    name 'owner/repo:Q4_K_M' (outside of a repository the file's), and its files."""
    groups: dict[str, list[str]] = {}
    for path in files(folder):
        above = path.split("/")[:-1]
        groups.setdefault("/".join(above[:2]) if len(above) >= least else "", []).append(path)
    for repository, paths in groups.items():
        below = len(repository) + 1 if repository else 0
        for variant, names in filenames.variants(path[below:] for path in paths).items():
            full = [path for path in paths if path[below:] in names]
            yield repository, f"{repository}:{variant}" if repository else filenames.stem(full[0]), full


def problem(folder: Path, parts: Sequence[str]) -> Text | None:
    """What is wrong with a model in these files, by their names alone: a broken link, a part missing."""
    for name in parts:
        if not (folder / name).exists():
            return Text(f"{name} is a link to a file that is gone", f"{name} 指向的文件已不存在")
    _, total = filenames.part(parts[0])
    missing = sorted(set(range(1, total + 1)) - {filenames.part(name)[0] for name in parts})
    if missing:
        numbers = ", ".join(map(str, missing))
        return Text(f"part {numbers} of {total} is missing", f"共 {total} 个文件，缺少第 {numbers} 个")
    return None
