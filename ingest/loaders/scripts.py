"""Raised and lowered characters as plain text that still says what they were.

Compatibility folding turns '10⁶' into '106', so a power of a number is written '10^6'; where a word stands before, it
turns 'm²' into 'm2', which is how people type it. The mark of a note stands apart: 'table ¹', so that the word is found.
"""

from __future__ import annotations

import re

_UP = dict(zip("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ", strict=True)) | dict(
    zip("abcdefghijklmoprstuvwxyz*", "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻ*", strict=True)
)
_DOWN = dict(zip("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎", strict=True))
_POWER = re.compile(r"[+\-−–]?\d+(?:[.,/]\d+)?|[+\-−–]?[nmkxyz]|\d*[+\-−]")
_ORDINAL = re.compile(r"st|nd|rd|th|er|re|e|ème|ter|o|a|º|ª", re.IGNORECASE)
_TRADE = {"tm": "™", "sm": "℠", "r": "®", "(r)": "®", "c": "©"}
_UNIT = re.compile(r"(?:^|[^a-zA-Z\u00b5\u0370-\u03ff])[a-zA-Z\u00b5\u0370-\u03ff]{1,2}$|[/·⋅*][a-zA-Z]{1,3}$")
"""A symbol of one or two letters, which is a unit or a variable; a longer word has a note."""


def raised(before: str, text: str, *, note: bool = False) -> str:
    """What `text`, set higher, adds behind `before`. `note`: it is known to refer to a note (a link to one)."""
    text = " ".join(text.split())
    last = before[-1:]
    if not text:
        return ""
    if note or not last or last.isspace():
        return _mark(before, text)
    if last.isdigit() or last in ")]}":
        if last.isdigit() and _ORDINAL.fullmatch(text):
            return text
        return "^" + (text.replace("−", "-").replace("–", "-") if _POWER.fullmatch(text) else f"({text})")
    if text.lower() in ("tm", "sm") or (text.lower() in _TRADE and last.isalpha() and text.isupper()):
        return _TRADE[text.lower()]
    if last.isalpha() and _POWER.fullmatch(text) and (_UNIT.search(before[-6:]) or not text.isalnum()):
        return "".join(_UP.get(char, char) for char in text)
    if last.isalpha() and last.isascii() and len(text) <= 3 and text.isalpha() and len(text) > 1:
        return text  # 'Mme', 'Nos': letters of the word itself
    return _mark(before, text)


def lowered(before: str, text: str) -> str:
    """What `text`, set lower, adds behind `before`: 'H₂O', 'v_max', '101_2'."""
    text = " ".join(text.split())
    if text and all(char in _DOWN for char in text) and not before[-1:].isdigit():
        return "".join(_DOWN[char] for char in text)
    return f"_{text}" if text and before[-1:].isalnum() else text


def _mark(before: str, text: str) -> str:
    text = text.strip("[]()")
    shown = "".join(_UP[char] for char in text) if text and all(char in _UP for char in text) else f"({text})"
    return shown if not before or before[-1:].isspace() else f" {shown}"


def struck(text: str) -> str:
    """Text that is crossed out, marked as in Markdown: no longer so, but still there to be read."""
    words = text.strip()
    return text.replace(words, f"~~{words}~~") if words else text
