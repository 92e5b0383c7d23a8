"""Tasks of several places, each with an end that can be checked: the product at each effort and by rules beside other frameworks.

    make bench only=tasks model=FILE [questions=N] [sets=table,date] [chains=zhiku,rules] [name=RUN] [place=garden|school|clinic|…]
    make bench only=tasks compare=RUN_A,RUN_B

`questions` takes that many tasks, in turn one of each kind and language; `sets` are beginnings of kinds. Every end becomes
a line of bench/tasks/RUN.jsonl (`agents.evaluation.cases`), and the same command goes on where it was cut off; the table
is in bench/tasks/RUN.md. `AGENT_FRAMEWORK_PYTHON` names an interpreter that has agent-framework-core. Model, threads,
context, documents and the user's own tools are the same for all chains; a task may take `BENCH_SECONDS` (300).

places     the folders with documents, tasks and tools
world      the folder, what was changed, and the user who is asked
judging    the tasks, and what an end came to
counting   questions to the model, tokens, seconds
chains     who carries tasks out; framework the one that has a process of its own
facts      what the rules found, looked for in ours
tables     the report
"""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tests.benchmarks.real.tables import compared
from tests.benchmarks.runs import ROOT, file_of, known, opened_record
from tests.benchmarks.tasks.chains import KB, opened
from tests.benchmarks.tasks.counting import Counter
from tests.benchmarks.tasks.judging import read_tasks, reply_of
from tests.benchmarks.tasks.places import HARBOUR, PLACES
from tests.benchmarks.tasks.tables import report
from tests.benchmarks.tasks.world import World

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agents.evaluation import Case, Question, Record, Reply
    from agents.platform import Platform
    from tests.benchmarks.tasks.chains import Chain
    from tests.benchmarks.tasks.judging import Task
    from tests.benchmarks.tasks.places import Place

FOLDER = Path(os.environ.get("BENCH_TASKS", ROOT / "bench" / "tasks"))
SAMPLE = ROOT / "data" / "documents"
"""Lies beside a place's documents, so that a search has something else to find."""
CHAINS = ("rules", "zhiku-quick", "zhiku", "zhiku-thorough", "create_agent", "agent-framework")
SECONDS = float(os.environ.get("BENCH_SECONDS", "300"))


def run(
    *,
    model: str = "",
    questions: str = "0",
    sets: str = "",
    chains: str = "",
    name: str = "",
    compare: str = "",
    place: str = "harbour",
) -> str:
    """The Markdown; without a model only what the rules do."""
    heading = "## Tasks\n\n"
    if compare:
        first, _, second = compare.partition(",")
        return heading + compared(file_of(first, FOLDER), file_of(second, FOLDER))
    from agents import open_platform
    from ingest.settings import load_settings

    home = FOLDER / f"home-{place}"
    settings = replace(load_settings(home), tools_folder=str(FOLDER / "files"), max_run_seconds=SECONDS)
    (FOLDER / "files").mkdir(parents=True, exist_ok=True)
    platform = open_platform(home, model=model or None, settings=settings)
    try:
        wanted = known(chains, CHAINS)
        if not model and platform.extractive:
            wanted = ["rules"]
        tasks = read_tasks(int(questions), tuple(filter(None, sets.split(","))), PLACES[place])
        return heading + carried_out(platform, tasks, wanted, name, PLACES[place])
    finally:
        platform.close()


def carried_out(
    platform: Platform, tasks: Sequence[Task], chains: Sequence[str], name: str = "", place: Place = HARBOUR
) -> str:
    """Have the `tasks` of `place` carried out by `chains`, all on record under `name`; the report, also written after each chain."""
    record, file = opened_record(platform, FOLDER, name)
    file.parent.mkdir(parents=True, exist_ok=True)
    platform.library.add([*place.documents, *sorted(SAMPLE.iterdir())], kb=KB)
    text, absent = "", []
    with Stage(platform, place) as stage:
        for chain in chains:
            try:
                stage.all(record, tasks, chain)
            except LookupError as error:
                absent.append(str(error.args[0]))
            text = "\n\n".join([report(record.cases, tasks, chains, stage.supported), *absent])
            file.with_suffix(".md").write_text(text + "\n", "utf-8")
    return f"{text}\n\nRun {file.stem}: {dict(record.run)}"


class Stage:
    """The world, and the chains that were opened in it."""

    def __init__(self, platform: Platform, place: Place) -> None:
        self._platform = platform
        self._rules = platform.with_model("bundled")
        self._world = World(FOLDER / "files", place)
        self._counter = Counter(SECONDS, platform.chat_model, self._rules.chat_model)
        self._chain: Chain | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def all(self, record: Record, tasks: Sequence[Task], name: str) -> None:
        """Every task that `name` has no end of on record. Raises `LookupError` when that chain isn't here."""
        left = [task for task in tasks if not record.knows(task.question.kind, name, task.question)]
        if not left:
            return
        self._close()
        for model in (self._platform.chat_model, self._rules.chat_model):
            if engine := getattr(model, "engine", None):
                engine.load()  # not the first task's time
        self._chain = opened(name, self._platform, self._rules)
        for number, task in enumerate(left, 1):
            case = record.case(task.question.kind, name, task.question, self._asking(self._chain, task))
            _tell(case, f"{number}/{len(left)}")

    def supported(self, statement: str, text: str, question: str) -> bool:
        """Whether `text` proves `statement`, by the product's own checker."""
        from tests.benchmarks.tasks.facts import supported

        return supported(statement, text, question, self._platform.closeness(KB))

    def _asking(self, chain: Chain, task: Task):  # type: ignore[no-untyped-def]
        def ask(_: Question) -> Reply:
            self._world.begin(task.approves)
            self._counter.begin()
            ended = chain.carry_out(task, self._world)
            return reply_of(task, ended, self._world, *self._counter.ended())

        return ask

    def _close(self) -> None:
        if self._chain is not None:
            with contextlib.suppress(OSError):
                self._chain.close()
            self._chain = None


def _tell(case: Case, place: str) -> None:
    said = f"{len(case.reply.asked)} questions, {case.reply.total:.0f} s, {case.reply.text[:60]!r}"
    print(f"{case.chain} {place} {case.id} {case.outcome}: {said}", file=sys.stderr, flush=True)
