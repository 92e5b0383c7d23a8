"""The databases that a home folder holds beside the catalog, where each lies and its tables; and what a restore leaves
there while it is under way.

`agents` writes and reads them. They are declared here because backup, restore and doctor have to know what is sound.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import ZhikuError
from ingest.settings import load_settings

JOURNAL = "restoring.json"
"""Stands in the home from the moment a restore is decided until it is done."""
VECTORS = "vectors"
"""Folder with a file of each knowledge base's vectors, copies of the catalog's."""
STAGED = ".restore-"
"""Begins the name of the folder that an archive is unpacked to."""


def restore_begun(home: Path) -> bool:
    """Whether a restore is under way in `home`, or was killed there."""
    return (home / JOURNAL).exists() or any(home.glob(f"{STAGED}*"))


ACCESS = "access.sqlite3"
"""Users, their roles and keys, which no archive has."""
SIGN_IN = "sign-in.toml"
"""Who says who somebody is (docs/serve.md). Where it stands, nobody comes in unknown."""


def people_kept(home: Path) -> bool:
    """Whether `home` has users or keys, or says where people sign in: otherwise it is one person's, and nothing is asked.
    Where a server keeps everything it is to be asked; whoever opens that says why the settings can't be read."""
    if (home / ACCESS).exists() or (home / SIGN_IN).exists():
        return True
    with contextlib.suppress(ZhikuError):
        return bool(load_settings(home).store)
    return False


@dataclass(frozen=True, slots=True)
class StoreFile:
    """One SQLite file."""

    path: str
    """Below the home, with forward slashes."""
    steps: tuple[str, ...]
    """Scripts that lead from each version of its tables to the next, as `ingest.sqlite.SqliteFile` takes them."""

    @property
    def version(self) -> int:
        """The version that the steps lead to."""
        return len(self.steps)


CONVERSATIONS = StoreFile(
    "conversations.sqlite3",
    (
        """
create table conversation (
    id text primary key, title text not null, kb text not null, created text not null, changed text not null
) strict;
create table turn (
    id integer primary key, conversation text not null references conversation(id) on delete cascade,
    asked text not null, question text not null, answer text not null, thumb integer, note text not null default ''
) strict;
create index turn_by_conversation on turn(conversation, id);
""",
        """
alter table conversation add column assistant text not null default '';
alter table conversation add column pinned integer not null default 0;
alter table turn add column handled integer not null default 0;
-- JSON list of its knowledge bases, and its filter; '' where it is the one in `kb`, and all of it.
alter table conversation add column kbs text not null default '';
alter table conversation add column narrowed text not null default '';
""",
        # What is searched, in small letters, apart from the answers: to read past one of those takes all of it.
        """
create table said (
    turn integer not null references turn(id) on delete cascade, words text not null, primary key (turn)
) strict;
insert into said (turn, words)
select id, lower(question || ' ' || coalesce(json_extract(answer, '$.answer'), '')) from turn;
""",
    ),
)

ASSISTANTS = StoreFile(
    "assistants.sqlite3",
    (
        """
create table assistant (id integer primary key, name text not null unique) strict;
create table version (
    assistant integer not null references assistant(id) on delete cascade, n integer not null, made text not null,
    record text not null, primary key (assistant, n)
) strict, without rowid;
""",
        # JSON: by the name that a knowledge base had, what it keeps for good.
        """
alter table version add column bases text not null default '{}';
""",
    ),
)

CURATED = StoreFile(
    "curated.sqlite3",
    (
        """
create table curated (
    id integer primary key, kb text not null, question text not null, answer text not null, made text not null,
    unique (kb, question)
) strict;
create table question (
    id integer primary key, kb text not null, question text not null, record text not null, unique (kb, question)
) strict;
""",
    ),
)

RUNS = StoreFile(
    "runs/runs.sqlite",
    (
        """
create table run (
    id text primary key, task text not null, kb text not null, status text not null, model text not null,
    parent text not null, created text not null, changed text not null
) strict;
create table event (run text not null, n integer not null, body text not null, primary key (run, n)) strict, without rowid;
create table journal (
    key text primary key, run text not null, state text not null, observation text not null
) strict, without rowid;
create table verdict (run text not null, call text not null, body text not null, primary key (run, call)) strict;
""",
        # Where a run stands is a row of our own; before, that was left to LangGraph, whose tables nobody reads any more.
        """
drop table if exists checkpoints;
drop table if exists writes;
create table state (
    run text not null, n integer not null, branch integer not null, body text not null, primary key (run, n)
) strict, without rowid;
""",
        # Tasks that come again. Times are this machine's own, without a zone: nine o'clock stays nine o'clock.
        """
create table schedule (
    id integer primary key, task text not null, kbs text not null, narrowed text not null, effort text not null,
    owner text not null, weekday integer, clock text not null, due text not null, paused integer not null,
    meant text not null, begun text not null, run text not null
) strict;
""",
    ),
)

BESIDE = (CONVERSATIONS, RUNS, ASSISTANTS, CURATED)
"""All of them."""
JOBS = StoreFile(
    "jobs.sqlite3",
    (
        """
create table job (
    id integer primary key autoincrement, name text not null unique, kb text not null, paths text not null,
    tags text not null, language text not null, created text not null, state text not null, tries integer not null,
    stop integer not null, progress text, report text, error text
) strict;
create index job_by_state on job(state, id);
""",
    ),
)
