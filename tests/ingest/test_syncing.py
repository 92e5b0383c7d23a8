"""Folders kept in step: what is new, changed, moved and gone; remembered; watched."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from ingest import open_library
from ingest.cli import main
from ingest.errors import PruneDoubtful, UsageError
from ingest.settings import Settings
from ingest.syncing import changes


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "docs"
    (folder / "sub" / "deeper").mkdir(parents=True)
    (folder / "leave.md").write_text("# 年假\n\n员工入职满一年后享有十五天年假。", "utf-8")
    (folder / "sub" / "travel.md").write_text("# Travel\n\nA hotel may cost 120 euros a night.")
    (folder / "sub" / "deeper" / "desk.md").write_text("# Desks\n\nEvery desk has a lamp.")
    return folder


def names(library, kb="default"):
    return sorted(Path(d.path).name for d in library.documents(kb))


def test_a_folder_is_followed_through_all_that_happens_in_it(folder, library):
    assert len(library.syncing.sync(folder).added) == 3
    (folder / "leave.md").write_text("# 年假\n\n员工入职满一年后享有二十天年假。", "utf-8")
    (folder / "sub" / "travel.md").rename(folder / "sub" / "deeper" / "trips.md")
    (folder / "sub" / "deeper" / "desk.md").unlink()
    (folder / "new.md").write_text("# New\n\nThe canteen is new.")
    report = library.syncing.sync(folder)
    assert [Path(a.document).name for a in report.added] == ["new.md"]
    assert sorted(Path(a.document).name for a in report.updated) == ["leave.md", "trips.md"]
    assert (report.removed, [Path(p).name for p in report.gone]) == (1, ["desk.md"])
    # The changed text and the new one; the moved file is not embedded again.
    assert report.embedded_chunks == 2
    assert names(library) == ["leave.md", "new.md", "trips.md"]


def test_a_folder_renamed_with_all_its_files_is_no_drive_that_is_away(folder, library):
    library.syncing.sync(folder)
    (folder / "sub").rename(folder / "other")
    (folder / "leave.md").rename(folder / "other" / "leave.md")
    report = library.syncing.sync(folder)
    assert (report.removed, report.embedded_chunks, len(report.updated)) == (0, 0, 3)


def test_what_is_gone_stays_when_told_so_and_is_named_all_the_same(folder, library):
    library.syncing.sync(folder, keep=True)
    (folder / "leave.md").unlink()
    report = library.syncing.sync(folder, keep=True)
    assert (report.removed, report.gone) == (0, (str(folder / "leave.md"),))
    assert "leave.md" in names(library)
    (one,) = library.syncing.all()
    assert (one.place, one.keep, one.last[:2]) == (str(folder), True, "20")
    assert library.syncing.sync(folder, dry_run=True).removed == 1
    assert library.syncing.all()[0].keep
    assert library.syncing.sync(folder).removed == 1


def test_a_drive_that_is_away_takes_nothing_with_it(folder, library):
    library.syncing.sync(folder)
    for path in list(folder.rglob("*.md")):
        path.unlink()
    with pytest.raises(PruneDoubtful):
        library.syncing.sync(folder)
    assert len(names(library)) == 3
    assert library.syncing.sync(folder, sure=True).removed == 3
    folder.rename(folder.with_name("away"))
    with pytest.raises(UsageError, match="There is no"):
        library.syncing.sync(folder)
    assert library.syncing.all()


def test_places_belong_to_their_knowledge_base(folder, library, tmp_path):
    library.syncing.sync(folder, "one")
    library.syncing.sync(folder / "sub", "two")
    library.rename_kb("one", "uno")
    assert [(one.kb, one.place) for one in library.syncing.all()] == [
        ("two", str(folder / "sub")),
        ("uno", str(folder)),
    ]
    catalog, before = library._catalog, library.kb("uno").id
    catalog.kbs.switch(catalog.kbs.create("~anew", staging_for=before).id, before)  # as a rebuild ends
    assert [one.place for one in library.syncing.all("uno")] == [str(folder)]
    library.remove_kb("uno")
    library.syncing.forget(folder / "sub", "two")
    assert library.syncing.all() == []
    assert len(library.documents("two")) == 2
    with pytest.raises(UsageError, match="does not follow"):
        library.syncing.forget(folder, "two")
    with pytest.raises(UsageError, match="is a file"):
        library.syncing.sync(folder / "leave.md", "two")


def test_eight_copies_never_fill_the_eight_hits(folder, library):
    for n in range(20):
        (folder / f"copy{n}.md").write_text("# Travel\n\nA hotel may cost 120 euros a night.")
    report = library.syncing.sync(folder)
    assert report.embedded_chunks == 3
    hits = library.search("What may a hotel cost a night?", k=8)
    assert len(hits) == 3
    assert len(hits[0].copies) == 20


@pytest.fixture
def call(capsys, monkeypatch):
    monkeypatch.setenv("ZHIKU_EMBEDDER", "hashing")

    def run(*args):
        status = main([str(arg) for arg in args])
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_the_command_names_what_goes_and_remembers_its_folders(call, folder):
    call("sync", folder / "sub" / "deeper")
    assert json.loads(call("sync", folder, "--kb", "手册", "--json")[1])["place"] == str(folder)
    (folder / "leave.md").unlink()
    (folder / "sub" / "deeper").rename(folder / "sub" / "moved")
    # A folder that is away does not keep the others waiting.
    status, out, err = call("sync", "--keep")
    assert (status, "leave.md  kept" in out, "There is no" in err) == (1, True, True)
    assert json.loads(call("status", "--json")[1])["synced"][1]["keep"] is True
    (folder / "sub" / "travel.md").unlink()
    status, out, err = call("sync", folder, "--kb", "手册")
    assert (status, out, "--yes" in err) == (2, "", True)
    status, out, _ = call("sync", folder, "--kb", "手册", "--yes")
    assert (status, f"- {folder / 'leave.md'}" in out, "2 removed" in out) == (0, True, True)
    assert "follows" in call("sync", folder, "--kb", "手册", "--forget")[1]
    assert call("sync", "--kb", "手册")[0] == 2


def test_changes_are_told_when_they_have_settled_and_junk_is_not(folder):
    stop, heard = threading.Event(), []

    def listen():
        for touched in changes([str(folder)], stop):
            heard.append(touched)
            stop.set()

    thread = threading.Thread(target=listen)
    thread.start()
    time.sleep(0.5)
    (folder / ".hidden").write_text("x")
    (folder / "~$leave.docx").write_text("x")
    time.sleep(0.3)
    written = time.monotonic()
    (folder / "sub" / "deeper" / "new.md").write_text("x")
    thread.join(20)
    stop.set()
    assert heard == [frozenset({str(folder)})]
    assert time.monotonic() - written > 1


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is sent as a signal")
def test_the_command_watches_until_it_is_ended(folder, own_home):
    environment = {**os.environ, "ZHIKU_EMBEDDER": "hashing"}
    # Whoever runs the tests in the background has them ignore Ctrl-C.
    heeded = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    code = f"import sys; {heeded}; from ingest.cli import main; sys.exit(main())"
    with subprocess.Popen(
        [sys.executable, "-c", code, "sync", str(folder), "--watch", "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    ) as process:  # fmt: skip
        try:
            assert len(json.loads(process.stdout.readline())["added"]) == 3
            assert "Watching" in process.stderr.readline()
            time.sleep(1)
            (folder / "sub" / "travel.md").unlink()
            (folder / "new.md").write_text("# New\n\nThe canteen is new.")
            seen = json.loads(process.stdout.readline())
            assert ([Path(a["document"]).name for a in seen["added"]], seen["removed"]) == (["new.md"], 1)
            assert seen["gone"] == [str(folder / "sub" / "travel.md")]
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130


def soon(said):
    until = time.monotonic() + 30
    while not said() and time.monotonic() < until:
        time.sleep(0.05)
    return said()


def test_what_is_marked_is_watched_until_it_no_longer_is(folder, library, monkeypatch):
    monkeypatch.setattr("ingest.syncing.AGAIN", 0.1)
    monkeypatch.setattr("ingest.syncing.SETTLED", 100)
    library.syncing.sync(folder)
    (folder / "before.md").write_text("# Before\n\nWritten while nobody watched.")
    watcher = library.syncing.watcher()

    try:
        time.sleep(0.3)
        assert "before.md" not in names(library)
        library.syncing.watch(folder)
        assert library.syncing.all()[0].watched
        assert soon(lambda: "before.md" in names(library))
        (folder / "sub" / "later.md").write_text("# Later\n\nWritten while it is watched.")
        assert soon(lambda: "later.md" in names(library))
        library.syncing.watch(folder, watched=False)
        time.sleep(0.6)
        (folder / "last.md").write_text("# Last\n\nNobody looks.")
        time.sleep(0.6)
        assert "last.md" not in names(library)
    finally:
        watcher.stop()
    with pytest.raises(UsageError):
        library.syncing.watch(folder / "leave.md")


def test_of_several_servers_one_watches_and_another_takes_over(folder, tmp_path, store, monkeypatch):
    monkeypatch.setattr("ingest.syncing.AGAIN", 0.1)
    monkeypatch.setattr("ingest.syncing.SETTLED", 100)
    settings = Settings(embedder="hashing", workers=1, store=store)
    with (
        closing(open_library(tmp_path / "home", settings)) as one,
        closing(open_library(tmp_path / "home", settings)) as two,
    ):
        one.syncing.sync(folder)
        one.syncing.watch(folder)
        idle: list[object] = []
        watching, waiting = one.syncing.watcher(), None
        try:
            (folder / "first.md").write_text("# First\n\nSeen by one.")
            assert soon(lambda: "first.md" in names(one))
            monkeypatch.setattr(two, "add", lambda *_, **__: idle.append(_))
            waiting = two.syncing.watcher()
            (folder / "second.md").write_text("# Second\n\nSeen by one.")
            assert soon(lambda: "second.md" in names(one))
            assert idle == []
            watching.stop()
            assert soon(lambda: idle)
        finally:
            for watcher in filter(None, (watching, waiting)):
                watcher.stop()
