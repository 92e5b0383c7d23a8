"""Ollama's store: manifests/<host>/<namespace>/<model>/<tag> names a layer, which lies in blobs/sha256-….

Its manifests are those of container images; the layer of the type below is a GGUF file as it is.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agents.llm.hub.folders import Entry
from ingest.language import Text

_MODEL = "application/vnd.ollama.image.model"
_LIBRARY = ("registry.ollama.ai", "library")
_DIGEST = re.compile(r"^sha256[:-]([0-9a-f]{64})$")


def store_folders() -> list[Path]:
    """OLLAMA_MODELS, or the user's own store and that of the system's service on Linux."""
    if value := os.environ.get("OLLAMA_MODELS"):
        return [Path(value).expanduser()]
    return [Path("~/.ollama/models").expanduser(), Path("/usr/share/ollama/.ollama/models")]


def entries() -> Iterator[Entry]:
    """Every tag of every model, named as `ollama list` names it with 'ollama:' before; broken ones say why."""
    for store in store_folders():
        try:
            manifests = sorted(path for path in (store / "manifests").glob("*/*/*/*") if path.is_file())
        except OSError:
            continue
        yield from (_entry(store, manifest) for manifest in manifests if not manifest.name.startswith("."))


def _entry(store: Path, manifest: Path) -> Entry:
    host, namespace, model, tag = manifest.relative_to(store / "manifests").parts
    shown = {(_LIBRARY[0], namespace): f"{namespace}/{model}", _LIBRARY: model}
    name = f"{shown.get((host, namespace), f'{host}/{namespace}/{model}')}:{tag}"
    aliases = [name] if host == _LIBRARY[0] else []
    if tag == "latest":
        short = name.removesuffix(":latest")
        aliases += [f"ollama:{short}", short]
    path, problem = _blob(store, manifest)
    return Entry(f"ollama:{name}", "ollama", path, tuple(aliases), problem)


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
