"""GGUF files lying in folders of the form owner/repo, and in the stores of others: the Hugging Face cache, Ollama, LM Studio."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from agents.llm.hub import hub_names
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
        for variant, names in hub_names.variants(path[below:] for path in paths).items():
            full = [path for path in paths if path[below:] in names]
            yield repository, f"{repository}:{variant}" if repository else hub_names.stem(full[0]), full


def problem(folder: Path, parts: Sequence[str]) -> Text | None:
    """What is wrong with a model in these files, by their names alone: a broken link, a part missing."""
    for name in parts:
        if not (folder / name).exists():
            return Text(f"{name} is a link to a file that is gone", f"{name} 指向的文件已不存在")
    _, total = hub_names.part(parts[0])
    missing = sorted(set(range(1, total + 1)) - {hub_names.part(name)[0] for name in parts})
    if missing:
        numbers = ", ".join(map(str, missing))
        return Text(f"part {numbers} of {total} is missing", f"共 {total} 个文件，缺少第 {numbers} 个")
    return None


def cache_folder() -> Path:
    """As huggingface_hub finds it, read anew at each call: HF_HUB_CACHE, HF_HOME/hub, the user's cache folder."""
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if value := os.environ.get(name):
            return Path(os.path.expandvars(value)).expanduser()
    if value := os.environ.get("HF_HOME"):
        return Path(os.path.expandvars(value)).expanduser() / "hub"
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(cache).expanduser() / "huggingface" / "hub"


def in_hub_cache() -> Iterator[Entry]:
    """Each variant of each repository once, from the newest snapshot that has it, 'main' before all.

    models--owner--repo/snapshots/<commit>/file is a link into blobs/:
    https://huggingface.co/docs/huggingface_hub/guides/manage-cache
    """
    try:
        repositories = sorted(path for path in cache_folder().iterdir() if path.name.startswith("models--"))
    except OSError:
        return
    for repository in repositories:
        name = repository.name.removeprefix("models--").replace("--", "/")
        seen: dict[str, Entry] = {}
        for snapshot in _snapshots(repository):
            for variant, parts in hub_names.variants(files(snapshot)).items():
                entry = Entry(
                    f"{name}:{variant}",
                    "huggingface",
                    snapshot / parts[0],
                    (hub_names.stem(parts[0]),),
                    problem(snapshot, parts),
                )
                if variant not in seen or (seen[variant].problem and not entry.problem):
                    seen[variant] = entry
        yield from seen.values()


def _snapshots(repository: Path) -> list[Path]:
    try:
        found = [path for path in (repository / "snapshots").iterdir() if path.is_dir()]
    except OSError:
        return []
    try:
        main = (repository / "refs" / "main").read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        main = ""
    return sorted(found, key=lambda path: (path.name == main, path.stat().st_mtime), reverse=True)


_MODEL = "application/vnd.ollama.image.model"
_OLLAMA_STORES = ("~/.ollama/models", "/usr/share/ollama/.ollama/models")
_OLLAMA_LIBRARY = ("registry.ollama.ai", "library")
_DIGEST = re.compile(r"^sha256[:-]([0-9a-f]{64})$")


def in_ollama() -> Iterator[Entry]:
    """Every tag of every model, named as `ollama list` names it with 'ollama:' before; broken ones say why.

    manifests/<host>/<namespace>/<model>/<tag> names a layer, which lies in blobs/sha256-…. These manifests are those of
    container images; the layer of the type `_MODEL` is a GGUF file as it is.
    """
    told = os.environ.get("OLLAMA_MODELS")  # else the user's own store and that of the system's service on Linux
    for store in (Path(one).expanduser() for one in ([told] if told else _OLLAMA_STORES)):
        try:
            manifests = sorted(path for path in (store / "manifests").glob("*/*/*/*") if path.is_file())
        except OSError:
            continue
        yield from (_of_manifest(store, manifest) for manifest in manifests if not manifest.name.startswith("."))


def _of_manifest(store: Path, manifest: Path) -> Entry:
    host, namespace, model, tag = manifest.relative_to(store / "manifests").parts
    shown = {(_OLLAMA_LIBRARY[0], namespace): f"{namespace}/{model}", _OLLAMA_LIBRARY: model}
    name = f"{shown.get((host, namespace), f'{host}/{namespace}/{model}')}:{tag}"
    aliases = [name] if host == _OLLAMA_LIBRARY[0] else []
    if tag == "latest":
        short = name.removesuffix(":latest")
        aliases += [f"ollama:{short}", short]
    path, wrong = _blob(store, manifest)
    return Entry(f"ollama:{name}", "ollama", path, tuple(aliases), wrong)


def _blob(store: Path, manifest: Path) -> tuple[Path, Text | None]:
    """The file with the weights, and what is wrong with it."""
    try:
        parsed: Any = json.loads(manifest.read_text("utf-8"))
        layers = [layer for layer in parsed["layers"] if str(layer["mediaType"]).partition(";")[0] == _MODEL]
    except (OSError, ValueError, LookupError, TypeError):
        return manifest, Text("its manifest can't be read", "其清单文件无法读取")
    if not layers:
        return manifest, Text("it has no GGUF file (another format, or run in the cloud)", "其中没有 GGUF 文件")
    if len(layers) > 1:
        return manifest, Text(
            "it is cut into several layers, which only Ollama joins", "它由多个层组成，只有 Ollama 能够拼接"
        )
    digest = _DIGEST.match(str(layers[0].get("digest", "")))
    if not digest:
        return manifest, Text("its manifest names no digest", "其清单文件没有摘要")
    for form in (f"sha256-{digest[1]}", f"sha256:{digest[1]}"):
        blob = store / "blobs" / form
        if blob.is_file():
            return blob, _size_problem(blob, layers[0].get("size"))
    blob = store / "blobs" / f"sha256-{digest[1]}"
    return blob, Text("its blob is missing: run `ollama pull` again", "缺少数据文件，请重新运行 `ollama pull`")


def _size_problem(blob: Path, stated: object) -> Text | None:
    size = blob.stat().st_size
    if not isinstance(stated, int) or size == stated:
        return None
    return Text(
        f"its blob has {size:,} of {stated:,} bytes: run `ollama pull` again",
        f"数据文件应有 {stated:,} 字节，实有 {size:,} 字节，请重新运行 `ollama pull`",
    )


def _lm_studio_folders() -> list[Path]:
    """The folders LM Studio keeps models in: where it was told to, in its home of today, in that of before 2025.

    Its home is moved by the file ~/.lmstudio-home-pointer, the models' folder by 'downloadsFolder' in settings.json.
    """
    homes = [Path("~/.lmstudio").expanduser(), Path("~/.cache/lm-studio").expanduser()]
    try:
        pointed = Path("~/.lmstudio-home-pointer").expanduser().read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        pointed = ""
    if pointed and Path(pointed) not in homes:
        homes.insert(0, Path(pointed))
    told = (folder for home in homes for folder in (_downloads_folder(home), home / "models"))
    return list(dict.fromkeys(filter(None, told)))


def in_lm_studio() -> Iterator[Entry]:
    """Each model of <models folder>/publisher/repo/ as 'lmstudio:publisher/repo:Q4_K_M'; also known by its file's name."""
    for store in _lm_studio_folders():
        for repository, name, parts in models(store):
            bare = hub_names.stem(parts[0])
            yield Entry(
                f"lmstudio:{name}",
                "lmstudio",
                store / parts[0],
                tuple(dict.fromkeys((f"lmstudio:{bare}", f"lmstudio:{repository}/{bare}", bare, name))),
                problem(store, parts),
            )


def _downloads_folder(home: Path) -> Path | None:
    try:
        told = json.loads((home / "settings.json").read_text("utf-8"))["downloadsFolder"]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return Path(told) if isinstance(told, str) and told else None
