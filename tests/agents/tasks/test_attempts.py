"""One question to a model that fails: how often its server is asked, by the chat and by the loop."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import pytest
from langchain_core.language_models import BaseChatModel

from agents.chat.chat import Chat
from agents.chat.writer import Writer
from agents.llm import open_model
from agents.llm.abilities import Abilities
from agents.llm.asking import Asker
from agents.llm.scripted import ScriptedChat
from ingest.apart.threads import Clock
from ingest.settings import Settings
from tests.agents.llm.servers.rogue import Rogue
from tests.agents.shelf import EN, Shelf
from tests.agents.tasks import stage as s

QUESTION = "How many days of annual leave?"
ROUNDS = 3


@pytest.fixture
def rogue() -> Iterator[Callable[..., Rogue]]:
    with contextlib.ExitStack() as started:
        yield lambda *ways, **options: started.enter_context(Rogue(*ways, **options))


def opened(*servers: Rogue) -> BaseChatModel:
    return open_model(",".join(server.url for server in servers), Settings(model_first_token_timeout=5))


def test_a_server_that_is_down_is_asked_three_times_by_the_chat(rogue) -> None:
    server = rogue("500")
    answer = Chat(Shelf(EN), Writer(lambda: opened(server), "server")).ask(QUESTION)
    assert "does not answer" in answer.error
    assert answer.extractive
    assert len(server.asked) == ROUNDS


def test_and_three_times_by_the_loop(rogue, stage) -> None:
    server = rogue("500")
    result, events = stage.ended(model=opened(server))
    assert (result.status, "does not answer" in result.reason) == ("error", True)
    assert len(server.asked) == ROUNDS
    assert s.noted(events, "retried") == []


def test_each_of_several_servers_three_times(rogue, stage) -> None:
    servers = rogue("500"), rogue("503")
    assert stage.ended(model=opened(*servers))[0].status == "error"
    assert [len(server.asked) for server in servers] == [ROUNDS, ROUNDS]


def test_what_no_try_would_mend_is_asked_once(rogue, stage) -> None:
    server = rogue("401")
    assert stage.ended(model=opened(server))[0].status == "error"
    assert len(server.asked) == 1


def test_a_stream_that_breaks_off_comes_twice_only_where_it_can_be_taken_back(rogue, stage) -> None:
    server = rogue("closes mid-chunk")
    answer = Chat(Shelf(EN), Writer(lambda: opened(server), "server")).ask(QUESTION)
    assert "broke off" in answer.error
    assert len(server.asked) == 1
    server = rogue("closes mid-chunk", "well", says=s.ONE)
    reply = Asker(lambda: opened(server), "server").whole([("human", "hi")], again=True)
    assert (reply.text, len(server.asked)) == (s.ONE, 2)
    server = rogue("closes mid-chunk")
    result, events = stage.ended(model=opened(server))
    assert "broke off" in result.reason
    assert (len(server.asked), len(s.noted(events, "retried"))) == (3, 2)


def test_who_retries_by_itself() -> None:
    from langchain_openai import ChatOpenAI

    address = {"base_url": "http://127.0.0.1:9/v1", "api_key": "none", "model": "m"}
    assert Abilities(ChatOpenAI(**address)).retries
    assert Abilities(ChatOpenAI(**address, max_retries=5)).retries
    assert not Abilities(ChatOpenAI(**address, max_retries=0)).retries
    assert not Abilities(ScriptedChat()).retries


def test_a_model_that_cannot_be_opened_is_opened_once() -> None:
    tried: list[str] = []

    def missing() -> BaseChatModel:
        tried.append("tried")
        raise OSError("no such file")

    with pytest.raises(OSError, match="no such file"):
        Asker(missing, "missing").whole([("human", "hi")], again=True)
    assert tried == ["tried"]


def test_nothing_is_asked_once_it_is_cancelled() -> None:
    import threading

    from ingest.apart.threads import Cancelled

    stopped = threading.Event()
    stopped.set()
    model = ScriptedChat(replies=["too late"])
    with pytest.raises(Cancelled):
        Asker(lambda: model, "scripted").whole([("human", "hi")], Clock(stopped))
    assert model.received == []
