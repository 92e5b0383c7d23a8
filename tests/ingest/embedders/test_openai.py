"""The endpoint embedder against a real HTTP server on loopback."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from ingest.embedders.hashing import HashingEmbedder
from ingest.embedders.openai import OpenAIEmbedder
from ingest.errors import ModelError, UsageError
from tests.loopback import Request, Server


class Embedding(Server):
    """Embeds by hashing, out of order and unnormalised; answers with `failures` first."""

    failures: list[int]
    requests: list[dict[str, object]]

    @property
    def address(self) -> str:
        return f"{self.url}/v1#some-model"


class Handler(Request):
    server: Embedding

    def do_POST(self) -> None:
        body = self.posted()
        self.server.requests.append({**body, "key": self.headers["Authorization"], "path": self.path})
        status = self.server.failures.pop(0) if self.server.failures else 200
        vectors = HashingEmbedder().embed_passages(body["input"]) * 7
        data = [{"object": "embedding", "index": n, "embedding": v.tolist()} for n, v in enumerate(vectors)]
        answer = {"object": "list", "data": data[::-1], "model": "m", "usage": {"prompt_tokens": 1, "total_tokens": 1}}
        self.answer(answer if status == 200 else {"error": {"message": "no"}}, status)


@pytest.fixture
def server() -> Iterator[Embedding]:
    with Embedding(Handler) as server:
        server.failures, server.requests = [], []
        yield server


def test_vectors_come_back_in_order_and_normalised(server: Embedding) -> None:
    embedder = OpenAIEmbedder(server.address, api_key="secret")
    texts = [f"text number {n}" for n in range(70)]
    assert np.allclose(embedder.embed_passages(texts), HashingEmbedder().embed_passages(texts), atol=1e-5)
    assert [len(request["input"]) for request in server.requests] == [1, 32, 32, 6]
    assert {request["key"] for request in server.requests} == {"Bearer secret"}
    assert {request["path"] for request in server.requests} == {"/v1/embeddings"}
    assert embedder.identity.dimensions == 384
    assert "secret" not in repr(embedder.identity)


def test_a_passing_failure_is_tried_again(server: Embedding) -> None:
    server.failures = [503]
    OpenAIEmbedder(server.address)
    assert len(server.requests) == 2


def test_a_refusal_is_not(server: Embedding) -> None:
    server.failures = [404] * 9
    with pytest.raises(ModelError, match="HTTP 404"):
        OpenAIEmbedder(server.address)
    assert len(server.requests) == 1


def test_no_server_and_no_model_are_said_plainly() -> None:
    with pytest.raises(ModelError, match="can't be reached"):
        OpenAIEmbedder("http://127.0.0.1:9/v1#m", retries=0)
    with pytest.raises(UsageError, match="names no model"):
        OpenAIEmbedder("http://127.0.0.1:9/v1")


def test_prompts_go_before_queries_and_passages(server: Embedding) -> None:
    from ingest.embedders.prompts import Prompts

    embedder = OpenAIEmbedder(server.address, prompts=Prompts("ask: ", "tell: "))
    embedder.embed_query("x")
    embedder.embed_passages(["y"])
    assert [request["input"] for request in server.requests[1:]] == [["ask: x"], ["tell: y"]]
    assert embedder.identity.fingerprint != OpenAIEmbedder(server.address).identity.fingerprint
