"""llama-cpp-python's own server, started here with the bundled model and killed in the middle of an answer."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from agents.llm import open_model
from agents.llm.names import bundled_file
from ingest.errors import ModelError
from ingest.settings import Settings

STORY = "Count from 1 to 200, one number per line."


class Running:
    """One server process."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"
        command = [sys.executable, "-m", "llama_cpp.server", "--model", str(bundled_file()), "--port", str(self.port)]
        command += ["--n_ctx", "1024", "--model_alias", "tiny", "--verbose", "false"]
        command += ["--n_threads", "1", "--n_threads_batch", "1"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def ready(self) -> Running:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if httpx.get(f"{self.url}/models", timeout=1).status_code == 200:
                    return self
            except httpx.HTTPError:
                time.sleep(0.1)
        pytest.fail("llama_cpp.server did not start")

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def servers() -> Iterator[list[Running]]:
    started = [Running(), Running()]
    try:
        yield [server.ready() for server in started]
    finally:
        for server in started:
            if server.process.poll() is None:
                server.kill()


def test_killed_half_way_through_a_stream(servers) -> None:
    first, second = servers
    model = open_model(f"{first.url}#tiny,{second.url}#tiny", Settings(max_tokens=150))
    whole = model.invoke(STORY, cancel=threading.Event())
    assert whole.response_metadata["finish_reason"] in {"stop", "length"}
    victim = min(model.servers, key=lambda server: server.last_taken)  # whose turn it is now
    killed = next(server for server in servers if server.url == victim.url)

    shown: list[str] = []
    stream = model.stream(STORY)
    for chunk in stream:
        shown.append(chunk.text)
        if sum(map(bool, shown)) == 3:
            killed.kill()
            break
    with pytest.raises(ModelError, match="broke off in the middle"):
        shown.extend(chunk.text for chunk in stream)
    assert whole.text.startswith("".join(shown))
    assert len("".join(shown)) < len(whole.text)

    # The next question never meets the dead one: same text, from the other.
    assert "".join(chunk.text for chunk in model.stream(STORY)) == whole.text
    assert [server.alive for server in model.servers] == [server.url != killed.url for server in model.servers]

    # Half-way through an invoke, nothing has been shown: with nobody left it is an error all the same.
    other = next(server for server in servers if server is not killed)
    threading.Timer(0.1, other.kill).start()
    with pytest.raises(ModelError, match="does not answer"):
        model.invoke(STORY, cancel=threading.Event())


def test_invoke_survives_the_death_of_its_server(servers) -> None:
    model = open_model(",".join(server.url for server in servers), Settings(max_tokens=200))
    reply: list[str] = []
    asking = threading.Thread(target=lambda: reply.append(model.invoke(STORY).text))
    asking.start()
    while not (busy := [one for one in model.servers if one.busy]):
        time.sleep(0.01)
    time.sleep(0.3)
    next(server for server in servers if server.url == busy[0].url).kill()
    asking.join(timeout=120)
    assert reply
    assert reply[0].startswith(model.invoke(STORY).text[:40])
