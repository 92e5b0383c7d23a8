"""Known holes against the pins. The list is shipped and dated, so that looking needs no network."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from packaging.specifiers import SpecifierSet

from tests.supply.lock import ROOT, Pin

LIST = Path(__file__).parent / "advisories.toml"
ROOMS = ("app", "agents", "ingest", "prompts")


@dataclass(frozen=True, slots=True)
class Advisory:
    """One hole."""

    ids: tuple[str, ...]
    package: str
    affected: str
    """Versions, as a PEP 440 specifier."""
    what: str
    why_not: str = ""
    """Why it can't be reached through this product; empty where it can."""
    unused: tuple[str, ...] = ()
    """Regular expressions for what our sources would have to say to reach it: none of them does, or it applies."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """An advisory that concerns a pinned version."""

    advisory: Advisory
    version: str
    reached: tuple[str, ...]
    """Places in our sources that say one of `unused`."""

    @property
    def applies(self) -> bool:
        """Whether something is to be done."""
        return not self.advisory.why_not or bool(self.reached)


def shipped() -> tuple[date, list[Advisory]]:
    """The day on which the list was last gone through, and what is on it."""
    data = tomllib.loads(LIST.read_text("utf-8"))
    found = [
        Advisory(**{key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()})
        for entry in data["advisory"]
    ]
    return data["as_of"], found


def judge(pins: list[Pin], advisories: list[Advisory], root: Path = ROOT) -> list[Verdict]:
    """Those that concern a pinned version."""
    versions = {pin.name: pin.version for pin in pins}
    return [
        Verdict(advisory, versions[advisory.package], _said(advisory.unused, root))
        for advisory in advisories
        if advisory.package in versions
        and SpecifierSet(advisory.affected).contains(versions[advisory.package], prereleases=True)
    ]


def _said(patterns: tuple[str, ...], root: Path) -> tuple[str, ...]:
    if not patterns:
        return ()
    wanted = re.compile("|".join(patterns))
    return tuple(
        f"{path.relative_to(root)}:{number}"
        for room in ROOMS
        for path in sorted((root / room).rglob("*.py"))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if wanted.search(line)
    )
