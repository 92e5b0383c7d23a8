"""Where links lead: said behind their words, as a printed page would have to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

_ADDRESS = re.compile(r"\s*(?:(?:mailto|tel):([^\s?]+)|(https?://\S+))", re.IGNORECASE)
_SCHEME = re.compile(r"https?://(?:www\.)?|/\Z", re.IGNORECASE)
_FIELD = re.compile(r'\s*HYPERLINK[\s(]+"?([^\s"\\]+)', re.IGNORECASE)
_MOST = 0.5
"""Share of a text up to which the addresses of its links are read."""


def of_field(code: str) -> str:
    """Where a field of Word's or a formula leads, by its code; '' for one that is no link."""
    found = _FIELD.match(code)
    return found[1] if found else ""


def unsaid(text: str, targets: Iterable[str]) -> dict[str, str]:
    """The address that each target of a link of `text` is, where the text doesn't say it itself.

    None where all of them together are long beside the text: a newsletter's are.
    """
    links = list(targets)
    found: dict[str, str] = {target: match[1] or match[2] for target in links if (match := _ADDRESS.match(target))}
    silent = {target: address for target, address in found.items() if _SCHEME.sub("", address) not in text}
    if sum(len(silent.get(target, "")) for target in links) > _MOST * len(text):
        return {}
    return silent


def behind(text: str, targets: Iterable[str]) -> dict[str, str]:
    """The same as it is to be read behind the words of the link."""
    return {target: f" ({address})" for target, address in unsaid(text, targets).items()}


def put_behind(links: Sequence[Any], attribute: str, text: str) -> None:
    """Put the addresses behind elements of a tree that lead where their `attribute` says; `text`: all that it says."""
    said = behind(text, [link.get(attribute, "") for link in links])
    for link in links:
        link.tail = said.get(link.get(attribute, ""), "") + (link.tail or "")
