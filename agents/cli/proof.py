"""Quotes and unproven sentences as a terminal lists them, below an answer and below a task's result."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from ingest.language import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agents.proof.sources import Citation


def cited(citations: Sequence[Citation], unsupported: Sequence[str]) -> list[str]:
    """The lines; none when there is nothing to list. Quotes of one page that follow each other stand below one heading,
    each once and not again as part of a longer one."""
    lines: list[str] = []
    for heading, group in groupby(citations, _heading):
        lines.append("\n" + heading)
        quotes = list(dict.fromkeys(" ".join(citation.quote.split()) for citation in group if citation.quote))
        lines += [f"    “{one}”" for one in quotes if not any(one in other for other in quotes if other != one)]
    if unsupported:
        lines.append("\n" + say(en="No passage supports:", zh="以下句子在文档中没有依据："))
        lines += [f"  ✗ {sentence}" for sentence in unsupported]
    return lines


def _heading(citation: Citation) -> str:
    tick = "✓" if citation.verified else "✗"
    page = str(citation.source)
    return say(
        en=f"[{citation.n}] {tick} {citation.document}, {page}",
        zh=f"[{citation.n}] {tick} {citation.document}，{page}",
    )
