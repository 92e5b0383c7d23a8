"""Answers that people have written or kept for certain questions, in the home folder, by knowledge base."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.proof.citations import Proof
from agents.proof.sources import KEPT, Citation
from ingest.database import Kept, open_database, timestamp
from ingest.errors import UsageError
from ingest.language import Text
from ingest.sqlite import Wording
from ingest.stores import CURATED

_QUESTIONS = frozenset(["question", "questions", "q", "问题", "提问", "问"])
_ANSWERS = frozenset(["answer", "answers", "a", "答案", "回答", "答"])
LONGEST = 20_000
"""Characters of a question or an answer."""


@dataclass(frozen=True, slots=True)
class CuratedAnswer:
    """One question, and what is to be answered to it and to what asks the same."""

    id: int
    kb: str
    question: str
    answer: str
    made: str
    """UTC, ISO 8601."""


def cited(kept: CuratedAnswer) -> Proof:
    """The answer as it is given, cited as what it is."""
    words = kept.answer
    source = Citation(
        1,
        kept.question,
        f"{KEPT}{kept.id}",
        1,
        0,
        len(words),
        words,
        verified=True,
        document_id=0,
        label=kept.made[:10],
        sentence=words,
        kb=kept.kb,
    )
    return Proof(f"{words} [1]", citations=(source,))


def pairs_of(file: str, data: bytes) -> list[tuple[str, str]]:
    """The (question, answer) pairs of a table: of its columns of those names, else of the first two, whose first row then is
    a pair as well. `file` is its name. Raises `UsageError` for what is no such table."""
    from agents.tools.tabular.sources import read_sheets

    try:
        sheets = read_sheets(file, data, ())
    except Exception as error:  # whatever the libraries raise for a file that is none
        raise UsageError(Text(en=f"{file} is no table: {error}.", zh=f"{file} 不是表格：{error}。")) from error
    found: list[tuple[str, str]] = []
    for sheet in sheets:
        names = [name.casefold() for name in sheet.originals]
        at = [next((n for n, name in enumerate(names) if name in known), None) for known in (_QUESTIONS, _ANSWERS)]
        rows: list[Sequence[str | None]] = [*sheet.rows]
        if None in at or at[0] == at[1]:
            at, rows = [0, 1], [sheet.originals, *rows]
        cells = [
            (row[at[0] or 0] or "", row[at[1] or 0] or "") for row in rows if len(row) > max(at[0] or 0, at[1] or 0)
        ]
        found += [pair for pair in cells if all(map(str.strip, pair))]
    if not found:
        raise UsageError(
            Text(en=f"{file} holds no pairs.", zh=f"{file} 中没有问答对。"),
            Text(en="Two columns are needed: question and answer.", zh="需要两列：问题和答案。"),
        )
    return found


class CuratedAnswers(Kept):
    """The store. Safe from any thread and from several processes."""

    def __init__(self, home: Path, store: str = "") -> None:
        wording = Wording(Text(en="Kept answers", zh="精选答案"))
        self._file = open_database(home, store, CURATED, wording)

    def list(self, kb: str | None = None) -> builtins.list[CuratedAnswer]:
        """Those of a knowledge base, or all; the newest first."""
        rows = self._file.rows(
            "select id, kb, question, answer, made from curated where kb = coalesce(?1, kb) order by made desc, id desc",
            kb,
        )
        return [CuratedAnswer(*row) for row in rows]

    def add(self, kb: str, pairs: Iterable[tuple[str, str]]) -> int:
        """Keep (question, answer) pairs, all or none; one to a question that has an answer replaces it. Returns how many.
        Raises `UsageError` for one that is empty or endless."""
        now = timestamp()
        found = [(" ".join(question.split()), answer.strip()) for question, answer in pairs]
        for number, (question, answer) in enumerate(found, 1):
            if not (0 < len(question) <= LONGEST and 0 < len(answer) <= LONGEST):
                raise UsageError(
                    Text(
                        en=f"Pair {number}: question and answer must have 1 to {LONGEST:,} characters.",
                        zh=f"第 {number} 对：问题和答案须为 1 至 {LONGEST:,} 个字符。",
                    )
                )
        with self._file.transaction() as db:
            db.executemany(
                "insert into curated (kb, question, answer, made) values (?, ?, ?, ?) "
                "on conflict (kb, question) do update set answer = excluded.answer, made = excluded.made",
                [(kb, question, answer, now) for question, answer in found],
            )
        return len(found)

    def remove(self, number: int) -> None:
        """Delete one. Raises `UsageError` when there is none of that number."""
        if not any(one.id == number for one in self.list()):
            raise UsageError(Text(en=f"There is no kept answer {number}.", zh=f"没有编号为 {number} 的精选答案。"))
        self._file.write("delete from curated where id = ?", number)
