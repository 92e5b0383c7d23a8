"""LM Studio's store: <models folder>/publisher/repo/file.gguf."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from agents.llm.hub import filenames, folders
from agents.llm.hub.folders import Entry


def store_folders() -> list[Path]:
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
    told = (folder for home in homes for folder in (_told(home), home / "models"))
    return list(dict.fromkeys(filter(None, told)))


def entries() -> Iterator[Entry]:
    """Each model as 'lmstudio:publisher/repo:Q4_K_M'; also known by its file's name."""
    for store in store_folders():
        for repository, name, files in folders.models(store):
            bare = filenames.stem(files[0])
            yield Entry(
                f"lmstudio:{name}",
                "lmstudio",
                store / files[0],
                tuple(dict.fromkeys((f"lmstudio:{bare}", f"lmstudio:{repository}/{bare}", bare, name))),
                folders.problem(store, files),
            )


def _told(home: Path) -> Path | None:
    try:
        told = json.loads((home / "settings.json").read_text("utf-8"))["downloadsFolder"]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return Path(told) if isinstance(told, str) and told else None
