from __future__ import annotations

from datetime import timedelta, timezone

import pytest

from app.receipt import summary
from ingest.documents import Added, Failure, Report
from ingest.language import speaking
from ingest.pages import local_time, shown_size


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "1 added · 3 unchanged · 1 failed · 2.0 s"), ("zh", "新增 1 · 未变 3 · 失败 1 · 2.0 秒")],
)
def test_the_summary_counts_every_outcome_that_occurred(language, said):
    report = Report("kb", (Added("a", 1, 2, "0", 1.0),), unchanged=3, failed=(Failure("b", "why"),), seconds=2.0)
    with speaking(language):
        assert summary(report) == said


def test_nothing_done_and_stopped_are_told_apart():
    with speaking("en"):
        assert summary(Report("kb")) == "Nothing to do · 0.0 s"
        assert summary(Report("kb", interrupted=True)) == "Stopped · 0.0 s"


def test_a_moment_by_the_clock_of_who_reads_it():
    assert local_time("2026-11-30T22:02:07+00:00", timezone(timedelta(hours=8))) == "2026-12-01 06:02"
    assert local_time("") == ""


@pytest.mark.parametrize(("count", "said"), [(0, "0 B"), (1536, "1.5 KB"), (20 << 20, "20 MB"), (3 << 30, "3.0 GB")])
def test_sizes_as_a_person_reads_them(count, said):
    assert shown_size(count) == said


@pytest.mark.parametrize(("count", "folded"), [(5, 0), (6, 6)])
def test_of_many_files_those_with_nothing_to_say_are_folded(count, folded):
    from streamlit.testing.v1 import AppTest

    def draw(count):
        from app.receipt import draw_report
        from ingest.documents import Added, Failure, Report

        fine = tuple(Added(f"{n}.txt", 1, 1, "0", 0.1) for n in range(count))
        noted = Added("scan.pdf", 2, 1, "0", 0.1, notes=("Page 2 was not read.",))
        draw_report(Report("kb", (*fine, noted), failed=(Failure("torn.pdf", "why"),)))

    page = AppTest.from_function(draw, kwargs={"count": count}).run()
    lines = [one.value for one in page.markdown]
    assert [one.value for one in page.caption] == ["Page 2 was not read\\."]
    assert "torn" in lines[1]
    assert "scan" in lines[2]
    assert len(page.expander[0].markdown if page.expander else ()) == folded
    assert len(lines) == count + 3
