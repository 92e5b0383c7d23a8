"""Calibration with a shipped embedder, and the verdict on what was found."""

from __future__ import annotations

import numpy as np
import pytest

from ingest.calibration import PASSAGES, QUESTIONS, Calibration, calibrate, shipped
from ingest.documents import Hit, LegScore
from ingest.embedders.bundled import BundledEmbedder
from ingest.embedders.hashing import HashingEmbedder
from ingest.evidence import THRESHOLD, assess

ENDS = ("zh>zh", "zh>en", "en>zh", "en>en")


@pytest.fixture(scope="module")
def calibration():
    return calibrate(HashingEmbedder())


def hit(text: str, cosine: float | None, words: float | None) -> Hit:
    dense = None if cosine is None else LegScore(1, cosine)
    lexical = None if words is None else LegScore(1, words)
    return Hit(1, 0.5, "d", "d.txt", 1, (), 0, len(text), text, 1, 1, dense, lexical)


def flat() -> Calibration:
    return Calibration({}, dict.fromkeys(ENDS, 0.6), dict.fromkeys(ENDS, 0.8))


def test_calibration_survives_the_catalog(calibration):
    assert Calibration.from_json(calibration.to_json()) == calibration
    with pytest.raises(ValueError, match="calibration"):
        Calibration.from_json('{"other": 1}')
    assert set(calibration.unrelated) == set(calibration.related) == set(ENDS)


def test_related_passages_are_nearer(calibration):
    for ends in ("zh>zh", "en>en"):
        assert calibration.related[ends] > calibration.unrelated[ends]


def test_aim_takes_off_what_all_questions_share(calibration):
    embedder = HashingEmbedder()
    query = QUESTIONS[0][1]
    plain = embedder.embed_query(query)
    aimed = calibration.aim(query, plain)
    mean = np.array(calibration.question_means["en"])
    assert np.linalg.norm(aimed) == pytest.approx(1, abs=1e-5)
    assert aimed @ mean < plain @ mean


def test_aim_leaves_languages_alone_that_it_does_not_know(calibration):
    vector = np.ones(4, np.float32) / 2
    assert calibration.aim("こんにちは", vector) is vector


def test_aim_takes_the_way_from_english_to_chinese_off(calibration):
    across = np.array(calibration.question_means["zh"]) - np.array(calibration.question_means["en"])
    for language in (0, 1):
        query = QUESTIONS[3][language]
        aimed = calibration.aim(query, HashingEmbedder().embed_query(query))
        assert aimed @ across == pytest.approx(0, abs=1e-5)


def test_the_shipped_calibration_is_what_the_bundled_embedder_gives():
    """When it fails, write `calibrate(BundledEmbedder()).to_json()` into calibrations.json anew."""
    embedder = BundledEmbedder()
    known, computed = shipped(embedder.identity), calibrate(embedder)
    assert known is not None
    assert shipped(HashingEmbedder().identity) is None
    for language in ("zh", "en"):
        assert known.question_means[language] == pytest.approx(computed.question_means[language], abs=2e-3)
    assert known.related == pytest.approx(computed.related, abs=5e-3)
    assert known.unrelated == pytest.approx(computed.unrelated, abs=5e-3)


def test_probes_come_in_pairs():
    assert len(PASSAGES) < len(QUESTIONS)
    assert all(zh != en and zh and en for zh, en in [*QUESTIONS, *PASSAGES])


@pytest.mark.parametrize(
    ("text", "cosine", "words", "enough"),
    [
        ("The pump runs at 2,900 revolutions.", 0.8, 0.5, True),
        ("The pump runs at 2,900 revolutions.", 0.6, 0.05, False),
        ("The pump runs at 2,900 revolutions.", None, 0.9, True),
        ("The pump runs at 2,900 revolutions.", 0.8, None, True),
        ("水泵的转速为每分钟二千九百转。", 0.7, 0.0, True),
        ("水泵的转速为每分钟二千九百转。", 0.6, 0.9, False),
    ],
)
def test_verdicts(text, cosine, words, enough):
    evidence = assess("How fast does the pump run?", [hit(text, cosine, words)], flat())
    assert evidence.sufficient is enough
    assert evidence.sufficient == (evidence.strength >= evidence.threshold == THRESHOLD)


def test_the_best_hit_decides_and_none_is_not_enough():
    good, bad = hit("good text", 0.8, 0.4), hit("bad text", 0.5, 0.0)
    assert assess("any text", [bad, good], flat()) == assess("any text", [good, bad], flat())
    assert assess("any text", [], flat()).strength == 0
    assert not assess("any text", [], flat()).sufficient
