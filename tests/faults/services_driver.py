"""Two API servers, workers and PostgreSQL as processes, any of them killed at random under load.

    python -m tests.faults.services_driver --kills 40 --workers 2

Documents are sent to either server until one has answered 202. At the end every job that was promised is done, every document
is there once with a vector for each passage and every word in the index, and both servers find it.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx

from ingest import open_library
from ingest.settings import load_settings
from tests.services import Fleet, answering


class Load:
    """Sends documents one after the other, to whichever server answers."""

    def __init__(self, urls: list[str], pace: float) -> None:
        self._urls = urls
        self._pace = pace
        self.promised: dict[str, str] = {}
        self.sent = 0
        self.asked = self.refused = 0
        self.stop = threading.Event()

    def run(self) -> None:
        while not self.stop.is_set():
            self.sent += 1
            name = f"doc{self.sent}.md"
            text = f"# Record {self.sent}\n\n" + "\n\n".join(
                f"Paragraph {n} of record {self.sent} says word{self.sent}x{n}." for n in range(6)
            )
            while (job := self._send(name, text)) is None:
                time.sleep(0.2)
            self.promised[job] = name
            self._search()
            self.stop.wait(self._pace)

    def _send(self, name: str, text: str) -> str | None:
        self.asked += 1
        try:
            url = random.choice(self._urls) + "/api/documents"
            told = httpx.post(url, files={"files": (name, text.encode())}, params={"kb": "default"}, timeout=20)
            return str(told.json()["id"]) if told.status_code == 202 else self._no()
        except httpx.HTTPError:
            return self._no()

    def _no(self) -> None:
        self.refused += 1

    def _search(self) -> None:
        with_answer = {"query": f"word{random.randint(1, self.sent)}x1", "k": 3}
        try:
            httpx.post(random.choice(self._urls) + "/api/search", json=with_answer, timeout=20)
        except httpx.HTTPError:
            self.refused += 1


def main() -> int:
    given = argparse.ArgumentParser()
    given.add_argument("--kills", type=int, default=40)
    given.add_argument("--workers", type=int, default=2)
    given.add_argument("--seed", type=int, default=1)
    given.add_argument("--every", type=float, default=3.0, help="seconds between two kills, on average")
    options = given.parse_args()
    random.seed(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        fleet = Fleet(home, workers=options.workers, embedder="hashing")
        try:
            return _driven(options, fleet, home)
        finally:
            fleet.close()


def _driven(options: argparse.Namespace, fleet: Fleet, home: Path) -> int:
    os.environ |= fleet.environment
    with closing(open_library(home)) as library:
        library.create_kb("default")
    parts, server, urls = [*fleet.servers, *fleet.workers], fleet.postgres, fleet.urls
    load = Load(urls, 0.3)
    thread = threading.Thread(target=load.run)
    thread.start()
    killed: dict[str, int] = {}
    begun = time.monotonic()
    for _ in range(options.kills):
        time.sleep(random.expovariate(1 / options.every))
        victim = random.choice([*parts, None])
        name = victim.name if victim else "postgres"
        killed[name] = killed.get(name, 0) + 1
        if victim is None:
            server.stop("immediate")
            time.sleep(random.random())
            server.start()
        else:
            victim.kill()
            time.sleep(random.random())
            victim.start()
    load.stop.set()
    thread.join()
    found = _judged(urls, load, home)
    found |= {
        "kills": killed,
        "seconds": round(time.monotonic() - begun),
        "requests": load.asked,
        "refused": load.refused,
    }
    print(json.dumps(found, indent=1))
    return 1 if found["wrong"] else 0


def _judged(urls: list[str], load: Load, home: Path) -> dict[str, Any]:
    wrong: list[str] = []
    for url in urls:
        answering(f"{url}/health")
    end = time.monotonic() + 240
    while time.monotonic() < end:
        jobs = {job["id"]: job for job in httpx.get(f"{urls[0]}/api/jobs", timeout=30).json()}
        if all(job["state"] not in ("waiting", "running") for job in jobs.values()):
            break
        time.sleep(1)
    for job, name in load.promised.items():
        state = jobs.get(job, {"state": "forgotten"})["state"]
        if state not in ("done", "forgotten"):  # of those that ended the latest 200 are remembered
            wrong.append(f"{name}: job is {state} ({jobs[job]['error']})")
    with closing(open_library(home, load_settings(home))) as library:
        documents = library.documents()
        names = sorted(Path(one.path).name for one in documents)
        wanted = sorted({*load.promised.values()})
        wrong += [f"{name} is there twice" for name in {*names} if names.count(name) > 1]
        wrong += [f"{name} is lost" for name in {*wanted} - {*names}]
        wrong += [finding.what for finding in library.doctor() if finding.level == "problem"]
        passages = library.kb().chunks
    for url in urls:
        for name in random.sample(wanted, min(20, len(wanted))):
            number = name.removeprefix("doc").removesuffix(".md")
            asked = {"query": f"word{number}x3", "k": 1}
            hits = httpx.post(f"{url}/api/search", json=asked, timeout=30).json()["hits"]
            if not hits or Path(hits[0]["path"]).name != name:
                wrong.append(f"{url} does not find {name}")
    return {"wrong": wrong, "documents": len(documents), "promised": len(wanted), "passages": passages}


if __name__ == "__main__":
    sys.exit(main())
