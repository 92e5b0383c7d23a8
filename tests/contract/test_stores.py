"""A library, runs, users and the audit trail do the same in files and at a PostgreSQL server."""

from __future__ import annotations

import threading
from contextlib import closing
from dataclasses import replace

import pytest

from agents.access.audit import Audit
from agents.access.people import People
from agents.assistants.assistant import Assistant
from agents.assistants.store import Assistants
from agents.chat.answers import Answer
from agents.chat.curated import CuratedAnswers
from agents.chat.history import Conversations
from agents.evaluation.own import OwnQuestions
from agents.llm.usage import Usage
from agents.tasks.approval import Decision
from agents.tasks.schedules import Schedules
from agents.tasks.state import TeamState
from agents.tasks.store import JournalEntry, Store
from agents.tools.tool import Observation
from ingest import open_library, people_kept
from ingest.errors import LibraryLocked, UsageError
from ingest.selection import Scope
from ingest.settings import Settings

PAGES = {
    "leave.md": "# Leave\n\nEmployees get 15 days of annual leave.\n",
    "pump.md": "# Pump\n\nThe pump P-101 is serviced every 500 hours. \\x41\n",
    "合同.md": "# 合同\n\n甲方应在三十日内付款，逾期按日计息 0.05%。\n",
    "nul.json": '{"text": "A value with a \\u0000 in it"}',
}


@pytest.fixture(scope="module")
def library(tmp_path_factory, shared_store):
    folder = tmp_path_factory.mktemp("library")
    for name, text in PAGES.items():
        (folder / name).write_text(text, "utf-8")
    settings = Settings(embedder="hashing", workers=1, store=shared_store)
    with closing(open_library(folder / "home", settings)) as opened:
        report = opened.add([folder / name for name in PAGES], tags=["all"])
        assert (len(report.added), report.failed) == (4, ())
        yield opened


def test_what_is_added_is_found_and_is_what_was_read(library):
    for question, name in (("annual leave", "leave.md"), ("P-101", "pump.md"), ("逾期付款", "合同.md")):
        hit = library.search(question)[0]
        assert hit.path.endswith(name)
        assert library.page_text(hit.document_id, hit.page)[hit.start : hit.end] == hit.text
    assert {found.level for found in library.doctor()} == {"ok"}
    assert library.add([library.home.parent / name for name in PAGES]).unchanged == 4


def test_filters_and_tags(library):
    library.tag(["leave.md"], ["量=12", "Q1"])
    assert [d.title for d in library.documents(where="field:量>9 tag=q1")] == ["Leave"]
    assert library.documents(where="field:量>100") == []
    assert len(library.documents(where="kind=MD modified>=2020")) == 3
    assert library.tags() == ["all", "Q1"]
    assert [hit.document for hit in library.search("days", where="folder=nowhere")] == []


def test_another_embedder_takes_over_and_a_knowledge_base_goes(library):
    library.create_kb("other")
    library.texts("other").put([given("a", "A text of a program's.")])
    assert library.search("program", "other")[0].path == "text:a"
    library.rename_kb("other", "renamed")
    assert library.rebuild("renamed") == 1
    library.remove_kb("renamed")
    assert [kb.name for kb in library.kbs()] == ["default"]
    assert library.remove(["pump.md"]) == 1
    assert library.add([library.home.parent / "pump.md"]).embedded_chunks == 1
    assert {found.level for found in library.doctor(repair=True)} <= {"ok", "note"}  # files have room to give back


def given(name, text):
    from ingest.texts import Given

    return Given(name, text, {})


def test_who_looks_whether_a_run_is_worked_on_does_not_keep_anybody_from_it(tmp_path, store):
    """As a list of runs does at the very moment when one of them begins."""
    begun, over = threading.Event(), threading.Event()
    with closing(Store(tmp_path, store)) as runs:

        def look():
            while not over.is_set():
                runs.worked_on("r1")
                begun.set()

        looking = threading.Thread(target=look)
        looking.start()
        try:
            assert begun.wait(30)
            for _ in range(600):
                with runs.holding("r1"):
                    assert runs.worked_on("r1")
        finally:
            over.set()
            looking.join(30)


def test_runs_are_one_at_a_time_and_keep_what_they_know(tmp_path, store):
    with closing(Store(tmp_path, store)) as runs, closing(Store(tmp_path, store)) as others:
        with runs.holding("r1"):
            assert others.worked_on("r1")
            with pytest.raises(UsageError, match="under way"), others.holding("r1"):
                pass
            assert not others.worked_on("r2")
        assert not others.worked_on("r1")
        runs.intend("r1", "k")
        runs.intend("r1", "k")
        assert others.journal("k") == JournalEntry("intended")
        runs.done("k", Observation("写好了"))
        assert others.journal("k") == JournalEntry("done", Observation("写好了"))
        for approved in (True, False):
            runs.decide("r1", Decision("c", "h", approved=approved))
        assert others.decision("r1", "c") == Decision("c", "h", approved=False)
        assert others.events("r1") == []
        assert others.runs() == []


def test_users_keys_and_the_trail(tmp_path, store):
    bases = {"a": "1a", "b": "2b"}
    with closing(People(tmp_path, lambda: bases, store)) as people, closing(Audit(tmp_path, 30, store)) as audit:
        assert not people.in_force
        people.add_user("李")
        with pytest.raises(UsageError, match="already"):
            people.add_user("李")
        people.join("李", "@staff")
        people.join("李", "@staff")
        people.grant("@staff", "reader", "a")
        people.grant("@staff", "editor", "a")
        key, text = people.add_key("k", user="李", kbs=["a", "b"])
        found, who = people.known(text)
        assert (found.id, who.name, dict(who.roles)) == (key.id, "李", {"a": "write"})
        bases["c"] = bases.pop("a")
        assert people.key("k").kbs == ("b", "c")
        people.set_password("李", "long enough")
        token = people.accounts.sign_in("李", "long enough")
        assert people.accounts.user(token) == "李"
        assert people.users()[0].password
        assert people.signing_in
        people.own("run", "1", "李")
        people.own("run", "1", "王")
        assert people.owners("run") == {"1": "王"}
        people.remove_user("李")
        assert not people.key(key.id).valid
        for kb in "ab":
            audit.write("李", key.id, "api", "read", kb, "GET /x", allowed=kb == "a")
        assert [(entry.kb, entry.allowed) for entry in audit.entries(who="李")] == [("a", True), ("b", False)]
        assert [entry.kb for entry in audit.entries(kb="b", most=1)] == ["b"]


def test_a_server_is_asked_who_may_come_in(tmp_path):
    assert not people_kept(tmp_path)
    (tmp_path / "settings.toml").write_text('store = "postgresql://host/db"')
    assert people_kept(tmp_path)


def test_what_a_base_keeps_and_what_people_wrote_about_it(library, tmp_path):
    store = library.settings.store
    identity = library.identities()["default"]
    assert library.trace(library.documents()[0].id).loader
    with (
        closing(CuratedAnswers(library.home, store)) as answers,
        closing(OwnQuestions(library.home, store)) as questions,
    ):
        library.create_kb("asked")
        answers.add("asked", [("When?", "Monday."), ("Who?", "All.")])
        answers.add("asked", [("When?", "Tuesday.")])
        questions.add("asked", [{"question": "Where?", "answers": ["Here."]}])
        library.rename_kb("asked", "told")
        assert {one.question: one.answer for one in answers.list("told")} == {"When?": "Tuesday.", "Who?": "All."}
        assert [one.question.question for one in questions.list("told")] == ["Where?"]
        library.remove_kb("told")
        assert answers.list() == questions.list("told") == []
    (tmp_path / "a.md").write_text("# A\n\nA text.\n", "utf-8")
    library.syncing.sync(tmp_path, "synced")
    library.syncing.watch(tmp_path, "synced")
    assert [one.watched for one in library.syncing.all("synced")] == [True]
    library.remove_kb("synced")
    assert library.identities() == {"default": identity}


def test_what_was_asked_of_a_base_and_comes_again_follows_its_name(library):
    store, home = library.settings.store, library.home
    hit = replace(library.search("annual leave")[0], kb='班 "3"')
    answer = Answer("假期?", "假期?", 'She wrote "kb": "班 \\"3\\""', abstained=False, hits=(hit,))
    state = TeamState("followed", "Leave", kb='班 "3"')
    with (
        closing(Conversations(home, store)) as memory,
        closing(Schedules(home, store)) as schedules,
        closing(Store(home, store)) as runs,
    ):
        library.create_kb('班 "3"')
        talk = memory.create(['班 "3"', "default"])
        memory.append(talk, answer)
        number = schedules.add("Leave", Scope(("default", '班 "3"')), "09:00", effort="quick")
        runs.begin(state, "m")
        library.rename_kb('班 "3"', "三班")
        assert memory.get(talk).kbs == ("三班", "default")
        [turn] = memory.log()
        [kept] = memory.turns(talk)
        assert (turn.kb, kept.hits[0].kb, kept.text) == ("三班", "三班", answer.text)
        assert [one.scope.kbs for one in schedules.list()] == [("default", "三班")]
        assert (runs.run("followed").kb, runs.state("followed").kb) == ("三班", "三班")
        library.remove_kb("三班")
        assert memory.get(talk).kb == "三班"
        memory.delete(talk)
        schedules.remove(number)
        runs.remove("followed")


def test_assistants_and_what_is_said_of_conversations(tmp_path, store):
    with closing(Assistants(tmp_path, store)) as assistants, closing(Conversations(tmp_path, store)) as memory:
        assert assistants.save(Assistant("Clerk")) == 1
        assert assistants.save(Assistant("Clerk", greeting="Ask.")) == 2
        assert [version.n for version in assistants.versions("Clerk")] == [2, 1]
        first = memory.create(["a", "b"], assistant="Clerk", where="kind=md")
        memory.create("c")
        memory.pin(first, pinned=True)
        assert [(one.kbs, one.assistant, one.pinned) for one in memory.list()] == [
            (("a", "b"), "Clerk", True),
            (("c",), "", False),
        ]
        for model, prompt in (("curated", 0), ("tiny", 12)):
            answer = Answer("When?", "When?", "Monday.", abstained=True, model=model)
            turn = memory.append(first, replace(answer, usage=Usage(prompt, 0, 0), timings={"total": 0.25}))
        memory.rate(turn, "down", "no")
        assert [one.feedback.note for one in memory.disliked("a")] == ["no"]
        assert memory.disliked("c") == []
        memory.handled(turn)
        assert memory.disliked() == []
        curated, other = memory.log()
        assert (curated.curated, curated.failed, curated.abstained, curated.prompt_tokens) == (True, False, True, 0)
        assert (other.curated, other.prompt_tokens, other.first_token, other.total, other.thumb) == (
            False,
            12,
            0,
            0.25,
            -1,
        )
        assistants.remove("Clerk")
        assert assistants.list() == []


def test_one_writer_per_knowledge_base_at_a_server(tmp_path, postgres):
    settings = Settings(embedder="hashing", store=postgres.url())
    with closing(open_library(tmp_path / "1", settings)) as one, closing(open_library(tmp_path / "2", settings)) as two:
        with one._lock.held("a"):
            two.create_kb("b")
            with pytest.raises(LibraryLocked, match=r"Another process .*zhiku \d+"):
                two.create_kb("a")
            with pytest.raises(LibraryLocked):
                two.doctor(repair=True)
        two.create_kb("a")
        assert [kb.name for kb in one.kbs()] == ["a", "b"]
        with pytest.raises(UsageError, match="pg_dump"):
            one.backup(tmp_path / "x.zip")
