from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.llm import open_model
from agents.llm.names import bundled_file
from ingest.errors import ModelError
from ingest.settings import Settings
from tests.loopback import Request, Server

SETTINGS = Settings()


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, agents.llm; print([m for m in ('llama_cpp', 'langchain_core', 'numpy', 'openai') if m in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_names(tmp_path: Path) -> None:
    models = tmp_path / "models" / "qwen"
    models.mkdir(parents=True)
    (models / "Qwen3-4B-Q4_K_M.gguf").symlink_to(bundled_file())
    assert open_model("qwen3-4b-q4_k_m", SETTINGS, home=tmp_path).model == "Qwen3-4B-Q4_K_M"
    assert open_model(str(bundled_file()), SETTINGS, home=tmp_path).header.layers == 30
    with pytest.raises(ModelError, match="mean 'Qwen3-4B-Q4_K_M'"):
        open_model("Qwen3-4B", SETTINGS, home=tmp_path)
    with pytest.raises(ModelError, match="no model file"):
        open_model(str(tmp_path / "x" / "none.gguf"), SETTINGS, home=tmp_path)
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(bundled_file().read_bytes()[:3_000_000])
    with pytest.raises(ModelError, match="cut off"):
        open_model(str(broken), SETTINGS, home=tmp_path)


class _Request(Request):
    """As much of an OpenAI-compatible server as an answer takes."""

    def do_GET(self) -> None:
        self.answer({"data": [{"id": "tiny"}]})

    def do_POST(self) -> None:
        self.server.asked = self.posted()  # type: ignore[attr-defined]
        deltas = [
            {"role": "assistant", "reasoning_content": "well"},
            {"content": "<think>"},
            {"content": "more</think>\n\n"},
        ]
        deltas += [{"content": "Hel"}, {"content": "lo 你好"}]
        events = [{"choices": [{"index": 0, "delta": d}]} for d in deltas]
        events += [{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}]
        events += [{"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}}]
        if self.server.breaks:  # type: ignore[attr-defined]
            events = events[:4]
        lines = [
            f"data: {json.dumps({'id': 'x', 'object': 'chat.completion.chunk', 'model': 'tiny', **e})}\n\n"
            for e in events
        ]
        body = "".join(lines).encode()
        if self.server.breaks:  # type: ignore[attr-defined]
            self.answer(body, kind="text/event-stream", Content_Length=str(len(body) + 100))
        else:
            self.answer(body + b"data: [DONE]\n\n", kind="text/event-stream")


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(_Request) as running:
        running.breaks = False  # type: ignore[attr-defined]
        yield running


def _url(server: Server) -> str:
    return f"{server.url}/v1"


def test_a_server_answers_thinks_and_counts(server) -> None:
    model = open_model(_url(server), SETTINGS)
    chunks = list(model.stream("hi", cancel=threading.Event()))
    assert "".join(c.text for c in chunks) == "Hello 你好"
    assert "".join(c.additional_kwargs.get("reasoning_content", "") for c in chunks) == "wellmore"
    assert sum(c.usage_metadata["input_tokens"] for c in chunks if c.usage_metadata) == 5
    assert server.asked["max_tokens"] == 1024
    assert "max_completion_tokens" not in server.asked
    cancel = threading.Event()
    cancel.set()
    assert model.invoke("hi", cancel=cancel).response_metadata["finish_reason"] == "cancelled"


def test_wrong_model_dead_server_and_a_stream_that_breaks(server) -> None:
    with pytest.raises(ModelError, match="there are: tiny"):
        open_model(_url(server) + "#huge", SETTINGS)
    with pytest.raises(ModelError, match="does not answer"):
        open_model("http://127.0.0.1:9/v1", SETTINGS)
    server.breaks = True
    with pytest.raises(ModelError, match="does not answer"):
        open_model(_url(server), SETTINGS).invoke("hi", cancel=threading.Event())


async def test_a_server_is_the_same_to_those_who_await(server) -> None:
    model = open_model(_url(server), SETTINGS)
    chunks = [chunk async for chunk in model.astream("hi")]
    assert "".join(c.text for c in chunks) == "Hello 你好"
    assert "".join(c.additional_kwargs.get("reasoning_content", "") for c in chunks) == "wellmore"
    cancel = threading.Event()
    cancel.set()
    assert (await model.ainvoke("hi", cancel=cancel)).response_metadata["finish_reason"] == "cancelled"
    server.breaks = True
    with pytest.raises(ModelError, match="broke off"):
        [chunk async for chunk in model.astream("hi")]
    server.shutdown()
    server.server_close()
    with pytest.raises(ModelError, match="does not answer"):
        await model.ainvoke("hi")
