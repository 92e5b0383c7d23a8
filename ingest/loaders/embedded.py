"""Files written into a text as `data:` addresses: thousands of letters that say nothing."""

from __future__ import annotations

import re

from ingest.language import say

_DATA = re.compile(r"data:[\w/+.-]*(?:;[\w=.+-]+)*;base64,(?:[A-Za-z0-9+/=_%-]|\\?\n[ \t]*(?=[A-Za-z0-9+/=]{20,}))*")
_SHORTEST = 100
"""Characters from which such an address is taken out; shorter ones may be an example in a text about them."""
_DEFINITION = re.compile(r"^ {0,3}\[[^\]\n]+\]:[ \t]*<?data:\.\.\.>?[^\n]*\n?", re.MULTILINE)


def without_embedded(text: str) -> tuple[str, tuple[str, ...]]:
    """The text with the content of embedded files left out, and a note that says how many there were."""
    if ";base64," not in text:
        return text, ()
    count = 0

    def shortened(match: re.Match[str]) -> str:
        nonlocal count
        if len(match[0]) < _SHORTEST:
            return match[0]
        count += 1
        return "data:..."

    text = _DEFINITION.sub("", _DATA.sub(shortened, text))
    if not count:
        return text, ()
    return text, (say(f"Embedded files or pictures not read: {count}.", f"内嵌的 {count} 个文件或图片未读取。"),)
