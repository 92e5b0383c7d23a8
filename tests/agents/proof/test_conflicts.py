"""Which statements of different documents conflict, what their dates are, and what a reader is told."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from agents.proof import dating
from agents.proof.conflicts import Conflict, conflicts
from agents.proof.editions import counting
from agents.proof.statements import statements
from ingest.documents import Hit
from ingest.language import speaking
from ingest.periods import period


@dataclass(frozen=True)
class Doc:
    title: str
    text: str
    path: str = "/policies/rules.md"
    section: tuple[str, ...] = ()


class Shelf:
    """Documents of one page in memory, each found whole."""

    def __init__(self, *docs: Doc) -> None:
        self.docs = docs

    def hits(self) -> list[Hit]:
        return [
            Hit(n, 1 / n, doc.title, doc.path, 1, doc.section, 0, len(doc.text), doc.text, n, n)
            for n, doc in enumerate(self.docs, 1)
        ]

    def page_text(self, document_id: int, page: int) -> str:
        return self.docs[document_id - 1].text


def found(*docs: Doc, answering: bool = False) -> tuple[Conflict, ...]:
    """The conflicts of the first document with the others; `answering`: all that they state answers one question."""
    shelf = Shelf(*docs)
    hits = shelf.hits()
    told = [
        (hit.rank, one) for hit in hits for one in statements(hit.text, 0, len(hit.text), hit.headings) if answering
    ]
    return conflicts([(1, 0, len(docs[0].text))], hits, shelf, told)


def values(*docs: Doc, answering: bool = False) -> list[tuple[str, ...]]:
    return [tuple(v.value for v in conflict.versions) for conflict in found(*docs, answering=answering)]


HOTEL = "A hotel in Shanghai may cost up to {} yuan per night. Breakfast is included."
MEALS = "国内出差的餐饮补助为每人每天 {} 元，凭行程单领取。"
LEAVE = "入职满一年后每年享有 12 天带薪年假；满五年增至 {} 天，满十年增至 {} 天。"
TABLE = "差旅标准\n\n| 城市 | 住宿（每晚） | 餐补 |\n| --- | --- | --- |\n| 上海 | {} | 150 元 |\n| 成都 | 350 元 | 100 元 |\n"


def test_two_versions_of_a_rule_are_both_named_and_the_dated_one_is_newer() -> None:
    old, new = Doc("Travel policy 2024", HOTEL.format(480)), Doc("Travel policy 2026", HOTEL.format(650))
    (conflict,) = found(old, new)
    assert [(v.n, v.document, v.value) for v in conflict.versions] == [
        (2, "Travel policy 2026", "650 yuan"),
        (1, "Travel policy 2024", "480 yuan"),
    ]
    assert conflict.counting() is conflict.versions[0]
    for version, doc in zip(conflict.versions, (new, old), strict=True):
        assert doc.text[version.start : version.end] == doc.text.split(" Breakfast")[0]


def test_what_a_reader_is_told() -> None:
    old = Doc("Travel policy 2024", "Effective 2024-03-01\n\n" + HOTEL.format(480))
    new = Doc("Travel policy 2026", "Effective 2026-01-01\n\n" + HOTEL.format(650))
    (conflict,) = found(old, new)
    with speaking("en"):
        assert str(conflict) == (
            "The documents disagree: “Travel policy 2026” (2026-01-01) says 650 yuan, "
            "“Travel policy 2024” (2024-03-01) says 480 yuan; the first is newer."
        )
    with speaking("zh"):
        assert str(conflict) == (
            "文档说法不一：《Travel policy 2026》（2026-01-01）为 650 yuan，"
            "《Travel policy 2024》（2024-03-01）为 480 yuan；前者较新。"
        )


def test_without_dates_none_is_newer() -> None:
    (conflict,) = found(Doc("差旅制度", MEALS.format(80), "a.md"), Doc("差旅制度", MEALS.format(100), "b.md"))
    assert conflict.counting() is None
    assert [v.n for v in conflict.versions] == [1, 2]
    with speaking("zh"):
        assert (
            str(conflict)
            == "文档说法不一：《差旅制度》（a.md）为 80 元，《差旅制度》（b.md）为 100 元；没有日期说明哪一个更新。"
        )


def test_one_date_alone_makes_none_newer() -> None:
    (conflict,) = found(Doc("差旅制度", MEALS.format(80)), Doc("差旅制度（2026年修订）", MEALS.format(100)))
    assert conflict.counting() is None


def test_a_year_is_not_newer_than_a_month_in_it() -> None:
    (conflict,) = found(Doc("差旅制度 2025", MEALS.format(80)), Doc("差旅制度 2025年3月", MEALS.format(100)))
    assert conflict.counting() is None


def test_a_statement_that_says_from_when_it_holds_is_a_version_of_the_one_without() -> None:
    old, new = Doc("差旅制度", MEALS.format(80)), Doc("差旅制度", "自2026年1月1日起，" + MEALS.format(100))
    (conflict,) = found(old, new)
    assert [v.dated and v.dated.first for v in conflict.versions] == [None, "2026-01-01"]
    english = "From 1 {} the allowance for meals is {} yuan a day."
    (conflict,) = found(
        Doc("Rules", english.format("March 2024", 80)), Doc("Rules", english.format("January 2026", 100))
    )
    assert conflict.counting()
    assert conflict.counting().value == "100 yuan"


def test_where_several_values_differ_the_statements_are_told_whole() -> None:
    old, new = LEAVE.format(15, 20), LEAVE.format(18, 25)
    assert values(Doc("年假规定", old), Doc("年假规定", new)) == [(f"“{old}”", f"“{new}”")]


def test_a_cell_conflicts_with_the_same_column_of_the_same_row() -> None:
    old, new = Doc("差旅标准 2024", TABLE.format("480 元")), Doc("差旅标准 2026", TABLE.format("650 元"))
    assert values(old, new) == [("650 元", "480 元")]
    moved = (
        "| 城市 | 餐补 | 住宿（每晚） |\n| --- | --- | --- |\n| 成都 | 100 元 | 350 元 |\n| 上海 | 150 元 | 650 元 |\n"
    )
    assert values(old, Doc("差旅标准 2026", moved)) == [("650 元", "480 元")]


def test_rows_whose_key_stands_twice_are_not_compared() -> None:
    table = "| 型号 | 位数 | 显存 |\n| --- | --- | --- |\n| 甲型 | 8 | {} GB |\n| 甲型 | 4 | 6 GB |\n"
    assert not values(Doc("显存", table.format(10)), Doc("显存", table.format(12)))


@pytest.mark.parametrize(
    ("text", "one", "other"),
    [
        ("The laboratory is headed by {}.", "Anna Schmidt", "Carlos Ruiz"),
        ("实验室安全由{}负责。", "张三", "李四"),
        ("实验室的负责人是{}。", "王小明", "王大力"),
        ("失能区由{}安排。", "护士长蒋玉梅", "护士长吴秀莲"),
        ("The archive is run by {}, who has the key.", "the warden Anna Schmidt", "the warden Annika Moe"),
    ],
)
def test_a_name_exchanged_between_versions_is_a_value(text: str, one: str, other: str) -> None:
    assert values(Doc("安全规定", text.format(one)), Doc("安全规定", text.format(other))) == [(one, other)]
    assert not values(Doc("安全规定", text.format(one)), Doc("参观指南", text.format(other)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Doc("Safety card", "Life jackets on board: 220, under the benches."), Doc("Crew notes", "Life jackets: 240.")),
        (Doc("员工手册", MEALS.format(80)), Doc("常见问题", "出差一天的餐饮补助是 100 元。")),
        (Doc("Kitchen", "Cups: 85."), Doc("Inventory", "Cups: 110.")),
        (Doc("Gym", "It closes at 21:30."), Doc("Notes of the stewards", "The gym closes at 22:00, on Sundays too.")),
    ],
)
def test_unlike_documents_conflict_where_both_answer_the_question_and_share_terms(one: Doc, other: Doc) -> None:
    whole = [(f"“{one.text}”", f"“{other.text}”")]
    assert values(one, other, answering=True) == whole
    assert not values(one, other)
    assert not values(one, Doc(other.title, "Ask at gate 5. 请到 5 号门。"), answering=True)
    assert not values(one, Doc(other.title, one.text), answering=True)  # both say so


@pytest.mark.parametrize(
    ("rules", "notice"),
    [
        (
            Doc("Staff handbook, version 4", "Dinner is refunded up to £28. Car mileage is refunded at 45p a mile."),
            Doc("Circular", 'The section "Expenses" of the staff handbook is changed: car mileage is refunded at 48p.'),
        ),
        (
            Doc("泳馆管理规定（2025版）", "第五条 深水区水深 2.0 米。\n\n第六条 浅水区每天开放至 21:00。"),
            Doc("通知", "现将《泳馆管理规定》第六条改为：浅水区每天开放至 19:00。"),
        ),
        (
            Doc("Pool: guide for visitors", "Foreign cards are not taken.\n\nThe sauna costs 25 yuan."),
            Doc("Notice", "Changed since the printed guide for visitors of the pool: foreign cards are taken."),
        ),
        (
            Doc("养老院探视须知", "每位老人每天最多四位访客。\n\n探视须知由院办解释。"),
            Doc("通知", "《养老院探视须知》中每位老人每天最多四位访客，暂改为：每位老人每天最多两位访客。"),
        ),
        (
            Doc("Orchard Choir - Rules for members", "Rules for members of the choir\n\nThe fee is 72 euros a year."),
            Doc("Letter", "The rules for members of the Orchard Choir are changed: the fee is 80 euros a year."),
        ),
    ],
)
def test_what_names_another_document_changes_what_comes_nearest_there(rules: Doc, notice: Doc) -> None:
    ((first, second),) = values(notice, rules)
    assert first == f"“{notice.text}”"
    assert second.strip("“”") in rules.text
    assert second not in {rules.text, f"“{rules.text}”"}
    assert not values(Doc(notice.title, notice.text.split(":")[-1].split("：")[-1]), rules)


def test_a_notice_changes_only_what_it_says_otherwise() -> None:
    rules = Doc("Staff handbook", "Car mileage is refunded at 45p a mile. Claims reach accounts within 30 days.")
    notice = (
        "By the staff handbook car mileage is refunded at {} a mile.\n\nMotorcycle mileage is refunded at 24p a mile."
    )
    assert not values(Doc("Circular", notice.format("45p")), rules)
    assert len(values(Doc("Circular", notice.format("48p")), rules)) == 1
    page = Doc("员工手册（2024 年）", "住宿标准为每晚 480 元。\n\n餐补为每天 80 元。")
    letter = "按《员工手册》，住宿标准为每晚 {} 元。\n\n培训餐补为每天 60 元，餐补为每天 80 元。"
    assert not values(Doc("来信", letter.format(480)), page)
    assert len(values(Doc("来信", letter.format(520)), page)) == 1


@pytest.mark.parametrize("office", ["the Shanghai office", "sales staff in the Hong Kong office"])
def test_an_office_named_in_the_handbook_of_another_is_not_changed_by_it(office: str) -> None:
    one = Doc(f"Handbook of {office}", "A night may cost 480 yuan at most.")
    text = "Other than in Shanghai or Hong Kong a night may cost 350 yuan at most."
    assert not values(
        one, Doc(f"Handbook of {office.replace('Shanghai', 'Chengdu').replace('Hong Kong', 'Chengdu')}", text)
    )


@pytest.mark.parametrize(("title", "said"), [("餐补办法（2026 年征求意见稿）", "草案"), ("餐补办法草案", "草案")])
def test_a_draft_stands_last_and_makes_nothing_old(title: str, said: str) -> None:
    old, draft = Doc("餐补办法", "2024 年 5 月起执行。\n\n" + MEALS.format(80)), Doc(title, MEALS.format(100))
    for docs in ((old, draft), (draft, old)):
        (conflict,) = found(*docs)
        assert [v.value for v in conflict.versions] == ["80 元", "100 元"]
        assert (conflict.counting() or conflict.versions[1]).value == "80 元"
        with speaking("zh"):
            assert str(conflict).endswith(f"最后一个是{said}。")
    shelf = Shelf(old, draft)
    assert counting(shelf.hits(), shelf) == {2: frozenset({1})}
    other = Shelf(Doc("Winter timetable", "First boat 7:15."), Doc("Winter timetable - proposal", "First boat 6:50."))
    assert counting(other.hits(), other) == {2: frozenset({1})}


def test_what_counts_depends_on_the_time_asked_about() -> None:
    shelf = Shelf(*[Doc(f"Travel policy {year}", HOTEL.format(year - 1600)) for year in (2022, 2024, 2026)])
    assert counting(shelf.hits(), shelf) == {1: frozenset({2, 3}), 2: frozenset({3})}
    assert counting(shelf.hits(), shelf, period("2025")) == {1: frozenset({2}), 3: frozenset({1, 2})}
    assert counting(shelf.hits(), shelf, period("2020")) == {}
    (conflict,) = conflicts([(1, 0, 20)], shelf.hits(), shelf)
    at = [conflict.counting(when) for when in (None, period("2025"), period("2020"))]
    assert [one and one.value for one in at] == ["426 yuan", "424 yuan", None]


@pytest.mark.parametrize(
    ("older", "newer", "told"),
    [
        (("Marek Dudek", "160", ""), ("Sunita Rao", "160", ""), [("Sunita Rao", "Marek Dudek")]),
        (("马德全", "160", ""), ("饶素妮", "160", ""), [("饶素妮", "马德全")]),
        (("Marek Dudek", "160", ""), ("Marek Dudek", "166", ""), [("166", "160")]),
        (("Marek Dudek", "160", "Ring twice, then wait"), ("Marek Dudek", "160", "ring and wait at the gate"), []),
        (("Marek Dudek", "160", ""), ("Marek Dudek", "none", ""), []),
    ],
)
def test_a_name_in_the_same_cell_is_a_value(
    older: tuple[str, ...], newer: tuple[str, ...], told: list[tuple[str, str]]
) -> None:
    table = "| Place | Who | Ext. | Note |\n| --- | --- | --- | --- |\n| Yard | {} | {} | {} |\n"
    docs = (
        Doc("First aiders", table.format(*row), f"{at}.txt") for row, at in ((older, "2022-11"), (newer, "2025-05"))
    )
    assert values(*docs) == told


def test_what_stands_in_both_versions_is_not_held_against_another_statement() -> None:
    text = "During probation notice is one week. After probation it is {} weeks on both sides."
    one, other = (Doc(f"Handbook {year}", text.format(n)) for year, n in ((2023, "four"), (2025, "six")))
    assert values(one, other, answering=True) == [("six weeks", "four weeks")]


def test_a_version_that_says_it_was_changed_is_one() -> None:
    assert values(Doc("差旅", "餐补标准为每天 80 元。"), Doc("差旅", "餐补标准上调为每天 100 元。")) == [
        ("80 元", "100 元")
    ]
    one, other = "The daily allowance is 80 yuan.", "The daily allowance is raised to 100 yuan."
    assert values(Doc("Rules", one), Doc("Rules", other)) == [("80 yuan", "100 yuan")]


def test_three_versions_are_one_conflict() -> None:
    docs = [
        Doc(f"Travel policy {year}", HOTEL.format(value)) for year, value in ((2022, 400), (2026, 650), (2024, 480))
    ]
    assert values(*docs) == [("650 yuan", "480 yuan", "400 yuan")]


def test_the_same_conflict_is_told_once() -> None:
    shelf = Shelf(Doc("Policy 2024", HOTEL.format(480)), Doc("Policy 2026", HOTEL.format(650)))
    assert len(conflicts([(1, 0, 20), (2, 0, 20), (1, 0, 30)], shelf.hits(), shelf)) == 1


def test_sections_of_one_document_count_when_they_are_dated() -> None:
    text = "# 2024年\n\n" + MEALS.format(80) + "\n\n# 2026年\n\n" + MEALS.format(100)
    shelf = Shelf(Doc("餐补", text))
    cut = text.index("# 2026")
    for headings, newest in (
        (("2024年", "2026年"), "100 元"),
        (("实习生", "正式员工"), None),
        (("正文", "正文"), None),
    ):
        hits = [
            Hit(n, 1.0, "餐补", "a.md", 1, (heading,), start, end, text[start:end], 1, n)
            for n, (heading, start, end) in enumerate(zip(headings, (0, cut), (cut, len(text)), strict=True), 1)
        ]
        told = conflicts([(1, 0, cut)], hits, shelf)
        assert bool(told) is bool(newest)
        assert [c.value for c in (one.counting() for one in told) if c] == ([newest] if newest else [])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("满五年的员工有 15 天年假。", "满十年的员工有 20 天年假。"),
        ("上海的住宿标准为每晚 480 元。", "成都的住宿标准为每晚 650 元。"),
        ("住宿标准为每晚 480 元。", "实习生在成都的住宿标准为每晚 350 元。"),
        ("Room A seats 12 people.", "Room B seats 20 people."),
        ("Room 101 has a projector.", "Room 102 has a projector."),
        ("101 号房有投影仪。", "102 号房有投影仪。"),
        ("第 3 组负责打扫。", "第 4 组负责打扫。"),
        ("The RS-200 weighs 480 grams.", "The RS-300 weighs 520 grams."),
        ("In 2023 revenue was 5 million yuan.", "In 2024 revenue was 6 million yuan."),
        ("2023年营业收入为 500 万元。", "2024年营业收入为 600 万元。"),
        ("Staff may work from home at most 2 days a week.", "Staff may work from home at least 3 days a week."),
        ("Interns are entitled to 5 days of leave.", "Interns are not entitled to 10 days of leave."),
        ("The tank holds about 1,000 grams.", "The tank holds about 1,040 grams."),
        ("A flight from Shanghai to Chengdu costs 480 yuan.", "A flight from Chengdu to Shanghai costs 520 yuan."),
        (
            "The allowance is 80 yuan a day for meals on business.",
            "The allowance is 90 yuan a day for meals on business abroad.",
        ),
        ("The guarantee is 24 months.", "The guarantee is 2 years."),
        ("The deposit is 500 yuan.", "The deposit is 70 euros."),
        ("See chapter 3 for details.", "See chapter 4 for details."),
    ],
)
def test_another_condition_is_no_conflict(one: str, other: str) -> None:
    assert not values(Doc("Rules", one), Doc("Rules", other))
    assert not values(Doc("Rules 2024", one), Doc("Rules 2026", other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Handbook of the Shanghai office", "Handbook of the Chengdu office"),
        ("会议室A使用说明", "会议室B使用说明"),
        ("地铁1号线", "地铁2号线"),
        ("Annual report 2023", "Annual report 2024"),
        ("2023年工作总结", "2024年工作总结"),
    ],
)
def test_siblings_and_periods_are_no_versions(one: str, other: str) -> None:
    docs = Doc(one, HOTEL.format(480)), Doc(other, HOTEL.format(650))
    assert not values(*docs)
    assert not values(*docs, answering=True)


def test_headings_that_say_something_else_are_another_subject() -> None:
    text = "## {}\n\nPaid leave is {} days a year.\n"
    assert not values(Doc("Rules", text.format("Interns", 5)), Doc("Rules", text.format("Permanent staff", 15)))
    assert values(Doc("Rules", text.format("Interns", 5)), Doc("Rules", text.format("Interns", 15)))


def test_a_page_that_changed_has_no_conflicts() -> None:
    docs = Doc("Policy", HOTEL.format(480)), Doc("Policy", HOTEL.format(650))
    hits = Shelf(*docs).hits()
    assert not conflicts([(1, 0, 20)], hits, Shelf(docs[0], Doc("Policy", "Something else.")))


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("Title\nEffective 2026-01-01\n\nText.", "2026-01-01"),
        ("差旅制度\n修订日期：2025-03\n\n正文。", "2025-03"),
        ("正文第一条。\n\n本制度自2026年1月1日起施行。", "2026-01-01"),
        ("正文。\n\n本办法自二〇二四年三月一日起施行。", "2024-03-01"),
        ("Created: 2019-05-01\nLast updated: March 5, 2025\n\nText.", "2025-03-05"),
        ("Last updated: 2025-03-05\nThis policy takes effect on 1 February 2025.\n\nText.", "2025-02-01"),
        ("Valid until 2027-12-31\n\nText.", None),
        ("有效期至2027年12月31日\n\n正文。", None),
        ("The company moved to its new headquarters in Berlin on 3 May 2021.", None),
        ("Founded in 1998", None),
        ("| Date | 2026-01-01 |", None),
        ("Valid from 1 January 2026 for all employees and guests of the company. Owner: Finance.", "2026-01-01"),
        ("版本 4.2，2026 年 3 月 1 日起施行。由人事部负责解释，疑问请写信。", "2026-03-01"),
        ("自 2026 年 4 月 1 日起实施，代替 Q/QS 07-2023。", "2026-04-01"),
        ("该馆收藏当地的出土文物，2004年6月30日开放。" + "展品来自各地。" * 25, None),
        ("Effective 2026-02-31\n\nText.", None),
    ],
)
def test_the_date_of_a_document_is_on_a_line_of_its_own(text: str, when: str | None) -> None:
    found = dating.of_document(text)
    assert (found.text if found else None) == when


@pytest.mark.parametrize(
    ("name", "when", "rest"),
    [
        ("Travel policy 2026", "2026", "travel policy"),
        ("policy-2024-03.md", "2024-03", "policy- .md"),
        ("rules_20260101.pdf", "2026-01-01", "rules_ .pdf"),
        ("差旅制度（2025年3月修订）", "2025-03", "差旅制度( 修订)"),
        ("渡轮乘坐办法（2024 年版）", "2024", "渡轮乘坐办法( )"),
        ("渡轮乘坐办法（2026 年修订）", "2026", "渡轮乘坐办法( )"),
        ("Manual", None, "manual"),
    ],
)
def test_the_date_in_a_name(name: str, when: str | None, rest: str) -> None:
    found = dating.named(name)
    assert (found.text if found else None) == when
    assert dating.undated(name).strip() == rest


def test_a_file_name_dates_a_document() -> None:
    (conflict,) = found(
        Doc("差旅制度", MEALS.format(80), "/d/差旅制度-2024-03.md"),
        Doc("差旅制度", MEALS.format(100), "/d/差旅制度-2026-01.md"),
    )
    assert conflict.counting()
    assert (conflict.counting().n, conflict.counting().dated and conflict.counting().dated.text) == (2, "2026-01")
