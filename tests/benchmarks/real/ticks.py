"""Ticks on real answers whose sentences were labelled by reading: how many are right, how many are missing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agents.evaluation.gold import folded
from tests.benchmarks.real.sets import SETS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agents.platform import Platform
    from agents.proof.citations import Judged
    from agents.proof.similarity import Closeness


@dataclass(frozen=True)
class Label:
    """A labelled sentence and what the checker makes of it."""

    id: str
    text: str
    supported: bool
    ticked: bool


def ticks(platform: Platform) -> str:
    """Precision and recall by words alone and with the platform's embedder, and every miss."""
    file = SETS / "ticks-dev" / "answers.jsonl"
    if not file.is_file():
        return "Ticks: not measured, no ticks-dev among the measuring sets."
    answers = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    lines = [
        "Ticks on ticks-dev:",
        "",
        "| | sentences | precision | recall | wrong ticks | missing ticks |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    missed: list[Label] = []
    for name, closeness in (("words alone", None), ("with the embedder", platform.closeness("ticks"))):
        labels = [label for answer in answers for label in labelled(answer, closeness)]
        lines.append(f"| {name} | {_figures(labels)} |")
        missed = [label for label in labels if label.ticked != label.supported]
    lines += ["", *(f"- {'wrong' if m.ticked else 'missing'}: {m.text} ({m.id})" for m in missed)]
    return "\n".join(lines)


def _figures(labels: list[Label]) -> str:
    right = sum(label.ticked and label.supported for label in labels)
    ticked, true = sum(label.ticked for label in labels), sum(label.supported for label in labels)
    return (
        f"{len(labels)} | {right / max(1, ticked):.3f} | {right / max(1, true):.3f} | {ticked - right} | {true - right}"
    )


def labelled(answer: dict[str, Any], closeness: Closeness | None = None) -> Iterable[Label]:
    """The sentences of one labelled answer. The checker reads what was written, whole; a label belongs to the sentences
    that it holds or that hold it, all of which must have their tick."""
    judged = checked(answer["question"], answer["passages"], answer["written"], closeness)
    for sentence in answer["sentences"]:
        label = folded(sentence["text"])
        own = [found for found in judged if (said := folded(found.text)) and (said in label or label in said)]
        ticked = bool(own) and all(found.verdict == "supported" for found in own)
        yield Label(answer["id"], sentence["text"], sentence["supported"], ticked)


class _Given:
    """Passages as the pages they were read from."""

    def __init__(self, texts: list[str]) -> None:
        self._texts = texts

    def page_text(self, document_id: int, _page: int) -> str:
        return self._texts[document_id]


def checked(
    question: str,
    passages: list[dict[str, str]],
    text: str,
    closeness: Closeness | None,
    *,
    marked: bool = True,
) -> list[Judged]:
    """What the checker makes of the sentences of `text`, from `passages` alone; `marked`: whether it numbers them."""
    from agents.proof.citations import CitationChecker
    from ingest.documents import Hit

    texts = [passage["text"] for passage in passages]
    hits = [
        Hit(n + 1, 1.0, passage["document"], passage["document"], 1, (), 0, len(passage["text"]), passage["text"], n, n)
        for n, passage in enumerate(passages)
    ]
    return list(CitationChecker(question, hits, _Given(texts), closeness).check(text, marked=marked).sentences)
