"""A docstring as a tool's description: the sentences, and what it says of each parameter."""

from __future__ import annotations


def read_docstring(text: str) -> tuple[str, dict[str, str]]:
    """What Google's, NumPy's or reStructuredText's way of documenting says: the description, and what it says of each
    parameter, each text on one line.

    What it says about results and exceptions is for programmers, and left out.
    """
    from docstring_parser import ParseError, parse

    try:
        found = parse(text)
    except ParseError:
        return _line(text), {}
    parameters = {
        name.strip(): _line(parameter.description or "")
        for parameter in found.params
        for name in parameter.arg_name.split(",")
    }
    return _line(f"{found.short_description or ''} {found.long_description or ''}"), parameters


def _line(text: str) -> str:
    return " ".join(text.split())
