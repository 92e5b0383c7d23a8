"""Ours in its default mode beside `create_agent` and llama-cpp-python's own handler, each reply on record."""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.real.tables import beside, compared
from tests.benchmarks.runs import ROOT, SETS, file_of, known, opened_record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agents.evaluation import Case
    from agents.evaluation import Record as Kept
    from agents.platform import Platform
    from tests.benchmarks.bfcl.calling import Caller, Verdict
    from tests.benchmarks.bfcl.records import Record

FOLDER = Path(os.environ.get("BENCH_TOOLS", ROOT / "bench" / "tools"))
FILES = ("simple_python", "multiple", "parallel", "irrelevance", "multi_turn_base")
CHAINS = ("zhiku", "create_agent", "llama-cpp-python")
TOKENS = 256
"""Of a reply, for all alike."""


def run(
    *, model: str = "", questions: str = "8", sets: str = "", chains: str = "", name: str = "", compare: str = ""
) -> str:
    """The Markdown, for `questions` records of each file; `sets` are beginnings of file names."""
    heading = "## Tool calls beside their peers\n\n"
    if compare:
        first, _, second = compare.partition(",")
        return heading + compared(file_of(first, FOLDER), file_of(second, FOLDER))
    if not (folder := SETS / "tools-dev").is_dir():
        return f"{heading}Not measured: no measuring sets beside the repository (EVAL_SETS)."
    if not (model or sets or chains):  # the bundled one takes minutes for hardly a call that is right
        return f"{heading}Not measured: name a GGUF file, model=FILE."
    from agents import open_platform
    from ingest.settings import load_settings
    from tests.benchmarks.bfcl.records import read_records

    wanted = [file for file in FILES if file.startswith(tuple(sets.split(",")))]
    records = {file: read_records(folder / f"{file}.jsonl", int(questions)) for file in wanted}
    with tempfile.TemporaryDirectory() as home:
        settings = replace(load_settings(Path(home)), max_tokens=TOKENS)
        platform = open_platform(home, model=model or None, settings=settings)
        try:
            return heading + measured(platform, records, known(chains, CHAINS), name)
        finally:
            platform.close()


def measured(platform: Platform, records: Mapping[str, Sequence[Record]], chains: Sequence[str], name: str = "") -> str:
    """Every record asked of every chain, on record under `name`; the report, also written after each chain."""
    kept, file = opened_record(platform, FOLDER, name)
    file.parent.mkdir(parents=True, exist_ok=True)
    text, absent = "", []
    for chain in chains:
        left = [(subject, one) for subject, lines in records.items() for one in lines]
        left = [(subject, one) for subject, one in left if not _has(kept, subject, chain, one)]
        if left:
            try:
                caller = opened(chain, platform)
            except LookupError as error:
                absent.append(str(error.args[0]))
            else:
                for subject, record in left:
                    _ask(kept, subject, chain, record, caller)
                if close := getattr(caller, "close", None):
                    close()
        text = "\n\n".join([report(kept.cases, records, chains), *absent])
        file.with_suffix(".md").write_text(text + "\n", "utf-8")
    return f"{text}\n\nRun {file.stem}: {dict(kept.run)}"


def opened(name: str, platform: Platform) -> Caller:
    """The way to call of that name. Raises `LookupError` with a sentence for one that can't have this model."""
    from tests.benchmarks.bfcl.calling import Bound

    if name == "create_agent":
        from tests.benchmarks.peer_create_agent import ThroughCreateAgent

        return ThroughCreateAgent(platform.chat_model)
    if name == "llama-cpp-python":
        if not hasattr(platform.chat_model, "header"):
            message = "llama-cpp-python: not measured, the model is no GGUF file."
            raise LookupError(message)
        from tests.benchmarks.bfcl.peer_llama_cpp import ThroughLlamaCpp

        return ThroughLlamaCpp(platform.chat_model, TOKENS)
    return Bound(platform.chat_model, tool_choice="auto")


def _ids(record: Record) -> list[str]:
    """Of its replies, as verdicts have them."""
    turns = range(1, len(record.turns) + 1)
    return [f"{record.id}/{number}" for number in turns] if record.conversation else [record.id]


def _has(kept: Kept, subject: str, chain: str, record: Record) -> bool:
    there = {case.id for case in kept.cases if (case.set, case.chain) == (subject, chain) and not case.reply.error}
    return there.issuperset(_ids(record))


def _ask(kept: Kept, subject: str, chain: str, record: Record, caller: Caller) -> None:
    from tests.benchmarks.bfcl.calling import replies

    for turn, verdict in zip(record.turns, replies(record, caller), strict=True):
        asked = str(turn.messages[-1].get("content", "")) if turn.messages else ""
        case = case_of(verdict, subject, chain, asked)
        kept.add(case)
        said = f"{verdict.outcome} {verdict.seconds:.1f} s {' '.join(verdict.reason.split())[:60]}"
        print(f"{chain} {subject} {case.id} {said}", file=sys.stderr, flush=True)


def case_of(verdict: Verdict, subject: str, chain: str, asked: str) -> Case:
    """A reply as a line of a record: where a call is due, it is right or not; where none is, making none is refusing."""
    from agents.evaluation import Case, Reply

    failed = verdict.outcome == "failed"
    return Case(
        set=subject,
        chain=chain,
        id=verdict.id,
        question=asked,
        answerable=verdict.due,
        reply=Reply(
            text="",
            written=f"{verdict.outcome}: {verdict.reason}" if verdict.reason else verdict.outcome,
            completion_tokens=verdict.tokens,
            total=round(verdict.seconds, 2),
            error=verdict.reason if failed else "",
        ),
        right=verdict.outcome == "right" if verdict.due else None,
        refused=verdict.calls == 0 and not failed,
        refused_in_words=verdict.calls == 0 and not failed,
    )


def report(cases: Sequence[Case], records: Mapping[str, Sequence[Record]], chains: Sequence[str]) -> str:
    """Shares right by file, what the others came to, and pairs with p."""
    wanted = {(subject, name) for subject, lines in records.items() for record in lines for name in _ids(record)}
    by = {name: [c for c in cases if c.chain == name and (c.set, c.id) in wanted] for name in chains}
    by = {name: found for name, found in by.items() if found}
    lines = [f"| chain | {' | '.join(records)} | mean of single answers | the others | s |"]
    lines.append("|---|" + "---:|" * (len(records) + 1) + "---|---:|")
    for name, found in by.items():
        here = [[case for case in found if case.set == subject] for subject in records]
        cells = [f"{sum(c.good for c in part)} of {len(part)}" if part else "–" for part in here]
        singles = [sum(c.good for c in part) / len(part) for part in here if part and "/" not in part[0].id]
        average = f"{sum(singles) / len(singles):.3f}" if singles else "–"
        others = Counter(case.reply.written.partition(":")[0] for case in found if not case.good)
        told = ", ".join(f"{what} {count}" for what, count in others.most_common()) or "none"
        seconds = sum(case.reply.total for case in found)
        lines.append(f"| {name} | {' | '.join(cells)} | {average} | {told} | {seconds:.0f} |")
    parts = ["\n".join(lines)]
    parts += [
        beside(f"zhiku beside {name}", by["zhiku"], found, ("zhiku", name))
        for name, found in by.items()
        if name != "zhiku" and "zhiku" in by
    ]
    return "\n\n".join(parts)
