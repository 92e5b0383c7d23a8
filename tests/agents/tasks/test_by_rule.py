"""The loop with a model that is not asked: parts of the task, sums, quotes with their proof."""

from __future__ import annotations

import pytest

from agents import tool
from agents.chat.parts import parts
from agents.tasks.export import as_answer
from agents.tasks.spoken_tools import arithmetic, calendar, is_sum
from agents.tools.adapting import adapt
from agents.tools.calculator import calculator_tool
from agents.tools.date_time import date_time_tool
from tests.agents.tasks import stage as s


@pytest.mark.parametrize(
    ("task", "pieces"),
    [
        ("What is the warranty?", ["What is the warranty?"]),
        ("What is the warranty? How long is the notice?", ["What is the warranty?", "How long is the notice?"]),
        ("年假有几天？试用期多久？", ["年假有几天？", "试用期多久？"]),
        ("Find the leave days; find the travel budget", ["Find the leave days", "find the travel budget"]),
        ("1. the leave\n2. the budget", ["the leave", "the budget"]),
        ("先查年假，然后查病假", ["先查年假", "查病假"]),
        ("Compare the hotel rates in Germany and China", ["the hotel rates in Germany", "the hotel rates in China"]),
        ("比较上海和北京的住宿标准", ["上海的住宿标准", "北京的住宿标准"]),
        ("比较上海和北京的住宿标准；然后计算 3*550", ["上海的住宿标准", "北京的住宿标准", "计算 3*550"]),
        ("Compare Bonn and Kiel, then find the budget", ["Bonn", "Kiel", "find the budget"]),
        ("离2027年3月31日还有几天？", ["离2027年3月31日还有几天？"]),
        ("查年假，还有病假", ["查年假", "病假"]),
        ("What is the level now, and is that enough?", ["What is the level now", "is that enough?"]),
        ("We're nearly out of lime. Order 12 sacks.", ["We're nearly out of lime. Order 12 sacks."]),
        ("I want a list. Write it to lime.txt.", ["I want a list.", "Write it to lime.txt."]),
        ("Ruth Ames wants a loom. Hire it out.", ["Ruth Ames wants a loom. Hire it out."]),
        (
            "The kiln could fail tonight. Write whom I ring to k.txt.",
            ["The kiln could fail tonight. Write whom I ring to k.txt."],
        ),
        ("Twenty of us want the loft. What does that cost?", ["Twenty of us want the loft. What does that cost?"]),
        ("Send the choir the plan. Book them a hall.", ["Send the choir the plan.", "Book them a hall."]),
        ("三中要是想少来几个人，最晚哪天说？", ["三中要是想少来几个人，最晚哪天说？"]),
        (
            "Suppose we take 50. What is the price, and on which weekday do they come?",
            ["Suppose we take 50. What is the price", "on which weekday do they come?"],
        ),
        (
            "What does the kiln read, and do I have to do anything?",
            ["What does the kiln read", "do I have to do anything?"],
        ),
        ("I stay for 3 nights. What do I pay?", ["I stay for 3 nights. What do I pay?"]),
        ("我住三晚。一共多少钱？", ["我住三晚。一共多少钱？"]),
        (
            "Which is dearer, a loom or a wheel, and what is the difference in euros?",
            ["Which is dearer, a loom or a wheel, what is the difference in euros?"],
        ),
    ],
)
def test_parts_of_a_task(task: str, pieces: list[str]) -> None:
    assert parts(task) == pieces


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("How much is 17*(3+4)?", "17*(3+4)"),
        ("2,300 × 12", "2,300 * 12"),
        ("100 ÷ 8 - 2%", "100 / 8 - 2%"),
        ("计算（12+8）×3", "(12+8)*3"),
        ("in 2020-2024", ""),
        ("call 555-1234", ""),
        ("on 2024-05-06", ""),
        ("room 12", ""),
        ("no numbers", ""),
        ("Compute 12% of 4,500 plus 30", "12% * 4,500 + 30"),
        ("What is seven times twelve?", "7 * 12"),
        ("What is twenty-five minus three plus 1.5?", "25 - 3 + 1.5"),
        ("what is 90 divided by 4", "90 / 4"),
        ("4500的12%加30是多少", "12% * 4500 + 30"),
        ("80乘以3减20等于多少？", "80 * 3 - 20"),
        ("一百二十加三十是多少", "120 + 30"),
        ("How much is four thousand plus two hundred and five?", "4000 + 205"),
        ("What is 5% of two million?", "5% * 2000000"),
        ("三点五乘以四等于几？", "3.5 * 4"),
        ("It failed three times two days ago", ""),
        ("12% of the 4,500 staff", ""),
    ],
)
def test_sums_are_found(text: str, found: str) -> None:
    assert arithmetic(text) == found


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("How many days until 31 March 2027?", {"date": "today", "until": "31 March 2027"}),
        ("How many working days are there between 2026-05-01 and 2026-06-01?",
         {"date": "2026-05-01", "until": "2026-06-01"}),
        ("How long is it from 2 May 2026 to 5 July 2026", {"date": "2 May 2026", "until": "5 July 2026"}),
        ("What day of the week is 2026-12-25?", {"date": "2026-12-25"}),
        ("What is the date today?", {"date": "today"}),
        ("离2027年3月31日还有几天？", {"date": "today", "until": "2027年3月31日"}),
        ("从2026年5月1日到2026年6月1日有多少个工作日？", {"date": "2026年5月1日", "until": "2026年6月1日"}),
        ("2026年12月25日是星期几？", {"date": "2026年12月25日"}),
        ("离2028年3月31日还有几个礼拜？", {"date": "today", "until": "2028年3月31日"}),
        ("今天几号？", {"date": "今天"}),
        ("How many days until the contract ends?", {}),
        ("What day is pay day?", {}),
        ("离试用期结束还有几天？", {}),
        ("年假有几天？", {}),
        ("从入职到转正有几天？", {}),
        ("How many days of leave do I get?", {}),
        ("What is the date of the contract?", {}),
    ],
)  # fmt: skip
def test_questions_to_the_calendar_are_found_and_no_others(text: str, arguments: dict[str, str]) -> None:
    assert calendar(text) == arguments


def test_a_date_is_worked_out_and_cited(stage) -> None:
    tools = [*stage.tools, date_time_tool()]
    result, _ = stage.ended(kind="rule", task="How many days are there between 2026-05-01 and 2026-06-01?", tools=tools)
    assert result.status == "done"
    assert "31 days" in result.text
    assert result.citations[0].document == "date_time"


def test_signs_alone_are_nothing_to_look_up(stage) -> None:
    result, _ = stage.ended(kind="rule", task="???")
    assert result.status == "gave_up"


def test_only_a_bare_sum_is_sum() -> None:
    assert is_sum("What is 17*(3+4)?")
    assert not is_sum("Find the number of employees in the handbook and multiply it: how much is 3*4 then?")
    assert not is_sum("What is the warranty?")


def test_a_part_is_looked_up_and_quoted(stage) -> None:
    result, events = stage.ended(kind="rule", task="How many days of annual leave do employees have?")
    assert result.status == "done"
    assert events[0].by == "rule"
    assert "15 days of paid annual leave" in result.text
    assert result.citations
    assert all(citation.verified for citation in result.citations)
    assert stage.model.received == []


def test_every_part_has_its_place_and_its_own_numbers(stage) -> None:
    tools = [*stage.tools, calculator_tool()]
    result, _ = stage.ended(
        kind="rule", task="How many days of annual leave do employees have? How much is 17*(3+4)?", tools=tools
    )
    assert result.status == "done"
    assert "**How much is 17*(3+4)?**" in result.text
    assert "119 [" in result.text
    by_document = {citation.document: citation for citation in result.citations}
    assert by_document["calculator"].path.startswith("call:")
    assert "119" in by_document["calculator"].quote
    for citation in result.citations:
        assert f"[{citation.n}]" in result.text


def test_chinese_parts_are_answered_in_chinese(stage) -> None:
    result, _ = stage.ended(kind="rule", task="员工每年享有几天年假？")
    assert "15天带薪年假" in result.text


def test_what_the_documents_do_not_answer_is_said(tmp_path) -> None:
    stage = s.Stage(tmp_path, "The canteen opens at 8 am.", sufficient=False)
    result, _ = stage.ended(kind="rule", task="Who is the chief executive?")
    assert result.status == "gave_up"
    assert "documents don't answer" in result.reason
    assert result.citations == ()


def test_what_is_left_open_is_named(stage) -> None:
    tools = [tool for tool in stage.tools if tool.name == "search_documents"]
    found = stage.shelf.evidence

    def evidence(query, hits, kb="default"):
        verdict = found(query, hits, kb)
        verdict.sufficient = "leave" in query
        return verdict

    stage.shelf.evidence = evidence
    result, _ = stage.ended(
        kind="rule", task="How many days of annual leave are there? Who founded the company?", tools=tools
    )
    assert result.status == "gave_up"
    assert "15 days" in result.text
    assert "Not found out: “Who founded the company?”" in result.text


def test_without_a_tool_for_it_a_step_fails(stage) -> None:
    result, _ = stage.ended(kind="rule", task="Anything?", tools=[])
    assert (result.status, result.steps) == ("gave_up", ())


def test_an_own_tool_is_called_with_what_the_question_says(stage) -> None:
    task = "Please add 3 and 4."
    result, _ = stage.ended(s.call("add", a=3, b=4), kind="rule", task=task, own=["add"])
    assert result.status == "done"
    assert result.text.startswith("add (3, 4): 7.0")
    assert result.citations[0].path == f"call:{result.steps[0].call.id}"
    assert [options["tool_choice"] for options in stage.model.options] == ["any"]


@pytest.mark.parametrize("reply", [s.call("add", a=3, b=99), s.call("add"), "no call", "", TypeError("broken")])
def test_what_a_small_model_makes_up_is_not_called(stage, reply) -> None:
    result, _ = stage.ended(reply, kind="rule", task="Please add 3 and 4 days of annual leave.", own=["add"])
    assert [record.call.tool for record in result.steps] == ["search_documents"]


def test_an_own_tool_that_is_not_meant_is_not_called(stage) -> None:
    result, _ = stage.ended(kind="rule", task="How many days of annual leave do employees have?", own=["add", "send"])
    assert [record.call.tool for record in result.steps] == ["search_documents"]


@pytest.mark.parametrize("written", ["red", "Red", "red_team", "red team", "team red"])
def test_what_the_question_says_is_taken_as_it_says_it(stage, written) -> None:
    asked: list[str] = []

    @tool
    def headcount(team: str) -> int:
        "People in a team."
        asked.append(team.lower())
        return 7

    reply = s.call("headcount", team=written)
    task = "How many people are in the red team?"
    result, _ = stage.ended(reply, kind="rule", task=task, own=["headcount"], tools=[*stage.tools, adapt(headcount)])
    assert asked == ["red"]
    assert result.text.startswith("headcount")


@pytest.mark.parametrize(
    ("page", "task", "status"),
    [
        ("The ferry's dog bites nobody.", "What is the ferry's dog called?", "gave_up"),
        ("The ferry's dog is Rollo and bites nobody.", "What is the ferry's dog called?", "done"),
        ("Rollo is the ferry's dog.", "What is the name of the ferry's dog?", "done"),
        ("渡船上的狗不咬人。", "渡船上的狗叫什么名字？", "gave_up"),
        ("渡船上的狗叫大黄，不咬人。", "渡船上的狗叫什么名字？", "done"),
        ("A rope for members costs 9 euros.", "How much do members save on a rope?", "gave_up"),
        ("On a rope members save 9 euros.", "How much do members save on a rope?", "done"),
        ("会员买缆绳 9 元。", "会员买缆绳便宜多少钱？", "gave_up"),
        ("会员买缆绳便宜 9 元。", "会员买缆绳便宜多少钱？", "done"),
    ],
)
def test_a_name_is_told_by_a_name_and_what_is_saved_by_no_price(stage, page, task, status) -> None:
    stage.shelf = s.shelf.Shelf(page)
    result, _ = stage.ended(task=task, kind="rule", gathers=True)
    assert result.status == status


@pytest.mark.parametrize(
    ("page", "task"),
    [
        ("Called off a week before: three fifths come back.", "What share did the family with BO-287 have back?"),
        ("提前一周退订，退三成。", "编号 BO-287 退了多少？"),
    ],
)
def test_what_comes_nearest_is_shown_where_nothing_is_found_out(stage, page, task) -> None:
    stage.shelf = s.shelf.Shelf(page)
    result, _ = stage.ended(task=task, kind="rule", gathers=True)
    assert (result.status, result.abstained) == ("gave_up", True)
    assert [(one.quote, one.verified, one.sentence) for one in result.citations] == [(page, True, "")]
    assert as_answer(result).abstained


@pytest.mark.parametrize(
    ("page", "task", "status"),
    [
        ("提前 3 到 6 天退订，退七成。", "订单 R-571 要是提前四天退，能退几成？", "done"),
        ("提前 3 到 6 天退订，退七成。", "订单 R-571 退了几成？", "gave_up"),
        ("提前 3 到 6 天退订，退七成。R-570 已退订，退了三成。", "要是 R-571 退订，能退几成？", "gave_up"),
        (
            "A booking cancelled four days before: 60 per cent is paid back.",
            "If booking TC-388 is cancelled four days before, what share is paid back?",
            "done",
        ),
        (
            "A booking cancelled four days before: 60 per cent is paid back.",
            "What share of booking TC-388 was paid back?",
            "gave_up",
        ),
        ("If the pump shows E301, it is cleaned.", "If the pump shows E312, what is done?", "gave_up"),
    ],
)
def test_a_rule_holds_for_any_order_that_a_question_supposes_something_of(stage, page, task, status) -> None:
    stage.shelf = s.shelf.Shelf(page)
    result, _ = stage.ended(task=task, kind="rule", gathers=True)
    assert result.status == status
