"""Quotes and unproven sentences as a terminal lists them, below an answer and below a task's result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.pages import page_name
from ingest.language import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agents.answers import Citation


def cited(citations: Sequence[Citation], unsupported: Sequence[str]) -> list[str]:
    """The lines; none when there is nothing to list. Quotes of one page that follow each other stand below one heading,
    and each quote once."""
    lines: list[str] = []
    heading, told = None, set[str]()
    for citation in citations:
        above = (citation.n, citation.verified, citation.path, citation.page)
        text = " ".join(citation.quote.split())
        if above == heading:
            if text not in told:
                told.add(text)
                lines.append(f"    “{text}”")
            continue
        heading, told = above, {text}
        tick = "✓" if citation.verified else "✗"
        page = page_name(citation.page, citation.label)
        lines.append(
            "\n"
            + say(
                en=f"[{citation.n}] {tick} {citation.document}, {page}",
                zh=f"[{citation.n}] {tick} {citation.document}，{page}",
            )
        )
        lines.append(f"    “{text}”")
    if unsupported:
        lines.append("\n" + say(en="No passage supports:", zh="以下句子在文档中没有依据："))
        lines += [f"  ✗ {sentence}" for sentence in unsupported]
    return lines
