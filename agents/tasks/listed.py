"""Things that a text names side by side: 'Hydrology, Support and Sales', 东港、西湾和鹭岛."""

from __future__ import annotations

import re

_AND = r"(?:\s*[,，、;；&]\s*(?:and\s+)?|\s+and\s+|\s*(?:和|与|跟|及|以及)\s*)"
_NAME = r"[A-Z][\w-]*(?: [A-Z][\w-]*)*"
_NAMES = re.compile(rf"{_NAME}(?:(?:, (?:and )?| and ){_NAME})+")
_HAN = r"[\u4e00-\u9fff]"
_RUN = re.compile(rf"({_HAN}{{2,6}})((?:、{_HAN}{{2,6}})*)(?:和|与|及|以及)(?={_HAN}{{2}})")


def apart(text: str) -> list[str]:
    """`text` once for each of the things it names side by side, each time with that one alone; nothing where it names none.
    In Chinese, where nothing ends the last name, it is as long as the first and needs a 、 before it, or the first one's
    last character."""
    if match := max(_NAMES.finditer(text), key=lambda m: len(m.group()), default=None):
        return [f"{text[: match.start()]}{item}{text[match.end() :]}" for item in items_of(match.group())]
    for match in _RUN.finditer(text):
        first, more = match[1], [item for item in match[2].split("、") if item]
        last = text[match.end() : match.end() + len(first)]
        if more or (len(last) == len(first) and last[-1] == first[-1]):
            return [f"{text[: match.start()]}{item}{text[match.end() + len(first) :]}" for item in [first, *more, last]]
    return []


def items_of(value: str) -> list[str]:
    """'Hydrology and Support' → its items."""
    return [item.strip() for item in re.split(_AND, value) if item.strip()]


def beside(value: str, text: str) -> list[str]:
    """What `text` names side by side with `value`: 'A, value and B' → A, B. In English a name's words begin with a capital
    as its own do; in Chinese a name ends with the character that it ends with."""
    if not value:
        return []
    if value.isascii():
        word = r"[A-Z][\w-]*" if value[:1].isupper() else r"[a-z][\w-]*"
        item = rf"{word}(?: {word})*" if value[:1].isupper() else word
        flags = re.RegexFlag(0)
    else:
        item = rf"[^\s,，、。；;和与跟及]{{1,8}}?{re.escape(value[-1])}" if len(value) > 1 else ""
        flags = re.IGNORECASE
    if not item:
        return []
    pattern = rf"((?:{item}{_AND})*)({re.escape(value)})((?:{_AND}{item})*)"
    match = max(re.finditer(pattern, text, flags), key=lambda m: len(m.group()), default=None)
    if match is None:
        return []
    return [found for found in items_of(match.group()) if found.casefold() != value.casefold()]
