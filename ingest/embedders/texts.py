"""Texts made fit for tokenizers written in other languages."""

from __future__ import annotations


def well_formed(text: str) -> str:
    """`text` with lone surrogates replaced: they are no Unicode text and make native tokenizers fail."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
