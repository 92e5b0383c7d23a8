"""The statement that words without proof point at."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agents.proof.answering import Answering
from agents.proof.checking import Checked, CheckedSentence
from agents.proof.pointing import Pointing
from agents.proof.quotes import Candidate
from agents.proof.sources import Citation
from agents.proof.statements import Statement
from ingest.documents import Hit


def _candidates(*texts: str) -> list[Candidate]:
    judged = Answering(0.3, "")
    return [Candidate(n, Statement(((0, len(t)),), t), 1.0, judged, answers=True) for n, t in enumerate(texts, 1)]


def _pointing(question: str, sentence: str, verdict: str = "unsupported", cited: tuple[Citation, ...] = ()) -> Pointing:
    return Pointing(question, Checked(sentence, (CheckedSentence(sentence, (), verdict),)), cited)


FERRIES = _candidates("渡轮的船身漆成蓝色，船员叫它“海鸥”。", "渡轮每天在港口停靠三次。")


def test_a_far_paraphrase_points_at_the_statement_that_has_its_name() -> None:
    found = _pointing("渡轮的昵称是什么？", "渡轮的昵称是“海鸥”。").at(FERRIES)
    assert [candidate.n for candidate in found] == [1]


def test_a_number_or_a_latin_name_points_though_the_rest_is_in_other_words() -> None:
    told = _candidates("Most of those who swim in Kirk Bay are aged 9-18.", "他们把渡轮的经营权移交给 Heron 先生。")
    aged = _pointing("Which age group swims most?", "The average age in Kirk Bay is 9-18 years old.")
    assert [candidate.n for candidate in aged.at(told)] == [1]
    owned = _pointing("渡轮归谁所有？", "渡轮归儿子 Heron 所有。")
    assert [candidate.n for candidate in owned.at(told)] == [2]


def test_beside_its_number_no_word_is_needed_where_the_statement_answers_by_itself() -> None:
    told = _candidates("Closing days: 24 December, staff outing 22 February 2027.")
    asked, words = "Which day in February is the pool shut?", "The pool will not be open on 22 February 2027."
    assert _pointing(asked, words).at(told)
    assert not _pointing(asked, words).at([replace(told[0], answers=False)])
    assert not _pointing(asked, "The pool will not be open on 21 February 2027.").at(told)


def test_what_no_statement_has_points_nowhere() -> None:
    assert not _pointing("渡轮的昵称是什么？", "渡轮的昵称是“白鲸”。").at(FERRIES)


def test_words_that_add_nothing_point_nowhere() -> None:
    assert not _pointing("渡轮在港口停靠吗？", "渡轮在港口停靠。").at(FERRIES)


def test_what_words_differ_from_is_meant_where_no_statement_has_them() -> None:
    told = _candidates("The ferry Gull carries 40 cars.", "The ferry Gull sails at noon.")
    cited = Citation(1, "d", "p", 1, 0, 31, "The ferry Gull carries 40 cars.", verified=False, document_id=1)
    words = "The ferry carries 60 cars."
    found = _pointing("How many cars?", words, "differs", (replace(cited, sentence=words),)).at(told)
    assert [candidate.n for candidate in found] == [1]
    assert not _pointing("How many cars?", words, "differs", (replace(cited, sentence="Another."),)).at(told)


def test_another_number_points_nowhere() -> None:
    told = _candidates("The ferry Gull carries 40 cars and the crew of the harbour.")
    asked = "What does the ferry carry?"
    assert _pointing(asked, "The ferry carries 40 cars.").at(told)
    assert not _pointing(asked, "The ferry carries 60 cars.").at(told)


def test_what_the_title_says_need_not_be_in_the_statement_pointed_at() -> None:
    told = [replace(one, answers=False) for one in _candidates("Children must be at least 1.10 m tall to climb.")]
    words = "Children must be at least 1.10 m tall to climb the lighthouse tower of Kirk Bay."
    checked = Checked(words, (CheckedSentence(words, (), "unsupported"),))
    hit = Hit(1, 0.5, "Kirk Bay lighthouse", "p", 1, ("The tower",), 0, 47, told[0].statement.text, 1, 1)
    assert Pointing("How tall must a child be?", checked, (), [hit]).at(told)
    assert not Pointing("How tall must a child be?", checked).at(told)


def test_nor_a_number_that_the_title_has() -> None:
    """The month stands above a chat's messages, which say the day alone."""
    told = _candidates("改周一（9 日）下午 4 点以后到。")
    words = "11月9日，下午4点以后能去拿。"
    checked = Checked(words, (CheckedSentence(words, (), "unsupported"),))
    hit = Hit(1, 0.5, "聊天记录（2026 年 11 月）", "p", 1, (), 0, 18, told[0].statement.text, 1, 1)
    assert Pointing("丑橘改成哪天到，几点以后能去拿？", checked, (), [hit]).at(told)
    assert not Pointing("丑橘改成哪天到，几点以后能去拿？", checked, (), [replace(hit, document="聊天记录")]).at(told)


@pytest.mark.parametrize(
    ("sentence", "told", "points"),
    [
        ("Heather房车带厕所。", "Van: Heather; Sleeps: 5; Toilet: yes", True),  # more Latin letters than Han
        ("Poppy房车带厕所。", "Van: Heather; Sleeps: 5; Toilet: yes", False),
        (
            "The tutor's name is LoRA.",
            "LoRA：仅更新低秩适应矩阵。",
            True,
        ),  # of English words a Chinese statement has only the names
        ("The tutor is very good.", "LoRA：仅更新低秩适应矩阵。", False),
    ],
)
def test_whichever_script_has_more_letters_a_name_points_across(sentence: str, told: str, points: bool) -> None:
    assert bool(_pointing("？", sentence).at(_candidates(told))) is points


def test_a_name_in_the_other_language_s_script_points_across() -> None:
    told = _candidates("The captain of the ferry is Ruth Amsel.", "The cook of the ferry is Jan Heller.")
    found = _pointing("渡轮的船长叫什么？", "渡轮的船长叫 Ruth Amsel。").at(told)
    assert [candidate.n for candidate in found] == [1]


def test_beside_its_number_a_word_that_the_question_has_says_nothing() -> None:
    told = _candidates("渡轮每天在港口停靠三次。", "渡轮每周检修一次。")
    found = _pointing("渡轮停靠的次数是多少？", "停靠数是 3 次。").at(told)
    assert [candidate.n for candidate in found] == [1]
    assert not _pointing("渡轮停靠的次数是多少？", "船员三人换班。").at(told)


def test_whether_words_add_a_number() -> None:
    assert _pointing("渡轮停靠几次？", "渡轮停靠 3 次。").numeric
    assert not _pointing("渡轮的昵称是什么？", "渡轮的昵称是“海鸥”。").numeric
