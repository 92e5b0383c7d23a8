"""Passages as a prompt shows them: numbered, fitted to the model's context, and unable to pass for anything else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.proof.sources import source_of
from prompts import neutral

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ingest.documents import Hit


@dataclass(frozen=True, slots=True)
class Shown:
    """A passage in a prompt. `n` is its marker."""

    n: int
    source: str
    text: str


def shown(hit: Hit, n: int) -> Shown:
    """A hit as passage `n`."""
    where = [hit.document, *hit.section, str(source_of(hit))]
    source = neutral(" · ".join(part for part in where if part)).replace('"', "'").replace("\n", " ")
    return Shown(n, source, neutral(hit.text))


def fitting(hits: Sequence[Hit], tokens: int, count: Callable[[str], int]) -> list[Shown]:
    """As many of the best passages as fit into `tokens`; the last one may be cut, and the best one always is there."""
    chosen: list[Shown] = []
    left = tokens
    for n, hit in enumerate(hits, 1):
        passage = shown(hit, n)
        cost = count(passage.text) + count(passage.source) + 16  # 16: the delimiters around it
        if cost > left:
            if not chosen or left > 120:
                chosen.append(Shown(n, passage.source, _cut(passage.text, max(left - 40, 40), count)))
            break
        chosen.append(passage)
        left -= cost
    return chosen


def _cut(text: str, tokens: int, count: Callable[[str], int]) -> str:
    """The beginning of `text` in at most `tokens`, found by halving."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if count(text[:middle]) <= tokens else (low, middle - 1)
    return f"{text[:low].rstrip()} …" if low < len(text) else text
