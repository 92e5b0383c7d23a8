"""A tool that does something is called where that is ordered, and with all of what is named."""

from __future__ import annotations

from typing import Any

import pytest

from agents.tasks.ordering import only_wondered
from agents.tasks.own_tools import OwnTools, worded_calls
from agents.tools.adapting import adapt
from agents.tools.function import tool


def keep_back(customer: str, kegs: int) -> str:
    """Keep kegs back for a customer."""
    return ""


def order_feed(feed: str, bags: int) -> str:
    """Order bags of feed."""
    return ""


def water_plants(house: str) -> str:
    """Water the plants in a greenhouse."""
    return ""


def forecast(city: str, days: int) -> str:
    """Get the weather forecast of a city for some days."""
    return ""


def freight(town: str, boxes: int) -> float:
    """Price of bringing boxes to a town, in pounds."""
    return 1.0


@tool(risk="write")
def call_off(visit: str) -> str:
    """Call off a visit."""
    return ""


def book_class(group: str, people: int) -> str:
    """替一个团体预约课程。"""
    return ""


def order_tools(item: str, count: int) -> str:
    """Order tools from the dealer."""
    return ""


def lend_card(teacher: str) -> str:
    """借给某位老师一张公交卡。"""
    return ""


def book_boats(group: str, boats: int) -> str:
    """替客人订划艇。"""
    return ""


def mend(machine: str) -> str:
    """向设备科报修一台机器。"""
    return ""


def order_mats(item: str, count: int) -> str:
    """向供货商订购器材。"""
    return ""


@pytest.mark.parametrize(
    ("made", "goal", "wondered"),
    [
        (keep_back, "I want six of the big kegs. What will they be, without the deposit?", True),
        (keep_back, "Can 6 kegs be kept back for a customer?", True),
        (keep_back, "I need the price of 6 kegs for the customer Wilkins.", True),
        (keep_back, "Keep 6 kegs back for the Red Lion. What is the number?", False),
        (keep_back, "Could you keep back 8 kegs for Mrs Doyle?", False),
        (keep_back, "Ms Alder wants 12 kegs kept back.", False),
        (order_feed, "I need 12 bags of oats. How much is that?", True),
        (order_feed, "I'm buying 40 bags of barley. What's the total, delivery aside?", True),
        (water_plants, "How often must the plants in the palm house be watered?", True),
        (water_plants, "Water the plants in the palm house, and when is that done?", False),
        (forecast, "What will the weather be in Oslo for the next 3 days?", False),  # it only tells
        (freight, "What is the price of bringing 6 boxes to Welby?", False),
        (call_off, "How late may the visit of Marn be called off?", True),
        (call_off, "Call off the visit of Marn. What is the number?", False),
        (book_class, "我们公司 30 个人来上课，要付多少？", True),
        (book_class, "请问一个 18 人的团体预约课程，要交多少定金？", True),
        (book_class, "帮我查一下，18 人的团体课程多少钱？", True),
        (book_class, "帮光明小学预约课程，24 个人，编号是多少？", False),
        (book_class, "替光明小学约一下课程，24 个人。", False),
        (lend_card, "借给老师的公交卡丢了要赔多少？", True),
        (lend_card, "借一张公交卡给骆老师，卡号是多少？", False),
    ],
)
def test_a_question_orders_nothing(made: Any, goal: str, wondered: bool) -> None:
    own = adapt(made)
    assert only_wondered(own, goal) == wondered
    if wondered:
        assert OwnTools([own.name]).meant(goal, [own]) is None


@pytest.mark.parametrize(
    ("made", "goal", "thing"),
    [
        (keep_back, "Keep 12 kegs back for the Hollins wedding and give me the slip number.", "Hollins wedding"),
        (keep_back, "Keep back 4 kegs for Smith & Sons.", "Smith & Sons"),
        (keep_back, "Keep 11 kegs of stout back for Friends of the Park until Friday.", "Friends of the Park"),
        (keep_back, "Keep 6 kegs back for Mr and Mrs Dale.", "Mr and Mrs Dale"),
        (keep_back, "Please keep back 6 kegs for St. Anne’s choir – by noon.", "St. Anne’s choir"),
        (keep_back, "Keep 6 kegs back for Saturday for the Old Mill café, please.", "Old Mill café"),
        (keep_back, "Keep back 7 kegs for our customer Wilkins.", "Wilkins"),
        (keep_back, "Ruth Ames wants 2 kegs. Keep them back.", "Ruth Ames"),  # the sentence before says for whom
        (keep_back, "The Vine Street Players need 9 kegs. Keep them back.", "Vine Street Players"),
        (keep_back, "Ruth Ames wants 2 kegs. Keep 4 kegs back for Otto Brand.", ""),  # of two names either may be it
        (keep_back, "Barrow Hill is closed. Keep 4 kegs back.", ""),
        (keep_back, "Put 25 kegs back for the Fox and Grapes and give me the number.", "Fox and Grapes"),
        (keep_back, "Keep back 7 kegs for me. The name is Rudge.", "Rudge"),
        (keep_back, "Keep back 7 kegs for me, please.", ""),
        (keep_back, "Keep back 7 kegs from Burton by noon.", ""),
        (keep_back, "Please keep back 7 kegs of Porterhouse.", ""),  # for whom?
        (keep_back, "We've promised 7 kegs of Porterhouse.", ""),
        (keep_back, "Keep back 7 Burton kegs that are full, Wilkins asks.", ""),
        (order_feed, "Order 10 bags of rolled oats from Dengie.", "rolled oats"),
        (order_feed, "Order 10 bags of Dengie oats for the lower farm.", "Dengie oats"),
        (order_feed, "Order 10 Dengie pellets.", ""),
        (book_class, "替和平社区预约课程，18 人。", "和平社区"),
        (book_class, "帮第三中学约一下课程，22 个人，把编号给我。", "第三中学"),
        (book_class, "预约课程班，22 人。", ""),
        (order_mats, "向供货商订 9 张瑜伽垫，把单号给我。", "瑜伽垫"),
        (order_mats, "请订 2 台 3D 打印机。", ""),
        (order_tools, "Order 4 boxes of nails and give me the number.", "nails"),
        (lend_card, "把公交卡借给李老师一张。", "李老师"),
        (book_boats, "帮松鼠班订 8 条划艇。", "松鼠班"),
        (book_boats, "松鼠班要 8 条划艇，替他们订上，单号报给我。", "松鼠班"),
        (book_boats, "替客人订 8 条划艇。", ""),
        (mend, "台锯坏了，报修一下。", ""),  # 坏 is no part of its name
    ],
)
def test_what_is_ordered_is_named_whole_or_not_at_all(made: Any, goal: str, thing: str) -> None:
    assert [one for call in worded_calls(adapt(made), goal) for one in call.values() if isinstance(one, str)] == (
        [thing] if thing else []
    )


def test_two_customers_are_no_one() -> None:
    """As for any tool, a call for each: the first one alone would be half of what was wanted."""
    calls = worded_calls(adapt(keep_back), "Keep 4 kegs back for Marn and Ida.")
    assert [call["customer"] for call in calls] == ["Marn", "Ida"]
