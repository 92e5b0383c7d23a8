"""The Hugging Face cache: models--owner--repo/snapshots/<commit>/file, a link into blobs/.

Layout: https://huggingface.co/docs/huggingface_hub/guides/manage-cache
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from agents.llm.hub import filenames, folders
from agents.llm.hub.folders import Entry


def cache_folder() -> Path:
    """As huggingface_hub finds it, read anew at each call: HF_HUB_CACHE, HF_HOME/hub, the user's cache folder."""
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if value := os.environ.get(name):
            return Path(os.path.expandvars(value)).expanduser()
    if value := os.environ.get("HF_HOME"):
        return Path(os.path.expandvars(value)).expanduser() / "hub"
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(cache).expanduser() / "huggingface" / "hub"


def entries() -> Iterator[Entry]:
    """Each variant of each repository once, from the newest snapshot that has it, 'main' before all."""
    try:
        repositories = sorted(path for path in cache_folder().iterdir() if path.name.startswith("models--"))
    except OSError:
        return
    for repository in repositories:
        name = repository.name.removeprefix("models--").replace("--", "/")
        seen: dict[str, Entry] = {}
        for snapshot in _snapshots(repository):
            for variant, files in filenames.variants(folders.files(snapshot)).items():
                entry = Entry(
                    f"{name}:{variant}",
                    "huggingface",
                    snapshot / files[0],
                    (filenames.stem(files[0]),),
                    folders.problem(snapshot, files),
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
