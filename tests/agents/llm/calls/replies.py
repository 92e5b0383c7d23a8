"""Whole replies, for the tests beside this file."""

from __future__ import annotations

from agents.llm.calls import Family, FamilyStream


def read(family: Family, reply: str, schemas: dict | None = None) -> list:
    """Text, calls and failed calls of a whole reply, in order."""
    stream = FamilyStream(family, schemas)
    return joined(stream.feed(reply) + stream.finish())


def joined(found: list) -> list:
    """Pieces of text beside each other as one."""
    whole: list = []
    for item in found:
        if isinstance(item, str) and whole and isinstance(whole[-1], str):
            whole[-1] += item
        else:
            whole.append(item)
    return whole
