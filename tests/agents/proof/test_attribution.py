"""What a source says of one is not said of another."""

import pytest

from agents.proof.attribution import of_another

VICTIMS = (
    "73岁的J. Frank Scrase来自维多利亚，事故中由于肋骨骨折导致其死亡。另一名遇难者是45岁来自多伦多北约克区的Irwin Theodore，"
    "他被夹在前座位下面，因窒息死亡。"
)
HEIRS = "1217年，被部下耶律统古与杀害。统古与又被耶律喊舍所杀。"
OFFICES = (
    "Anna Keller leads the office in Berlin. The office in Paris was opened by Marc Petit in May. He grew up in Lyon."
)


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("J. Frank Scrase来自多伦多北约克区。", VICTIMS),
        ("喊舍被耶律统古与杀害。", HEIRS),
        ("Marc Petit leads the office in Berlin.", OFFICES),
    ],
)
def test_it_is_said_of_somebody_else(sentence: str, source: str) -> None:
    assert of_another(sentence, source, "")


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("Irwin Theodore来自多伦多北约克区。", VICTIMS),
        ("Irwin Theodore因窒息死亡。", VICTIMS),
        ("Anna Keller leads the office in Berlin.", OFFICES),
        ("Marc Petit grew up in Lyon.", OFFICES),
    ],
)
def test_it_is_said_of_the_same(sentence: str, source: str) -> None:
    assert of_another(sentence, source, "") is None


def test_what_the_title_names_may_stand_anywhere() -> None:
    assert of_another("Marc Petit leads the office in Berlin.", OFFICES, "Marc Petit") is None
