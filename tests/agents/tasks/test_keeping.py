"""What is kept of runs and conversations goes after its time, and no run that somebody waits for."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from agents.chat.history import Conversations
from agents.cli import main
from agents.tasks.keeping import prune
from agents.tasks.store import Store
from ingest.errors import UsageError

STATUSES = ("done", "gave_up", "limit", "cancelled", "error", "running", "interrupted", "needs_approval")


def _day(days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="milliseconds")


@pytest.fixture
def home(tmp_path):
    """A run of each status that is 40 days old, a new one, a conversation of 40 days and a new one."""
    with closing(Store(tmp_path)) as store:
        store._file.prepare()
        for status in (*STATUSES, "new"):
            at = _day(1 if status == "new" else 40)
            state = "done" if status == "new" else status
            row = (status, f"task {status}", "default", state, "m", "", at, at)
            store._file.write("insert into run values (?, ?, ?, ?, ?, ?, ?, ?)", *row)
            store._file.write("insert into event values (?, 0, ?)", status, json.dumps({"body": "x" * 40_000}))
            store.trace_path(status).write_text("{}\n")
            (store.folder / status).mkdir()
    with closing(Conversations(tmp_path)) as memory:
        for title, days in (("old talk", 40), ("new talk", 1)):
            memory._file.write(
                "update conversation set changed = ? where id = ?", _day(days), memory.create("kb", title)
            )
    return tmp_path


def test_what_ended_long_ago_goes_with_its_files(home):
    assert {run.id for run in prune(home, 30, dry_run=True).runs} == set(STATUSES[:5])
    found = prune(home, 30, shrink=True)
    assert {run.id for run in found.runs} == set(STATUSES[:5])
    assert [one.title for one in found.conversations] == ["old talk"]
    assert found.freed > 100_000
    assert not prune(home, 30)
    with closing(Store(home)) as store:
        assert {run.id for run in store.runs()} == {"new", *STATUSES[5:]}
        assert {row[0] for row in store._file.rows("select distinct run from event")} == {"new", *STATUSES[5:]}
        assert not store.trace_path("done").exists()
        assert not (store.folder / "done").exists()
        assert store.trace_path("new").exists()
        assert (store.folder / "interrupted").is_dir()
    with closing(Conversations(home)) as memory:
        assert [one.title for one in memory.list()] == ["new talk"]


def test_what_is_worked_on_stays(home):
    with closing(Store(home)) as store, store.holding("done"):
        assert "done" not in {run.id for run in prune(home, 30).runs}


def test_nothing_is_made_or_removed_without_need(home, tmp_path_factory):
    assert not prune(home, 0)
    assert not prune(home, 100)
    empty = tmp_path_factory.mktemp("empty")
    assert not prune(empty, 1)
    assert list(empty.iterdir()) == []


def test_the_command_says_what_goes(home, monkeypatch, capsys):
    monkeypatch.setenv("ZHIKU_HOME", str(home))
    monkeypatch.setenv("ZHIKU_LANGUAGE", "en")
    assert main(["runs", "prune"]) == 0
    assert "No ended run and no conversation has been untouched for 730 days." in capsys.readouterr().err
    assert main(["runs", "prune", "--days", "30", "--dry-run"]) == 0
    shown = capsys.readouterr()
    assert "task gave_up" in shown.out
    assert "old talk (kb)" in shown.out
    assert "5 runs and 1 conversation, untouched for 30 days, would be removed." in shown.err
    assert main(["runs", "prune", "--json", "--days", "30"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told["runs"]) == set(STATUSES[:5])
    assert len(told["conversations"]) == 1
    assert told["freed"] > 0
    monkeypatch.setenv("ZHIKU_KEEP_DAYS", "0")
    assert main(["runs", "prune", "--lang", "zh"]) == 0
    assert "keep_days 为 0" in capsys.readouterr().err


def test_a_new_run_forgets_old_ones_and_says_so(home, monkeypatch, capsys):
    monkeypatch.setenv("ZHIKU_HOME", str(home))
    monkeypatch.setenv("ZHIKU_KEEP_DAYS", "30")
    assert main(["run", "2 + 3", "-q", "--lang", "en"]) in (0, 1)
    assert "removed" not in capsys.readouterr().err
    assert main(["run", "2 + 3", "--lang", "en"]) in (0, 1)
    assert "5 runs and 1 conversation, untouched for 30 days, were removed" in capsys.readouterr().err
    with closing(Store(home)) as store, pytest.raises(UsageError):
        store.run("done")
