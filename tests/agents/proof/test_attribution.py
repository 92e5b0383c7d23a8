"""What a source says of one is not said of another."""

import pytest

from agents.proof.attribution import of_another
from agents.proof.roles import voiced

VICTIMS = (
    "73岁的J. Frank Scrase来自维多利亚，事故中由于肋骨骨折导致其死亡。另一名遇难者是45岁来自多伦多北约克区的Irwin Theodore，"
    "他被夹在前座位下面，因窒息死亡。"
)
HEIRS = "1217年，被部下耶律统古与杀害。统古与又被耶律喊舍所杀。"
CAMPUSES = (
    "The Weber Law School and the library are located on a 40-hectare campus in Rosslyn. The Weber Music School is located "
    "on a 6-hectare campus near the harbour."
)
RENTS = "The rent of the hall goes up from 35 to 42 pounds an evening; charities keep paying 20 pounds."
INDICATORS = "教师模型：接收输入数据，输出概率分布。学生模型：接收相同的数据，得到预测结果。"
OFFICES = (
    "Anna Keller leads the office in Berlin. The office in Paris was opened by Marc Petit in May. He grew up in Lyon."
)


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("J. Frank Scrase来自多伦多北约克区。", VICTIMS),
        ("喊舍被耶律统古与杀害。", HEIRS),
        ("Marc Petit leads the office in Berlin.", OFFICES),
        ("The Weber Music School is located on a 40-hectare campus in Rosslyn.", CAMPUSES),
        ("Charities will pay 42 pounds an evening.", RENTS),
        ("学生模型输出概率分布。", INDICATORS),
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
        ("The Weber Law School is located on a 40-hectare campus in Rosslyn.", CAMPUSES),
        ("The Weber Music School is located on a 6-hectare campus near the harbour.", CAMPUSES),
        ("Charities pay 20 pounds.", RENTS),
        ("Marc Petit grew up in Lyon.", OFFICES),
    ],
)
def test_it_is_said_of_the_same(sentence: str, source: str) -> None:
    assert of_another(sentence, source, "") is None


def test_what_the_title_names_may_stand_anywhere() -> None:
    assert of_another("Marc Petit leads the office in Berlin.", OFFICES, "Marc Petit") is None


@pytest.mark.parametrize(
    ("sentence", "source", "turned"),
    [
        ("The choir was founded by the mill.", "The choir founded the mill in 1890.", True),
        ("The mill was founded by the choir.", "The choir founded the mill in 1890.", False),
        ("周敏指导过何平。", "周敏、林涛都曾受到何平的指导。", True),
        ("何平指导过周敏。", "周敏、林涛都曾受到何平的指导。", False),
    ],
)
def test_the_same_order_in_another_voice_says_the_opposite(sentence: str, source: str, turned: bool) -> None:
    assert voiced(sentence, source) == turned
