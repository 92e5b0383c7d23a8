"""The home's own folder `models`: what people put there, and what `zhiku models pull` fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.llm.hub import filenames, folders
from agents.llm.hub.entries import Entry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def entries(home: Path) -> Iterator[Entry]:
    """A file in owner/repo/ has a hub name, any other the name of its file."""
    folder = home / "models"
    groups: dict[str, list[str]] = {}
    for path in folders.files(folder):
        pieces = path.split("/")
        groups.setdefault("/".join(pieces[:2]) if len(pieces) > 2 else "", []).append(path)
    for repository, paths in groups.items():
        below = len(repository) + 1 if repository else 0
        for variant, files in filenames.variants(path[below:] for path in paths).items():
            full = [path for path in paths if path[below:] in files]
            bare = filenames.stem(full[0])
            yield Entry(
                f"{repository}:{variant}" if repository else bare,
                "home",
                folder / full[0],
                (bare, (folder / full[0]).stem),
                folders.problem(folder, full),
            )
