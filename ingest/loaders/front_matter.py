"""The block of names and values that a Markdown file may open with, in YAML (`---`) or TOML (`+++`)."""

from __future__ import annotations

from typing import Any


def front_matter(text: str) -> tuple[int, dict[str, Any]]:
    """Where the text begins after it, and what it says; (0, {}) for none."""
    mark = text[:3]
    if mark not in ("---", "+++") or text[3:4] != "\n" or (end := text.find(f"\n{mark}\n", 3)) == -1:
        return 0, {}
    import tomllib

    import yaml

    try:
        values = yaml.safe_load(text[4:end]) if mark == "---" else tomllib.loads(text[4:end])
    except (yaml.YAMLError, tomllib.TOMLDecodeError, ValueError):  # a date that is none is a ValueError of YAML's
        return 0, {}
    return (end + 5, values) if isinstance(values, dict) else (0, {})
