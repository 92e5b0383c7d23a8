"""`zhiku answers`: kept answers listed, added, read from a table, removed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agents.chat.curated import pairs_of
from agents.cli.opening import contents, opened
from ingest.cli.shell import Common, listing, tell
from ingest.language import say
from ingest.pages import counted
from ingest.records import to_json


def list_answers(options: Common) -> None:
    """The newest first."""
    with opened(options) as platform:
        found = platform.answers.list(platform.library.kb(options.kb).name)
    lines = [
        f"{one.id:>5}  {one.made[:10]}  {one.question}\n       {' '.join(one.answer.split())[:200]}" for one in found
    ]
    nothing = say("There are no kept answers yet.", "还没有精选答案。")
    listing(options, {"kb": options.kb, "answers": to_json(found)}, lines, nothing)


def add(options: Common, question: str, answer: str) -> None:
    """Raises `UsageError`."""
    _keep(options, [(question, answer)])


def read(options: Common, file: str) -> None:
    """Raises `UsageError`."""
    _keep(options, pairs_of(Path(file).name, contents(file)))


def remove(options: Common, numbers: tuple[int, ...]) -> None:
    """Raises `UsageError`."""
    with opened(options) as platform:
        for number in numbers:
            platform.answers.remove(number)
    tell(options, {"removed": list(numbers)}, say("Removed.", "已删除。"))


def _keep(options: Common, pairs: Sequence[tuple[str, str]]) -> None:
    with opened(options) as platform:
        count = platform.answers.add(platform.library.kb(options.kb).name, pairs)
    told = say(f"{counted(count, 'answer')} kept in '{options.kb}'.", f"已在 “{options.kb}” 保留 {count} 个答案。")
    tell(options, {"kb": options.kb, "kept": count}, told)
