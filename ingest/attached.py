"""Knowledge bases of one conversation each: files that were attached to it, which nothing else lists, searches or may read."""

from __future__ import annotations

PREFIX = "~chat:"
"""Begins the name of such a base; the conversation's id follows."""


def base_of(conversation: str) -> str:
    """The name of the base that a conversation's own files are in."""
    return PREFIX + conversation


def attached_to(kb: str) -> str:
    """The id of the conversation whose base this is; '' for any other base."""
    return kb.removeprefix(PREFIX) if kb.startswith(PREFIX) else ""
