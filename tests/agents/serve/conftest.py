"""A platform of a few pages with a scripted model, and servers on it, listening on loopback."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage

from agents import open_platform
from agents.access.audit import Audit
from agents.access.people import People
from agents.access.policy import AccessPolicy
from agents.llm.scripted import ScriptedChat
from agents.platform import Platform
from agents.serve.application import Limits, make_application
from agents.serve.listening import LOOPBACK, listening
from ingest.settings import load_settings

LEAVE = "# Leave\n\nEmployees get 15 days of annual leave.\n\nUnused leave may be carried over until March.\n"
PAY = "# Pay\n\nThe director is paid 9000 euros a month.\n"
REPLY = "Employees get 15 days of annual leave [1]."
QUESTION = "How many days of annual leave do employees get?"
NAMED = "人事 部/A"
"""A knowledge base with a blank and a slash in its name."""
LONG = " ".join(f"word{n}" for n in range(400))


def scripted(messages: list[BaseMessage]) -> AIMessage | str:
    """What the model says: it depends on the last message alone."""
    text = str(messages[-1].content)
    if isinstance(messages[-1], ToolMessage):
        return f"It is {text}."
    if "weather" in text:
        call = {"name": "weather", "args": {"city": "北京"}, "id": "call_1"}
        return AIMessage(content="", tool_calls=[call])
    if "endless" in text:
        return LONG
    return REPLY if "annual leave" in text else "Hello there."


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Bases 'default' and `NAMED` with the page on leave, 'secret' with the one on pay."""
    folder = tmp_path_factory.mktemp("serve")
    (folder / "leave.md").write_text(LEAVE, "utf-8")
    (folder / "pay.md").write_text(PAY, "utf-8")
    settings = replace(load_settings(folder / "home"), embedder="hashing", effort="quick")
    model = ScriptedChat(replies=[scripted], repeat=True, token_seconds=0.002)
    opened = open_platform(folder / "home", model=model, settings=settings)
    opened.library.add([folder / "leave.md"], workers=1)
    opened.library.add([folder / "leave.md"], kb=NAMED, workers=1)
    opened.library.add([folder / "pay.md"], kb="secret", workers=1)
    yield opened
    opened.close()


@dataclass
class Served:
    """A server that listens."""

    url: str
    app: Any
    people: People
    audit: Audit
    key: str = ""
    clients: list[httpx.Client] = field(default_factory=list)

    def client(self, key: str = "", **headers: str) -> httpx.Client:
        """One that sends that key."""
        bearer = {"Authorization": f"Bearer {key or self.key}"} if key or self.key else {}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        made = httpx.Client(base_url=self.url, headers={**bearer, **named}, timeout=30)
        self.clients.append(made)
        return made


@contextlib.contextmanager
def serving(platform: Platform, folder: Path, *, mcp: bool = False, **options: Any) -> Iterator[Served]:
    """A server with users and keys of its own in `folder`."""
    import uvicorn

    from agents.cli.serve import _Mcp

    people, audit = People(folder, platform.library.identities), Audit(folder, 1)
    policy = AccessPolicy(people, audit)
    app = make_application(
        platform,
        policy,
        version="1",
        mcp=_Mcp(platform, policy) if mcp else None,
        **{"limits": Limits(rate=0), **options},
    )
    opened = listening(LOOPBACK, 0)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [opened]}, daemon=True)
    thread.start()
    url = f"http://{LOOPBACK}:{opened.getsockname()[1]}"
    while not server.started:
        assert thread.is_alive()
        threading.Event().wait(0.01)
    served = Served(url, app, people, audit)
    try:
        yield served
    finally:
        for client in served.clients:
            client.close()
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()
        opened.close()
        people.close()
        audit.close()


@pytest.fixture(scope="session")
def served(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One without keys, as on anybody's own machine."""
    with serving(platform, tmp_path_factory.mktemp("people"), hosts=(LOOPBACK, "localhost")) as server:
        yield server


@pytest.fixture
def http(served: Served) -> httpx.Client:
    return served.client()


def ended(client: httpx.Client, answer: httpx.Response) -> dict[str, Any]:
    """The job that `answer` began, when it is over."""
    assert answer.status_code == 202, answer.text
    job = answer.json()["id"]
    with client.stream("GET", f"/api/jobs/{job}/events") as events:
        assert events.headers["content-type"].startswith("text/event-stream")
        for _ in events.iter_lines():
            continue
    found: dict[str, Any] = client.get(f"/api/jobs/{job}").json()
    return found
