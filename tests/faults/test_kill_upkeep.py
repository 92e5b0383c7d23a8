"""`kill -9` anywhere in upkeep: the next start has everything, and the same again ends as if nothing had been.

`make kill` tries more than a hundred moments, `make test` a few of each kind.
"""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ingest import open_library
from tests.faults import driving
from tests.ingest.archive.homes import HASHING, converse, run_at

pytestmark = [pytest.mark.skipif(not hasattr(os, "fork"), reason="forks a process per kill"), pytest.mark.slow]

POINTS = {"update": 24, "remove": 14, "rename": 8, "remove_kb": 10, "rebuild": 10, "anew": 20, "restore": 40}
"""Kills of each verb with `make kill`: 126, spread evenly over everything it does to the home."""
FEW = 2
ALL = os.environ.get("KILLS") == "all"


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with documents, a home made from them, and a backup of an earlier state of it."""
    folder = tmp_path_factory.mktemp("upkeep")
    docs = folder / "docs"
    docs.mkdir()
    for n in range(3):
        write(docs / f"{n}.md", n, "euros")
    (docs / "leave.md").write_text("# Leave\n\nEvery employee has ten days of annual leave.\n", "utf-8")
    (docs / "travel.md").write_text("# Travel\n\nA night in Shanghai may cost 650 yuan.\n", "utf-8")
    home = folder / "home"
    with closing(open_library(home, HASHING)) as library:
        library.add([docs])
        library.add([docs / "leave.md"], kb="second")
        upload = home / "uploads" / str(library.kb().id) / "up.txt"
        upload.parent.mkdir(parents=True)
        upload.write_text("An uploaded file speaks of pumps.", "utf-8")
        library.add([upload])
        converse(home, "saved")
        run_at(home, "r1")
        library.backup(folder / "backup.zip")
        write(docs / "later.md", 7, "yen")
        library.add([docs])
        converse(home, "unsaved")
    write(docs / "0.md", 0, "francs")
    write(docs / "new.md", 9, "pounds")
    (docs / "1.md").unlink()
    return folder


def write(path: Path, n: int, coin: str) -> None:
    path.write_text("\n\n".join(f"## Part {n}.{p}\n\nHotel {n} costs {p * 20} {coin}. " * 6 for p in range(4)), "utf-8")


def drive(root: Path, cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return driving.drive("upkeep_driver.py", root, cases, timeout=None)


@pytest.fixture(scope="module")
def before(where: Path, tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What the home holds: text by knowledge base and document."""
    root = tmp_path_factory.mktemp("before")
    (outcome,) = drive(root, [{"where": str(where), "verb": "rebuild", "fatal": 0}])
    return outcome["after"]["start"]


@pytest.mark.parametrize("verb", POINTS)
def test_nothing_is_lost(verb: str, where: Path, before: dict, tmp_path: Path) -> None:
    base = {"where": str(where), "verb": verb}
    (whole,) = drive(tmp_path, [{**base, "fatal": 0}])
    old, new = before, whole["after"]["again"]
    assert (whole["killed"], whole["after"]["problems"]) == (0, [])
    assert whole["moments"] > POINTS[verb]
    points = min(POINTS[verb] if ALL else FEW, whole["moments"])
    # A quick run has fewer acts than this one had: of few points none is among the last.
    reach = whole["moments"] if ALL else whole["moments"] * 3 // 4
    moments = sorted({1 + n * (reach - 1) // max(1, points - 1) for n in range(points)})
    outcomes = drive(tmp_path, [{**base, "fatal": moment} for moment in moments])
    killed = [outcome["killed"] for outcome in outcomes]
    # A writer that tells the index every second or so does more on a slow machine, less on a quick one.
    assert set(killed) <= {-9, 0}, killed
    assert killed.count(-9) >= 2
    lost = [
        f"{verb}, killed before its {moment}. act: {trouble}"
        for moment, outcome in zip(moments, outcomes, strict=True)
        for trouble in troubles(outcome, old, new, whole["after"])
    ]
    print(f"\n{verb}: {whole['moments']} acts, killed at {killed.count(-9)}, lost {len(lost)}")
    assert not lost, "\n".join(lost)


def troubles(outcome: dict[str, Any], old: dict, new: dict, whole: dict[str, Any]) -> list[str]:
    after = outcome["after"]
    found = []
    for stage in ("start", "mended"):
        for kb in sorted(old.keys() & new.keys()):
            for name in sorted(old[kb].keys() & new[kb].keys()):
                if after[stage].get(kb, {}).get(name) not in (old[kb][name], new[kb][name]):
                    found.append(f"{stage}: {kb}/{name} is neither as before nor as after")
        if not set(after[stage]) <= set(old) | set(new):
            found.append(f"{stage}: knowledge bases {sorted(after[stage])}")
        if not {"second", "renamed"} & set(after[stage]) and {"second", "renamed"} & set(new):
            found.append(f"{stage}: the second knowledge base is gone")
    if after["again"] != new:
        found.append("again: not what an undisturbed run leaves")
    if after["problems"] or after["leftovers"] or after["found"] != whole["found"]:
        found.append(f"again: {after['problems']} {after['leftovers']} {after['found']}")
    if {talk for talks in after["talks"].values() for talk in talks} != {"saved", "unsaved"}:
        found.append(f"conversations: {after['talks']}")
    if not after["uploads"]:
        found.append("the uploaded file is gone")
    return found
