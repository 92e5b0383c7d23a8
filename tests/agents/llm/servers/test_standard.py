"""LangChain's own unit suite on the chat model over servers; a server that answers well stands behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_tests.unit_tests import ChatModelUnitTests

from agents.llm import open_model
from agents.llm.servers.balanced import BalancedChat
from ingest.settings import Settings
from tests.agents.llm.servers.rogue import Rogue


class TestUnit(ChatModelUnitTests):
    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return BalancedChat

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model": "tiny", "base_url": "http://127.0.0.1:9/v1", "api_key": "none", "use_responses_api": False}


@pytest.fixture
def model() -> Iterator[BaseChatModel]:
    with Rogue("well") as server:
        yield open_model(server.url, Settings())


async def test_the_ways_langchain_calls_it(model) -> None:
    assert model.invoke("hi").text == "one two three"
    assert model.batch(["hi", "ho"])[1].text == "one two three"
    assert (await model.ainvoke("hi")).text == "one two three"
    assert [reply.text for reply in await model.abatch(["hi"] * 5)] == ["one two three"] * 5
    events = [event async for event in model.astream_events("hi", version="v2")]
    assert "".join(e["data"]["chunk"].text for e in events if e["event"] == "on_chat_model_stream") == "one two three"
    assert sum(e["event"] == "on_chat_model_end" for e in events) == 1
