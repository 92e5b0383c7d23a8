"""Text from outside without what moves a terminal's cursor or hides in it."""

from __future__ import annotations


def plain(text: str) -> str:
    """Control characters but tabs and line ends become U+FFFD; Windows' line ends become plain."""
    unified = text.replace("\r\n", "\n")
    return "".join(c if c in "\n\t" or not (ord(c) < 32 or 127 <= ord(c) < 160) else "\ufffd" for c in unified)
