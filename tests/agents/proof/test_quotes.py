"""The answer without a model: which statements are quoted, and that they slice back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agents.proof.quotes import best_quotes, nearest_statements, quoted_answer
from agents.proof.relevance import Question
from agents.proof.statements import Statement, statements
from tests.agents.shelf import CANTEEN, EN, ZH, Shelf

LEAVE = "### 2.1 年假\n\n入职满一年后每年享有 12 天带薪年假；满五年增至 15 天，满十年增至 20 天。\n申请三天以上的年假，应至少提前两周提交。"
HOTELS = (
    "Hotels and meals\n\n| City group | Hotel per night, at most | Meals per day |\n| --- | --- | --- |\n"
    "| A: Beijing, Shanghai | 650 yuan | 150 yuan |\n| B: elsewhere | 350 yuan | 100 yuan |\n\nAlcohol is not reimbursed."
)
HOUSE = """House rules

- No pets
  - guide dogs excepted
- The lift carries 450 kg.
"""
DEPOSIT = """押金

- 租期一年以上
  - 押金是两个月房租
  - 提前退租的，押金不退
"""
FAQ = "question: How long is the warranty?\nanswer: All sensors carry one of 36 months. Batteries are covered for 12 months."


def _answer(question: str, *pages: str, headed: bool = False) -> str:
    shelf = Shelf(*pages, headed=headed)
    quotes = best_quotes(nearest_statements(question, shelf.hits(), shelf))
    for quote in quotes:
        assert quote.verified
        assert quote.quote == pages[quote.n - 1][quote.start : quote.end]
    return quoted_answer(quotes)


@pytest.mark.parametrize("question", ["入职满五年的员工有多少天年假?", "员工工作满五年有几天年假?"])
def test_clauses_that_depend_on_each_other_are_quoted_together(question: str) -> None:
    assert (
        _answer(question, LEAVE, CANTEEN)
        == "入职满一年后每年享有 12 天带薪年假；满五年增至 15 天，满十年增至 20 天。 [1]"
    )


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        ("How does the choir tour begin?", "The choir tour begins with lunch. [1]"),
        ("When does the choir tour begin?", "Tour of the choir: the choir tour begins on 2 April [1]"),
        ("合唱团的巡演怎么才出发？", ""),
    ],
)
def test_what_a_page_is_and_who_wrote_to_whom_says_neither_how_nor_why(question: str, quoted: str) -> None:
    letter = (
        "Tour of the choir: the choir tour begins on 2 April\n\nThe choir tour begins with lunch.\n\nBring rain coats."
    )
    mail = "发件人：合唱团巡演组\n收件人：合唱团全体\n主题：巡演出发\n\n食物自备。"
    assert _answer(question, mail if "合" in question else letter) == quoted


def test_a_question_that_names_a_file_is_about_that() -> None:
    spring, autumn = "The boiler room costs 300 euros to heat.", "To heat the boiler room costs 400 euros in all."
    shelf = Shelf(spring, autumn)
    hits = [
        replace(hit, path=f"reports/{name}")
        for hit, name in zip(shelf.hits(), ("Spring.pdf", "autumn.pdf"), strict=True)
    ]
    for name, told in (("spring.pdf", spring), ("Autumn.pdf", autumn)):
        quotes = best_quotes(nearest_statements(f"What does the boiler room cost to heat in {name}?", hits, shelf))
        assert quoted_answer(quotes).startswith(told)
        assert len(quotes) == 1
    other = [
        replace(hits[0], path="reports/g.pdf"),
        replace(hits[1], path="reports/spring.pdf"),
    ]  # of which it names one
    quotes = best_quotes(nearest_statements("What does the boiler room cost to heat in spring.pdf?", other, shelf))
    assert [quote.n for quote in quotes] == [2]


def test_a_row_comes_with_its_columns_in_words() -> None:
    answer = _answer("How much may a hotel in Shanghai cost per night?", HOTELS)
    assert answer == "City group: A: Beijing, Shanghai; Hotel per night, at most: 650 yuan; Meals per day: 150 yuan [1]"


@pytest.mark.parametrize(
    ("question", "page", "first", "second"),
    [
        (
            "加急干洗一条西裤要多少钱？",
            "| 衣物 | 水洗（元） | 干洗（元） |\n|---|---|---|\n| 衬衫 | 12 | 18 |\n| 西裤 | 15 | 22 |\n\n加急当天取的，按单价加收五成。",
            "西裤；水洗（元）：15；干洗（元）：22",
            "加急当天取的，按单价加收五成。",
        ),
        (
            "How much is an adult ticket for the museum on a holiday?",
            "An adult ticket for the museum costs 7 pounds. On a holiday one pound more is due. The café is upstairs.",
            "An adult ticket for the museum costs 7 pounds.",
            "On a holiday one pound more is due.",
        ),
    ],
)
def test_what_changes_a_number_is_quoted_with_it(question: str, page: str, first: str, second: str) -> None:
    answer = _answer(question, page)
    assert first in answer
    assert second in answer
    assert answer.count("[1]") == 2


def test_a_question_about_a_column_gets_every_row() -> None:
    answer = _answer("How much is the hotel allowance per night?", HOTELS)
    assert "650 yuan" in answer
    assert "350 yuan" in answer
    assert "|" not in answer


def test_a_row_whose_header_lies_before_the_passage_still_names_its_columns() -> None:
    start = HOTELS.index("| B:")
    found = statements(HOTELS, start, len(HOTELS))
    assert found[0].text == "City group: B: elsewhere; Hotel per night, at most: 350 yuan; Meals per day: 100 yuan"
    assert HOTELS[slice(*found[0].spans[0])].startswith("| City group")


def test_a_row_beside_the_passage_is_quoted_from_its_page() -> None:
    shelf = Shelf(HOTELS)
    [hit] = shelf.hits()
    part = replace(hit, end=HOTELS.index("| B:") - 1, text=HOTELS[hit.start : HOTELS.index("| B:") - 1])
    quotes = best_quotes(nearest_statements("Which city group has the cheapest meals per day?", [part], shelf))
    assert [HOTELS[quote.start : quote.end][:4] for quote in quotes if quote.verified] == ["| Ci", "| B:"]


def test_the_question_of_a_faq_leads_to_its_answer() -> None:
    assert _answer("How long is the warranty?", FAQ, CANTEEN).startswith("All sensors carry one of 36 months.")


def test_headings_questions_and_list_marks_are_not_quoted() -> None:
    text = "# Leave\n\nHow much leave?\n\n- Leave is 15 days a year;\n2. Leave is carried over once."
    assert [s.text for s in statements(text, 0, len(text))] == [
        "Leave is 15 days a year",
        "Leave is carried over once.",
    ]
    assert _answer("How many days is leave?", text).splitlines()[0] == "Leave is 15 days a year [1]"


SHREDDER = "Please bring\n- gloves\n- something to eat\nChildren are welcome, but not near the shredder."
"""A line below a list that is none of its items."""
SOUPS = "Soups of the house\n\nLENTIL SOUP (serves 4)\nBoil the lentils for an hour. Add salt.\n\nLEEK SOUP\nBoil the leek for ten minutes."
"""Titles right above their text."""


def test_a_line_below_a_list_is_quoted_without_it() -> None:
    assert _answer("May children come?", SHREDDER) == "Children are welcome, but not near the shredder. [1]"


def test_a_price_behind_dots_stays_with_what_it_is_for() -> None:
    page = "Prices\n\nAdults ......... 6.50\nChildren ....... 3.00"
    assert [s.text for s in statements(page, 0, len(page))] == ["Adults ......... 6.50", "Children ....... 3.00"]


def test_what_leads_a_list_ends_with_it() -> None:
    page = "What we cannot repair\n- microwave ovens\n- anything with gas\nPeople who wait may sit upstairs on the old sofa."
    assert _answer("Where may people sit?", page) == "People who wait may sit upstairs on the old sofa. [1]"


def test_a_heading_leads_what_stands_under_the_nearer_ones_below_it() -> None:
    page = "# The pool\n\n## Fees\n\nFor adults\nThe day costs 6 euros. The card of ten costs 50.\n"
    assert [one.context.split() for one in statements(page, 0, len(page))] == 2 * [["Fees", "For", "adults"]]


def test_a_title_leads_what_stands_right_below_it() -> None:
    found = [(one.text, one.context.split()) for one in statements(SOUPS, 0, len(SOUPS), ["Soups of the house"])]
    lentils = ["LENTIL", "SOUP", "(serves", "4)"]
    assert found == [
        ("LENTIL SOUP (serves 4)", []),
        ("Boil the lentils for an hour.", lentils),
        ("Add salt.", lentils),
        ("Boil the leek for ten minutes.", ["LEEK", "SOUP"]),
    ]
    assert "leek for ten minutes" in _answer("How long do I boil the leek soup?", SOUPS)


@pytest.mark.parametrize(
    ("question", "page", "told"),
    [
        ("Can I bring my dog?", HOUSE, "No pets: guide dogs excepted [1]"),
        ("How much weight does the lift carry?", HOUSE, "The lift carries 450 kg. [1]"),
        ("提前退租的，押金退不退？", DEPOSIT, "租期一年以上：提前退租的，押金不退 [1]"),
    ],
)
def test_an_item_is_quoted_with_the_items_it_stands_under(question: str, page: str, told: str) -> None:
    assert _answer(question, page) == told


@pytest.mark.parametrize(
    ("question", "page", "told"),
    [
        (
            "Is the pool closed on Mondays?",
            "The pool is closed on Mondays. Towels cost 2 euros. Children swim for half the price until noon.",
            "The pool is closed on Mondays. [1]",
        ),
        ("能不能带宠物？", "提前退租的，押金不退。押金是两个月房租。不能带宠物。", "不能带宠物。 [1]"),
        ("周一开门吗？", "周二至周日 9 点开放，周一闭馆。存包柜在一楼。", "周二至周日 9 点开放，周一闭馆。 [1]"),
    ],
)
def test_what_a_question_says_itself_answers_yes_or_no(question: str, page: str, told: str) -> None:
    assert _answer(question, page) == told


def test_a_question_for_a_number_is_not_answered_without_one() -> None:
    assert _answer("How many parking spaces does the canteen have?", "The canteen has parking spaces behind it.") == ""


def test_a_statement_about_another_year_gives_way() -> None:
    text = (
        "In 2019 the revenue of the company was 5 million yuan. In 2021 the revenue of the company was 9 million yuan."
    )
    assert _answer("What was the revenue of the company in 2021?", text).startswith("In 2021")


def test_what_has_nothing_to_do_with_the_question_is_not_quoted() -> None:
    assert _answer("Who composed the opera Carmen?", CANTEEN, ZH) == ""
    assert "Anna Schmidt" in _answer("Who is the CEO?", EN)


def test_another_code_or_year_is_no_answer() -> None:
    faults = "Faults\n\nE03 No echo from the water\n\nE12 Moisture inside the case"
    assert _answer("What does fault code E12 mean?", faults) == "E12 Moisture inside the case [1]"
    assert (
        _answer("What does fault code E12 on the RS-200 mean?", f"RS-200 {faults}")
        == "E12 Moisture inside the case [1]"
    )
    assert _answer("What does fault code E45 mean?", faults) == ""
    assert _answer("What was the revenue in 2019?", "The revenue in 2025 was 470 million yuan.") == ""


class NearerTheLater:
    """The statement that answers is the shortest of three, and no embedder tells it from the others."""

    def answers(self, question, texts):
        return [0.9 if "12" not in text else 0.75 for text in texts]

    def vectors(self, texts):
        return np.zeros((len(texts), 2), np.float32)


def test_three_statements_that_are_level_are_all_quoted() -> None:
    shelf = Shelf("## 年假\n\n入职满一年后有 12 天年假。未休完的年假最多结转 5 天。三天以上的年假要提前申请。")
    answer = quoted_answer(best_quotes(nearest_statements("年假有几天？", shelf.hits(), shelf, NearerTheLater())))
    assert "12 天" in answer
    assert answer.count("[1]") == 3


def test_a_number_of_a_section_is_no_statement() -> None:
    shelf = Shelf("5.3.6.\n\n5.3.7.\n\nFine-tuning of large models is described here.")
    quotes = best_quotes(nearest_statements("红烧肉要炖多久才软烂？", shelf.hits(), shelf, NearerTheLater()))
    assert "5.3" not in quoted_answer(quotes)


@pytest.mark.parametrize(("question", "page"), [
    ("这个模型的训练一共花了多少美元？", "这个模型拥有 6710 亿参数。"),
    ("ChatLM4 支持多长的上下文？", "ChatLM3 支持 8192 个词元的上下文。"),
])  # fmt: skip
def test_another_thing_s_number_is_no_answer(question: str, page: str) -> None:
    assert _answer(question, page) == ""


def test_a_sum_of_money_is_an_answer() -> None:
    assert "550 万美元" in _answer(
        "这个模型的训练一共花了多少美元？", "这个模型拥有 6710 亿参数。训练花费约 550 万美元。"
    )


@pytest.mark.parametrize(("question", "answered"), [
    ("What may a hotel in Beijing cost per night?", True),
    ("What may a hotel in Vienna cost per night?", False),
    ("What may a hotel cost per night on a Monday?", True),
    ("WHAT MAY A HOTEL IN BEIJING COST PER NIGHT?", True),
    ("What May A Hotel Cost Per Night?", True),
])  # fmt: skip
def test_what_is_asked_about_must_be_named_somewhere(question: str, answered: bool) -> None:
    assert bool(_answer(question, HOTELS)) == answered


def test_a_name_may_be_inflected_and_joined_otherwise() -> None:
    page = "Employees in Germany have 30 days of paid annual leave each year."
    assert _answer("How many days of paid annual leave do the Germans have each year?", page)
    assert _answer("How long does the RS-200 run?", "The RS 200 runs for 30 days.")


def test_a_question_for_an_area_is_answered_in_any_unit_of_area() -> None:
    page = "公园全长3公里，公园的开放时间是每天8小时。\n\n整个公园占地85公顷。"
    assert _answer("公园有多少亩？", page) == "整个公园占地85公顷。 [1]"


MEMORY = (
    "大模型资源占用计算公式\nM(memory) = P * 4(Byte) * 1.2 / (32/Q)\n1\n2\n3\nP : 模型中的参数数量，例如一个7B模型有70亿参数\n"
    "模型 | 位数 | 显存(GB) |\n---|---|---|\n1.5B | 4 | 0.9 |\n7B | 4 | 4.2 |\n7B | 8 | 8.4 |\n40B | 4 | 24 |\n业务开发"
)
STOCK = (
    "| 仓库 | 货号 | 品名 | 数量 |\n| --- | --- | --- | --- |\n| 总仓 | RS-200 | 雷达水位计 | 146 |\n"
    "| 分仓 | RS-200 | 雷达水位计 | 23 |\n| 分仓 | PS-30 | 压力水位计 | 18 |\n| 南仓 | RG-5 | 雨量计 | 9 |"
)


def test_the_row_that_meets_all_conditions_answers_not_the_formula_above_it() -> None:
    assert _answer("用4位量化加载7B模型大约需要多少显存？", MEMORY) == "模型：7B；位数：4；显存(GB)：4.2 [1]"


def test_a_table_with_bars_is_read_with_or_without_its_edges() -> None:
    for page in (
        "模型 | 位数 | 显存\n7B | 4 | 4.2\n9B | 4 | 5.3",
        "模型 | 位数 | 显存 |\n:--|--|--|\n7B | 4 | 4.2 |\n9B | 4 | 5.3 |",
        "| 模型 | 位数 | 显存 |\n|---|---|---|\n| 7B | 4 | 4.2 |\n| 9B | 4 | 5.3 |",
    ):
        found = [s for s in statements(page, 0, len(page)) if s.row]
        assert [s.text for s in found] == ["模型：7B；位数：4；显存：4.2", "模型：9B；位数：4；显存：5.3"]
        for statement in found:
            assert page[slice(*statement.spans[0])].strip("| ").startswith("模型")
    from_the_middle = "7B | 4 | 4.2\n9B | 4 | 5.3"
    found = statements(from_the_middle, 0, len(from_the_middle))
    assert [(s.text, len(s.spans)) for s in found] == [("7B; 4; 4.2", 1), ("9B; 4; 5.3", 1)]


def test_every_row_of_the_article_answers_and_none_where_no_row_has_both() -> None:
    answer = _answer("RS-200 的数量是多少？", STOCK)
    assert "146" in answer
    assert "23" in answer
    assert "PS-30" not in answer
    assert _answer("南仓有多少台压力水位计？", STOCK) == ""
    assert _answer("RS-300 的数量是多少？", STOCK) == ""


@pytest.mark.parametrize("piece", [
    "[![PyPI](https://img.shields.io/pypi/v/lock)](https://lock.example.org/p) [docs](https://lock.example.io)",
    "$ pip install lock==3.12",
    "versions = sorted(parse(v, strict=True) for v in range(3, 12))",
    "M(memory) = P * 4(Byte) * 1.2 / (32/Q)",
    "1\n2\n3\n4",
    "18 September 2026.",
])  # fmt: skip
def test_links_commands_code_formulas_and_gutters_say_not_how_many(piece: str) -> None:
    assert _answer("How many versions of lock are there?", f"Lock\n\n{piece}") == ""


def test_a_constant_with_its_value_states_a_fact() -> None:
    assert "90" in _answer("How many siren seconds are there?", "SIREN_SECONDS = 90\nWINDOW_MINUTES = 10")


def test_a_date_is_no_number_of_something() -> None:
    assert (
        _answer("How many employees does the firm have?", "Valid from 1 January 2026 for employees of the firm.") == ""
    )


PRICED = (
    "| 部门 | 班次 | 津贴 |\n| --- | --- | --- |\n| 仓库 | 白班 | 1200 |\n| 仓库 | 夜班 | 1800 |\n| 门卫 | 白班 | 600 |"
)
SINCE = (
    "| Plant | Year opened | Budget |\n| --- | --- | --- |\n| Northside | 1998 | 1850 |\n| Southside | 2004 | 2075 |"
)


def _row(question: str, page: str) -> str:
    shelf = Shelf(page)
    return " ".join(
        quote.sentence for quote in best_quotes(nearest_statements(question, shelf.search(question), shelf))
    )


def test_a_figure_of_the_size_of_a_year_is_what_its_column_says() -> None:
    assert "1200" in _row("仓库白班的津贴是多少？", PRICED)
    assert "1850" in _row("How high is the budget of the Northside plant?", SINCE)


def test_the_year_a_plant_opened_is_no_number_of_people() -> None:
    told = Question("How many people does the Northside plant employ?", [SINCE])
    row = Statement(((0, 1),), "Plant: Northside; Year opened: 1998", row=True)
    assert told.view(row).kind == 0.0


def test_a_column_that_asks_for_days_counts_them() -> None:
    row = Statement(((0, 1),), "衣物：大衣；洗涤（元/件）：48；几天能取：7", row=True)
    assert Question("大衣几天能洗好？", [row.text]).view(row).kind
    other = Statement(((0, 1),), "衣物：大衣；洗涤（元/件）：48；件数：7", row=True)
    assert not Question("大衣几天能洗好？", [other.text]).view(other).kind


def test_of_two_versions_the_newer_is_quoted_first_however_near_the_older_comes() -> None:
    old = "Boat rules 2022\n\nA boat must be booked two days ahead in the book."
    new = "Boat rules 2024\n\nA boat is booked online, five days ahead or more."
    assert _answer("How many days ahead must a boat be booked?", old, new, headed=True).startswith(
        "A boat is booked online"
    )
    assert "two days" in _answer("How many days ahead did a boat have to be booked in 2022?", old, new, headed=True)


def test_what_an_older_version_says_does_not_stand_beside_what_the_newer_one_does() -> None:
    old = "渡轮乘坐办法（2024 年版）\n\n渡轮每天 5:00 至 20:30 运行。20:30 收船，21:00 以前清扫干净。"
    new = "渡轮乘坐办法（2026 年修订）\n\n每天 5:00 开船，20:00 收船，20:20 以前清扫干净。"
    assert (
        _answer("渡轮现在几点就收船了", old, new, headed=True) == "每天 5:00 开船，20:00 收船，20:20 以前清扫干净。 [2]"
    )


def test_times_of_day_under_their_heading_are_an_answer() -> None:
    page = "# Pool\n\n## Opening hours\nMonday to Friday 6 am to 10 pm, Sunday 9 am to 4 pm. The lift is broken."
    assert _answer("Is it open on Sunday?", page) == "Monday to Friday 6 am to 10 pm, Sunday 9 am to 4 pm. [1]"


def test_a_line_that_stands_over_a_paragraph_is_its_heading() -> None:
    page = "Help desk\n\nStrange letters\n\nNever answer one. Hand it in.\n\nContact\n\nRoom 4 is ours. Call first."
    assert [(one.text, one.context.strip()) for one in statements(page, 0, len(page))] == [
        ("Never answer one.", "Strange letters"),
        ("Hand it in.", "Strange letters"),
        ("Room 4 is ours.", "Contact"),
        ("Call first.", "Contact"),
    ]


def test_lines_of_facts_one_above_the_other_are_no_headings() -> None:
    page = "Our stall\n\nBread on Saturdays\n\nFresh eggs\n\nAnna Berg"
    assert [one.text for one in statements(page, 0, len(page))] == ["Bread on Saturdays", "Fresh eggs", "Anna Berg"]


def test_the_word_that_begins_an_item_says_what_it_is_about() -> None:
    page = "1. Deposit. We block 600 euros. It comes back within 10 days.\n2. Pets. They travel in a box."
    found = {one.text: one.context.strip() for one in statements(page, 0, len(page))}
    assert found["It comes back within 10 days."] == "Deposit."
    assert found["They travel in a box."] == "Pets."


def test_a_question_in_bold_leads_what_answers_it() -> None:
    page = "**Who may buy it?**\nAnyone over 12.\n\n**Good to know.** It is valid for a week."
    found = {one.text: one.context.strip() for one in statements(page, 0, len(page))}
    assert found["Anyone over 12."] == "Who may buy it?"
    assert "It is valid for a week." in found


def test_a_character_is_not_lost_between_two_pairs_that_are_known() -> None:
    assert _answer("要放盐吗？", "药品交给老师，不要放在书包里。\n\n不放盐，酱油已经够咸。").startswith("不放盐")
