"""Our loaders read every awkward file, and each file could be read wrongly."""

from __future__ import annotations

import pytest

from tests.benchmarks.reading import CASES, ours
from tests.benchmarks.reading.cases import Case, Reading


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind} {case.name}")
def test_what_the_file_says_is_read(case: Case, tmp_path) -> None:
    reading = ours(case.make(tmp_path))
    assert case.judged(reading) == "right", reading


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind} {case.name}")
def test_a_reading_can_fail(case: Case) -> None:
    assert case.judged(Reading("")) == "lost"
    assert case.judged(Reading("", lacks="a model")) == "–"
    outcome = case.judged(Reading("", refused="No."))
    assert outcome == ("right" if case.kind == "C7" else "said")


def test_something_false_is_wrong_though_everything_else_is_right() -> None:
    for case in CASES:
        for false in case.false:
            assert not false(Reading(""))
    (powers,) = (case for case in CASES if (case.kind, case.name) == ("A4", "PDF"))
    assert powers.judged(Reading("10^8 cycles per m², that is 108 cycles")) == "wrong"
