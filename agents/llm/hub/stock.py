"""All models on this machine, and which of them a name means."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from agents.llm.hub import folders, hub_names
from agents.llm.hub.folders import Entry
from ingest.errors import ModelError
from ingest.language import Text


def stock(home: Path) -> list[Entry]:
    """The home's models, then the Hugging Face cache's, Ollama's and LM Studio's. Names and manifests are read, no
    model is: this takes milliseconds. A file that two stores share (by a link) is listed once in each."""
    return [*_own(home / "models"), *folders.in_hub_cache(), *folders.in_ollama(), *folders.in_lm_studio()]


def _own(folder: Path) -> Iterator[Entry]:
    """What people put into the home, and what `zhiku models pull` fetched: a file in owner/repo/ has a hub name, any
    other the name of its file."""
    for _, name, files in folders.models(folder, least=2):
        path = folder / files[0]
        yield Entry(name, "home", path, (hub_names.stem(files[0]), path.stem), folders.problem(folder, files))


def find(name: str, entries: list[Entry]) -> Entry | None:
    """The entry called `name`; None when there is none. Raises `ModelError` for one that is known to be broken, or
    when a repository has several variants and none of them is the usual one."""
    wanted = name.strip().lower().removesuffix(".gguf")
    named = [e for e in entries if e.name.lower() == wanted]
    found = named or _of_repository(name, entries) or [e for e in entries if wanted in map(str.lower, e.aliases)]
    usable = next((entry for entry in found if not entry.problem), None)
    if found and not usable:
        raise broken(found[0])
    return usable


def broken(entry: Entry) -> ModelError:
    """For a model that its store has in pieces."""
    problem = entry.problem or Text("it can't be read", "无法读取")
    return ModelError(
        Text(f"{entry.name} can't be used: {problem.en}.", f"{entry.name} 无法使用：{problem.zh}。"),
        Text(f"It lies at {entry.path}.", f"其位置为 {entry.path}。"),
    )


def _of_repository(name: str, entries: list[Entry]) -> list[Entry]:
    """Those that a hub name means; of a repository without a variant, the usual one."""
    prefix = "lmstudio:" if name.lower().startswith("lmstudio:") else ""
    wanted = hub_names.parse(name[len(prefix) :])
    if not wanted:
        return []
    start = f"{prefix}{wanted.repository}:".lower()
    variants = {entry.name[len(start) :]: entry for entry in reversed(entries) if entry.name.lower().startswith(start)}
    meant = wanted.of(variants)
    if meant is not None:
        return [entry for entry in entries if entry.name.lower() == variants[meant].name.lower()]
    file = hub_names.stem(wanted.variant).lower()
    by_file = [entry for entry in variants.values() if hub_names.stem(entry.path.name).lower() == file]
    if by_file:
        return by_file
    if variants and not wanted.variant:
        raise ModelError(
            Text(f"{wanted.repository} is here in several variants.", f"本机有 {wanted.repository} 的多个版本。"),
            Text(
                f"Name one of: {hub_names.listed(sorted(e.name for e in variants.values()))}.",
                f"请指明其中之一：{hub_names.listed(sorted(e.name for e in variants.values()))}。",
            ),
        )
    return []
