"""How much of one text stands in another: words, values and names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ingest.folding import fold

_NAME_BEFORE = re.compile(r"(?<=[a-z\d,;] )[A-Z][\w'-]* $")


def bare(value: str, name: str) -> str:
    """`value` without the name of its parameter, which models repeat: 'the red_team' for `team`."""
    return unnamed(re.sub(r"[_-]+", " ", value), name)


def unnamed(value: str, name: str) -> str:
    """`value` without an article and the name of its parameter, its own hyphens kept."""
    return re.sub(rf"\s+{re.escape(name)}$|^{re.escape(name)}\s+|^the\s+", "", value, flags=re.IGNORECASE).strip()


def with_its_kind(arguments: Mapping[str, Any], text: str) -> dict[str, Any] | None:
    """`arguments` with the parameter's name behind its value where `text` has both: what was called 'palm' is called 'palm
    house' by those to whom it is a name. None where it has none so."""
    folded = fold(text)
    both = {name: f"{value} {name}" for name, value in arguments.items() if isinstance(value, str)}
    found = {name: value for name, value in both.items() if fold(value) in folded}
    return {**arguments, **found} if found else None


def share(some: set[str], among: set[str]) -> float:
    """How much of `some` is `among`; 1 of nothing."""
    return len(some & among) / len(some) if some else 1.0


def stands_in(value: str, text: str) -> bool:
    """Whether a value stands in a text, whatever separates its words; not as a part of a word or of a longer name: no 'A' in
    'Hall A'."""
    parts = re.findall(r"[^\W_]+", fold(value))
    if not parts:
        return False
    whole = r"[\W_]*".join(map(re.escape, parts))
    begins = [match.start() for match in re.finditer(rf"(?<![a-z0-9]){whole}(?![a-z0-9])", fold(text))]
    return any(not _NAME_BEFORE.search(text[:at]) for at in begins)


def begins_in(value: str, text: str) -> bool:
    """Whether a value stands in a text from the beginning of a word on, whatever separates its words: 'e-bike' in 'two e-bikes',
    not in 'the bikes'. One without a letter or figure does."""
    parts = re.findall(r"[^\W_]+", fold(value))
    whole = r"[\W_]*".join(map(re.escape, parts))
    return not parts or bool(re.search(rf"(?<![a-z0-9]){whole}" if parts[0].isascii() else whole, fold(text)))


def letters(text: str) -> str:
    """`text` without anything but letters and figures, to look for one text in another."""
    return re.sub(r"[\W_]+", "", fold(text))
