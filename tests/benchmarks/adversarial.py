"""True sentences and the same with one thing changed: which of them get a tick?

The sentences are copied at run time from the measuring sets and the project's own sample documents, and judged against
the passage they stand in, its neighbours, and passages about other things. Each case is one line of
bench/adversarial.jsonl.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

from tests.benchmarks.edits import KINDS, TrueSentence, edited, names_of
from tests.benchmarks.runs import ROOT, SETS

CASES = ROOT / "bench" / "adversarial.jsonl"
SENTENCES = 100
"""Per language and source: of 250 edits, 1 % is known to ±1.2 points."""
SEED = 9
_ENOUGH = {"zh": (12, 160), "en": (40, 260)}
"""Characters of a sentence that may state something and is no page of its own."""

Source = tuple[str, Literal["zh", "en"], list[list[str]], list[str]]
"""Name, language, the passages of each document, and further names to put in."""


def run() -> str:
    """A Markdown table."""
    counts: Counter[tuple[str, str, bool]] = Counter()
    CASES.parent.mkdir(exist_ok=True)
    with CASES.open("w", encoding="utf-8") as file:
        for source in _sources():
            for case in _cases(source, SENTENCES):
                counts[case["lang"], case["kind"], case["ticked"]] += 1
                file.write(json.dumps(case, ensure_ascii=False) + "\n")
    rows = [_row(counts, kind) for kind in ("copy", *KINDS)]
    total = [_figure(counts, lang, KINDS) for lang in ("zh", "en")]
    head = "## Edited sentences\n\nShare that gets a tick, and of how many.\n\n| edit | zh | of | en | of |\n|---|---|---|---|---|\n"
    return head + "\n".join(rows) + f"\n| all edits | {' | '.join(total)} |\n"


def _row(counts: Counter[tuple[str, str, bool]], kind: str) -> str:
    name = "none (a true copy)" if kind == "copy" else kind
    return f"| {name} | {_figure(counts, 'zh', [kind])} | {_figure(counts, 'en', [kind])} |"


def _figure(counts: Counter[tuple[str, str, bool]], lang: str, kinds: Iterable[str]) -> str:
    ticked, not_ticked = (sum(counts[lang, kind, said] for kind in kinds) for said in (True, False))
    return f"{ticked / (ticked + not_ticked):.3f} | {ticked + not_ticked}" if ticked + not_ticked else "– | 0"


def _cases(source: Source, most: int) -> Iterator[dict[str, object]]:
    from agents.proof.support import SupportChecker
    from agents.proof.verdicts import Passage
    from ingest.sentences import sentences

    name, lang, documents, more = source
    rng = random.Random(SEED)
    everything = [text for passages in documents for text in passages]
    names = (*names_of(everything, lang), *more)
    found = []
    for passages in documents:
        for at, text in enumerate(passages):
            found += [(text[a:b], at, passages) for a, b in sentences(text) if _states(text[a:b], lang)]
    for sentence, at, passages in rng.sample(found, min(most, len(found))):
        shown = [passages[at], *passages[max(0, at - 1) : at], *passages[at + 1 : at + 2]]
        shown += rng.sample(everything, min(3, len(everything)))
        checker = SupportChecker("", [Passage(text) for text in shown])
        near = rng.sample(names, min(40, len(names)))
        true = TrueSentence(sentence, passages[at], lang, tuple(n for n in names if n in passages[at]) + tuple(near))
        for kind, text in [("copy", sentence), *((edit.kind, edit.text) for edit in edited(true, rng))]:
            verdicts = [checker.judge(text, Passage(passage)) for passage in shown]
            best = max(verdicts, key=lambda v: (v.supported, v.score))
            yield {
                "source": name,
                "lang": lang,
                "kind": kind,
                "sentence": text,
                "true": sentence,
                "ticked": best.supported,
                "reason": best.reason,
                "instead": best.instead,
                "passage": passages[at],
            }


def _states(text: str, lang: Literal["zh", "en"]) -> bool:
    """Whether a stretch of a document is a sentence of its language: prose that a full stop ends."""
    low, high = _ENOUGH[lang]
    if (
        not low <= len(text) <= high
        or "\n" in text
        or not text.endswith(("。", "."))
        or text.startswith(("|", "#", "`"))
    ):
        return False
    han = len(re.findall(r"[\u4e00-\u9fff]", text))
    return han * 2 > len(text) if lang == "zh" else not han


def _sources() -> Iterator[Source]:
    for lang in ("zh", "en"):
        yield "sample", lang, [_passages(path) for path in sorted((ROOT / "data" / "documents").iterdir())], []  # type: ignore[misc]
    if not SETS.is_dir():
        return
    for name, lang, pattern in (
        ("cmrc-trial", "zh", "*.txt"),
        ("xquad-zh-en", "zh", "zh-*.txt"),
        ("xquad-zh-en", "en", "en-*.txt"),
        ("llm-notes", "zh", "*.txt"),
    ):
        documents = [_passages(path) for path in sorted((SETS / name / "corpus").glob(pattern))]
        yield name, lang, documents, _answers(name, lang)  # type: ignore[misc]
    records = _records("rgb-dev")
    for lang in ("zh", "en"):
        yield "rgb-dev", lang, [r["positives"] for r in records if r["lang"] == lang], _answers("rgb-dev", lang)  # type: ignore[misc]


def _records(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (SETS / name / "questions.jsonl").read_text("utf-8").splitlines()]


def _answers(name: str, lang: str) -> list[str]:
    """Gold answers that are a name or a noun, as far as their form tells: short, and no number."""
    form = re.compile(r"[\u4e00-\u9fff·]{2,8}" if lang == "zh" else r"[A-Z][a-z]+(?: [A-Z][a-z]+)*")
    given = (str(answer) for r in _records(name) if r["lang"] == lang for answer in r["answers"])  # type: ignore[attr-defined]
    return list(
        dict.fromkeys(a for a in given if form.fullmatch(a) and not re.search("[一二三四五六七八九十百年月日]", a))
    )


def _passages(path: Path) -> list[str]:
    """A document's passages, as long as the product cuts them."""
    from ingest.chunking import Chunker
    from ingest.loaders import load

    chunks = Chunker(_tokens, 512).split(load(path))
    return [chunk.text for chunk in chunks]


def _tokens(text: str) -> int:
    """About as many as an embedder counts: one to a Chinese character's .7, and to a word 1.4."""
    han = len(re.findall(r"[\u4e00-\u9fff]", text))
    return int(0.7 * han + 1.4 * len(re.findall(r"[A-Za-z0-9]+", text))) + 1
