from __future__ import annotations

import threading
from types import SimpleNamespace

from app.jobs import AddJob, Jobs
from ingest.documents import Report
from ingest.errors import LibraryLocked
from ingest.language import Text, say, speaking


class Adds:
    """Stands for the library: adds for as long as it is told."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.go = threading.Event()
        self.seen: dict[str, object] = {}

    def add(self, paths, kb, *, prune, progress, stop):
        self.seen = {"paths": paths, "kb": kb, "prune": prune, "language": say(en="en", zh="zh")}
        progress(SimpleNamespace(done=1, total=2))
        assert self.go.wait(20)
        if self.error:
            raise self.error
        return Report(kb=kb, interrupted=stop.is_set())


def test_a_job_reports_progress_then_its_report_in_the_language_of_its_tab():
    library = Adds()
    with speaking("zh"):
        job = AddJob(library, "手册", ["/a"], prune=True)
    assert job.running
    library.go.set()
    job.wait(20)
    assert not job.running
    assert job.progress.done == 1
    assert job.report == Report(kb="手册")
    assert library.seen == {"paths": ["/a"], "kb": "手册", "prune": True, "language": "zh"}


def test_stopping_reaches_the_library():
    library = Adds()
    job = AddJob(library, "kb", ["/a"])
    job.stop()
    assert job.stopping
    library.go.set()
    job.wait(20)
    assert job.report.interrupted


def test_errors_of_ours_are_kept_and_bugs_become_a_sentence():
    locked = LibraryLocked(Text(en="locked", zh="锁"))
    for error, expected in ((locked, "locked"), (RuntimeError("boom"), "boom")):
        library = Adds(error)
        library.go.set()
        with speaking("en"):
            job = AddJob(library, "kb", ["/a"])
            job.wait(20)
            assert expected in str(job.error)
        assert not job.running


def test_one_job_at_a_time_and_only_an_ended_one_can_be_dismissed():
    jobs, library = Jobs(), Adds()
    assert jobs.start(library, "kb", ["/a"])
    assert not jobs.start(library, "kb", ["/b"])
    jobs.dismiss()
    assert jobs.latest is not None
    library.go.set()
    jobs.latest.wait(20)
    assert jobs.start(library, "kb", ["/c"])
    jobs.latest.wait(20)
    jobs.dismiss()
    assert jobs.latest is None
