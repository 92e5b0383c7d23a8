"""The lock files: what is pinned, for which machines, by which hashes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCKS = {"users": ROOT / "requirements.lock", "developers": ROOT / "requirements-dev.lock"}
_PIN = re.compile(r"([a-z0-9][a-z0-9.-]*)==([0-9][0-9A-Za-z.]*)(?: ; (.+))?")


@dataclass(frozen=True, slots=True)
class Pin:
    """One package in one version."""

    name: str
    version: str
    marker: str
    """On which machines; empty: on all."""
    hashes: tuple[str, ...]
    """SHA-256 of every file that may be installed as it, in hexadecimal."""


def read(path: Path) -> list[Pin]:
    """The pins of a lock. Raises `ValueError` for a line that is no pin of one version with its hashes."""
    entries = path.read_text("utf-8").replace(" \\\n", "\n").split("\n")
    found: list[Pin] = []
    for line in filter(None, entries):
        if line.startswith("    --hash=sha256:"):
            last = found.pop()
            found.append(
                Pin(last.name, last.version, last.marker, (*last.hashes, line.removeprefix("    --hash=sha256:")))
            )
        elif match := _PIN.fullmatch(line):
            found.append(Pin(match[1], match[2], match[3] or "", ()))
        else:
            raise ValueError(f"{path.name}: {line!r} pins nothing")
    return found
