"""What facts come to by rule, and what they answer as they are."""

from __future__ import annotations

from typing import Any

import pytest

from agents.chat.parts import parts
from agents.llm.scripted import ScriptedChat
from agents.tasks.amounts import amounts
from agents.tasks.call_checks import mixed_up, unheard, unheard_days
from agents.tasks.effort import LEVELS
from agents.tasks.events import Call, StepRecord
from agents.tasks.evidence import Evidence
from agents.tasks.findings import finding_of
from agents.tasks.gathering import Gatherer
from agents.tasks.known import answered, file_wanted, known
from agents.tasks.reckoning import reckoned
from agents.tasks.tariffs import tariff, times
from agents.tools.adapting import adapt
from agents.tools.calculator import calculator_tool
from agents.tools.date_time import date_time_tool
from agents.tools.files import file_tools
from agents.tools.folder.allowed import open_folder
from agents.tools.function import tool
from agents.tools.tool import Observation, Tool
from tests.agents import shelf
from tests.agents.tasks import stage as s

DOCK = "Works on the pier\n\nThe pier of Marn is closed from 4 May 2031 on. It opens to the public again 30 days after that day."
PUMPS = "北湾泵站八月用电 410 度，用水 12 吨。\n南岬泵站八月用电 265 度，为最少的一个。\n石滩泵站八月用电 330 度。"
BOATS = "Ostby sold 17 boats in the spring. Fell Quay sold 9 boats in the spring, two of them abroad."
FEES = "加班费每小时：采购组 60 元，仓储组 48 元，门卫 35 元。"
FERRY = "A kayak costs 12 euros a day. A rowing boat costs 20 euros a day."
KILN = "From 3 February 2031 the kiln is cold while it is repaired. It opens again 12 days later."
LESSONS = "帆船课每次学费 140 元，独木舟课每次学费 95 元，材料另计。"
LOOM = "A loom is rented out for 30 euros a week, a spinning wheel for 9 euros a week."
REPAIR = "The repair of the loom began on 3 March 2031 and takes three weeks."
TOUR = "The choir's tour begins on 3 May 2031. Its last concert is 20 days after that."
BERTHS = "单人小艇租金 30 元，双人小艇租金 52 元，儿童小艇 12 元。"
GOATS = ["Ostby has 90 goats. Ostby got 6 new goats.", "Marn has 75 goats. Marn got 4 new goats."]
STORES = [
    "东库五月入库 80 箱，破损登记 4 件。",
    "西库五月入库 65 箱，破损共 12 件；修理支出 300 元。",
    "北库五月入库 70 箱，破损 7 件。",
]
WASHING = (
    "| Job | Coat | Rug | Curtain |\n| --- | --- | --- | --- |\n| Washing | 18 | 41 | 23 |\n| Mending | 9 | 30 | 12 |"
)
CLEANING = "| 项目 | 外套 | 窗帘 | 地毯 |\n| --- | --- | --- | --- |\n| 干洗 | 26 | 31 | 55 |\n| 熨烫 | 9 | 12 | 14 |"
CABLE = "| 票种 | 价格（元） |\n| --- | --- |\n| 单人缆车票 | 35 |\n| 双人缆车票 | 64 |\n| 狗票 | 12 |"
HERD = (
    "| herd | barn | goats |\n| --- | --- | --- |\n| Ostby | upper | 42 |\n| Marn | upper | 65 |\n| Brill | lower | 9 |"
)
HERDS = (
    "| 群 | 羊棚 | 羊 |\n| --- | --- | --- |\n| 东群 | 上棚 | 42 只 |\n| 西群 | 上棚 | 65 只 |\n| 北群 | 下棚 | 9 只 |"
)
PASSES = "| pass | price |\n| --- | --- |\n| Single pass | 19 euros |\n| Family pass | 44 euros |"
WEIR = "The weir is closed from 3 March 2031 and opens again on 12 April 2031."
CUTS = "The walk to Ostby takes 40 minutes. The walk to Marn takes 1.5 hours."
QUAY = "The plans of the quay can be seen from 2 June 2031. The last day to object is 30 days after that."
SHEDS = "The upper shed has 14 rows. The lower shed has 22 rows. The old shed has 9 rows."
WING = "The east wing is emptied for painting on 3 March 2031. Exactly 20 days after that it is back in use."
HOIST = "货梯于2031年3月5日年检。年检有效期为14个月。"
LIFT = "The lift is tested on 5 March 2031. The test is valid for 14 months."
SIREN = "The siren was tried on 5 March 2031. It is to be tried again within 60 days."
RAFT = "The raft was tried on 5 March 2031 and is to be tried again after 9 months."
COVER = "摆渡船的保险到2031年3月5日为止，须在到期前 20 天续保。"
PILOT = "The pilot's licence runs until 5 March 2031 and has to be renewed 45 days before it ends."
MENDED = "| 周 | 工时 | 艘数 |\n| --- | --- | --- |\n| 第一周 | 4 | 12 |\n| 第三周 | 6 | 19 |"
GAS = ["Gas: 210 therms in Ostby, of which the kitchen took 60.", "Gas: 185 therms in Marn, kitchen 40."]
UPKEEP = "织机于 2031 年 10 月 26 日装好，自装好之日起 90 天内由厂家免费保养。"
LEASE = (
    "Lease of the barn, signed on 3 March 2031.\nThe lease of the barn began on 1 April 2031 and runs for 36 months."
)
HORSES = ["Taken in at Ostby: 64 horses, 19 of them lame.", "71 horses were taken in at Marn, 24 of them lame."]
PUMP = "The pump is renewed on 18 June 2031 and from then on it is checked every 90 days."
COURSES = (
    "The autumn course begins on 8 September 2031, the winter course on 1 December 2031.\n"
    "The test is held 5 days before a course begins. It takes an hour."
)
KURSE = "秋季班 9 月 8 日开课，冬季班 12 月 1 日开课。\n分班测试在开课前 5 天进行。"
SCOUTS = (
    "The Scouts arrive on Friday 28 May 2031 and leave on Tuesday 1 June 2031.\nThe number of tents may be lowered free of "
    "charge until 3 weeks before they arrive."
)
SEARCH = [Tool("search_documents", "Search.", {"type": "object", "properties": {}}, lambda *_: None)]


def evidence(task: str, *pages: str) -> Any:
    return Gatherer(shelf.Shelf(*pages)).gather(task, "default", SEARCH, lambda *_: None)


@pytest.mark.parametrize(
    ("task", "pages", "arguments"),
    [
        ("How many boats did Ostby and Fell Quay sell in all?", [BOATS], {"expression": "17 + 9"}),
        ("北湾、南岬和石滩三个泵站八月一共用了多少度电？", [PUMPS], {"expression": "410 + 265 + 330"}),
        ("采购组和仓储组的加班费哪个高？每小时相差多少元？", [FEES], {"expression": "60 - 48"}),
        ("Which costs more, a kayak or a rowing boat, and how many euros more?", [FERRY], {"expression": "20 - 12"}),
        ("On which date does the pier open to the public again?", [DOCK], {"date": "2031-05-04", "add": "30 days"}),
        ("How much gas did Ostby and Marn use in all?", GAS, {"expression": "210 + 185"}),
        (
            "八月三条渡船一共运了多少客人？",
            ["八月三条渡船：甲船运客 1689 人，乙船 340 人，丙船 95 人。"],
            {"expression": "1689 + 340 + 95"},
        ),
        (
            "八月三条渡船一共运了多少客人？",
            [
                "八月三条渡船：甲船运客 689 人，乙船 340 人，丙船 95 人。",
                "七月三条渡船：甲船运客 301 人。",
                "渡船：甲船坐 60 人。",
            ],
            {"expression": "689 + 340 + 95"},
        ),
        ("八月四条渡船一共运了多少客人？", ["八月四条渡船：甲船运客 1689 人，乙船 340 人，丙船 95 人。"], None),
        ("三个泵站八月用电合计多少度？", PUMPS.split("\n"), {"expression": "410 + 330 + 265"}),
        ("两个泵站八月用电合计多少度？", PUMPS.split("\n"), None),  # three documents say something of the kind
        ("When does the kiln open again?", [KILN], {"date": "2031-02-03", "add": "12 days"}),
        ("When is the last concert of the choir's tour?", [TOUR], {"date": "2031-05-03", "add": "20 days"}),
        (
            "双人小艇比单人小艇贵多少钱？",
            [BERTHS],
            {"expression": "52 - 30"},
        ),  # of three amounts, the two that are named
        (
            "How many rows are in the upper shed, the lower shed and the old shed, all told?",
            [SHEDS],
            {"expression": "14 + 22 + 9"},
        ),
        ("帆船课和独木舟课每次的学费相差多少元？哪个更贵？", [LESSONS], {"expression": "140 - 95"}),
        ("东库、西库和北库五月登记的破损合计多少件？", STORES, {"expression": "4 + 12 + 7"}),
        (
            "How many rows are in the upper shed, the lower shed and the old shed in all?",
            [SHEDS],
            {"expression": "14 + 22 + 9"},
        ),
        # of one thing several numbers are told: the one that says what is asked
        ("东库、西库和北库五月入库合计多少箱？", STORES, {"expression": "80 + 65 + 70"}),
        ("How many new goats came to Ostby and Marn in all?", GOATS, {"expression": "6 + 4"}),
        ("How many lame goats were there in Ostby and Marn in all?", GOATS, None),
        # what a number counts stands before it, and the year that is asked about is no amount
        (
            "How many visitors came to the upper mill and the lower mill together, summer 2031?",
            ["The upper mill, summer 2031\nVisitors: 640.", "The lower mill had 512 visitors in summer 2031."],
            {"expression": "640 + 512"},
        ),
        # of rows that have one such cell each, the others say what it is of; not where two of one are asked for
        ("双人缆车票跟单人缆车票差多少钱？", [CABLE], {"expression": "64 - 35"}),
        ("How many euros dearer is the family pass than two single passes?", [PASSES], None),
        # a rate, and for how many
        ("I want to rent a loom for 4 weeks. What is the rent altogether?", [LOOM], {"expression": "30 * 4"}),
        ("借织机 6 天，租金一共多少元？", ["织机租金每台每天 25 元，纺车每台每天 14 元。"], {"expression": "25 * 6"}),
        ("What does 5 kg of wool cost to dye in all?", ["Dyeing costs 160 yuan a day."], None),
        # what begins on a day and lasts
        (
            "海鸥艇的第二次检修在哪一天？",
            ["海鸥艇第一次检修定于 2031 年 5 月 3 日，20 天后第二次检修。"],
            {"date": "2031-05-03", "add": "20 天"},
        ),
        ("When will the repair of the loom be finished?", [REPAIR], {"date": "2031-03-03", "add": "three weeks"}),
        # in the unit of the first, whatever it is kept in
        ("How long do the walks to Ostby and Marn take together?", [CUTS], {"expression": "40 + 90"}),
        # cells of one row that the question names, a name and its value under no header
        ("How much dearer is washing for a rug than for a coat?", [WASHING], {"expression": "41 - 18"}),
        # how long, by the days on which it begins and ends
        ("织机的免费保养到哪一天为止？", [UPKEEP], {"date": "2031-10-26", "add": "90 天"}),
        ("The lease of the barn: on which day does it end?", [LEASE], {"date": "2031-04-01", "add": "36 months"}),
        ("How many horses did Ostby and Marn take in together?", HORSES, {"expression": "64 + 71"}),
        ("How many days is the weir closed?", [WEIR], {"date": "2031-03-03", "until": "2031-04-12"}),
        ("Until what day may one object to the quay?", [QUAY], {"date": "2031-06-02", "add": "30 days"}),
        # what is back, what is done every so often, and how long before a day something must be done
        (
            "From what date on can guests sleep in the east wing again?",
            [WING],
            {"date": "2031-03-03", "add": "20 days"},
        ),
        ("On which date is the first check of the pump?", [PUMP], {"date": "2031-06-18", "add": "90 days"}),
        (
            "My flight is on 9 August 2031. What is the last day to hand in the form?",
            ["The form has to be handed in at least two weeks before the flight. A photo costs 3 euros."],
            {"date": "2031-08-09", "add": "-two weeks"},
        ),
        ("When is the east wing emptied?", [WING], None),
        ("When is the pump checked for the third time?", [PUMP], None),
        ("When does the lift's next test fall due?", [LIFT], {"date": "2031-03-05", "add": "14 months"}),
        ("货梯下一次年检是哪天？", [HOIST], {"date": "2031-03-05", "add": "14个月"}),
        ("When is the lift tested?", [LIFT], None),
        ("By which day must the siren be tried again?", [SIREN], {"date": "2031-03-05", "add": "60 days"}),
        ("When was the siren tried?", [SIREN], None),
        ("By when must the raft be tried again?", [RAFT], {"date": "2031-03-05", "add": "9 months"}),
        ("摆渡船最晚哪天要续保？", [COVER], {"date": "2031-03-05", "add": "-20 天"}),
        ("摆渡船的保险到哪天为止？", [COVER], None),
        ("摆渡船的保险最晚哪天到期？", [COVER], None),
        (
            "What is the last day on which the pilot's licence can be renewed?",
            [PILOT],
            {"date": "2031-03-05", "add": "-45 days"},
        ),
        ("What is the last day of the pilot's licence?", [PILOT], None),
        ("By when does the raft need its next trial?", [f"{RAFT} {PILOT}"], {"date": "2031-03-05", "add": "9 months"}),
        ("第三周比第一周多修了多少艘？", [MENDED], {"expression": "19 - 12"}),
        ("On which day of the week is the lift tested?", [LIFT], {"date": "2031-03-05"}),
        ("货梯年检那天是星期几？", [HOIST], {"date": "2031-03-05"}),
        ("On which weekday is it closed?", ["Closed on Monday, 3 March 2031."], None),
        # So long before an event whose day another statement of the document gives.
        ("When is the test for the autumn course?", [COURSES], {"date": "2031-09-08", "add": "-5 days"}),
        ("When is the test for the winter course?", [COURSES], {"date": "2031-12-01", "add": "-5 days"}),
        ("冬季班的分班测试是哪一天？", [KURSE], {"date": "12 月 1 日", "add": "-5 天"}),
        ("Until when can the number of tents be lowered?", [SCOUTS], {"date": "2031-05-28", "add": "-3 weeks"}),
        ("When does the autumn course begin?", [COURSES], None),
        (
            "古装租一个星期比现代装贵多少钱？",
            ["| 种类 | 一天 | 一周 |\n| --- | --- | --- |\n| 古装 | 80 | 320 |\n| 现代装 | 45 | 190 |"],
            {"expression": "320 - 190"},
        ),
        ("On what day do the Scouts leave?", [SCOUTS], None),
        # What is stated as it is, or worked out in its table, needs no sum; what is open is left open.
        ("When is the pier of Marn closed?", [DOCK], None),
        ("外套和地毯的干洗一共多少钱？", [CLEANING], None),
        ("外套和地毯的熨烫一共多少钱？", [CLEANING], None),
        ("How many boats did Ostby and Brill Sound sell in all?", [BOATS], None),
        ("How many boats did Ostby and Fell Quay sell?", [BOATS], None),
        ("What did Ostby and Fell Quay earn in all?", [BOATS], None),
    ],
)
def test_what_facts_come_to(task: str, pages: list[str], arguments: Any) -> None:
    found = reckoned(parts(task)[0], evidence(task, *pages))
    assert (found.arguments if found else None) == arguments


@pytest.mark.parametrize(
    ("task", "answered"),
    [
        ("What does a kayak cost a day?", True),
        ("What do 3 kayaks cost a day?", False),  # to be worked out
        ("What does a kayak cost a day in yuan?", False),  # in another unit
        ("Write the price of a kayak to prices.txt.", False),  # to be done
        ("Ask what a kayak costs and book one.", False),
    ],
)
def test_what_a_fact_answers_as_it_is(task: str, answered: bool) -> None:
    assert bool(known(task, task, evidence(task, FERRY))) == answered


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ("finished repairs; 31", "of finished repairs"),
        ("事项：调解；数量：9 起", "of 起"),
        ("type: kayak; price (EUR): 12", "euros"),
        ("shed: north; repairs: 4", "of repairs"),
        ("room: oak; price per night in euros: 38", "euros"),
        ("房间：松；每晚价格（元）：38", "yuan"),
        ("who: dog; one way (£): 0", "pounds"),
        ("who: dog; day return (£): 3", "pounds"),
        ("类型：湖边；平日（元/晚）：168", "yuan"),
    ],
)
def test_a_cell_counts_what_it_its_column_or_its_name_says(row: str, kind: str) -> None:
    [(amount, _)] = amounts(row, row=True)
    assert (amount.kind, amount.cell) == (kind, True)


@pytest.mark.parametrize(
    ("task", "page", "said"),
    [
        (
            "What do we pay for the hall for 5 hours?",
            "An hour in the hall costs 22 pounds, for no less than two hours.",
            False,
        ),
        (
            "What do we pay for one hour in the hall?",
            "An hour in the hall costs 22 pounds, for no less than two hours.",
            True,
        ),
        ("What does the hall cost for 30 guests?", "The hall costs 90 pounds for 20 guests or more.", True),
        ("What does the hall cost for 30 guests?", "The hall costs 90 pounds for 10 guests.", False),
        (
            "On which date is the first check of the pump?",
            "The pump is renewed on 18 June 2031 and checked every 90 days.",
            False,
        ),
        ("On which date is the pump renewed?", "The pump is renewed on 18 June 2031.", True),
        ("货梯哪天年检？", HOIST, True),
        ("On what day was the siren tried?", SIREN, True),
        ("货梯年检那天是星期几？", "货梯于3月5日年检。", False),
        ("What is the date of the last tour?", "Six tours, every second Monday, the first on 12 May 2031.", False),
        ("What is the date of the first tour?", "Six tours, every second Monday, the first on 12 May 2031.", True),
        ("库房组有多少人？", "夜班津贴：库房组每班 45 元，门卫组每班 30 元。", False),  # money is no people
        ("补办一把钥匙要交多少工本费？", "补办钥匙工本费 15 元。", True),
        ("渡口哪天以前可以取消而不用付钱？", "渡口取消可以打电话：0559-662 0187。", False),  # which is no day
        ("每班最多几个人？", "每班最多 14 人。", True),
        ("How many hectares does the weir field have?", "Weir field: 28 moorings.", False),  # which are no hectares
        ("How many hectares does the weir field have?", "Weir field: 28 hectares.", True),
        ("补办一把钥匙要付多少钱？", "补办钥匙打八折。", False),  # what is taken off is not what is left
        ("库房组津贴每班多少钱？", "夜班津贴：库房组每班 45 元，门卫组每班 30 元。", True),
        ("How many goats are in the upper barn?", HERD, False),  # each row tells its own, none what they are
        ("How many goats are in the lower barn?", HERD, True),
        ("上棚有多少只羊？", HERDS, False),
        ("下棚有多少只羊？", HERDS, True),
    ],
)
def test_a_fact_answers_only_what_it_meets(task: str, page: str, said: bool) -> None:
    """Neither what is for one answers for five, nor a day from which the one that is asked for is yet to be counted."""
    assert bool(answered(task, task, evidence(task, page))) == said


def test_a_day_that_stands_nowhere_is_not_called_with() -> None:
    known = "The weir is closed from 3 March 2031 on. 施工自 2031 年 4 月 5 日起。"
    assert unheard_days({"date": "2031-03-03", "add": "40 days"}, known) == []
    assert unheard_days({"date": "2031-04-05", "until": "2031-04-15"}, known) == ["2031-04-15"]
    assert unheard_days({"date": "today"}, known) == []


def test_how_many_decides_about_a_price() -> None:
    tiers = [("Lime costs 9 euros a sack.", False), ("Whoever takes 20 sacks or more pays 8 euros a sack.", False)]
    for task, told, expression in (
        ("What do 30 sacks cost in all?", tiers, "8 * 30"),
        ("What do 12 sacks cost in all?", tiers, "9 * 12"),
        ("We take 30 sacks. What is the bill?", tiers[:1], "9 * 30"),
    ):
        found = tariff(task, told)
        assert found is not None
        assert found.arguments == {"expression": expression}


@pytest.mark.parametrize(
    ("task", "page"),
    [
        ("What do 3 kayaks cost?", FERRY),  # not what one does
        (
            "On which date does the ferry sail again?",
            "The ferry is laid up on 2 May 2031. It sails again 9 days after that.",
        ),
    ],
)
def test_what_is_still_to_be_worked_out_is_no_answer(task: str, page: str) -> None:
    assert answered(task, task, evidence(task, page)) == ""


def test_a_question_that_only_adds_to_the_one_before_is_answered_from_the_same_document() -> None:
    pages = ["The yawl costs 900 euros. It is handed over within 3 weeks.", "The hall is let within 5 days."]
    task = "What does the yawl cost, and how soon can we have it?"
    said = {answer.part: [fact.sentence for fact in answer.facts] for answer in evidence(task, *pages).answers}
    assert said["how soon can we have it?"] == ["It is handed over within 3 weeks."]


@pytest.mark.parametrize(
    ("goal", "before", "known", "expression"),
    [
        (
            "what do three nights cost?",
            "What does a cabin cost per night",
            "A cabin costs 64 euros per night.",
            "64 * 3",
        ),
        (
            "连续四年一共多少天？",
            "入职满五年的员工一年有几天年假？",
            "满一年的有 12 天；满五年增至 15 天，满十年增至 20 天。",
            "15 * 4",
        ),
        ("how much is that in three weeks?", "What does it cost per month?", "It costs 5 euros per month.", ""),
        ("what do they cost?", "What does a cabin cost per night", "A cabin costs 64 euros per night.", ""),
        ("what do three dogs cost?", "What does a cabin cost per night", "A cabin costs 64 euros per night.", ""),
    ],
)
def test_several_times_what_was_found_out_of_one(goal: str, before: str, known: str, expression: str) -> None:
    found = times(goal, (known, False), before)
    assert (found.arguments["expression"] if found else "") == expression


@pytest.mark.parametrize(
    ("expression", "wrong"),
    [
        ("160 * 5", True),  # yuan for a day, times kilograms
        ("160 * 5 + 50", True),
        ("45 + 18", True),  # pounds and minutes
        ("45 * 18", True),
        ("160 * 3", False),
        ("160 * 3 + 45 * 2", False),
        ("45 * 7", False),  # seven of what, nobody said
    ],
)
def test_money_for_one_thing_is_not_multiplied_by_another(expression: str, wrong: bool) -> None:
    known = (
        "Drying costs 160 yuan a day.\nWhat do 5 kg cost for 3 days?\nThe fee is £45\nper choir, who sings 18 minutes."
    )
    assert bool(mixed_up(expression, known)) == wrong


def test_a_sum_that_mixes_up_its_numbers_gets_no_tick(stage) -> None:
    stage.shelf = shelf.Shelf("Drying wool in the loft costs 160 yuan a day.")
    tools = [*stage.tools, calculator_tool()]
    wrong = [s.call("calculator", expression="160 * 5"), s.done("It costs 800 yuan.")]
    result, _ = stage.ended(*wrong, *wrong, task="What do 5 kg cost to dry in the loft?", tools=tools, gathers=True)
    assert [record for record in result.steps if record.call.tool == "calculator"] == []
    assert not any("800" in citation.sentence for citation in result.citations if citation.verified)


def test_documents_that_differ_are_both_facts() -> None:
    old, new = "Found keys are kept for 20 days at the desk.", "The desk in Marn keeps found keys for 60 days."
    found = evidence("For how many days are found keys kept?", old, new)
    assert {fact.sentence for fact in found.facts} == {old, new}
    two = ["钥匙押金为 30 元，收取后登记。", "领取钥匙需交押金 10 元，归还时退还。"]
    assert {fact.sentence for fact in evidence("钥匙押金是多少元？", *two).facts} == set(two)
    nearly = [
        "How tickets work\n\nThey may be used within 9 months of purchase.",
        "A ticket is valid for 7 months once bought.",
    ]
    found = evidence("How many months after it was bought can a ticket be used?", *nearly)
    assert {fact.sentence for fact in found.facts} == {page.rpartition("\n")[2] for page in nearly}
    late = ["The boat can be cancelled until 16:00 on the day before.", "The boat can be cancelled free until noon."]
    found = evidence("Until when can the boat be cancelled?", *late)
    assert {fact.sentence for fact in found.facts} == set(late)
    found = evidence("How many months after it was bought can a ticket be used?", *nearly)
    assert {"7", "9"} <= set("".join(fact.sentence for fact in found.facts))
    elsewhere = evidence("For how many days are found keys kept in Marn?", old, "Found dogs are kept for 60 days.")
    assert "dogs" not in " ".join(fact.sentence for fact in elsewhere.facts)


@pytest.mark.parametrize(
    ("expression", "known", "wrong"),
    [
        ("(11+6+19)*3", "三个码头：11 件、6 件、19 件", ["3"]),
        ("3 * (11 + 6 + 19)", "three harbours: 11, 6 and 19", ["3"]),
        ("(11+6+19)/3", "three harbours: 11, 6 and 19", []),  # a mean
        ("(650+80)*3", "three nights at 650 and 80 a day", []),
        ("(3200 + 5180) * 9", "九月的维修费：3200 元、5180 元", ["9"]),  # the month
        ("12 * 650", "650 yuan", []),  # months of a year
        ("(45-30)*2", "45 yuan, 30 yuan", ["2"]),
    ],
)
def test_a_sum_is_of_what_was_stated(expression: str, known: str, wrong: list[str]) -> None:
    assert unheard(expression, known) == wrong


def test_a_sum_that_was_refused_is_not_made_when_it_is_wished_for_again(stage) -> None:
    model = ScriptedChat(replies=[s.call("calculator", expression="15 * 8")], repeat=True)
    task = "How many days of annual leave do employees have after one year?"
    tools = [*stage.tools, calculator_tool()]
    result, _ = stage.ended(model=model, task=task, tools=tools, gathers=True, effort=LEVELS["normal"])
    assert [record.call.tool for record in result.steps if record.call.tool == "calculator"] == []
    assert "120" not in result.text
    assert "15 days" in result.text


@pytest.mark.parametrize(
    ("task", "pages", "said"),
    [
        ("How many boats did Ostby and Fell Quay sell in all?", [BOATS], "17 + 9 = 26 boats"),
        ("On which date does the pier open to the public again?", [DOCK], "2031-06-03"),
        ("采购组和仓储组的加班费哪个高？每小时相差多少元？", [FEES], "60 - 48 = 12 元"),
    ],
)
def test_the_result_says_it_with_its_facts_and_asks_no_model(stage, task: str, pages: list[str], said: str) -> None:
    stage.shelf = shelf.Shelf(*pages)
    tools = [*stage.tools, calculator_tool(), date_time_tool()]
    result, _ = stage.ended(task=task, tools=tools, gathers=True, effort=LEVELS["normal"], chooser=s.Relevant())
    assert result.status == "done"
    assert said in result.text
    assert {fact.sentence for fact in evidence(task, *pages).facts} <= {cited.sentence for cited in result.citations}
    assert len({citation.document for citation in result.citations if citation.verified}) >= 2  # the call and the page
    assert result.unsupported_sentences == ()
    assert stage.model.received == []


@pytest.mark.parametrize(("task", "shown"), [("Whom does the office insure?", False), ("headcount of Support?", True)])
def test_an_own_tool_is_shown_where_the_task_is_about_it(stage, task: str, shown: bool) -> None:
    @tool
    def headcount(team: str, site: str) -> int:
        "How many people are in a team."
        return 9

    stage.shelf.sufficient = False
    options = {"chooser": s.Relevant(), "own": ("headcount",), "tools": [stage.tools[0], adapt(headcount)]}
    stage.ended(s.done("Nobody."), task=task, gathers=True, effort=LEVELS["normal"], **options)
    names = [spec["function"]["name"] for spec in stage.model.options[0]["tools"]]
    assert ("headcount" in names) == shown


@pytest.mark.parametrize(("task", "shown"), [("Whom do we insure?", False), ("Save whom we insure to who.txt.", True)])
def test_files_are_offered_where_the_task_speaks_of_them(stage, tmp_path_factory, task: str, shown: bool) -> None:
    stage.shelf.sufficient = False
    tools = [stage.tools[0], *file_tools(open_folder(tmp_path_factory.mktemp("files")))]
    stage.ended(s.done("Nobody."), task=task, tools=tools, gathers=True, effort=LEVELS["normal"])
    names = [spec["function"]["name"] for spec in stage.model.options[0]["tools"]]
    assert ("write_file" in names) == shown


@pytest.mark.parametrize(
    ("task", "called"),
    [
        ("What is the headcount of Support?", True),
        ("What is the headcount of support?", True),
        ("Who is in it?", False),
    ],
)
def test_where_a_task_is_clearly_about_an_own_tool_it_is_called_first(stage, task: str, called: bool) -> None:
    """Without a question where the task names what it takes: what it gave is the finding."""

    @tool
    def headcount(team: str) -> int:
        "How many people are in a team."
        return 9

    stage.shelf.sufficient = False
    options = {"chooser": s.Relevant(), "own": ("headcount",), "profile": {"choice": "any"}}
    result, _ = stage.ended(
        s.done("There are 9 people in Support."),
        task=task,
        tools=[adapt(headcount)],
        gathers=True,
        effort=LEVELS["normal"],
        **options,
    )
    assert len(stage.model.options) == (not called)
    assert len(result.steps) == called
    assert ("headcount" in result.text) == called


def test_rules_write_a_fact_to_a_file_once_they_may(stage, tmp_path_factory) -> None:
    stage.shelf = shelf.Shelf(FERRY)
    tools = [stage.tools[0], *file_tools(open_folder(tmp_path_factory.mktemp("files")))]
    result, _ = stage.ended(task="Write the price of a kayak to prices.txt.", kind="rule", tools=tools, gathers=True)
    assert result.status == "needs_approval"
    [call] = result.pending
    assert call.arguments["path"] == "prices.txt"
    assert "12 euros" in call.arguments["text"]
    unknown, _ = stage.ended(task="Write the price of a yacht to prices.txt.", kind="rule", tools=tools, gathers=True)
    assert unknown.status == "gave_up"
    assert "prices.txt" in unknown.text  # what was not done
    asked, _ = stage.ended(
        task="What does a kayak cost according to ferry.txt?", kind="rule", tools=tools, gathers=True
    )
    assert "12 euros" in asked.text


def test_a_file_is_new_unless_one_has_its_whole_name() -> None:
    there = Evidence(documents=("Office notice", "租车须知"), files=("concerts.csv",))
    wanted = {
        name: file_wanted(f"Save it in {name}.", f"Save it in {name}.", there)
        for name in ("concert.txt", "concerts.txt")
    }
    assert wanted == {"concert.txt": "concert.txt", "concerts.txt": ""}
    assert file_wanted("Save it in notice.txt.", "Save it in notice.txt.", there) == ""
    assert file_wanted("What stands in concert.txt?", "What stands in concert.txt?", there) == ""


def test_the_cells_of_a_written_table_are_no_dates(stage, tmp_path_factory) -> None:
    stage.shelf = shelf.Shelf("Report for May. Visits: 310.", "Report for June. Visits: 355.")
    tools = [stage.tools[0], *file_tools(open_folder(tmp_path_factory.mktemp("files")))]
    table = s.call("write_file", path="visits.csv", text="month,visits\nMay,310\nJune,355\n")
    task = "Write the visits of the reports to visits.csv."
    result, _ = stage.ended(table, task=task, tools=tools, gathers=True, effort=LEVELS["normal"], kind="able")
    assert [call.tool for call in result.pending] == ["write_file"]


def test_a_file_gets_no_number_that_stands_nowhere(stage, tmp_path_factory) -> None:
    stage.shelf = shelf.Shelf(FERRY)
    tools = [stage.tools[0], *file_tools(open_folder(tmp_path_factory.mktemp("files")))]
    task = "Write what a kayak costs a day to prices.txt."
    wrong, right = (s.call("write_file", path="prices.txt", text=f"A kayak: {n} euros") for n in (14, 12))
    result, events = stage.ended(
        wrong, right, task=task, tools=tools, gathers=True, effort=LEVELS["normal"], kind="able"
    )
    assert [call.arguments["text"] for call in result.pending] == ["A kayak: 12 euros"]
    assert any("14" in told for told in s.noted(events, "asked_again"))


@pytest.mark.parametrize(
    ("all_", "said"), [("How many minutes do they all take?", "6 * 13 = 78"), ("How many minutes is that?", "")]
)
def test_what_is_for_one_is_multiplied_by_what_was_counted(stage, all_: str, said: str) -> None:
    @tool
    def waiting(desk: str) -> int:
        "How many people are waiting at a desk."
        return 13

    stage.shelf = shelf.Shelf("The desk Passports takes 6 minutes for a person, the desk Parking takes 9 minutes.")
    tools = [stage.tools[0], adapt(waiting), calculator_tool()]
    task = f"How many people are waiting at the desk Passports now? {all_}"
    result, _ = stage.ended(task=task, kind="rule", own=("waiting",), tools=tools, gathers=True)
    assert [r.call.arguments["expression"] for r in result.steps if r.call.tool == "calculator"] == (
        ["6 * 13"] if said else []
    )
    assert said in result.text


@pytest.mark.parametrize(
    ("task", "wrong"),
    [
        ("一条皮划艇每天的租金按现在的汇率合多少欧元？", "皮划艇每天的租金按现在的汇率合7.85欧元。"),
        ("What does a kayak cost in yuan at the present rate?", "A kayak costs 12 euros at the present rate."),
    ],
)
def test_what_is_in_another_currency_or_is_a_rate_is_no_price(stage, task: str, wrong: str) -> None:
    @tool
    def exchange_rate(currency: str) -> float:
        "Yuan for one unit of a currency."
        return 7.85

    stage.shelf = shelf.Shelf(FERRY)
    tools = [stage.tools[0], adapt(exchange_rate)]
    options = {"tools": tools, "own": ("exchange_rate",), "gathers": True, "effort": LEVELS["normal"]}
    # In the documents' language code makes the call; else the model.
    made = [] if task.isascii() else [s.call("exchange_rate", currency="EUR")]
    result, _ = stage.ended(*made, s.done(wrong), task=task, **options)
    assert [record.call.arguments for record in result.steps] == [{"currency": "EUR"}]
    assert result.status == "gave_up"
    assert wrong.rstrip("。.") not in result.text


def test_an_amount_is_brought_into_the_currency_asked_for(stage) -> None:
    @tool
    def exchange_rate(currency: str) -> float:
        "Yuan for one unit of a currency, e.g. USD."
        return 7.5

    stage.shelf = shelf.Shelf("A kayak costs 12 euros a day.")
    tools = [stage.tools[0], adapt(exchange_rate), calculator_tool()]
    options = {"own": ("exchange_rate",), "gathers": True, "effort": LEVELS["normal"], "tools": tools}
    result, _ = stage.ended(task="What does a kayak cost in yuan at the present rate?", **options)
    assert result.status == "done"
    assert "12 * 7.5 = 90 yuan" in result.text
    assert "12 euros a day" in result.text


def test_the_columns_of_a_table_are_no_finding(stage) -> None:

    call = Call("c", "query_table", {"file": "stock.csv"}, "read", 1, "k")
    record = StepRecord(call, Observation("Table stock: 10 rows. Columns: item, amount", data=[{"name": "stock"}]))

    assert finding_of("How many are there?", "default", record, stage.shelf, None) == ""


def test_rules_call_an_own_tool_for_each_thing_that_is_named(stage) -> None:
    @tool
    def headcount(team: str) -> int:
        "How many people are in a team."
        return {"Hydrology": 14, "Support": 9}[team]

    stage.shelf.sufficient = False
    options = {"kind": "rule", "own": ("headcount",), "tools": [stage.tools[0], adapt(headcount), calculator_tool()]}
    task = "How many people are in the team Hydrology and the team Support together?"
    result, _ = stage.ended(s.call("headcount", team="Hydrology"), task=task, gathers=True, **options)
    assert "14 + 9 = 23" in result.text


def test_what_the_documents_answer_is_not_looked_for_in_files(stage, tmp_path_factory) -> None:
    stage.shelf = shelf.Shelf(FERRY)
    tools = [stage.tools[0], *file_tools(open_folder(tmp_path_factory.mktemp("files")))]
    written = s.call("write_file", path="prices.txt", text="12 euros")
    task = "Write what a kayak costs a day to prices.txt."
    result, _ = stage.ended(written, task=task, tools=tools, gathers=True, effort=LEVELS["normal"], kind="able")
    assert result.status == "needs_approval"
    names = {spec["function"]["name"] for spec in stage.model.options[0]["tools"]}
    assert "write_file" in names
    assert not names & {"read_file", "list_files", "search_documents"}


def test_a_column_says_of_what_its_amounts_are_for_one() -> None:
    found = tariff("租皮艇 3 天要花多少钱？", [("设备：皮艇；每天租金：40 元；押金：200 元", True)])
    assert found
    assert found.arguments == {"expression": "40 * 3"}


def test_what_a_tables_cells_come_to_is_known() -> None:
    task = "外套和地毯的干洗一共多少钱？"
    assert answered(task, task, evidence(task, CLEANING)) == "外套 26 + 地毯 55 = 81"


REPORTS = {
    "2024": "Report 2024\nMembers at the end of 2024: 412. 1,240 people came to the fair.\n全年借出图书 18,300 册。",
    "2025": "Report 2025\nMembers at the end of 2025: 447. 1,315 people came to the fair.\n全年借出图书 19,850 册。",
    "both": "Ferry\nThe ferry carried 5,210 cars in 2024 and 5,880 in 2025.\n2024 年成人票 45 元，2025 年成人票 52 元。",
}


@pytest.mark.parametrize(("task", "said"), [
    ("By how much did the number of members rise from 2024 to 2025?", "447 - 412 = 35"),
    ("How many more people came to the fair in 2025 than in 2024?", "1315 - 1240 = 75"),
    ("2025 年借出的图书比 2024 年多了多少册？", "19850 - 18300 = 1550"),
    ("成人票从 2024 年到 2025 年涨了多少元？", "52 - 45 = 7"),
    ("How many more cars did the ferry carry in 2025 than in 2024?", ""),  # 5,210 is not what it carried in both
    ("By how much did the number of members rise from 2019 to 2025?", ""),
])  # fmt: skip
def test_two_years_are_held_apart(stage, task: str, said: str) -> None:
    stage.shelf = shelf.Shelf(*REPORTS.values(), headed=True)
    result, _ = stage.ended(task=task, kind="rule", tools=[stage.tools[0], calculator_tool()], gathers=True)
    assert said in result.text
    assert ("=" in result.text) == bool(said)


@pytest.mark.parametrize(("task", "status"), [
    ("How many people came to the fair in 2024?", "done"),
    ("2025 年借出图书多少册？", "done"),
    ("How many people came to the fair in 2019?", "gave_up"),
])  # fmt: skip
def test_a_year_may_stand_in_the_title_alone(stage, task: str, status: str) -> None:
    stage.shelf = shelf.Shelf(*REPORTS.values(), headed=True)
    result, _ = stage.ended(task=task, kind="rule", tools=stage.tools[:1], gathers=True)
    assert result.status == status
