"""A platform here and one on a server do and say the same."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from agents import Answered, Finished, Platform, Token, open_platform
from agents.llm.scripted import ScriptedChat
from ingest import LibraryUnavailable, Settings, UsageError
from ingest.records import to_json
from tests.agents.serve.conftest import (  # type: ignore[import-not-found]
    LEAVE,
    LONG,
    NAMED,
    PAY,
    QUESTION,
    REPLY,
    scripted,
    serving,
)


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    home = tmp_path_factory.mktemp("platforms")
    model = ScriptedChat(replies=[scripted], repeat=True, token_seconds=0.002)
    opened = open_platform(home, model=model, settings=Settings(embedder="hashing", effort="quick"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def remote(local: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with serving(local, tmp_path_factory.mktemp("keys")) as server:
        opened = open_platform(server.url, key=server.people.add_key("sdk", scope="admin")[1])
        yield opened
        opened.close()


@pytest.fixture(params=["local", "remote"])
def platform(request: pytest.FixtureRequest) -> Platform:
    found: Platform = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("documents")
    (made / "leave.md").write_text(LEAVE, "utf-8")
    (made / "inner").mkdir()
    (made / "inner" / "pay.md").write_text(PAY, "utf-8")
    (made / "broken.pdf").write_bytes(b"%PDF-1.7 no more")
    return made


@pytest.fixture
def kb(platform: Platform, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A base of the test's own with two documents, sent in two requests."""
    monkeypatch.setattr("ingest.remote.library._BATCH", 2)
    report = platform.library.add([folder], kb=NAMED, tags=["人事"])
    assert (report.kb, len(report.added), len(report.failed), report.pages) == (NAMED, 2, 1, 2)
    yield NAMED
    platform.library.remove_kb(NAMED)


def test_documents_come_are_found_tagged_and_go(platform: Platform, kb: str) -> None:
    library = platform.library
    assert [one.title for one in library.documents(kb)] == ["Pay", "Leave"]
    leave = library.document("Leave", kb)
    assert leave.tags == ("人事",)
    assert library.page_text(leave.id, 1) == library.pages(leave.id)[0].text == LEAVE.strip()
    assert [one.title for one in library.documents(kb, where="tag=人事")] == ["Pay", "Leave"]
    [tagged] = library.tag(["Leave"], ["2026"], kb)
    assert tagged.tags == ("2026", "人事")
    [hit, *_] = library.search("annual leave", kb, k=2)
    assert (hit.document, hit.kb, hit.rank) == ("Leave", kb, 1)
    assert hit.lexical
    assert library.page_text(hit.document_id, hit.page)[hit.start : hit.end] == hit.text
    assert [one.text for one in library.search("annual leave", kb, where={"tag": "2026"})] == [hit.text]
    assert library.remove(["Pay"], kb) == 1
    assert library.kb(kb).documents == 1
    assert library.tags(kb)[0] in ("2026", "人事")


def test_a_passage_is_put_right_and_back(platform: Platform, kb: str) -> None:
    library = platform.library
    (made,) = library.correct("Leave", "15 days", "20 days", kb)
    assert (made.former, made.text, made.page, made.stands) == ("15 days", "20 days", 1, True)
    (hit, *_) = library.search("annual leave", kb, k=1)
    assert "20 days" in hit.text
    assert hit.corrected == made.made[:10]
    citation = platform.chat(kb).ask("How many days of annual leave do employees get?").citations[0]
    assert citation.corrected == hit.corrected
    assert f"corrected {hit.corrected}" in str(citation.source)
    assert library.revert("Leave", made.id, kb)[0].undone
    assert library.page_text(library.document("Leave", kb).id, 1) == LEAVE.strip()
    assert [one.id for one in library.corrections("Leave", kb)] == [made.id]


def test_what_makes_no_sense_raises_the_same(platform: Platform, kb: str) -> None:
    library = platform.library
    for wrong in (
        lambda: library.document("nothing", kb),
        lambda: library.search("", kb),
        lambda: library.correct("Leave", "nowhere", "x", kb),
        lambda: library.revert("Leave", 99, kb),
        lambda: library.search("leave", kb, where="nonsense"),
        lambda: library.search("leave", "no such base"),
        lambda: library.create_kb(kb),
        lambda: library.add(["/no/such/file"], kb),
        lambda: platform.chat(kb).ask(" "),
        lambda: platform.agent(kb=kb).run(""),
        lambda: platform.conversations.get("nothing"),
        lambda: platform.runs.get("nothing"),
    ):
        with pytest.raises(UsageError) as told:
            wrong()
        assert "\n" not in str(told.value)


def test_answers_are_the_same(local: Platform, remote: Platform, folder: Path) -> None:
    local.library.add([folder / "leave.md"])
    try:
        both = [platform.chat(k=1).ask(QUESTION) for platform in (local, remote)]
        here, there = ({**to_json(answer), "trace": "", "timings": {}} for answer in both)
        assert here == there
        assert both[1].text == REPLY
        assert both[1].citations[0].verified
        assert remote.check(REPLY, question=QUESTION) == local.check(REPLY, question=QUESTION)
    finally:
        local.library.remove_kb("default")


def test_a_stream_and_its_conversation(platform: Platform, kb: str) -> None:
    conversation = platform.conversations.create(kb)
    events = list(platform.chat(kb, conversation).stream(QUESTION))
    assert [type(event).__name__ for event in events[:2]] == ["Found", "Quoted"]
    assert "".join(event.text for event in events if isinstance(event, Token)) == REPLY
    assert isinstance(events[-1], Answered)
    [turn] = platform.conversations.stored(conversation)
    assert turn.answer.text == REPLY
    platform.conversations.rate(turn.id, "down", "too short")
    platform.conversations.rename(conversation, "Leave")
    [turn] = platform.conversations.stored(conversation)
    assert (turn.feedback.thumb, turn.feedback.note) == ("down", "too short")
    assert REPLY[:20] in platform.conversations.export(conversation)
    assert platform.conversations.get(conversation).title == "Leave"
    assert conversation in {one.id for one in platform.conversations.list(kb)}
    platform.conversations.delete(conversation)
    platform.conversations.delete(conversation)


def test_a_question_is_stopped(platform: Platform, local: Platform, kb: str) -> None:
    local.language_model.__dict__["chat"], kept = ScriptedChat(replies=[LONG], token_seconds=0.05), local.chat_model
    try:
        cancel = threading.Event()
        last = None
        for last in platform.chat(kb).stream(QUESTION, cancel=cancel):
            if isinstance(last, Token):
                cancel.set()
        assert isinstance(last, Answered)
        assert last.answer.stopped
        assert 0 < len(last.answer.text) < len(LONG)
    finally:
        local.language_model.__dict__["chat"] = kept


def test_a_task_is_carried_out_and_kept(platform: Platform, kb: str) -> None:
    agent = platform.agent(kb=kb)
    events = list(agent.stream(QUESTION))
    assert isinstance(events[-1], Finished)
    result = events[-1].result
    assert result.status == "done"
    assert "15 days" in result.text
    assert platform.runs.get(agent.run_id).status == "done"
    kept = platform.runs.result(agent.run_id)
    assert kept is not None
    assert (kept.text, kept.citations) == (result.text, result.citations)
    assert [type(event) for event in platform.runs.events(agent.run_id)][-1] is Finished
    assert platform.agent_of(agent.run_id).resume(agent.run_id).text == result.text
    platform.runs.remove(agent.run_id)
    assert agent.run_id not in {run.id for run in platform.runs.list()}


def test_langchain_gets_the_parts(platform: Platform, kb: str) -> None:
    assert platform.chat_model.invoke("hello").content == "Hello there."
    vectors = platform.embeddings.embed_documents(["leave", "pay"])
    assert len(vectors) == 2
    assert platform.embeddings.embed_query("leave") == pytest.approx(vectors[0])
    [found, *_] = platform.library.as_retriever(kb).invoke("annual leave")
    assert found.metadata["title"] == "Leave"


def test_the_same_names() -> None:
    """What the remote classes offer is of the local ones, and takes no other arguments."""
    import inspect

    from agents.chat.chat import Chat
    from agents.chat.history import Conversations
    from agents.remote import chat, platform, tasks
    from agents.tasks.agent import Agent
    from agents.tasks.runs import Runs
    from ingest.library import Library
    from ingest.remote import library

    for theirs, ours in (
        (library.RemoteLibrary, Library),
        (chat.RemoteChat, Chat),
        (chat.RemoteConversations, Conversations),
        (tasks.RemoteAgent, Agent),
        (tasks.RemoteRuns, Runs),
        (platform.RemotePlatform, Platform),
    ):
        for name, method in inspect.getmembers(theirs, inspect.isfunction):
            if not name.startswith("_"):
                known = inspect.signature(getattr(ours, name)).parameters
                assert set(inspect.signature(method).parameters) <= {*known, "options"} | (
                    {"kb", "where", "effort"} if "options" in known else set()
                ), (theirs, name)


def test_no_server_a_wrong_key_and_tools_of_ones_own_are_told(remote: Platform) -> None:
    for address, key, error, words in (
        ("http://127.0.0.1:1", "", LibraryUnavailable, "zhiku serve"),
        (remote.library._server.url, "wrong", UsageError, "not known"),
    ):
        opened = open_platform(address, key=key)
        with pytest.raises(error, match=words):
            opened.library.kbs()
        opened.close()
    with pytest.raises(LibraryUnavailable, match="No answer"):
        open_platform("http://here:port")
    opened = open_platform("http://127.0.0.1:1")
    page = httpx.MockTransport(lambda _: httpx.Response(200, text="<html>Log in to this network</html>"))
    opened.library._server._client = httpx.AsyncClient(transport=page, base_url="http://127.0.0.1:1")
    with pytest.raises(LibraryUnavailable, match="zhiku serve"):
        opened.library.kbs()
    with pytest.raises(UsageError, match="MCP"):
        remote.agent([print])
