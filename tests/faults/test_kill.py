"""`kill -9` anywhere in an `add`, then `add` again: the library is the one an undisturbed run makes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.faults.driving import drive_at_once

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks a process per kill")

FIRST = [
    *(("scanned", 1), ("knowledge base", 1), ("begun", 1), ("bound", 1)),
    *(("hashed", n) for n in (1, 4, 9)),
    *(("parsed", n) for n in (1, 5, 8)),
    *(("chunked", n) for n in (1, 5, 8)),
    *(("embedded", n) for n in (1, 2)),
    *(("storing", n) for n in (1, 2, 5, 8)),
    *(("stored", n) for n in (1, 2, 5, 8)),
    *(("indexing", 1), ("indexed", 1), ("ending", 1), ("ended", 1)),
    # In the middle of a document's transaction, and of the notes about the index: SQLite is about to run this.
    *(("INSERT INTO kb", 1), ("INSERT INTO document", 3), ("INSERT INTO page", 2), ("INSERT INTO chunk", 1)),
    *(("INSERT INTO chunk", 20), ("INSERT INTO vector", 10), ("INSERT INTO outbox", 3)),
    *(("COMMIT", 5), ("COMMIT", 12), ("DELETE FROM outbox", 1), ("UPDATE kb SET dirty", 1)),
    *(("before upsert", 1), ("after upsert", 1), ("during upsert", 0), ("during upsert", 2), ("during upsert", 8)),
]
"""Points of a first `add`. Each is one that every undisturbed run passes."""

SECOND = [
    *(("begun", 1), ("hashed", 3), ("storing", 1), ("storing", 2), ("stored", 1), ("stored", 2), ("stored", 3)),
    *(("DELETE FROM document", 1), ("DELETE FROM vector", 1), ("INSERT INTO chunk", 1), ("UPDATE document", 1)),
    *(("pruning", 1), ("DELETE FROM document", 2), ("pruned", 1), ("after delete", 1), ("ending", 1), ("ended", 1)),
]
"""Points of an `add --prune` after files were changed, moved, deleted and made."""

DAMAGES = [
    "no database",
    "half a database",
    "garbage in the database",
    "a database that is none",
    "empty segments",
    "garbage in the segments",
    "no segments",
    "nothing left",
]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kill")


@pytest.fixture(scope="module")
def docs(root: Path) -> Path:
    folder = root / "docs"
    (folder / "sub").mkdir(parents=True)
    for n in range(6):
        write(folder / f"{n}.md", article(n))
    write(folder / "leave.md", "# 年假\n\n员工入职满一年后享有十五天年假。\n\n## 病假\n\n病假需要医生证明。")
    write(folder / "sub" / "pump.txt", "The warranty of the pump lasts two years.\n\nBoilerplate legal notice.")
    write(folder / "sub" / "copy.md", article(2))
    return folder


def write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")


def article(n: int, parts: int = 8) -> str:
    return "\n\n".join(
        f"## 第 {n}.{p} 节 Section {n}.{p}\n\n"
        + f"The hotel of chapter {n} costs {p * 20} euros a night. 模型 {n} 的检索方法见第 {p} 节。" * 4
        for p in range(parts)
    )


def run(root: Path, cases: list[dict]) -> list[dict]:
    return drive_at_once("kill_driver.py", root, cases, 3)


def assert_sound(snapshot: dict) -> None:
    problems = {what: found for what, found in snapshot["problems"].items() if found not in (0, "", [], [[], []])}
    assert problems == {}


def compare(outcomes: list[dict], cases: list[dict], undisturbed: dict) -> None:
    wrong = []
    for case, outcome in zip(cases, outcomes, strict=True):
        if case.get("kill") and outcome["killed"] != -9:
            wrong.append((case, f"was not killed but ended with {outcome['killed']}"))
        elif outcome["snapshot"] != undisturbed:
            parts = [part for part in undisturbed if outcome["snapshot"][part] != undisturbed[part]]
            wrong.append((case, f"differs in {parts}: {outcome['snapshot']['problems']}"))
    assert not wrong


@pytest.fixture(scope="module")
def before(root: Path, docs: Path) -> tuple[Path, dict]:
    """A library made without disturbance, and what it looks like."""
    home = root / "home-before"
    (outcome,) = run(root, [{"docs": str(docs), "keep": str(home)}])
    return home, outcome["snapshot"]


def test_killed_in_a_first_add(root: Path, docs: Path, before: tuple[Path, dict]) -> None:
    undisturbed = before[1]
    assert_sound(undisturbed)
    assert len(undisturbed["documents"]) == 9
    assert all(undisturbed["words"].values())
    cases = [{"docs": str(docs), "kill": point} for point in FIRST]
    assert len(cases) >= 30
    compare(run(root, cases), cases, undisturbed)


def test_killed_with_the_index_damaged_as_well(root: Path, docs: Path, before: tuple[Path, dict]) -> None:
    points = [("stored", 5), ("indexed", 1), ("ending", 1), ("ended", 1)]
    cases = [
        {"docs": str(docs), "kill": points[n % len(points)], "damage": how}
        for n, how in enumerate(how for how in DAMAGES if "segments" not in how)
    ]
    # A library at rest whose files are spoilt behind its back: only a look at the index can tell.
    compare(run(root, cases), cases, before[1])


def test_killed_while_files_changed_moved_went_and_came(root: Path, docs: Path, before: tuple[Path, dict]) -> None:
    home, first = before
    write(docs / "0.md", article(0).replace("euros", "francs"))
    write(docs / "1.md", article(1, parts=3))
    (docs / "leave.md").rename(docs / "sub" / "holidays.md")
    (docs / "5.md").unlink()
    (docs / "4.md").unlink()
    write(docs / "new.md", article(9))
    write(docs / "sub" / "again.txt", article(9))
    base = {"docs": str(docs), "before": str(home)}
    cases = [{**base, "kill": point} for point in SECOND]
    undisturbed, *outcomes = run(root, [base, *cases])
    assert_sound(undisturbed["snapshot"])
    assert undisturbed["snapshot"] != first
    assert len(undisturbed["snapshot"]["documents"]) == 9
    compare(outcomes, cases, undisturbed["snapshot"])


def test_killed_with_a_large_index_damaged(root: Path, tmp_path: Path) -> None:
    """From 1,000 vectors on Chroma writes HNSW files, which can be spoilt apart from its database."""
    write(tmp_path / "large.md", article(3, parts=1100))
    base = {"docs": str(tmp_path), "keep": str(root / "home-large")}
    (undisturbed,) = run(root, [base])
    assert_sound(undisturbed["snapshot"])
    segments = [p for p in (root / "home-large" / "index").rglob("*.bin") if p.stat().st_size]
    assert segments, "the corpus is too small for this test"
    write(tmp_path / "more.md", article(7))
    base = {"docs": str(tmp_path), "before": str(root / "home-large")}
    cases = [
        {**base, "kill": ("stored", 1), "damage": how}
        for how in ("empty segments", "garbage in the segments", "no segments")
    ]
    undisturbed, *outcomes = run(root, [base, *cases])
    compare(outcomes, cases, undisturbed["snapshot"])
