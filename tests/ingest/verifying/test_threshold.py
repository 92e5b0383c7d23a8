"""Whether a judge is believed, and from which value on."""

from __future__ import annotations

import math

import pytest

from ingest.verifying.threshold import ENTAILMENT, Margins, Measured, Worth, auc, crosses, measured


def test_a_judge_that_tells_them_apart_is_believed_from_the_middle_of_the_gap_on() -> None:
    found = measured([0.9, 0.8, 0.7], [0.1, 0.2, 0.3])
    assert (found.auc, found.precision, found.recall) == (1.0, 1.0, 1.0)
    assert found.threshold == pytest.approx(0.5)


def test_one_mistake_among_twenty_is_as_much_as_may_be() -> None:
    right = [0.5 + n / 100 for n in range(19)]
    assert measured(right, [0.1] * 18 + [0.515]).precision == pytest.approx(0.95)
    assert measured(right, [0.1] * 17 + [0.515] * 2).recall == pytest.approx(17 / 19)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ([0.5] * 20, [0.5] * 20),
        ([0.1, 0.9] * 10, [0.9, 0.1] * 10),
        (
            [0.2] * 17 + [0.9] * 3,
            [0.1] * 20 + [0.5] * 5,
        ),  # good enough on the whole, but only three are above all wrong
    ],
)
def test_one_that_does_not_is_off(right, wrong) -> None:
    found = measured(right, wrong)
    assert found.threshold is None
    assert (found.precision, found.recall) == (0.0, 0.0)


def test_ties_are_half() -> None:
    assert auc([1, 2], [1, 0]) == (0.5 + 1 + 1 + 1) / 4


def test_probes_are_many_and_no_sentence_occurs_twice() -> None:
    assert len(ENTAILMENT) >= 20
    sentences = [text for probe in ENTAILMENT for text in (probe.right, probe.wrong)]
    assert len(sentences) == len(set(sentences))
    assert all(probe.source for probe in ENTAILMENT)


def test_votes_end_when_the_time_is_used_up_or_somebody_stops(monkeypatch) -> None:
    import threading

    now = [0.0]
    monkeypatch.setattr("ingest.verifying.threshold.time.monotonic", lambda: now[0])

    def score(text: str, other: str) -> float:
        now[0] += 1.0
        return float(len(other))

    stop = threading.Event()
    vote = Margins(score, 2.5, each=1.0, cancel=stop)
    assert vote("a", ["one", "x"]) == [3.0, 1.0]
    assert vote("a", ["three"]) == [-math.inf]
    vote = Margins(score, 9.0, each=1.0, cancel=stop)
    stop.set()
    assert vote("a", ["one"]) == [-math.inf]


def test_a_judge_may_be_believed_across_languages_and_not_within_one() -> None:
    asked: list[tuple[str, str]] = []

    def score(source: str, sentence: str) -> float:
        asked.append((source, sentence))
        return 2.0

    off, good = Measured(None, 0.7, 0.0, 0.0), Measured(0.5, 0.95, 1.0, 0.6)
    worth = Worth(within=off, across=good)
    assert worth.any
    assert worth.margin("年假十五天。", "Leave is 15 days.", score) == 1.5
    assert worth.margin("Leave is 15 days.", "There are 15 days of leave.", score) == -math.inf
    assert asked == [("年假十五天。", "Leave is 15 days.")]
    assert not Worth(off, off).any


def test_each_relation_of_languages_has_probes_enough_to_say_something() -> None:
    across = [probe for probe in ENTAILMENT if crosses(probe.source, probe.right)]
    assert len(across) >= 18
    assert len(ENTAILMENT) - len(across) >= 18
    assert all(crosses(probe.source, probe.right) == crosses(probe.source, probe.wrong) for probe in ENTAILMENT)
