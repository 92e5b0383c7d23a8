"""Real models on real questions: our chain beside LangChain's and LlamaIndex's with the same file, in one run.

    make bench only=real model=FILE [questions=12] [sets=cmrc,xquad-zh-en] [chains=zhiku,langchain] [name=RUN]
    make bench only=real compare=RUN_A,RUN_B

Every answer becomes a line of bench/real/RUN.jsonl (`agents.evaluation.cases`), and the same command goes on where it was
cut off; the table is in bench/real/RUN.md. `LLAMAINDEX_PYTHON` names an interpreter that has llama-index-core, unless
this one has. The engine is one and the same for all chains, and so are threads, context and the embedder. A question asked
before the first one warms a chain up and isn't counted.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tests.benchmarks.real.sets import SETS, series
from tests.benchmarks.real.tables import compared, report
from tests.benchmarks.real.ticks import ticks
from tests.benchmarks.runs import ROOT, file_of, known, opened_record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agents.evaluation import Record
    from agents.platform import Platform
    from tests.benchmarks.real.chains import Chain
    from tests.benchmarks.real.sets import Series

FOLDER = Path(os.environ.get("BENCH_REAL", ROOT / "bench" / "real"))
CHAINS = ("zhiku", "langchain", "langchain-cited", "llamaindex")


def run(
    *, model: str = "", questions: str = "12", sets: str = "", chains: str = "", name: str = "", compare: str = ""
) -> str:
    """The Markdown. Without a model only the ticks on labelled sentences are measured, which need none."""
    heading = "## Real models\n\n"
    if compare:
        first, _, second = compare.partition(",")
        return heading + compared(file_of(first, FOLDER), file_of(second, FOLDER))
    if not SETS.is_dir():
        return f"{heading}Not measured: no measuring sets beside the repository (EVAL_SETS)."
    from agents import open_platform

    platform = open_platform(FOLDER / "home", model=model or None)
    try:
        if not model and platform.extractive:
            return f"{heading}{ticks(platform)}\n\nNo answers measured: name a GGUF file, model=FILE."
        asked = series(int(questions), tuple(filter(None, sets.split(","))))
        return heading + answers(platform, asked, known(chains, CHAINS), name)
    finally:
        platform.close()


def answers(platform: Platform, asked: Sequence[Series], chains: Sequence[str], name: str = "") -> str:
    """Have `asked` answered by `chains`, all on record under `name`; the report, which is also written after each set."""
    record, file = opened_record(platform, FOLDER, name)
    proven = ticks(platform) if any(one.name.startswith("ticks") for one in asked) else ""
    text = ""
    with Chains(platform) as opened:
        for one in asked:
            for chain in chains:
                _ask(record, one, chain, opened)
            text = "\n\n".join(
                filter(None, [report(record.cases, [s.name for s in asked], chains), *opened.absent, proven])
            )
            file.parent.mkdir(parents=True, exist_ok=True)
            file.with_suffix(".md").write_text(text + "\n", "utf-8")
    return f"{text}\n\nRun {file.stem}: {dict(record.run)}"


class Chains:
    """The chains by name, opened when first needed."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._open: dict[str, Chain] = {}
        self.absent: list[str] = []
        """Sentences on those that are not here."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for chain in self._open.values():
            chain.close()

    def find(self, name: str, one: Series) -> Chain | None:
        """The chain with `one`'s documents, warmed up; None, and a sentence in `absent`, where it isn't here."""
        from tests.benchmarks.real.chains import opened

        if name not in self._open:
            try:
                chain = opened(name, self._platform, FOLDER / "vectors")
            except LookupError as error:
                if str(error) not in self.absent:
                    self.absent.append(str(error.args[0]))
                return None
            self._open[name] = chain
            chain.prepare(one)
            if one.spare is not None:
                chain.ask(one, one.spare)
        self._open[name].prepare(one)
        return self._open[name]


def _ask(record: Record, one: Series, name: str, chains: Chains) -> None:
    if all(record.knows(one.name, name, question) for question in one.questions):
        return
    chain = chains.find(name, one)
    if chain is None:
        return
    for number, question in enumerate(one.questions, 1):
        case = record.case(one.name, name, question, lambda question: chain.ask(one, question))
        mark = "+" if case.good else "-"
        print(
            f"{one.name} {name} {number}/{len(one.questions)} {mark} {case.reply.total:.1f} s {case.reply.text[:60]!r}",
            file=sys.stderr,
            flush=True,
        )
