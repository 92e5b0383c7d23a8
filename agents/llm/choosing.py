"""Before a model is chosen: is there one by that name, is it whole, and can it answer?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from agents.llm import gguf, recommended, splits
from agents.llm.hub.kinds import check_writes
from agents.llm.names import BUNDLED, OnDisk, resolve

if TYPE_CHECKING:
    from agents.llm.names import Served


def checked(name: str, home: Path) -> tuple[str, OnDisk | Served]:
    """What to write into the settings for `name` ('recommended': the best for this machine), and where it is; a file's
    header is read, no server is asked. Raises `ModelError`: there is no such model, its file is broken or not complete, or
    writes no text."""
    if name == recommended.NAME:
        name = recommended.best(recommended.Machine.here()).name
    source = resolve(name, home)
    if isinstance(source, OnDisk) and name != BUNDLED:
        header = gguf.read(source.path)
        splits.parts(header)
        check_writes(header)
        name = str(source.path) if Path(name).expanduser().is_file() else source.name
    return name, source
