"""How long runs and conversations are kept. Traces of questions have bounds of their own (`agents.chat.traces`)."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from agents.chat.conversation import Conversation
from agents.chat.history import Conversations
from agents.tasks.store import Run, Store
from ingest.database import timestamp
from ingest.stores import CONVERSATIONS, RUNS


@dataclass(frozen=True, slots=True)
class Expired:
    """What nobody has touched for longer than it is kept."""

    runs: tuple[Run, ...] = ()
    conversations: tuple[Conversation, ...] = ()
    freed: int = 0
    """Bytes of the two databases given back to the disk."""

    def __bool__(self) -> bool:
        return bool(self.runs or self.conversations)


def prune(home: Path, days: int, store: str = "", *, dry_run: bool = False, shrink: bool = False) -> Expired:
    """Remove ended runs, with traces and files, and conversations that were last changed more than `days` ago (0: never)
    from `home`, or the server that the setting `store` names; returns them. Runs that wait for somebody or can be gone on with stay. `dry_run` only names them;
    `shrink` gives what is free in the databases back to the disk. Raises `LibraryUnavailable`.
    """
    if days <= 0:
        return Expired()
    before = timestamp("milliseconds", days=-days)
    runs: list[Run] = []
    conversations: list[Conversation] = []
    freed = 0
    if store or (home / RUNS.path).is_file():
        with closing(Store(home, store)) as kept:
            runs = kept.ended(before)
            for run in () if dry_run else runs:
                kept.remove(run.id)
            freed += kept.shrink() if shrink and not dry_run else 0
    if store or (home / CONVERSATIONS.path).is_file():
        with closing(Conversations(home, store)) as memory:
            conversations = [one for one in memory.list() if one.changed < before]
            for one in () if dry_run else conversations:
                memory.delete(one.id)
            freed += memory.shrink() if shrink and not dry_run else 0
    return Expired(tuple(runs), tuple(conversations), freed)
