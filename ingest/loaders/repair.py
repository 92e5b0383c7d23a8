"""Text mended where the fault is certain: nothing here changes what a careful reader would have read. Files written into it as
`data:` addresses are taken out: thousands of letters that say nothing."""

from __future__ import annotations

import html
import re

from ingest.language import say

_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\ufeff\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)
"""C0 and C1 controls, soft hyphen, zero-width space, byte order marks, non-characters, direction overrides.

The zero-width joiners stay: emoji and several scripts are spelled with them."""
_TERMINAL = re.compile("\x1b(?:\\[[0-?]*[ -/]*[@-~]|\\][^\x07\x1b\n]*(?:\x07|\x1b\\\\)|[ -/]*[0-~])|[^\n]\x08")
"""What colours a terminal or moves its cursor (ECMA-48), and characters struck over, as manual pages have them."""
_BREAKS = re.compile("\r\n?|\x0c|\x85|[\u2028\u2029]")
_BULLETS = {0xF0B7: "•", 0xF0A7: "▪", 0xF0D8: "➢", 0xF06E: "■", 0xF0FC: "✓", 0xF0FE: "☑", 0xF0A8: "☐"}
"""Signs of Symbol and Wingdings as their fonts number them, which a copy of the text brings along."""
_SPACES = re.compile("[\u00a0\u2000-\u200a\u202f\u205f]")
"""No-break and typographic spaces; the ideographic space U+3000 is Chinese layout and stays."""
_NUMERIC = re.compile(r"&#x([0-9a-fA-F]{2,6});|&#([0-9]{2,7});|(?<![&0-9A-Za-z_])#x([0-9a-fA-F]{4,5});")
"""Numeric references; the hexadecimal form also where a converter has eaten the ampersand."""
_NAMED = re.compile(
    r"&(nbsp|amp|quot|apos|ldquo|rdquo|lsquo|rsquo|mdash|ndash|hellip|middot|bull|copy|reg|trade|times|deg|ensp|emsp|"
    r"thinsp|laquo|raquo|yen|euro|pound|sect|para|plusmn|rarr|larr);"
)
"""Names that are only ever left over; `&lt;` and `&gt;` may be meant, in a text about markup."""


def repair(text: str, *, entities: bool = True) -> str:
    """The text with newlines as LF and without control characters; `entities`: leftover references resolved."""
    if entities and ";" in text:
        text = _NUMERIC.sub(_character, text)
        text = _NAMED.sub(lambda match: html.unescape(match.group()), text)
    plain = text.replace("\r\n", "\n")
    if plain.replace("\n", "").isprintable():  # nothing of the kind, as almost always: ten times as fast
        return plain
    if "\x1b" in text or "\x08" in text:
        text = _TERMINAL.sub("", text)
    text = _BREAKS.sub("\n", text).translate(_BULLETS)
    text = _SPACES.sub(" ", text)
    return _CONTROLS.sub("", text)


def _character(match: re.Match[str]) -> str:
    hexadecimal = match[1] or match[3]
    code = int(hexadecimal, 16) if hexadecimal else int(match[2])
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF or (code < 0x20 and code not in (9, 10, 13)):
        return match.group()
    # `<` and `>` may be meant, as with the named ones.
    return match.group() if code in (0x3C, 0x3E) else chr(code)


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
