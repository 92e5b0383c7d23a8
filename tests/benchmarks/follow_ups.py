"""Follow-ups and complete questions after another: is the right thing searched for?

The pairs of follow_ups.jsonl are our own, about the sample corpus in data/documents. Each has a `kind`: 'sign' (a follow-up with
a pronoun, 呢, "and …" or no content), 'ellipsis' (a follow-up that only leaves something out), 'complete', and 'absent' (complete,
and the documents have no answer). For the first three the first hit has to be of the right document, and it has to be the passage
that is first for the form meant (`standalone`); a question of the fourth kind has to be searched for as it was asked.
`python -m tests.benchmarks follow_ups`; with ZHIKU_MODEL, the model rewrites where there is a sign.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from agents.platform import Platform

HERE = Path(__file__).parent
DOCUMENTS = HERE.parents[1] / "data" / "documents"


def pairs() -> list[dict[str, Any]]:
    """The records of follow_ups.jsonl."""
    return [json.loads(line) for line in (HERE / "follow_ups.jsonl").read_text("utf-8").splitlines()]


def run() -> str:
    """A Markdown table."""
    from agents import open_platform

    with tempfile.TemporaryDirectory() as home:
        platform = open_platform(os.environ.get("ZHIKU_HOME") or home)
        try:
            if not platform.library.kbs():
                platform.library.add([DOCUMENTS])
            return "## Follow-ups\n\n" + "\n".join(_table(platform))
        finally:
            platform.close()


def _table(platform: Platform) -> list[str]:
    from agents.chat.answers import Found, Standalone

    def asked(pair: Mapping[str, Any]) -> str:
        """What the chat searches for."""
        found = pair["question"]
        for event in platform.chat().stream(pair["question"], [(pair["first"], "")]):
            if isinstance(event, Standalone):
                found = event.text
            if isinstance(event, Found):
                break
        return str(found)

    ways: dict[str, Callable[[Mapping[str, Any]], str]] = {
        "the chat": asked,
        "the question alone": lambda pair: str(pair["question"]),
        "always joined": lambda pair: f"{pair['first']} {pair['question']}",
    }
    lines = [
        "| kind | pairs | " + " | ".join(f"{name}: document | passage" for name in ways) + " |",
        "|---|---:|" + "---:|---:|" * len(ways),
    ]
    kinds: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for pair in pairs():
        kinds[f"{pair['kind']}, {pair['lang']}"].append(pair)
    for kind, members in kinds.items():
        figures = [share for way in ways.values() for share in _shares(platform, members, way)]
        lines.append(f"| {kind} | {len(members)} | {' | '.join(f'{share:.3f}' for share in figures)} |")
    return lines


def _shares(
    platform: Platform, members: list[dict[str, Any]], way: Callable[[Mapping[str, Any]], str]
) -> tuple[float, float]:
    """Share of the pairs whose first hit is of the right document, and is the right passage."""
    documents = passages = 0
    for pair in members:
        searched = way(pair)
        if not pair["documents"]:
            documents += searched == pair["question"]
            passages += searched == pair["question"]
            continue
        first = platform.library.search(searched, k=1)[0]
        documents += Path(first.path).name in pair["documents"]
        passages += first.chunk_id == platform.library.search(pair["standalone"], k=1)[0].chunk_id
    return documents / len(members), passages / len(members)
