"""Things named side by side."""

from __future__ import annotations

import pytest

from agents.tasks.listed import apart


@pytest.mark.parametrize(("text", "each"), [
    ("北湾、南岬和石滩三个泵站八月用了多少电？", ["北湾", "南岬", "石滩"]),
    ("采购组和仓储组的加班费哪个高？", ["采购组", "仓储组"]),
    ("How many boats did Ostby, Fell Quay and Marn sell in all?", ["Ostby", "Fell Quay", "Marn"]),
    ("How many rows are in the upper shed and the old shed together?", ["upper shed", "old shed"]),
    ("How many crates came by the upper, lower and mill roads?", ["upper road", "lower road", "mill road"]),
    ("How many more goats are there in Ostby than in Marn?", ["Ostby", "Marn"]),
    ("Did the upper shed or the old shed sell more?", ["upper shed", "old shed"]),
    ("五月三个车队一共跑了多少公里：北车队、南车队、西车队？", ["北车队", "南车队", "西车队"]),
    ("五月北科、东科、西塘科合起来有多少人？", ["北科", "东科", "西塘科"]),
    ("三个车间（锻造、装配、喷漆）加起来有多少人？", ["锻造", "装配", "喷漆"]),
    ("北坡、南岬、石滩三个站点五月共修了多少次？", ["北坡", "南岬", "石滩"]),
    ("东水门现在比西水门高多少米？", ["东水门", "西水门"]),
    ("礼服租一个星期比便服贵多少钱？", ["礼服", "便服"]),
    ("八月比七月多来了几个人？", ["八月", "七月"]),
    ("八月到十月一共来了几个人？", ["八月", "九月", "十月"]),
    ("7—9月合计来了几个人？", ["7月", "8月", "9月"]),
    ("七八两个月总共来了几个人？", ["七月", "八月"]),
    ("How many goats came from March to May in all?", ["March", "April", "May"]),
    ("How many goats came from 3 March to 5 May in all?", []),
    ("By how much did the goats rise from 2024 to 2025?", ["2024", "2025"]),
    ("How many more goats came in 2025 than the year before?", ["2025", "2024"]),
    ("2025 年的羊比 2024 年多了几只？", ["2025", "2024"]),
    ("羊从 2024 年到 2025 年减少了多少？", ["2024", "2025"]),
    ("How many goats were born from 2024 to 2025?", []),
    ("2024 年到 2025 年有几只羊？", []),
    ("Is the barn open from March to May?", []),
    ("Which is cheaper, a loom or the wheel, and by how much?", ["loom", "wheel"]),
    ("单人艇的租金和押金是多少？", ["租金", "押金"]),
    ("请写明开放日是星期几、打几折。", []),
    ("八月南湾站和北湾站，哪个卖得多？", ["南湾站", "北湾站"]),
    ("研究与开发部的预算是多少？", []),
    ("What does the handbook say on leave and sickness?", []),
])  # fmt: skip
def test_a_question_about_several_things_is_asked_for_each(text: str, each: list[str]) -> None:
    found = [alone for _, alone in apart(text)]
    assert [thing for thing, _ in apart(text)] == each
    for one, name in zip(found, each, strict=True):
        assert name in one
        assert not any(other in one for other in each if other != name)
