"""The application as a face of the policy: every page, verb and role; whose conversations; what nobody may learn."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf.message import Message
from google.protobuf.text_format import MessageToString

import app.caller
import app.timed
from agents import AccessPolicy, PlatformView, Timekeeper, agent_due, open_platform
from agents.access.rights import EVERY, LOCAL
from agents.llm.scripted import ScriptedChat
from app.state import Work
from ingest.errors import UsageError
from ingest.selection import Scope
from ingest.settings import Settings

MAY = {
    "reader": {"read"},
    "editor": {"read", "write"},
    "owner": {"read", "write", "admin"},
    "stranger": set(),
    "boss": {"read", "write", "admin"},
}
"""Users by what they may do to 'default'; 'boss' may do everything everywhere."""
PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def platform(tmp_path_factory) -> Iterator:
    folder = tmp_path_factory.mktemp("callers")
    (folder / "leave.md").write_text("# Leave\n\nEmployees get 15 days of annual leave.\n")
    (folder / "pay.md").write_text("# Pay\n\nThe director is paid 9000 euros a month.\n")
    model = ScriptedChat(replies=["Employees get 15 days of annual leave [1]."], repeat=True)
    opened = open_platform(folder / "home", model=model, settings=Settings(embedder="hashing", effort="quick"))
    opened.library.add([folder / "leave.md"], workers=1)
    opened.library.add([folder / "pay.md"], kb="secret", workers=1)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def policy(platform) -> Iterator[AccessPolicy]:
    found = AccessPolicy.of(platform.home, 1, platform.library.identities)
    for name in MAY:
        found.people.add_user(name)
        if name in ("reader", "editor", "owner"):
            found.people.grant(name, name, "default")
    found.people.grant("boss", "owner", EVERY)
    found.people.set_password("boss", PASSWORD)
    yield found
    found.close()


@pytest.fixture
def tab(platform, policy, visit, monkeypatch):
    """A tab of somebody who has signed in."""

    def go(name: str, page: str = "chat", language: str = "en"):
        token = policy.people.accounts.sign_in("boss", PASSWORD) if name == "boss" else name
        monkeypatch.setattr(app.caller, "session_token", lambda: token)
        # One sign-in is real; the others would cost an Argon2 hash each.
        monkeypatch.setattr(
            type(policy.people.accounts),
            "user",
            lambda self, one: one if one in MAY else "boss" if one == token else "",
        )
        return visit(platform, page, language)

    return go


def words(tab) -> str:
    """Everything a tab is sent."""
    found, waiting = [], [tab.main, tab.sidebar]
    while waiting:
        node = waiting.pop()
        waiting += getattr(node, "children", {}).values()
        if isinstance(getattr(node, "proto", None), Message):
            found.append(MessageToString(node.proto, as_utf8=True))
    return "\n".join(found)


def buttons(tab) -> set[str]:
    return {button.key for button in tab.button}


@pytest.mark.parametrize("name", ["reader", "owner", "stranger", "boss"])
def test_pages_offer_what_the_policy_allows_and_name_nothing_else(tab, name):
    mine, page = MAY[name], tab(name, "library")
    if not mine:
        assert "No knowledge base is yours" in words(page)
        assert not page.selectbox
        return
    assert ("secret" in words(page)) is (name == "boss")
    assert {"delete-kb"} <= buttons(page) if "admin" in mine else "delete-kb" not in buttons(page)
    assert ("remove" in buttons(page)) is ("write" in mine)
    assert bool(page.get("file_uploader")) is ("write" in mine)
    assert ("doctor" in buttons(page)) is (name == "boss")
    assert not [one for one in page.text_input if one.key == "folder-path"]  # paths of the server are nobody's
    page.switch_page("search_page.py").run()
    page.text_input(key="search-query").set_value("director annual leave").run()
    assert "15 days" in words(page)
    assert "9000 euros" not in words(page)
    page.switch_page("tasks_page.py").run()
    page.switch_page("chat_page.py").run()
    assert not page.exception
    assert ("secret" in words(page)) is (name == "boss")
    assert bool([one for one in page.selectbox if one.key == "chat-model"]) is (name == "boss")
    for closed in ("settings", "models", "administration"):
        if name == "boss":
            assert not page.switch_page(f"{closed}_page.py").run().exception
        else:
            with pytest.raises(ValueError, match="navigation page"):  # there is no such page for them
                page.switch_page(f"{closed}_page.py")


VERBS = {
    "read": [
        lambda p: p.library.documents("default"),
        lambda p: p.library.search("leave", "default"),
        lambda p: p.library.tags(kb="default"),
        lambda p: p.library.page_text(1, 1),
        lambda p: p.library.trace(1),
        lambda p: p.chat("default"),
        lambda p: p.agent(kb=("default",)),
        lambda p: p.conversations.create("default"),
    ],
    "write": [
        lambda p: p.library.tag(["1"], ["a"], "default"),
        lambda p: p.library.corrections("1"),
        lambda p: _corrected(p),
        lambda p: p.library.add([p.home / "uploads" / "none"], "default", dry_run=True),
        lambda p: p.library.remove([], "default"),
    ],
    "admin": [lambda p: p.library.remove_kb("brief")],
}


def _corrected(view):
    """Put something right and take it back; whoever did it is noted."""
    made = view.library.correct("1", "15 days", "20 days")[-1]
    assert made.who in MAY
    view.library.revert("1", made.id)


OF_THE_SERVER = [
    lambda p: p.library.create_kb("other"),
    lambda p: p.library.rename_kb("default", "new"),
    lambda p: p.library.doctor,
    lambda p: p.library.backup,
    lambda p: p.library.syncing,
    lambda p: p.with_model,
    lambda p: p.store,
    lambda p: p.team,
    lambda p: p.chat_model,
    lambda p: p.agent(kb="default").approve,
]


@pytest.mark.parametrize("name", MAY)
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_of_every_role(platform, policy, name, verb):
    platform.library.create_kb("brief")
    policy.people.grant("owner", "owner", "brief")
    (platform.home / "uploads").mkdir(exist_ok=True)
    (platform.home / "uploads" / "none").mkdir(exist_ok=True)
    view = PlatformView(platform, policy, policy.people.person(name))
    try:
        for act in VERBS[verb]:
            if verb in MAY[name]:
                act(view)
            else:
                with pytest.raises(UsageError) as told:
                    act(view)
                assert "secret" not in f"{told.value} {told.value.hint}"
        last = policy.audit.entries(who=name)[-1:]
        assert not last or (last[0].face, last[0].allowed) == ("app", verb in MAY[name]) or verb == "read"
    finally:
        if "brief" in {kb.name for kb in platform.library.kbs()}:
            platform.library.remove_kb("brief")


@pytest.mark.parametrize("name", [name for name in MAY if name != "boss"])
def test_what_is_not_theirs_and_what_is_not_there_sound_alike(platform, policy, name):
    view = PlatformView(platform, policy, policy.people.person(name))
    assert "secret" not in {kb.name for kb in view.library.kbs()}
    for act in (view.library.documents, lambda kb: view.library.search("x", ("default", kb)), view.chat):
        told = []
        for kb in ("secret", "secrex"):
            with pytest.raises(UsageError) as error:
                act(kb)
            told.append(f"{error.value} {error.value.hint}".replace("secrex", "secret"))
        assert told[0] == told[1]
    pay = platform.library.documents("secret")[0].id
    for document in (pay, 999):
        with pytest.raises(UsageError, match="no knowledge base"):
            view.library.page_text(document, 1)
    for act in OF_THE_SERVER:
        with pytest.raises(UsageError):
            act(view)
    with pytest.raises(UsageError):  # a path of the server's
        view.library.add([platform.home / "catalog.sqlite3"], "default")


def test_conversations_and_tasks_are_their_users(platform, policy, tab):
    asked = tab("reader")
    asked.chat_input[0].set_value("How many days of annual leave do employees get?").run()
    for _ in range(100):
        if "15 days" in words(asked.run()) and not app.state.work().turns:
            break
    theirs = PlatformView(platform, policy, policy.people.person("reader")).conversations.list()
    assert [one.turns for one in theirs if one.turns] == [1]
    identity = next(one.id for one in theirs if one.turns)
    other = PlatformView(platform, policy, policy.people.person("editor"))
    assert other.conversations.list() == [] or identity not in {one.id for one in other.conversations.list()}
    for act in (other.conversations.stored, other.conversations.export, other.conversations.delete):
        with pytest.raises(UsageError):
            act(identity)
    page = tab("editor")
    page.query_params["talk"] = identity
    assert "annual leave do employees" not in words(page.run())
    assert "annual leave do employees" in words(tab("reader"))
    agent = PlatformView(platform, policy, policy.people.person("reader")).agent(kb="default")
    assert [*agent.stream("How many days of annual leave do employees get?")]
    assert agent.run_id in {
        run.id for run in PlatformView(platform, policy, policy.people.person("reader")).runs.list()
    }
    for act in (other.runs.get, other.runs.events, other.runs.remove, other.agent_of):
        with pytest.raises(UsageError, match="no such task"):
            act(agent.run_id)
    assert agent.run_id not in {run.id for run in other.runs.list()}


def test_what_a_reader_did_not_like_reaches_who_administers_and_the_next_reader(platform, policy, tab):
    reader = PlatformView(platform, policy, policy.people.person("reader"))
    asked = "How many days of annual leave do employees get?"
    talk = reader.conversations.create("default")
    assert not reader.chat("default", talk).ask(asked).abstained
    (turn,) = reader.conversations.stored(talk)
    reader.conversations.rate(turn.id, "down", "outdated")
    reader.conversations.pin(talk, pinned=True)
    assert reader.conversations.get(talk).pinned
    for what in ("disliked", "log", "handled"):
        with pytest.raises(UsageError):
            getattr(reader.conversations, what)
    page = tab("boss", "evaluation")
    page.selectbox(key="evaluation-kb").set_value("default").run()
    assert "outdated" in words(page)
    page.text_area(key=f"pair-answer-down-{turn.id}").set_value("Twenty days since this year.")
    next(one for one in page.button if one.key.startswith(f"FormSubmitter:pair-down-{turn.id}")).click().run()
    assert not page.exception
    assert "outdated" not in words(page.run())
    answer = reader.chat("default").ask(asked)
    assert answer.plain.startswith("Twenty days")
    assert "Kept answer" in str(answer.citations[0].source)
    assert not page.switch_page("activity_page.py").run().exception
    platform.answers.remove(platform.answers.list("default")[0].id)


def test_who_is_not_let_in_sees_the_way_in_alone(platform, policy, visit, monkeypatch):
    for token in ("", "a token that has ended"):
        monkeypatch.setattr(app.caller, "session_token", lambda token=token: token)
        for language, word in (("en", "Sign in with a password"), ("zh", "用密码登录")):
            page = visit(platform, language=language)
            assert word in words(page)
            assert not page.chat_input
            assert not page.selectbox


def test_rights_follow_a_base_and_never_pass_to_another_of_its_name(platform, policy):
    platform.library.create_kb("plans")
    policy.people.grant("stranger", "editor", "plans")
    key, _ = policy.people.add_key("k", kbs=["plans"])
    platform.library.rename_kb("plans", "drafts")  # as `ingest kb rename` does
    assert policy.people.person("stranger").roles == {"drafts": "write"}
    assert policy.people.key(key.id).kbs == ("drafts",)
    platform.library.create_kb("plans")
    assert not policy.people.person("stranger").may("read", "plans")
    platform.library.remove_kb("drafts")
    platform.library.create_kb("drafts")
    assert policy.people.person("stranger").roles == {}
    assert policy.people.key(key.id).kbs == ()
    for name in ("plans", "drafts"):
        platform.library.remove_kb(name)


def test_administration(tab, policy):
    page = tab("boss", "administration")
    page.text_input(key="new-user").set_value("li")
    page.button(key="FormSubmitter:add-user-Add").click().run()
    assert "li" in {user.name for user in policy.people.users()}
    page.selectbox(key="grant-to").set_value("li")
    page.selectbox(key="grant-kb").set_value("secret")
    page.selectbox(key="grant-role").set_value("editor")
    page.button(key="FormSubmitter:grant-Set").click().run()
    page.selectbox(key="user-at-hand").set_value("li").run()
    page.text_input(key="group").set_value("@sales").run()
    page.button(key="join").click().run()
    (li,) = [user for user in policy.people.users() if user.name == "li"]
    assert (li.roles, list(li.groups), li.password) == ({"secret": "editor"}, ["@sales"], False)
    page.text_input(key="password").set_value("short")
    page.button(key="set-password").click().run()
    assert "too short" in page.error[0].value
    page.text_input(key="password").set_value("battery staple")
    page.button(key="set-password").click().run()
    assert not page.error
    assert policy.people.accounts.sign_in("li", "battery staple")
    page.text_input(key="key-name").set_value("robot")
    page.selectbox(key="key-user").set_value("li")
    page.button(key="FormSubmitter:add-key-Make").click().run()
    shown = page.code[0].value
    found, who = policy.people.known(shown)
    assert (found.name, found.user, found.scope, bool(found.expires), who.user) == ("robot", "li", "read", True, "li")
    assert shown not in words(page.run())
    page.selectbox(key="key-at-hand").set_value(found.id).run()
    page.button(key="revoke").click().run()
    assert not policy.people.key(found.id).valid
    page.checkbox(key="trail-refused").check().run()
    assert not page.exception
    page.selectbox(key="user-at-hand").set_value("boss").run()
    page.button(key="no-password").click().run()
    assert "is the last administrator" in page.error[0].value
    page.selectbox(key="user-at-hand").set_value("li").run()
    page.button(key="remove-user").click().run()
    page.button(key="remove-user-yes").click().run()
    assert "li" not in {user.name for user in policy.people.users()}


def test_where_nobody_signs_in_nothing_of_it_is_opened_or_imported(tmp_path):
    code = """
import sys
from streamlit.testing.v1 import AppTest
tab = AppTest.from_file(sys.argv[1], default_timeout=60).run()
assert not tab.exception, tab.exception
assert tab.chat_input
print(*sorted(m for m in sys.modules if m.startswith(("agents.access.p", "agents.access.v", "argon2", "authlib"))))
"""
    environment = {"ZHIKU_HOME": str(tmp_path), "ZHIKU_EMBEDDER": "hashing", "PATH": "", "HOME": str(tmp_path)}
    environment["PYTHONPATH"] = str(Path(app.__file__).parents[1])
    main = Path(app.__file__).with_name("main.py")
    ran = subprocess.run([sys.executable, "-c", code, str(main)], env=environment, capture_output=True, text=True)
    assert (ran.returncode, ran.stdout.strip()) == (0, ""), ran.stderr[-2000:]
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(("access", "audit"))]
    assert LOCAL.may("admin")


@pytest.mark.parametrize("owner", ["boss", "", "reader", "stranger", "gone"])
def test_a_scheduled_task_is_begun_with_the_rights_of_whose_it_is(platform, policy, owner):
    begun, stop = [], threading.Event()

    def begin(one):
        agent = agent_due(platform, policy, one)
        begun.extend(event.result for event in agent.stream(one.task, stop) if hasattr(event, "result"))
        return begun[0].run_id

    number = platform.schedules.add("What is the pay?", Scope(("secret",)), "09:00", effort="quick", owner=owner)
    platform.schedules._file.write("update schedule set due = '2026-01-01T09:00' where id = ?", number)
    Timekeeper(lambda: platform.schedules, begin).stop(60)  # after what is due by now
    [kept] = [one for one in platform.schedules.list() if one.id == number]
    platform.schedules.remove(number)
    assert kept.begun
    if owner not in ("boss", ""):  # who may not read the base, or is nobody any more
        assert (begun, kept.run) == ([], "")
        return
    assert kept.run == begun[0].run_id
    mine = PlatformView(platform, policy, policy.people.person("boss")).runs.list()
    assert kept.run in [run.id for run in mine]


def test_who_does_not_administer_schedules_nothing(platform, policy, tab):
    with pytest.raises(UsageError):
        _ = PlatformView(platform, policy, policy.people.person("editor")).schedules
    assert PlatformView(platform, policy, policy.people.person("boss")).schedules is platform.schedules
    platform.schedules.add("What is the pay?", Scope(("secret",)), "09:00", effort="quick", owner="boss")
    assert "zk-schedule-" in words(tab("boss", "tasks"))
    assert "zk-schedule-" not in words(tab("editor", "tasks"))


def test_the_application_begins_what_is_due_without_a_tab(platform, monkeypatch):
    work = Work()
    monkeypatch.setattr(app.timed, "shared_work", lambda: work)
    number = platform.schedules.add("How many days of leave?", Scope(), "09:00", effort="quick")
    platform.schedules._file.write("update schedule set due = '2026-01-01T09:00' where id = ?", number)
    app.timed.keep_time(lambda: platform).stop(60)
    [kept] = [one for one in platform.schedules.list() if one.id == number]
    assert work.tasks[kept.run].wait(60)
    assert work.tasks[kept.run].view.result is not None
