"""The upgrade promise: a home that any earlier version has made opens, with everything that was in it.

Each folder here is one home, made by the program of that day (its commit's): two documents, a conversation with a rated
answer, a task; later ones have tags, people, assistants and kept answers as well. It holds, as SQL, the databases that have
another shape than in the folder before it, in their tables or in the JSON within: the others are as they were. There is one
for each format that a database has had.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from agents import AccessPolicy, ScriptedChat, open_platform
from agents.access.audit import AUDIT
from agents.access.people import USERS
from agents.access.rights import EVERY
from ingest.catalog import CATALOG
from ingest.errors import UsageError
from ingest.settings import Settings
from ingest.stores import ASSISTANTS, BESIDE, CONVERSATIONS, CURATED, JOBS, RUNS

HOMES = sorted(path for path in Path(__file__).parent.iterdir() if path.is_dir() and path.name[0] == "2")
ASKED = "How many days of annual leave do employees get after one year?"


def version(dump: Path) -> int:
    found = re.match(r"PRAGMA user_version=(\d+);", dump.read_text("utf-8"))
    assert found
    return int(found[1])


@pytest.fixture(params=HOMES, ids=lambda path: path.name)
def home(request, tmp_path):
    """One of them, as it lay on the disk."""
    until = HOMES[: HOMES.index(request.param) + 1]
    for dump in {dump.name: dump for folder in until for dump in folder.glob("*.sql")}.values():
        file = tmp_path / "home" / dump.name.removesuffix(".sql").replace("__", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(file)) as db:
            db.executescript(dump.read_text("utf-8"))
    return tmp_path / "home"


def has(home: Path, name: str) -> bool:
    return (home / name).exists()


def test_every_format_that_a_database_ever_had_is_here():
    stored = {
        (dump.name.removesuffix(".sql").replace("__", "/"), version(dump)) for d in HOMES for dump in d.glob("*.sql")
    }
    for store in (CATALOG, *BESIDE, JOBS, USERS, AUDIT):
        assert {(store.path, n) for n in range(1, store.version)} <= stored, "store a home of the version before"


@pytest.mark.parametrize("page", ["upgrading.md", "upgrading.zh.md"])
def test_the_page_on_upgrades_names_the_formats_of_today(page):
    line = (Path(__file__).parents[2] / "docs" / page).read_text("utf-8").rstrip().rpartition("\n")[2]
    stores = (CATALOG, CONVERSATIONS, RUNS, JOBS, ASSISTANTS, CURATED, USERS, AUDIT)
    assert re.findall(r"\d+", line) == [str(store.version) for store in stores]


def test_it_opens_with_everything_that_was_in_it(home):
    had_people, had_assistants = has(home, "access.sqlite3"), has(home, "assistants.sqlite3")
    with closing(sqlite3.connect(home / "catalog.sqlite3")) as db:
        vectors = db.execute("select count(*) from vector").fetchone()
    platform = open_platform(home, ScriptedChat(), Settings(embedder="hashing"))
    try:
        library = platform.library
        assert sorted(one.title for one in library.documents("handbook")) == ["Leave", "员工手册"]
        hit = library.search(ASKED, kb="handbook")[0]
        assert "15 days of annual leave" in library.page_text(hit.document_id, hit.page)[hit.start : hit.end]
        assert "10 天全薪病假" in library.search("病假有几天？", kb="handbook")[0].text
        [talk] = platform.conversations.list()
        [turn] = platform.conversations.stored(talk.id)
        assert turn.answer.question == ASKED
        assert turn.answer.citations[0].verified
        assert (turn.feedback.thumb, turn.feedback.note) == ("up", "right")
        assert platform.conversations.find("GET after one") == platform.conversations.find("15 Days of") == {talk.id}
        [run] = platform.runs.list()
        assert run.task == ASKED
        assert platform.runs.result(run.id) is not None
        assert platform.runs.files(run.id) == []
        if home_version(home, "runs/runs.sqlite") == 1:
            with pytest.raises(UsageError, match="earlier version"):
                platform.agent_of(run.id).resume(run.id)
        if had_assistants:
            assert [one.name for one in platform.assistants.list()] == ["Desk"]
            assert [one.answer for one in platform.answers.list("handbook")] == ["On the second floor."]
        # The index beside the databases is not among what is stored: the doctor says so, and builds it from the catalog.
        assert {one.todo for one in library.doctor() if one.level == "problem"} == {"`ingest doctor --repair`."}
        library.doctor(repair=True)
        assert [one for one in library.doctor() if one.level == "problem"] == []
        policy = AccessPolicy.of(home, 1, library.identities)
        try:
            assert policy.people.in_force == had_people
            if had_people:
                anna = policy.people.person("anna")
                assert anna is not None
                assert anna.roles is not None
                assert EVERY in anna.roles
        finally:
            policy.close()
    finally:
        platform.close()
    with closing(sqlite3.connect(home / "catalog.sqlite3")) as db:
        assert db.execute("select count(*) from vector").fetchone() == vectors  # nothing was embedded again
        assert db.execute("pragma user_version").fetchone() == (CATALOG.version,)
    assert home_version(home, "runs/runs.sqlite") == 3


def home_version(home: Path, name: str) -> int:
    with closing(sqlite3.connect(home / name)) as db:
        return int(db.execute("pragma user_version").fetchone()[0])
