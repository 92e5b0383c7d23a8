"""Servers that hang, break off, refuse and lie."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from langchain_core.messages import AIMessageChunk

from agents.llm import open_model
from agents.llm.errors import PromptTooLong
from ingest.errors import ModelError
from ingest.settings import Settings
from tests.agents.llm.servers.rogue import Rogue

SETTINGS = Settings(model_first_token_timeout=0.5, model_token_timeout=0.5)


@pytest.fixture
def rogue() -> Iterator[Callable[..., Rogue]]:
    with contextlib.ExitStack() as started:
        yield lambda *ways, **options: started.enter_context(Rogue(*ways, **options))


def opened(*servers: Rogue, settings: Settings = SETTINGS):
    return open_model(",".join(server.url for server in servers), settings)


def streamed(model, **options) -> str:
    return "".join(chunk.text for chunk in model.stream("hi", **options))


BEFORE = ["500", "503", "429 0", "garbage", "json garbage", "hangs", "greets and hangs", "closes after greeting", "401"]


@pytest.mark.parametrize("way", BEFORE)
def test_before_the_first_token_the_next_server_takes_over(rogue, way) -> None:
    bad, good = rogue(way), rogue("well")
    model = opened(bad, good)
    assert streamed(model) == "one two three"
    assert (len(bad.asked), len(good.asked)) == (1, 1)
    assert streamed(model) == "one two three"  # and nobody asks the bad one again so soon
    assert (len(bad.asked), len(good.asked)) == (1, 2)


WITHIN = ["falls silent", "closes mid-chunk", "ends early", "garbage within", "error within"]


@pytest.mark.parametrize("way", WITHIN)
def test_within_an_answer_a_broken_stream_is_an_error_and_nothing_comes_twice(rogue, way) -> None:
    bad, good = rogue(way), rogue("well")
    model = opened(bad, good)
    shown: list[str] = []
    with pytest.raises(ModelError, match="broke off") as caught:
        shown.extend(chunk.text for chunk in model.stream("hi"))
    assert "".join(shown).strip() == "one two"
    assert "Ask again" in caught.value.hint.en
    assert streamed(model) == "one two three"
    assert len(bad.asked) == 1


@pytest.mark.parametrize("way", [*BEFORE[:4], "hangs", *WITHIN])
def test_invoke_starts_over_on_the_next_server(rogue, way) -> None:
    bad, good = rogue(way), rogue("well")
    model = opened(bad, good)
    reply = model.invoke("hi", cancel=threading.Event())
    assert (reply.text, reply.response_metadata["finish_reason"]) == ("one two three", "stop")
    assert (len(bad.asked), len(good.asked)) == (1, 1)


async def test_the_same_for_those_who_await(rogue) -> None:
    bad, good = rogue("falls silent", "500", "closes mid-chunk"), rogue("500", "500", "well")
    model = opened(bad, good)
    with pytest.raises(ModelError, match="broke off"):
        [chunk async for chunk in model.astream("hi")]
    assert (await model.ainvoke("hi")).text == "one two three"
    assert (await model.ainvoke("hi", cancel=threading.Event())).text == "one two three"


@pytest.mark.parametrize("options", [{}, {"cancel": threading.Event()}])
def test_thoughts_come_apart_whichever_way_it_is_asked(rogue, options) -> None:
    model = opened(rogue("well", says="<think> one </think> two three"))
    for reply in (model.invoke("hi", **options), sum(model.stream("hi", **options), start=AIMessageChunk(""))):
        assert (reply.text.strip(), reply.additional_kwargs["reasoning_content"].strip()) == ("two three", "one")
        assert reply.response_metadata["finish_reason"] == "stop"


def test_one_server_that_stumbles_is_asked_again(rogue) -> None:
    server = rogue("503", "500", "well")
    assert streamed(opened(server)) == "one two three"
    assert len(server.asked) == 3


def test_a_server_may_say_when_to_come_back(rogue) -> None:
    server = rogue("429 1", "well")
    assert opened(server).invoke("hi").text == "one two three"
    assert server.at[1] - server.at[0] >= 1.0
    patient = rogue("429 3600")
    with pytest.raises(ModelError, match=r"does not answer: .*slow down"):
        opened(patient).invoke("hi")
    assert len(patient.asked) == 1


def test_after_three_rounds_the_reason_is_told(rogue) -> None:
    servers = rogue("500"), rogue("garbage")
    with pytest.raises(ModelError, match="does not answer"):
        streamed(opened(*servers))
    assert [len(server.asked) for server in servers] == [3, 3]


@pytest.mark.parametrize(
    ("way", "error", "said"),
    [
        ("400", ModelError, "refuses the request: .*no 400"),
        ("too long", PromptTooLong, "9000"),
        ("403", ModelError, "refuses the key"),
    ],
)
def test_what_no_other_try_would_mend_is_told_at_once(rogue, way, error, said) -> None:
    server = rogue(way)
    with pytest.raises(error, match=said):
        opened(server).invoke("hi")
    assert len(server.asked) == 1


def test_the_least_busy_server_is_asked_and_equals_take_turns(rogue) -> None:
    words = " ".join(["word"] * 30)
    servers = [rogue("slow", says=words), rogue("slow", says=words)]
    model = opened(*servers, settings=Settings())
    for _ in range(4):
        model.invoke("hi")
    assert [len(server.asked) for server in servers] == [2, 2]
    threads = [threading.Thread(target=streamed, args=(model,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [server.most_under_way for server in servers] == [2, 2]


@pytest.mark.parametrize("way", ["hangs", "falls silent", "greets and hangs"])
def test_a_cancel_does_not_wait_for_a_token(rogue, way) -> None:
    server = rogue(way)
    model = opened(server, settings=Settings())
    cancel = threading.Event()
    threading.Timer(0.3, cancel.set).start()
    chunks = list(model.stream("hi", cancel=cancel))
    assert chunks[-1].response_metadata["finish_reason"] == "cancelled"
    reply = model.invoke("hi", cancel=cancel)
    assert reply.response_metadata["finish_reason"] == "cancelled"


def test_leaving_a_stream_ends_the_request(rogue) -> None:
    server = rogue("slow", says=" ".join(["word"] * 3000))
    stream = opened(server).stream("hi")
    next(stream)
    stream.close()
    deadline = time.monotonic() + 20
    while server.under_way and time.monotonic() < deadline:
        time.sleep(0.02)
    assert server.under_way == 0


def test_a_dead_server_is_looked_after_and_taken_again(rogue) -> None:
    bad, good = rogue("500", "well"), rogue("well")
    model = opened(bad, good)
    model.invoke("hi")
    looked = bad.looked_after
    deadline = time.monotonic() + 30
    while len(bad.asked) < 2 and time.monotonic() < deadline:
        model.invoke("hi")
        time.sleep(0.05)
    assert len(bad.asked) >= 2
    assert bad.looked_after > looked  # the question did not have to find out


def test_opening(rogue) -> None:
    good = rogue("well")
    down = "http://127.0.0.1:9/v1"
    model = open_model(f"{down}#tiny, {good.url}", SETTINGS)
    assert model.describe() == f"tiny ({down}, {good.url})"
    assert streamed(model) == "one two three"
    with pytest.raises(ModelError, match=r"there are: tiny"):
        open_model(f"{good.url}#huge,{down}", SETTINGS)
    with pytest.raises(ModelError, match="does not answer"):
        open_model(f"{down}#a,http://127.0.0.1:10/v1#b", SETTINGS)


def test_a_password_in_an_address_is_used_and_never_told_or_recorded(rogue, tmp_path) -> None:
    from agents import open_platform

    server = rogue("well")
    secret = server.url.replace("://", "://me:s3cret@")
    model = open_model(secret, SETTINGS)
    assert streamed(model) == "one two three"
    assert "s3cret" not in model.describe()
    server.stop()
    platform = open_platform(tmp_path, secret, Settings(embedder="hashing", model_first_token_timeout=0.5))
    try:
        result = platform.agent(builtins=()).run("What is there to do?")
        assert result.status == "error"
        assert "does not answer" in result.reason
        with pytest.raises(ModelError) as told:
            platform.chat_model.invoke("hi")
    finally:
        platform.close()
    assert "s3cret" not in f"{told.value} {result}"
    assert not any(b"s3cret" in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
