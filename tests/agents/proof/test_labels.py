"""A value belongs to what its statement says it of, and is of the kind that was meant: each with a true sentence beside the false."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from agents.proof.numbers import claimed
from agents.proof.similarity import Closeness
from agents.proof.support import SupportChecker
from agents.proof.verdicts import Passage
from ingest.embedders import EmbedderIdentity

LESSONS = "围棋课每节 50 分钟，单节 160 元，一次购买 20 节每节 130 元。"
LOANS = "A key costs £5. Rooms must be left clean. Members may borrow up to six tools for two weeks and three ladders for two days."
CLUB = "## 开放时间\n\n俱乐部平日 7:00—22:00 开放，周末 8:00—21:00 开放。羽毛球馆每天只开 9:00—20:30。"
HALL = "The seed hall holds forty. The office answers letters within a week."
CARDS = "年票 860 元。办理年票须先交定金 200 元，余款在 5 天内付清；退票扣手续费 30 元。"
LENT = "Overdue tools cost 15p a day, up to a maximum of £9. A lost tool is charged at its full price plus £3."
BOATS = "“白鹭号”可载 90 人；“灰雁号”可载 60 人。“白鹭号”的下层有小卖部，两艘船都有洗手间。"
HIRE = "包船须提前五天预订。开船前 48 小时内取消，预付款不退。"
STALL = "## 二、摊位\n\n1. 摊位须提前半天登记。\n2. 外来车辆不得入内。"


@pytest.mark.parametrize(
    ("sentence", "source", "question", "supported"),
    [
        ("一次购买 20 节，每节 130 元。", LESSONS, "买二十节围棋课多少钱一节？", True),
        ("一次购买 20 节，每节 160 元。", LESSONS, "买二十节围棋课多少钱一节？", False),
        ("Ladders may be borrowed for two days.", LOANS, "How long may I keep a ladder?", True),
        ("Ladders may be borrowed for two weeks.", LOANS, "How long may I keep a ladder?", False),
        ("俱乐部周末 8:00—21:00 开放。", CLUB, "周末几点关门？", True),
        ("俱乐部周末 9:00—20:30 开放。", CLUB, "周末几点关门？", False),
        ("The seed hall holds forty.", HALL, "How many people work in the office?", True),
        ("Forty people work in the office.", HALL, "How many people work in the office?", False),
        ("办理年票的定金是 200 元。", CARDS, "年票要先交多少？", True),
        ("办理年票的余款是 200 元。", CARDS, "年票要先交多少？", False),
        ("退票的手续费是 30 元。", CARDS, "退年票扣多少？", True),
        ("An overdue tool costs 15p a day.", LENT, "What if I lose a tool?", True),
        ("A lost tool costs 15p a day.", LENT, "What if I lose a tool?", False),
        ("“白鹭号”的下层有小卖部。", BOATS, "哪艘船上有小卖部？", True),
        ("包船须提前五天预订。", HIRE, "包船要提前多久订？", True),
        ("包船须提前 48 小时预订。", HIRE, "包船要提前多久订？", False),
        ("摊位须提前半天登记。", STALL, "摊位要提前多久登记？", True),
        ("摊位须提前两天登记。", STALL, "摊位要提前多久登记？", False),
        ("摊位须提前一天登记。", STALL, "摊位要提前多久登记？", False),
    ],
)
def test_a_value_belongs_to_what_it_is_said_of(sentence: str, source: str, question: str, supported: bool) -> None:
    passage = Passage(source)
    assert SupportChecker(question, [passage]).judge(sentence, passage).supported is supported


@pytest.mark.parametrize(
    ("sentence", "source", "supported"),
    [
        ("北门在晚上九点半关。", "北门 21:30 关，南门 9:30 关。", True),
        ("The north gate closes at 9.30 pm.", "The north gate closes at 21:30.", True),
        ("The north gate closes at 9.30 am.", "The north gate closes at 21:30.", False),
        ("The shop opens at seven in the morning.", "The shop opens at 7 am.", True),
        ("The shop opens at seven in the evening.", "The shop opens at 7 am.", False),
        ("渡船在 6 点开。", "渡船有 6 条，8:00 开。", False),
        ("The walk takes an hour and a half.", "The walk takes 90 minutes.", True),
        ("试用期为半年。", "试用期为 6 个月。", True),
        ("试用期为一年半。", "试用期为一年。", False),
    ],
)
def test_times_of_day_and_halves_are_values(sentence: str, source: str, supported: bool) -> None:
    passage = Passage(source)
    assert SupportChecker("", [passage]).judge(sentence, passage).supported is supported


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("8:00—21:00 开放", [480, 1260]),
        ("from 8 am to noon", [480, 720]),
        ("早上八点由她决定", [480]),
        ("下午三点一刻", [915]),
        ("12.15 am", [15]),
        ("five o'clock in the afternoon", [1020]),
        ("比分 3:1，有两点原因，提出 3 点要求", []),
        ("a ratio of 9:30:15", []),
    ],
)
def test_what_is_a_time_of_day(text: str, minutes: list[int]) -> None:
    assert sorted(int(q.value) for q in claimed(text) if q.kind == "clock") == minutes


class Matters:
    """An embedder that knows two matters, in whichever language, and everything else as one."""

    identity = EmbedderIdentity("matters", "", 4, 100)

    def count_tokens(self, text: str) -> int:
        return len(text)

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        words = ("range", "量程"), ("frequency", "频率"), ("sensor", "传感器")
        found = [[any(word in text for word in matter) for matter in words] for text in texts]
        vectors = np.array([[*has, not any(has)] for has in found], dtype=np.float32)
        lengths: NDArray[np.float32] = np.sqrt((vectors * vectors).sum(axis=1, keepdims=True))
        return np.divide(vectors, lengths, dtype=np.float32)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        vector: NDArray[np.float32] = self.embed_passages([text])[0]
        return vector


@pytest.mark.parametrize(
    ("sentence", "supported"),
    [("传感器的量程是 15 米。", True), ("传感器的量程是 80 GHz。", False), ("传感器的频率是 80 GHz。", True)],
)
def test_in_another_language_a_number_belongs_to_the_statement_that_is_near(sentence: str, *, supported: bool) -> None:
    passage = Passage("The sensor has a range of 15 metres. The frequency of the sensor is 80 GHz.")
    checker = SupportChecker("", [passage], Closeness(Matters()))
    assert checker.judge(sentence, passage).supported is supported
