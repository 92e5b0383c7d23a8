"""What the libraries below us raise is told in our words: every exception class they have, through the code that maps it.

The classes are found by walking the libraries, so that one a new release brings is a failing test and no traceback.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import chromadb.errors
import httpcore
import httpx
import langchain_openai.chat_models.base
import numpy as np
import openai
import pytest

from agents.llm.hub.transport import Transport
from agents.llm.servers.trouble import Kind, asked_to_wait, broken_off, explained, kind_of, told
from ingest.embedders.openai import OpenAIEmbedder
from ingest.errors import LibraryUnavailable, ModelError, ZhikuError
from ingest.vectors.chroma import ChromaIndex, IndexDamagedError
from ingest.web import Fetcher, FetchError
from tests.loopback import Request, Server

URL = "http://user:secret@127.0.0.1:9/v1"
SPOKEN: Any = importlib.import_module(
    type(openai.OpenAI(api_key="none")._client).__mro__[2].__module__.partition(".")[0]
)
"""What openai itself speaks through: httpx2 since its version 3, httpx before."""


def exceptions(*modules: ModuleType) -> list[type[BaseException]]:
    """The public exception classes of `modules`."""
    found = {
        value
        for module in modules
        for name, value in list(vars(module).items())
        if inspect.isclass(value) and issubclass(value, Exception) and not name.startswith("_")
        if value.__module__.partition(".")[0] == module.__name__.partition(".")[0]
    }
    return sorted(found, key=lambda kind: f"{kind.__module__}.{kind.__name__}")


def made(kind: type[BaseException]) -> BaseException:
    """An instance, whatever its constructor asks for."""
    http: Any = SPOKEN if issubclass(kind, openai.OpenAIError) else httpx
    request = http.Request("POST", "http://127.0.0.1:9/v1/chat/completions")
    ready = {
        "message": "it broke",
        "request": request,
        "response": http.Response(429, headers={"retry-after": "7"}, request=request),
        "body": None,
        "completion": SimpleNamespace(usage=None),
        "unsent_messages": [],
    }
    wanted = inspect.signature(kind.__init__).parameters.values()
    named = {p.name: ready[p.name] for p in wanted if p.name in ready and p.default is p.empty}
    return kind(**named) if named or not any(p.kind is p.VAR_POSITIONAL for p in wanted) else kind("it broke")


def told_properly(error: ZhikuError) -> None:
    """In a sentence of each language, and without a password."""
    for text in (error.message.en, error.message.zh):
        assert text.endswith((".", "。"))
        assert "secret" not in text
    assert error.message.en != error.message.zh
    assert any("\u4e00" <= char <= "\u9fff" for char in error.message.zh)


def every(*modules: ModuleType) -> list[Any]:
    return [pytest.param(kind, id=f"{kind.__module__}.{kind.__name__}") for kind in exceptions(*modules)]


def test_the_libraries_are_walked() -> None:
    assert openai.RateLimitError in exceptions(openai)
    assert {httpx.ReadTimeout, httpx.InvalidURL, httpx.StreamClosed} <= set(exceptions(httpx))
    assert httpcore.RemoteProtocolError in exceptions(httpcore)
    assert len(exceptions(chromadb.errors)) >= 10


@pytest.mark.parametrize(
    "kind", every(openai, langchain_openai.chat_models.base, SPOKEN, httpx, httpcore), ids=lambda kind: kind.__name__
)
def test_a_model_servers_trouble_is_told(kind: type[BaseException]) -> None:
    error = made(kind)
    assert told(error)
    assert kind_of(error) in Kind
    for ours in (explained(URL, error), broken_off(URL, error)):
        assert isinstance(ours, ModelError)
        told_properly(ours)


@pytest.mark.parametrize("http", [httpx, SPOKEN])
def test_a_server_may_ask_to_be_left_alone_through_either_library(http: Any) -> None:
    request = http.Request("POST", "http://127.0.0.1:9/v1")
    busy = openai.RateLimitError(
        "slow down", response=http.Response(429, headers={"retry-after": "7"}, request=request), body=None
    )
    assert asked_to_wait(busy) == 7.0


class Answering(Request):
    """One vector, whatever is asked."""

    def do_POST(self) -> None:
        self.answer({"object": "list", "data": [{"index": 0, "embedding": [0.6, 0.8]}]})


@pytest.fixture(scope="module")
def embedder() -> Iterator[OpenAIEmbedder]:
    with Server(Answering) as server:
        yield OpenAIEmbedder(f"{server.url}/v1#m")


@pytest.mark.parametrize("kind", every(openai, SPOKEN))
def test_an_embedding_servers_trouble_is_told(kind: type[BaseException], embedder: OpenAIEmbedder) -> None:
    def fail(request: Any) -> Any:
        raise made(kind)

    http = SPOKEN.Client(transport=SPOKEN.MockTransport(fail))
    embedder._server._client = openai.OpenAI(
        api_key="none", base_url="http://127.0.0.1:9/v1", max_retries=0, http_client=http
    )
    with pytest.raises(ModelError) as caught:
        embedder.embed_query("x")
    told_properly(caught.value)


@pytest.mark.parametrize("kind", every(httpx))
def test_a_hubs_trouble_is_told(kind: type[BaseException]) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise made(kind)

    transport = Transport(sleep=lambda _: None)
    transport._client = httpx.Client(transport=httpx.MockTransport(fail))
    with pytest.raises(ModelError) as caught:
        transport.json("http://127.0.0.1:9/api", headers={}, page="page")
    told_properly(caught.value)


def test_a_hub_whose_answer_is_no_gzip_is_told() -> None:
    def damaged(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(b"no gzip"))

    transport = Transport(sleep=lambda _: None)
    transport._client = httpx.Client(transport=httpx.MockTransport(damaged))
    with pytest.raises(ModelError):
        transport.json("http://127.0.0.1:9/api", headers={}, page="page")


class Failing(Fetcher):
    """Fails where it would connect."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error

    def _follow(self, *_: Any) -> Any:
        raise self.error


@pytest.mark.parametrize("kind", every(httpcore))
def test_a_pages_trouble_is_told(kind: type[BaseException]) -> None:
    with pytest.raises(FetchError) as caught:
        Failing(made(kind)).get("https://example.org/")
    told_properly(caught.value)


class Broken:
    """A client of Chroma's, every call of which fails."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __getattr__(self, name: str) -> Any:
        def fail(*_: object, **__: object) -> None:
            raise self.error

        return fail


class Panic(BaseException):
    """As Chroma's Rust core raises them."""


@pytest.mark.parametrize("kind", [*every(chromadb.errors), Panic])
def test_chromas_trouble_is_told(kind: type[BaseException], tmp_path) -> None:
    index = ChromaIndex(tmp_path / "index")
    index._client_ = Broken(kind("it broke"))
    for call in (
        lambda: index.query(1, np.zeros(2, np.float32), 3),
        lambda: index.upsert(1, [1], np.zeros((1, 2), np.float32)),
        lambda: index.delete(1, [1]),
        lambda: index.ids(1),
        lambda: index.drop(1),
        index.collections,
    ):
        with pytest.raises(IndexDamagedError) as caught:
            call()
        assert isinstance(caught.value, LibraryUnavailable)
        assert kind.__name__ in caught.value.why
        told_properly(caught.value)
