"""The statement that words without proof point at."""

from __future__ import annotations

from agents.proof.answering import Answering
from agents.proof.pointing import Pointing
from agents.proof.quotes import Candidate
from agents.proof.statements import Statement


def _candidates(*texts: str, answers: bool = True) -> list[Candidate]:
    judged = Answering(0.3, "" if answers else "subject")
    return [Candidate(n, Statement(((0, len(t)),), t), 1.0, judged, answers) for n, t in enumerate(texts, 1)]


FERRIES = _candidates("渡轮的船身漆成蓝色，船员叫它“海鸥”。", "渡轮每天在港口停靠三次。")


def test_a_far_paraphrase_points_at_the_statement_that_has_its_name() -> None:
    found = Pointing("渡轮的昵称是什么？", ["渡轮的昵称是“海鸥”。"]).at(FERRIES)
    assert [candidate.n for candidate in found] == [1]


def test_what_no_statement_has_points_nowhere() -> None:
    assert not Pointing("渡轮的昵称是什么？", ["渡轮的昵称是“白鲸”。"]).at(FERRIES)


def test_words_that_add_nothing_point_nowhere() -> None:
    assert not Pointing("渡轮在港口停靠吗？", ["渡轮在港口停靠。"]).at(FERRIES)


def test_only_statements_that_answer_are_meant() -> None:
    told = _candidates("The crew calls the ferry the Gull.", answers=False)
    assert not Pointing("What is the ferry's nickname?", ["Its nickname is the Gull."]).at(told)


def test_another_number_points_nowhere() -> None:
    told = _candidates("The ferry Gull carries 40 cars and the crew of the harbour.")
    asked = "What does the ferry carry?"
    assert Pointing(asked, ["The ferry carries 40 cars."]).at(told)
    assert not Pointing(asked, ["The ferry carries 60 cars."]).at(told)


def test_a_name_in_the_other_language_s_script_points_across() -> None:
    told = _candidates("The captain of the ferry is Ruth Amsel.", "The cook of the ferry is Jan Heller.")
    found = Pointing("渡轮的船长叫什么？", ["渡轮的船长叫 Ruth Amsel。"]).at(told)
    assert [candidate.n for candidate in found] == [1]


def test_a_bare_number_is_told_from_words() -> None:
    asked = "渡轮停靠几次？"
    assert Pointing(asked, ["渡轮停靠 3 次。"]).bare_number
    assert not Pointing(asked, ["渡轮每天在港口停靠 3 次，船员换班。"]).bare_number
