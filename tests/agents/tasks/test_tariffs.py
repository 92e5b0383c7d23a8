"""What several of something cost where how many, when and who decide about the price."""

from __future__ import annotations

import re

import pytest

from agents.tasks.tariffs import several_of, tariff

BARK = ["Bark: 6.50", "From 20 bags on every bag costs 5.90.", "Peat: 7.20"]
CHAPEL = [
    "From Monday to Thursday an hour costs £18, from Friday to Sunday £25.",
    "Choirs that are registered pay 10 % less.",
]
MEALS = ["儿童餐每份 18 元。", "一次满 50 份打九折，满 100 份打八折。", "成人餐每份 26 元，不打折。"]
BOATS = ["一、皮划艇每小时40元，摩托艇每小时120元。", "二、连租四小时及以上，租金打八五折；连租八小时及以上打七折。"]
LIME = ["Lime costs 9 euros a sack.", "Whoever takes 20 sacks or more pays 8 euros a sack."]
TICKETS = ["门票每张 50 元。", "凭学生证打六折。", "六十五岁以上老人免费。"]
ROOMS = ["礼堂每半天 600 元，布置费另计。", "会议室每天 300 元。"]
TABLES = [
    "项目：羽毛球场，每小时；周一至周五：24 元；周六、周日：36 元",
    "项目：乒乓球台，每小时；周一至周五：10 元；周六、周日：16 元",
]
COSTUMES = ["种类：礼服；一天：80；一周：320；押金：500", "种类：便装；一天：45；一周：190；押金：300"]


YURTS = ["Hut: Yurt; Night: 30; Heating per night: 6"]
CAMP = ["Kind: Yurt; April to June and September (£ a night): 44; July and August (£ a night): 61"]
RINK = ["Ticket: School class (per pupil); Price (£): 4.35; Skates (£): included; Note: from 15 pupils on"]
TICKETS_HAN = ["学生票每人 18 元。"]
PITCHES = [
    "类型：河边营位；平日（元/晚）：150；周末（元/晚）：190；可住人数：4",
    "类型：坡上营位；平日（元/晚）：110；周末（元/晚）：140；可住人数：4",
]
CABINS = [
    "项目：四人木屋；平日：700；周五周六：900；单位：间/晚",
    "项目：六人木屋；平日：980；周五周六：1280；单位：间/晚",
]
FERRY = ["票种：成人；单程（元）：12；往返（元）：20", "票种：自行车；单程（元）：3；往返（元）：5"]
HIRE = ["What: Tent; Per night (£): 18", "What: Dog; Per night (£): 3"]
BOXES = [
    "Article: Small box; Price (£): 13.75; Remark: 3 jars, 1 bottle",
    "Article: Large box; Price (£): 21.5; Remark: 5 jars",
]
LATE = [
    "What: Early tour student; Weekday (£): 8; Friday to Sunday (£): 11",
    "What: Late tour student; Weekday (£): 13; Friday to Sunday (£): 16.5",
]
SEATS = [
    "Place: Balcony; Weekday: 9; Sunday: 14",
    "Place: Hall; Weekday: 12; Sunday: 18",
    "Place: Gallery; Weekday: 5; Sunday: 6",
    "All prices in euros.",
    "Groups of ten or more get 20 percent off, except in the gallery.",
]


@pytest.mark.parametrize(
    ("goal", "known", "expression"),
    [
        ("What do 30 bags of bark come to?", BARK, "5.9 * 30"),
        ("What do 8 bags of bark come to?", BARK, "6.5 * 8"),
        ("We are a registered choir. What do we pay for 3 hours on a Saturday?", CHAPEL, "25 * 3 * 0.9"),
        ("What do we pay for 3 hours on a Tuesday?", CHAPEL, "18 * 3"),
        ("订 60 份儿童餐一共多少钱？", MEALS, "18 * 60 * 0.9"),
        ("订 60 份成人餐一共多少钱？", MEALS, "26 * 60"),
        ("我租一条皮划艇租六个小时，租金一共要多少？", BOATS, "40 * 6 * 0.85"),
        ("What do 30 sacks of lime cost in all?", LIME, "8 * 30"),
        ("买 6 张学生票一共多少钱？我们有学生证。", TICKETS, "50 * 6 * 0.6"),
        ("周六打两小时乒乓球，一共要付多少钱？", TABLES, "16 * 2"),
        ("三套便装租两个星期，不算押金要付多少？", COSTUMES, "190 * 3 * 2"),
        ("We are 15 people and want the balcony on a Sunday. What do we pay?", SEATS, "14 * 15 * 0.8"),
        ("What will 4 places in the hall come to on a Sunday?", SEATS, "18 * 4"),
        ("We are 15 people and want the gallery on a Sunday. What do we pay?", SEATS, ""),
        ("What do three nights in a yurt with heating come to?", YURTS, ""),  # two prices, not that of the heating
        ("What do we pay for five nights in a yurt in May?", CAMP, "44 * 5"),
        ("What do we pay for five nights in a yurt in July?", CAMP, "61 * 5"),
        ("What do we pay for five nights in a yurt?", CAMP, ""),
        ("A school brings 26 pupils. What do they pay altogether?", RINK, "4.35 * 26"),
        ("26 人每人买一张学生票，一共多少钱？", TICKETS_HAN, "18 * 26"),
        (
            "What does the spinning wheel cost for 6 hours?",
            ["Thing: Spinning wheel; Price (£): 2.5; Unit: hour"],
            "2.5 * 6",
        ),
        ("租 20 座的船 3 天要多少钱？", ["20 座的船每天 300 元，40 座的船每天 520 元。"], "300 * 3"),
        (
            "What does a 20 litre can of dye cost?",
            ["What: Can I bring back dye?; so: Opened dye costs a fee of 15 pounds."],
            "",
        ),
        ("3D 扫描一个 40 克的杯子要付多少钱？", ["3D 扫描每克 0.5 元，不满 5 元按 5 元收。"], "0.5 * 40"),
        ("3D 扫描一个 4 克的杯子要付多少钱？", ["3D 扫描每克 0.5 元，不满 5 元按 5 元收。"], ""),
        ("周末订 4 个河边营位，住一晚一共要多少钱？", PITCHES, "190 * 4"),
        ("周六订一间六人木屋住两晚，一共多少钱？", CABINS, "1280 * 2"),
        ("两个成人带三辆自行车，单程一共多少钱？", FERRY, "12 * 2 + 3 * 3"),
        ("What does a tent with three dogs cost for four nights?", HIRE, "18 * 4 + 3 * 3 * 4"),
        ("What does a tent with three dogs cost for four weeks?", HIRE, ""),
        ("I want six of the large boxes. What will they be, leaving the postage aside?", BOXES, "21.5 * 6"),
        ("Nine students come to the late tour on a Saturday. What would that make together?", LATE, "16.5 * 9"),
        ("19 位客人每人借一套护具，押金一共要交多少？", ["护膝免费借，押金每套 80 元。"], "80 * 19"),
        (
            "We want 35 audio guides for one day. How much without the deposit?",
            ["Audio guide: £2.80 each, deposit £5."],
            "2.8 * 35",
        ),
        # what all of them, or ten of them, brought or cost is the price of none
        ("做两本精装要付多少钱？", ["胶装 903 本，精装 264 本，营业额 61,275 元。"], ""),
        ("What do 20 boxes of nails cost?", ["10 boxes of nails cost 45 euros."], ""),
        ("六月三家店租船一共收了多少钱？", ["项目：租船；单数：57；收入（元）：3,940"], ""),
        # open: which day, of another thing, of what nobody counts, the price of one, no price at all
        ("What do we pay for 3 hours?", CHAPEL, ""),
        ("三家店租船六月一共收了多少钱？", ["租船 96 单，收入 7,250 元。"], ""),
        ("礼堂租三天一共多少钱？", ROOMS, ""),
        ("What do 30 geese come to?", LIME, ""),
        ("We take 30 sacks of lime. What does one cost?", LIME, ""),
        ("How many people order 30 sacks of lime?", LIME, ""),
    ],
)
def test_what_several_cost_by_a_tariff(goal: str, known: list[str], expression: str) -> None:
    found = tariff(goal, [(text, bool(re.search("[;；]", text)) and bool(re.search("[:：]", text))) for text in known])
    assert (found.arguments["expression"] if found else "") == expression


def test_what_another_document_says_more_of_is_not_reckoned_by_this_one() -> None:
    goal, told = "What do we pay for five nights in a yurt in July?", [("Price: £15 a tent and night.", False)]
    assert tariff("What do we pay for five nights in a tent?", told)
    assert tariff(goal, told, [(CAMP[0], True)]) is None


def test_the_statements_that_it_rests_on_are_told() -> None:
    found = tariff("What do 30 bags of bark come to?", [(text, False) for text in BARK])
    assert found is not None
    assert found.rests_on == ("Bark: 6.50", "From 20 bags on every bag costs 5.90.")


@pytest.mark.parametrize(
    ("goal", "counts"),
    [
        ("What do 6 eight-inch cakes cost?", [6]),
        ("What does a 12-inch pizza cost?", []),
        ("What do 3 kayaks cost?", [3]),
    ],
)
def test_what_a_size_says_is_no_count(goal: str, counts: list[int]) -> None:
    assert [number.figure for number in several_of(goal)] == counts
