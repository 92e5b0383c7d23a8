"""Answers with the default embedder and no model: right, proven, or refused; and altered facts, flagged."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from typing import Any

from agents.chat.chat import Chat
from agents.evaluation import Case
from agents.proof.similarity import Closeness
from tests.benchmarks.runs import ROOT, SETS

DATA = ROOT / "data"
ASKED = 40
"""Questions per set: with more, embedding their documents takes most of the time. The 95 % interval is ±12 points."""
ALTERED = 50


def run() -> str:
    """A Markdown table."""
    heading = "## Answers\n\n"
    lines = _sample(ASKED)
    if SETS.is_dir():
        lines += [*_extractive(ASKED), *_altered(ALTERED)]
    else:
        heading += "The sample corpus alone: no measuring sets beside the repository (EVAL_SETS).\n\n"
    return heading + "| what | share | of |\n|---|---|---|\n" + "\n".join(lines) + "\n"


def _records(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SETS / name / "questions.jsonl").read_text("utf-8").splitlines()]


def _spread(records: list[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """Every n-th record, at most `most`."""
    step = max(1, len(records) // most)
    return records[::step][:most]


def _sample(most: int) -> list[str]:
    """The sample corpus's questions, and near misses: about what it is about, and not answered by it."""
    from agents import open_platform
    from agents.evaluation import Question

    lines: list[str] = []
    with tempfile.TemporaryDirectory() as home:
        platform = open_platform(home)
        platform.library.add([DATA / "documents"])
        for name in ("questions", "near-misses"):
            records = [json.loads(line) for line in (DATA / f"{name}.jsonl").read_text("utf-8").splitlines()]
            asked = (
                (r["question"], Question("", tuple(r["answers"]), answerable=r["answerable"]))
                for r in _spread(records, most)
            )
            lines += _figures(f"sample corpus, {name}", _scored(platform.chat(), asked))
        platform.close()
    return lines


def _extractive(most: int) -> list[str]:
    """Questions on their own documents, one knowledge base a set; then questions that these can't answer."""
    from agents import open_platform
    from agents.evaluation import Question

    sets = {
        "cmrc-trial": _spread(_records("cmrc-trial"), most),
        "xquad en→en": _spread([r for r in _records("xquad-zh-en") if r["direction"] == "en->en"], most // 2),
    }
    across = {r["id"].split(":")[0]: r["question"] for r in _records("xquad-zh-en") if r["direction"] == "zh->en"}
    foreign = _spread([r for r in _records("rgb-dev") if r["lang"] == "zh"], most // 2)
    lines: list[str] = []
    with tempfile.TemporaryDirectory() as home:
        platform = open_platform(home)
        for name, records in sets.items():
            corpus = SETS / ("cmrc-trial" if name == "cmrc-trial" else "xquad-zh-en") / "corpus"
            platform.library.add([corpus / file for file in {d for r in records for d in r["documents"]}], kb=name)
            chat = platform.chat(kb=name)
            lines += _figures(
                name, _scored(chat, ((r["question"], Question("", tuple(r["answers"]))) for r in records))
            )
            if name == "cmrc-trial":
                asked = ((r["question"], Question("", answerable=False)) for r in foreign)
                lines += _figures("questions of rgb-dev on cmrc-trial", _scored(chat, asked))
            else:
                translated = ((across[r["id"].split(":")[0]], Question("", tuple(r["answers"]))) for r in records)
                lines += _figures("xquad zh→en", _scored(chat, translated))
        notes = _records("llm-notes")
        platform.library.add([SETS / "llm-notes" / "corpus"], kb="notes")
        missing = [r for r in notes if not r["answerable"]][:most]
        asked = ((r["question"], Question("", answerable=False)) for r in missing)
        lines += _figures("llm-notes, answer not in the documents", _scored(platform.chat(kb="notes"), asked))
        platform.close()
    return lines


def _scored(chat: Chat, asked: Iterable[tuple[str, Any]]) -> list[Case]:
    from agents.evaluation import judged, reply_of

    return [judged(question, reply_of(chat.ask(text)), name="", chain="") for text, question in asked]


def _figures(name: str, cases: list[Case]) -> list[str]:
    from agents.evaluation import figures

    found, quotes = figures(cases), sum(case.reply.citations for case in cases)
    shares = (
        ("the extractive answer holds the gold string", "answer_contains_gold", len(cases)),
        ("answerable question refused", "wrongly_refused", len(cases)),
        ("refused", "rightly_refused", len(cases)),
        ("quotes that read the same on the stored page", "citations_verified", quotes),
    )
    return [f"| {name}: {text} | {found[key]:.3f} | {of} |" for text, key, of in shares if key in found]


def _altered(most: int) -> list[str]:
    """RGB: a sentence copied from its passage, true and with its answer exchanged for a false one."""
    from agents.proof.similarity import Closeness
    from ingest.embedders.factory import create
    from ingest.settings import load_settings

    lines = []
    for lang in ("zh", "en"):
        records = _spread([r for r in _records("rgb-dev") if r["lang"] == lang], most)
        for how, closeness in (("words alone", None), ("with the embedder", Closeness(create(load_settings())))):
            judged = [pair for pair in (_judge(record, closeness) for record in records) if pair]
            if judged:
                true, false = (sum(column) / len(judged) for column in zip(*judged, strict=True))
                lines.append(f"| rgb-dev {lang}, {how}: copied sentence accepted | {true:.3f} | {len(judged)} |")
                lines.append(
                    f"| rgb-dev {lang}, {how}: the same with a false answer accepted | {false:.3f} | {len(judged)} |"
                )
    return lines


def _judge(record: dict[str, Any], closeness: Closeness | None) -> tuple[bool, bool] | None:
    from agents.proof.support import SupportChecker
    from agents.proof.verdicts import Passage
    from ingest.sentences import sentences

    passages = [Passage(text) for text in record["positives"][:3]]
    fakes = record.get("fake_answers") or []
    if not passages or not fakes:
        return None
    checker = SupportChecker(record["question"], passages, closeness)
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
