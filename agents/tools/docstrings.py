"""A docstring as a tool's description: the sentences, and what it says of each parameter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Documented:
    """What a docstring says, each text on one line."""

    description: str
    parameters: Mapping[str, str]


def read_docstring(text: str) -> Documented:
    """Read Google's, NumPy's or reStructuredText's way of documenting parameters.

    What it says about results and exceptions is for programmers, and left out.
    """
    from docstring_parser import ParseError, parse

    if not text.strip():
        return Documented("", {})
    try:
        found = parse(text)
    except ParseError:
        return Documented(_line(text), {})
    parts = (found.short_description, found.long_description)
    return Documented(
        " ".join(_line(part) for part in parts if part),
        {
            name.strip(): _line(parameter.description or "")
            for parameter in found.params
            for name in parameter.arg_name.split(",")
        },
    )


def _line(text: str) -> str:
    return " ".join(text.split())
