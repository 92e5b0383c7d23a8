"""Several machines' work as processes of this one: ingestion by workers, searches and first tokens by clients, a rolling
restart. About five minutes:

    python -m tests.benchmarks.several parts=workers,clients,restart caddy=PROGRAM

`caddy`: restarts behind that proxy as well.
"""

from __future__ import annotations

import itertools
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.postgres import programs
from tests.services import Fleet, Process, answering, free_port

_PARAGRAPH = (
    "Well {n} of the water works of {town} lies {m} metres north of the pumping station and is {d} metres deep. It was"
    " drilled in {y} by the crew of shift {s} and yields {f} litres a second in a dry summer. The pump of well {n} is"
    " serviced every {h} hours, its filter is cleaned after {c} days, and the key to its house hangs in cabinet {k}."
)
_DEADLINE = 420.0


def run(parts: str = "workers,clients,restart", documents: str = "120", seconds: str = "8", caddy: str = "") -> str:
    """Markdown tables."""
    if programs() is None:
        return "## Several machines\n\nNeeds PostgreSQL (`make setup-services`)."
    with tempfile.TemporaryDirectory() as folder:
        fleet = Fleet(Path(folder), workers=1, chroma=True)
        try:
            told = ["## Several machines, as processes of one"]
            for part in ("workers", "clients", "restart"):
                if part in parts.split(","):
                    told.append(_PARTS[part](fleet, int(documents), float(seconds), caddy))
            return "\n\n".join(told)
        finally:
            fleet.close()


def _load() -> str:
    return f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores"


# -- ingestion --------------------------------------------------------------------------------------------------------


def _workers(fleet: Fleet, documents: int, _: float, __: str) -> str:
    """The same documents with one worker, two and three: in three knowledge bases, and in one."""
    rows = []
    for count, bases in ((1, 3), (2, 3), (3, 3), (3, 1)):
        while len(fleet.workers) < count:
            fleet.add_worker()
        _sent(fleet, f"warm-{count}-{bases}", count, 3)  # a new process has its model to load
        before, began = fleet.spent(), time.monotonic()
        _sent(fleet, f"base-{count}-{bases}", bases, documents)
        wall, after = time.monotonic() - began, fleet.spent()
        used = {name: after[name] - before[name] for name in after}
        passages = sum(kb["chunks"] for kb in _kbs(fleet) if kb["name"].startswith(f"base-{count}-{bases}-"))
        rows.append(
            f"| {count} | {bases} | {passages:,} | {wall:.1f} | {passages / wall:.0f} | {sum(used.values()) / wall:.2f} |"
            f" {' | '.join(f'{1000 * used[name] / passages:.1f}' for name in used)} |"
        )
    head = "| workers | bases | passages | seconds | passages/s | cores in use | ms of a processor a passage: servers | workers | PostgreSQL | Chroma |"
    return "\n".join([f"Ingestion ({_load()}):\n", head, f"|{'---:|' * 10}", *rows])


def _sent(fleet: Fleet, name: str, bases: int, documents: int) -> None:
    """So many documents in all, sent to the servers in turn; back when the last is read."""
    urls, jobs = itertools.cycle(fleet.urls), []
    for base in range(bases):
        kb = f"{name}-{base}"
        httpx.post(f"{next(urls)}/api/kbs", json={"name": kb}, timeout=60).raise_for_status()
        files = [("files", (f"{kb}-{n}.md", _document(n, kb).encode())) for n in range(base, documents, bases)]
        for first in range(0, len(files), 20):
            url = f"{next(urls)}/api/documents"
            told = httpx.post(url, params={"kb": kb}, files=files[first : first + 20], timeout=60)
            jobs.append(told.raise_for_status().json()["id"])
    end = time.monotonic() + _DEADLINE
    while time.monotonic() < end:
        states = {one["id"]: one["state"] for one in httpx.get(f"{next(urls)}/api/jobs", timeout=60).json()}
        if all(states[job] == "done" for job in jobs):
            return
        time.sleep(0.2)
    raise TimeoutError(f"jobs are not done: {[states[job] for job in jobs]}")


def _kbs(fleet: Fleet) -> list[dict[str, Any]]:
    return list(httpx.get(f"{fleet.urls[0]}/api/kbs", timeout=60).json())


def _document(number: int, town: str) -> str:
    """Ten sections, of that town alone: what has been embedded once is not embedded again."""
    parts = []
    for n in range(10 * number, 10 * number + 10):
        values = {
            "m": 40 + n,
            "d": 12 + n % 80,
            "y": 1960 + n % 60,
            "s": n % 7,
            "f": 2 + n % 9,
            "h": 200 + n,
            "c": n % 40,
        }
        parts.append(f"## Well {n}\n\n" + "\n\n".join([_PARAGRAPH.format(n=n, k=n % 30, town=town, **values)] * 3))
    return "# Wells\n\n" + "\n\n".join(parts)


# -- searching and asking ---------------------------------------------------------------------------------------------


@dataclass
class Outcome:
    """Of many requests."""

    seconds: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    again: int = 0
    """Sent to the next server, since one took no connection: nothing had been sent."""

    def row(self) -> str:
        """p50, p95 in milliseconds, how many failed."""
        cuts = statistics.quantiles(self.seconds, n=20) if len(self.seconds) > 1 else [0.0] * 19
        return f"{1000 * cuts[9]:.0f} | {1000 * cuts[18]:.0f} | {len(self.failed)}"


class Rotation:
    """The servers in turn, of those that are well: what a proxy does."""

    def __init__(self, urls: list[str]) -> None:
        self._urls = urls
        self._well = set(urls)
        self._turns = itertools.count()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def next(self) -> str:
        """Whose turn it is."""
        well = [url for url in self._urls if url in self._well] or self._urls
        return well[next(self._turns) % len(well)]

    def close(self) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(1):
            for url in self._urls:
                try:
                    well = httpx.get(f"{url}/health", timeout=5).status_code == 200
                except httpx.HTTPError:
                    well = False
                (self._well.add if well else self._well.discard)(url)


class Client:
    """Takes the servers in turn, and the next where one takes no connection. For one thread."""

    def __init__(self, urls: Rotation, first: int, outcome: Outcome) -> None:
        self._urls = urls
        self._http = httpx.Client(timeout=60)
        self._outcome = outcome
        self._number = first

    def search(self) -> None:
        """A search, measured whole."""
        self._measured("/api/search", {"query": self._question(), "kbs": [BASE], "k": 5}, "")

    def ask(self) -> None:
        """A question, measured until the first token; read to the end."""
        self._measured("/api/ask", {"question": self._question(), "kbs": [BASE], "stream": True}, "event: Token")

    def _question(self) -> str:
        self._number += 7
        return f"How deep is well {self._number % 400}?"

    def _measured(self, path: str, form: dict[str, object], until: str) -> None:
        began = time.perf_counter()
        for _ in range(20):
            try:
                with self._http.stream("POST", self._urls.next() + path, json=form) as reply:
                    first = None
                    last = ""
                    for line in reply.iter_lines():
                        last = line or last
                        if until and first is None and line == until:
                            first = time.perf_counter()
                    if reply.status_code != 200 or (until and (first is None or "text" not in last)):
                        self._outcome.failed.append(f"{reply.status_code} {last[:200]}")
                    else:
                        self._outcome.seconds.append((first or time.perf_counter()) - began)
                return
            except httpx.ConnectError:
                self._outcome.again += 1
                time.sleep(0.05)
            except httpx.HTTPError as error:
                self._outcome.failed.append(repr(error))
                return
        self._outcome.failed.append("no server takes a connection")


BASE = "clients-0"


def _clients(fleet: Fleet, documents: int, seconds: float, _: str) -> str:
    """p50 and p95 with one client, eight and 32."""
    _sent(fleet, BASE.removesuffix("-0"), 1, documents)
    rows = []
    for what in (Client.search, Client.ask):
        _driven(fleet.urls, 2, what, lambda: time.sleep(2))
        for count in (1, 8, 32):
            before = fleet.spent()
            done = _driven(fleet.urls, count, what, lambda: time.sleep(seconds))
            after = fleet.spent()
            each = len(done.seconds) or 1
            used = " | ".join(f"{1000 * (after[name] - before[name]) / each:.1f}" for name in ("servers", "postgres"))
            rows.append(f"| {what.__name__} | {count} | {done.row()} | {each / seconds:.0f} | {used} |")
    head = "| what | clients | p50 ms | p95 ms | failed | a second | ms of a processor each: servers | PostgreSQL |"
    [passages] = [kb["chunks"] for kb in _kbs(fleet) if kb["name"] == BASE]
    size = f"{passages:,} passages, bundled model"
    return "\n".join([f"Clients ({size}; {_load()}):\n", head, f"|---|{'---:|' * 7}", *rows])


def _driven(urls: list[str], count: int, what: Callable[[Client], None], meanwhile: Callable[[], None]) -> Outcome:
    """What so many clients see that ask one question after the other, while something happens."""
    outcome, over, rotation = Outcome(), threading.Event(), Rotation(urls)

    def one(number: int) -> None:
        client = Client(rotation, number, outcome)
        while not over.is_set():
            what(client)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    try:
        meanwhile()
    finally:
        over.set()
        for thread in threads:
            thread.join()
        rotation.close()
    return outcome


# -- a rolling restart ------------------------------------------------------------------------------------------------


def _restart(fleet: Fleet, documents: int, _: float, caddy: str) -> str:
    """Each server ended and started again in turn, beside eight clients."""
    if not any(kb["name"] == BASE for kb in _kbs(fleet)):
        _sent(fleet, BASE.removesuffix("-0"), 1, documents)
    rows = []
    for way, proxied in (("the servers in turn", ""), *([("behind Caddy", caddy)] if caddy else [])):
        with _proxy(proxied, fleet.urls) as urls:
            for what in (Client.search, Client.ask):
                done = _driven(urls, 8, what, lambda: _rolled(fleet))
                rows.append(f"| {way} | {what.__name__} | {len(done.seconds):,} | {len(done.failed)} | {done.again} |")
                rows += [f"\n{one}" for one in done.failed[:3]]
    head = "| clients go to | what | answered | failed | sent to the next |"
    return "\n".join([f"Rolling restart of both servers ({_load()}):\n", head, "|---|---|---:|---:|---:|", *rows])


def _rolled(fleet: Fleet) -> None:
    for server, url in zip(fleet.servers, fleet.urls, strict=True):
        time.sleep(3)  # who sends has to see that the other is well
        server.end()
        server.start()
        answering(f"{url}/health")


@contextmanager
def _proxy(program: str, urls: list[str]) -> Iterator[list[str]]:
    """deploy/Caddyfile before them."""
    if not program:
        yield urls
        return
    port = free_port()
    given = {"SITE": f"http://127.0.0.1:{port}", "SERVERS": " ".join(url.removeprefix("http://") for url in urls)}
    with tempfile.TemporaryDirectory() as home:
        file = Path(__file__).parents[2] / "deploy" / "Caddyfile"
        environment = os.environ | given | {"HOME": home, "XDG_DATA_HOME": home, "XDG_CONFIG_HOME": home}
        caddy = Process("caddy", environment, program, "run", "--config", str(file), "--adapter", "caddyfile")
        try:
            answering(f"http://127.0.0.1:{port}/health")
            yield [f"http://127.0.0.1:{port}"]
        finally:
            caddy.kill()


_PARTS = {"workers": _workers, "clients": _clients, "restart": _restart}

if __name__ == "__main__":
    print(run(**dict(word.split("=", 1) for word in sys.argv[1:])))
