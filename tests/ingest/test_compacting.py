"""Documents that came and went leave room behind, and compacting gives it back."""

from __future__ import annotations

import json
import shutil

import pytest

from ingest import open_library
from ingest.cli import main
from ingest.settings import Settings
from ingest.texts import Given
from tests.benchmarks.churn import parts

ROUNDS, PASSAGES = 5, 150


def written(home, rounds):
    """Every passage of a library replaced in every round."""
    library = open_library(home, Settings(embedder="hashing"))
    for number in rounds:
        if number:
            library.texts().remove([str(n) for n in range(PASSAGES)])
        library.texts().put(
            [
                Given(str(n), f"Passage {n} of round {number}: " + f"pump{n} valve{number} " * 30, {})
                for n in range(PASSAGES)
            ]
        )
    library.close()


@pytest.fixture
def churned(tmp_path, caplog):
    """A home whose passages have all been replaced four times, and one that only ever had the last of them.

    In about one of six such homes Chroma's graph no longer reaches some passages; the library sees it at the end of a
    writing and builds the index anew. There is less to give back then, so another home is made.
    """
    written(tmp_path / "fresh", range(ROUNDS - 1, ROUNDS))
    for _ in range(10):
        caplog.clear()
        shutil.rmtree(tmp_path / "home", ignore_errors=True)
        written(tmp_path / "home", range(ROUNDS))
        if "building it again" not in caplog.text:
            break
    return tmp_path


def notes(home):
    library = open_library(home, Settings(embedder="hashing"))
    try:
        return " ".join(f"{found.what} {found.todo}" for found in library.doctor() if found.level != "ok")
    finally:
        library.close()


def test_what_is_left_behind_is_given_back(churned, monkeypatch, capsys):
    home = churned / "home"
    fresh = parts(churned / "fresh")
    assert parts(home)["Chroma"] > 1.5 * fresh["Chroma"], "or there is nothing to give back"
    monkeypatch.setenv("ZHIKU_EMBEDDER", "hashing")
    assert "ingest compact" in notes(home)
    assert "ingest compact" not in notes(churned / "fresh")
    before = parts(home)
    assert main(["compact", "--home", str(home), "--json"]) == 0
    freed = json.loads(capsys.readouterr().out)["freed"]
    after = parts(home)
    for part, size in fresh.items():
        assert after[part] <= 1.5 * size
    assert freed == pytest.approx((before["all"] - after["all"]) * 1e6, abs=2e5)
    library = open_library(home, Settings(embedder="hashing"))
    assert library.search("pump7 valve4", k=1)[0].text.startswith("Passage 7 of round 4")
    library.close()
    assert "ingest compact" not in notes(home)
    assert main(["compact", "--home", str(home), "--lang", "en"]) == 0
    assert "freed" in capsys.readouterr().out
