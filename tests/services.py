"""What a deployment has, as processes of this machine: PostgreSQL, a Chroma server, API servers, workers."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil

from tests.postgres import Server

_COMMAND = "import sys; from {}.cli import main; sys.exit(main())"


class Process:
    """One of them, started by the constructor; again where it was ended."""

    def __init__(self, name: str, environment: dict[str, str], *words: str) -> None:
        """`words`: a command of ours ('agents', 'serve', …), or a program by its path."""
        self.name = name
        self._environment = environment
        ours = words[0] in ("agents", "ingest")
        self._command = [sys.executable, "-c", _COMMAND.format(words[0]), *words[1:]] if ours else list(words)
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            self._command, env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self, seconds: float = 90) -> int:
        """As an administrator does (SIGTERM); returns the exit status."""
        self.process.terminate()
        return self.process.wait(seconds)

    def spent(self) -> float:
        """Seconds of a processor so far, with what it started."""
        return spent(self.process.pid)


class Fleet:
    """All of them on one home. `close` leaves nothing behind."""

    def __init__(
        self, home: Path, *, servers: int = 2, workers: int = 1, chroma: bool = False, **settings: str
    ) -> None:
        """`settings` as ZHIKU_… has them."""
        self.postgres = Server()
        self.environment = os.environ | {
            "ZHIKU_HOME": str(home),
            "ZHIKU_STORE": self.postgres.url("fleet"),
            "ZHIKU_WORKERS": "1",
            "ZHIKU_SERVE_JOBS": "false",
            "ZHIKU_SERVE_RATE": "0",
            "ZHIKU_LANGUAGE": "en",
        }
        self.environment |= {f"ZHIKU_{name.upper()}": value for name, value in settings.items()}
        self.servers: list[Process] = []
        self.workers: list[Process] = []
        self.chroma: Process | None = None
        with contextlib.ExitStack() as begun:
            begun.callback(self.close)
            if chroma:
                self.chroma, self.environment["ZHIKU_CHROMA_URL"] = chroma_server(home / "chroma")
            ports = [free_port() for _ in range(servers)]
            self.urls = [f"http://127.0.0.1:{port}" for port in ports]
            for number, port in enumerate(ports):
                self.servers.append(
                    Process(f"server {number}", self.environment, "agents", "serve", "--port", str(port))
                )
            for _ in range(workers):
                self.add_worker()
            for url in self.urls:
                answering(f"{url}/health")
            begun.pop_all()

    def add_worker(self) -> None:
        self.workers.append(Process(f"worker {len(self.workers)}", self.environment, "ingest", "worker"))

    def spent(self) -> dict[str, float]:
        """Seconds of a processor so far, by kind."""
        told = {
            "servers": sum(one.spent() for one in self.servers),
            "workers": sum(one.spent() for one in self.workers),
        }
        return told | {"postgres": spent(self.postgres.pid), "chroma": self.chroma.spent() if self.chroma else 0.0}

    def close(self) -> None:
        for one in [*self.servers, *self.workers, *([self.chroma] if self.chroma else [])]:
            one.kill()
        self.postgres.close()


def chroma_server(folder: Path) -> tuple[Process, str]:
    """A Chroma server on that folder, and its address."""
    port = free_port()
    program = str(Path(sys.executable).with_name("chroma"))
    started = Process("chroma", dict(os.environ), program, "run", "--path", str(folder), "--port", str(port))
    url = f"http://localhost:{port}"
    answering(f"{url}/api/v2/heartbeat")
    return started, url


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def answering(url: str, seconds: float = 120) -> None:
    """Wait until it does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(url, timeout=5).status_code == 200:
                return
        time.sleep(0.1)
    raise SystemExit(f"{url} does not answer")


def spent(pid: int) -> float:
    """Seconds of a processor: of a process, what it started, and what of that has ended."""
    told = 0.0
    with contextlib.suppress(psutil.Error):
        one = psutil.Process(pid)
        for process in (one, *one.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                told += sum(process.cpu_times()[:4])
    return told
