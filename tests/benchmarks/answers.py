"""Answers with the default embedder and no model: right, proven, or refused; and altered facts, flagged."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

SETS = Path(os.environ.get("ZHIKU_EVAL_SETS", Path(__file__).parents[3] / "shared" / "eval"))


def run(*, quick: bool = False) -> str:
    """A Markdown table. `quick` asks a fifth of the questions."""
    heading = "## Answers\n\n"
    if not SETS.is_dir():
        return f"{heading}Not measured: no measuring sets beside the repository (ZHIKU_EVAL_SETS)."
    step = 5 if quick else 1
    lines = [*_extractive(step), *_altered(step)]
    return heading + "| what | share | of |\n|---|---|---|\n" + "\n".join(lines) + "\n"


def _records(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SETS / name / "questions.jsonl").read_text("utf-8").splitlines()]


def _extractive(step: int) -> list[str]:
    """CMRC questions on CMRC passages; then questions of another set, which these passages can't answer."""
    from agents import open_platform
    from agents.evaluation import AnswerScores, Question

    asked = _records("cmrc-trial")[::step]
    foreign = [record for record in _records("rgb-dev") if record["lang"] == "zh"][::step]
    scores = AnswerScores()
    with tempfile.TemporaryDirectory() as home:
        platform = open_platform(home)
        corpus = SETS / "cmrc-trial" / "corpus"
        files = sorted({document for record in asked for document in record["documents"]}) if step > 1 else None
        platform.library.add([corpus / name for name in files] if files else [corpus])
        chat = platform.chat()
        for record in asked:
            scores.add(Question(record["question"], tuple(record["answers"])), chat.ask(record["question"]))
        for record in foreign:
            scores.add(Question(record["question"], answerable=False), chat.ask(record["question"]))
        platform.close()
    names = {
        "answer_contains_gold": ("extractive answer holds the gold string (cmrc-trial)", len(scores.right)),
        "wrongly_refused": ("answerable questions refused", len(scores.refused)),
        "rightly_refused": ("questions of another set (rgb-dev zh) refused", len(scores.refused_rightly)),
        "citations_verified": ("citations verified against the stored page", len(scores.verified)),
    }
    figures = scores.figures()
    return [f"| {text} | {figures[name]:.3f} | {count} |" for name, (text, count) in names.items() if name in figures]


def _altered(step: int) -> list[str]:
    """RGB: a sentence copied from its passage, true and with its answer exchanged for a false one."""
    lines = []
    for lang in ("zh", "en"):
        true: list[bool] = []
        false: list[bool] = []
        for record in [r for r in _records("rgb-dev") if r["lang"] == lang][::step]:
            judged = _judge(record)
            if judged:
                true.append(judged[0])
                false.append(judged[1])
        if true:
            lines.append(f"| rgb-dev {lang}: copied sentence accepted | {sum(true) / len(true):.3f} | {len(true)} |")
            flagged = sum(not accepted for accepted in false) / len(false)
            lines.append(f"| rgb-dev {lang}: the same with a false answer flagged | {flagged:.3f} | {len(false)} |")
    return lines


def _judge(record: dict[str, Any]) -> tuple[bool, bool] | None:
    from agents.sentences import sentences
    from agents.support import Passage, SupportChecker

    passages = [Passage(text) for text in record["positives"][:3]]
    fakes = record.get("fake_answers") or []
    if not passages or not fakes:
        return None
    checker = SupportChecker(record["question"], passages)
    for start, end in sentences(passages[0].text):
        sentence = passages[0].text[start:end]
        gold = next((g for g in record["answers"] if g.lower() in sentence.lower()), None)
        if gold is None:
            continue
        at = sentence.lower().index(gold.lower())
        altered = f"{sentence[:at]}{fakes[0]}{sentence[at + len(gold) :]}"
        return (
            any(checker.judge(sentence, passage).supported for passage in passages),
            any(checker.judge(altered, passage).supported for passage in passages),
        )
    return None
