"""`ingest add --server`: sent, followed to the end, and not lost where the connection is."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from agents.platform import Platform
from ingest.cli import main
from ingest.jobs import _lock
from ingest.language import speak
from ingest.lock import FileLocks
from tests.agents.serve.conftest import Served  # type: ignore[import-not-found]


class Relay:
    """A line to a server that can be cut."""

    def __init__(self, url: str) -> None:
        self._to = (urlsplit(url).hostname, urlsplit(url).port)
        self._listens = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listens.getsockname()[1]}"
        self.followed = threading.Semaphore(0)
        """Released each time that somebody begins to follow a job."""
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        while self._ends:
            with suppress(OSError):
                self._ends.pop().shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listens.close()
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._listens.accept()
                there = socket.create_connection(self._to)
                self._ends += [here, there]
                for one, other in ((here, there), (there, here)):
                    threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(1 << 16):
                other.sendall(data)
                if data.startswith(b"GET /api/jobs/"):
                    self.followed.release()
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def relay(served: Served) -> Iterator[Relay]:
    with closing(Relay(served.url)) as opened:
        yield opened


def test_a_job_is_followed_again_where_the_line_was_cut(
    relay: Relay,
    platform: Platform,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ingest.remote.library._PAUSE", 0.01)
    (tmp_path / "boat.md").write_text("# Boats\n\nThe boat leaves at noon.\n", "utf-8")
    platform.library.create_kb("boats")
    working = FileLocks(platform.home / "jobs")
    assert working.take(_lock("boats"))  # somebody is at work on that knowledge base: the job waits
    words = ["add", str(tmp_path / "boat.md"), "--kb", "boats", "--tag", "sea", "--server", relay.url, "--json"]
    status: list[int] = []
    adding = threading.Thread(target=lambda: status.append(main(words)))
    try:
        adding.start()
        assert relay.followed.acquire(timeout=60)
        relay.cut()
        assert relay.followed.acquire(timeout=60)
        assert adding.is_alive()
    finally:
        working.close()
        adding.join(60)
    assert status == [0]
    [added] = json.loads(capfd.readouterr().out)["added"]
    assert added["document"].endswith("boat.md")
    assert platform.library.document("boat.md", "boats").tags == ("sea",)
    assert not caplog.records  # that a client went away is no fault of the server
    platform.library.remove_kb("boats")


def test_what_went_wrong_is_one_line_and_a_status(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = tmp_path / "good.md", tmp_path / "bad.pdf"
    good.write_text("Good.", "utf-8")
    bad.write_bytes(b"%PDF-1.7 no more")

    def said(*words: str) -> tuple[int, str]:
        status = main(["add", str(good), "--kb", "default", *words])
        speak(None)
        return status, capsys.readouterr().err.strip()

    assert main(["add", str(bad), "--server", served.url]) == 1
    assert "bad.pdf" in capsys.readouterr().err
    status, err = said("--server", "http://127.0.0.1:9", "--lang", "zh")
    assert (status, err.splitlines()[0].startswith("错误: http://127.0.0.1:9 没有回应")) == (3, True)
    status, err = said("--server", served.url, "--dry-run")
    assert (status, "--dry-run can't be told to a server" in err) == (2, True)
