"""What every store gives: one model on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

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
