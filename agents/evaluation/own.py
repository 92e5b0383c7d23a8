"""Questions of one's own with what is right about them, kept in the home by knowledge base; and the runs over them.
Some are made by a model, each from one passage, and kept only where that passage holds its answer."""

from __future__ import annotations

import builtins
import json
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel

import prompts
from agents.chat.chat import Chat
from agents.evaluation.cases import Case
from agents.evaluation.gold import contains_gold
from agents.evaluation.jsonl import records
from agents.evaluation.questions import FORM, Question, question_of, retrieval_figures
from agents.evaluation.record import Record, read_cases
from agents.evaluation.replies import reply_of
from agents.llm.asking import Asker
from ingest.database import Kept, open_database
from ingest.errors import UsageError, ZhikuError
from ingest.language import Text, language_of
from ingest.library import Library
from ingest.sqlite import Wording
from ingest.stores import CURATED
from prompts import neutral

OWN = "own"
"""The name of the set in records."""
_CHAIN = "zhiku"


@dataclass(frozen=True, slots=True)
class OwnQuestion:
    """One of them."""

    id: int
    question: Question


class OwnQuestions(Kept):
    """The store. Safe from any thread and from several processes."""

    def __init__(self, home: Path, store: str = "") -> None:
        wording = Wording(Text("Questions", "评测问题"))
        self._file = open_database(home, store, CURATED, wording)

    def list(self, kb: str) -> builtins.list[OwnQuestion]:
        """Those of a knowledge base, the newest first."""
        rows = self._file.rows("select id, record from question where kb = ? order by id desc", kb)
        return [OwnQuestion(number, question_of(json.loads(record))) for number, record in rows]

    def add(self, kb: str, records: Iterable[Mapping[str, Any]]) -> int:
        """Keep records as in a question file, all or none; the same question again replaces the earlier. Returns how many.
        Raises `UsageError` naming the first that is none."""
        found = []
        for number, record in enumerate(records, 1):
            try:
                found.append(
                    (kb, question_of(dict(record)).question.strip(), json.dumps(dict(record), ensure_ascii=False))
                )
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise UsageError(
                    Text(f"Record {number} is no question: {error}.", f"第 {number} 条不是问题：{error}。"), FORM
                ) from error
        with self._file.transaction() as db:
            db.executemany(
                "insert into question (kb, question, record) values (?, ?, ?) "
                "on conflict (kb, question) do update set record = excluded.record",
                found,
            )
        return len(found)

    def remove(self, number: int) -> None:
        """Delete one; nothing happens when it is gone already."""
        self._file.write("delete from question where id = ?", number)


def records_in(content: str | bytes) -> builtins.list[dict[str, Any]]:
    """The records of a question file, one JSON object a line. Raises as `agents.evaluation.jsonl.records`."""
    return records(content, dict, FORM)


@dataclass(frozen=True, slots=True)
class OwnRun:
    """A run over them."""

    id: str
    number: int
    """Of those over this knowledge base, from 1, the oldest first."""
    made: str
    """UTC, ISO 8601."""
    kb: str
    model: str
    cases: tuple[Case, ...]
    retrieval: Mapping[str, float]
    """Figures of the search alone (`retrieval_figures`); empty where no question names a document."""


class OwnRuns:
    """Their records, a file each under `evaluation/` in the home, as `zhiku eval answers --out` writes them."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "evaluation"

    def list(self, kb: str) -> builtins.list[OwnRun]:
        """Those of a knowledge base, the latest first; what can't be read is left out."""
        found: builtins.list[OwnRun] = []
        for path in sorted(self._folder.glob("*.jsonl")):
            try:
                cases = tuple(read_cases(path))
                beside = path.with_suffix(".json")
                told = json.loads(beside.read_text("utf-8")) if beside.is_file() else {}
            except (UsageError, OSError, ValueError):
                continue
            if cases and cases[0].run.get("kb") == kb:
                made, model = str(told.get("made", "")), str(cases[0].run.get("model", ""))
                found.append(OwnRun(path.stem, len(found) + 1, made, kb, model, cases, told.get("retrieval", {})))
        return found[::-1]

    def remove(self, run: str) -> None:
        """Delete one."""
        for path in self._folder.glob(f"{run}.json*"):
            path.unlink(missing_ok=True)

    def measure(
        self, questions: Iterable[Question], chat: Chat, library: Library, circumstances: Mapping[str, Any]
    ) -> Iterator[Case]:
        """Ask every question of a base as a new run, and give each case as it is judged; `circumstances` hold the base as
        `kb`. The search is measured first, by itself. Raises `UsageError`, and as `chat` does."""
        kb = str(circumstances["kb"])
        asked = list(questions)
        made = datetime.now(UTC)
        name = made.strftime("%Y%m%dT%H%M%S%f")
        self._folder.mkdir(parents=True, exist_ok=True)
        beside = {"made": made.isoformat(timespec="seconds"), "retrieval": retrieved(asked, library, kb)}
        (self._folder / f"{name}.json").write_text(json.dumps(beside), "utf-8")
        record = Record(circumstances, self._folder / f"{name}.jsonl")
        for question in asked:
            yield record.case(OWN, _CHAIN, question, lambda one: reply_of(chat.ask(one.question, one.history)))


def retrieved(questions: Iterable[Question], library: Library, kb: str) -> dict[str, float]:
    """How often the search finds the documents that questions name."""
    asked = [question for question in questions if question.answerable and question.documents]
    found = [(question, library.search(question.question, kb, 40)) for question in asked]
    return retrieval_figures(found) if found else {}


def outcomes(runs: Iterable[OwnRun]) -> dict[str, dict[str, str]]:
    """By question, by run: what it came to."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for run in runs:
        for case in run.cases:
            found[case.question][run.id] = case.outcome
    return found


_REPLY = re.compile(r"(?:Q|问)\s*[:：]\s*(?P<question>.+?)\s*\n+\s*(?:A|答)\s*[:：]\s*(?P<answer>.+)", re.DOTALL)
_LEAST, _LONGEST, _ANSWER = 80, 1500, 120
"""Characters of a passage, and the most of an answer."""


def made_from(
    library: Library, kb: str, model: Callable[[], BaseChatModel], count: int, seed: int = 0
) -> Iterator[dict[str, Any] | None]:
    """A record for each of up to `count` passages of as many documents as there are; None for a passage of which the model
    made nothing that holds. Raises as the model does."""
    chance = random.Random(seed)  # noqa: S311 - which passages are asked about is no secret
    documents = library.documents(kb)
    chance.shuffle(documents)
    asker = Asker(model, "")
    for document in (documents * count)[:count] if documents else ():
        passages = [one for one in library.chunks(document.id) if len(one.text) >= _LEAST]
        if passages:
            passage = chance.choice(passages)
            found = _pair(asker, passage.text[:_LONGEST])
            names = {"documents": [Path(document.path).name], "pages": [passage.page]}
            yield None if found is None else {"question": found[0], "answers": [found[1]], **names}


def _pair(asker: Asker, passage: str) -> tuple[str, str] | None:
    prompt = prompts.load("question", "zh" if language_of(passage) == "zh" else "en")
    try:
        reply = asker.whole(prompt.render(passage=neutral(passage)), max_tokens=160)
    except ZhikuError:
        return None
    found = _REPLY.search(reply.text)
    if found is None:
        return None
    question, answer = " ".join(found["question"].split()), found["answer"].strip().splitlines()[0].strip(" 。.")
    if not (0 < len(answer) <= _ANSWER and contains_gold(passage, [answer]) and not contains_gold(question, [answer])):
        return None
    return question, answer
