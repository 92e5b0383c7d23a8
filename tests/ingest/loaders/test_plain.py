"""Plain text and its relatives: titles that are no record, subtitles with their times, terminal codes, embedded files."""

from __future__ import annotations

import base64

import pytest

BLOB = base64.b64encode(bytes((n * 7919) % 251 for n in range(6000))).decode()


@pytest.mark.parametrize(("name", "text"), [
    ("server.log", "".join(f"2026-03-01 10:00:{n:02} INFO request {n} done\n" for n in range(9))),
    ("a.log", "[10:00:01] boot\n[10:00:02] ready and waiting for connections\n" * 9),
    ("b.log", "Jan  3 10:00:01 host sshd: accepted\nJan  3 10:00:09 host cron: a much longer line than before\n" * 9),
    ("c.log", "ERROR disk is full\nmore is said about this in the manual of the program\n" * 9),
    ("d.log", "192.168.0.1 - - GET /index.html\n10.0.0.7 - - GET /other.html?with=more&and=more\n" * 9),
    ("e.txt", "Cost\tSum\nCustoms\t75\n"), ("f.txt", "1\n2\n3\n" * 9), ("g.txt", "Item 1 of 9\nItem 2 of 9\n" * 9),
])  # fmt: skip
def test_a_record_is_no_title(tmp_path, soundly, name, text):
    (tmp_path / name).write_text(text)
    assert soundly(tmp_path / name).title == name.partition(".")[0]


def test_codes_for_terminals_are_no_text(tmp_path, soundly):
    (tmp_path / "x.log").write_text(
        "\x1b[1;31mERROR\x1b[0m ERR-7731 \x1b]8;;http://x\x1b\\quota\x1b]8;;\x07 N\x08NAME\n"
    )
    assert soundly(tmp_path / "x.log").pages[0].text == "ERROR ERR-7731 quota NAME"


SRT = (
    "1\n00:00:01,000 --> 00:00:04,000\nWelcome to the workshop.\n\n2\n00:00:04,500 --> 00:00:08,000\n"
    "<i>The bearing</i> should be greased\n\n3\n00:00:08,100 --> 01:00:11,000\n{\\an8}before winter, and again in May.\n"
)


def test_srt(tmp_path, soundly):
    (tmp_path / "talk.srt").write_text(SRT)
    parsed = soundly(tmp_path / "talk.srt")
    assert parsed.title == "talk"
    assert parsed.pages[0].label == "00:00:01–01:00:11"
    assert parsed.pages[0].text == (
        "Welcome to the workshop. The bearing should be greased before winter, and again in May."
    )


def test_vtt_with_speakers_notes_and_rolling_lines(tmp_path, soundly):
    (tmp_path / "x.vtt").write_text(
        "WEBVTT - Board meeting\n\nNOTE by hand\n\nintro\n00:01.000 --> 00:04.000 align:start\n<v Anna>The levy\n\n"
        "00:04.000 --> 00:05.000\nThe levy\nis <b>4</b> percent.\n\n01:00:05.000 --> 01:00:07.000\n<v Ben>Since when?\n"
    )
    parsed = soundly(tmp_path / "x.vtt")
    assert parsed.title == "Board meeting"
    assert parsed.pages[0].label == "00:00:01–01:00:07"
    assert parsed.pages[0].text.endswith("is 4 percent.\nBen: Since when?")
    assert "NOTE" not in parsed.pages[0].text


def test_long_subtitles_are_paged_by_time_at_the_ends_of_sentences(tmp_path, soundly):
    cues = (
        f"{n}\n00:{n // 6:02}:{n % 6}0,000 --> 00:{n // 6:02}:{n % 6}9,000\n第{n}句话，说的是轴承的润滑。\n"
        for n in range(120)
    )
    (tmp_path / "x.srt").write_text("\n".join(cues))
    parsed = soundly(tmp_path / "x.srt")
    assert len(parsed.pages) == 3
    assert parsed.pages[1].label.startswith("00:0")
    assert all(page.text.endswith("。") for page in parsed.pages)


def test_a_data_address_is_no_text(tmp_path, soundly):
    (tmp_path / "x.md").write_text(
        f"# Sheet\n\n![image](data:image/png;base64,{BLOB})\n\nFlow is 88.\n\n[image1]: <data:image/png;base64,{BLOB}>\n"
    )
    (tmp_path / "x.css").write_text(f".a {{ background: url(data:image/png;base64,{BLOB}) }}\n")
    for name in ("x.md", "x.css"):
        parsed = soundly(tmp_path / name)
        assert len(parsed.pages[0].text) < 90
        assert len(parsed.notes) == 1
    assert "Flow is 88." in soundly(tmp_path / "x.md").pages[0].text


def test_html_in_markdown_is_what_it_shows(tmp_path, soundly, blocks):
    (tmp_path / "x.md").write_text(
        "+++\ntitle = 'Two'\n+++\n# Sheet\n\nAt least 10<sup>6</sup> ohm, not `10<sup>6</sup>`.\n\n<!-- hidden -->\n"
        "<table>\n<tr><th>Day</th><th>Desk</th></tr>\n\n<tr><td rowspan=2>Mon</td><td>Anna</td></tr>\n<tr><td>Carla</td>"
        "</tr>\n</table>\n\n<details>\n<summary>More</summary>\n\n- *one*\n\n</details>\n\n```html\n<table><tr><td>code"
        "</td></tr></table>\n```\n"
    )
    parsed = soundly(tmp_path / "x.md")
    assert parsed.title == "Two"
    found = blocks(parsed.pages[0])
    assert ("paragraph", "At least 10^6 ohm, not `10<sup>6</sup>`.") in found
    assert ("table", "| Day | Desk |\n| --- | --- |\n| Mon | Anna |\n| Mon | Carla |") in found
    assert ("paragraph", "More") in found
    assert ("code", "```html\n<table><tr><td>code</td></tr></table>\n```") in found
    assert "hidden" not in parsed.pages[0].text


GOOD = "Die Überprüfung der größeren Anlage – täglich um acht – ist im Wartungsbuch einzutragen. "


@pytest.mark.parametrize("times", [1, 12])
def test_one_stray_byte_costs_no_text(tmp_path, soundly, times):
    (tmp_path / "x.txt").write_bytes(GOOD.encode() * times + "Müller prüft.\n".encode("latin-1"))
    parsed = soundly(tmp_path / "x.txt")
    assert parsed.pages[0].text == GOOD * times + "Müller prüft."
    assert not parsed.notes


def test_characters_that_are_lost_are_said(tmp_path, soundly):
    data = bytearray(("员工每年享有十五天带薪年假。" * 20).encode())
    data[100] = 0xFF
    (tmp_path / "x.txt").write_bytes(bytes(data))
    assert len(soundly(tmp_path / "x.txt").notes) == 1


@pytest.mark.parametrize("text", [
    "id,name,branch\n1,Kim,서울지점\n2,Lee,부산지점\n3,Park,대구지점\n", "안녕하세요. 회의는 내일 오전 열 시에 시작합니다.",
    "제1조(목적) 이 규정은 직원의 휴가에 관한 사항을 정함을 목적으로 한다.",
])  # fmt: skip
def test_korean_is_not_read_as_chinese(tmp_path, soundly, text):
    (tmp_path / "x.txt").write_bytes(text.encode("cp949"))
    assert soundly(tmp_path / "x.txt").pages[0].text == text.strip()


@pytest.mark.parametrize(
    "text", ["中文", "放假三天", "报销标准", "安全操作规程", "部门,班次,津贴\n仓库,夜班,1800\n", "北京分公司采购合同"]
)
def test_short_chinese_is_not_read_as_korean(tmp_path, soundly, text):
    (tmp_path / "x.txt").write_bytes(text.encode("gbk"))
    assert soundly(tmp_path / "x.txt").pages[0].text == text.strip()


@pytest.mark.parametrize(("name", "text"), [
    ("x.rst", "========\nHandbook\n========\n\nIntro of it.\n\nLeave\n-----\n\nTen days.\n\nPay\n---\n\n+---+---+\n| a | b |\n+---+---+\n"),
    ("x.adoc", "= Handbook\n\nIntro of it.\n\n== Leave\n\nTen days.\n\n----\n== no heading\n----\n\n== Pay\n\nMonthly.\n"),
    ("x.org", "* Handbook\nIntro of it.\n** Leave\nTen days.\n#+begin_src\n** no heading\n#+end_src\n** Pay\nMonthly.\n"),
])  # fmt: skip
def test_sections_of_marked_texts(tmp_path, soundly, blocks, name, text):
    (tmp_path / name).write_text(text)
    parsed = soundly(tmp_path / name)
    assert parsed.title == "Handbook"
    found = blocks(parsed.pages[0])
    headings = [(kind, text) for kind, text in found if kind.startswith("heading")]
    assert headings == [("heading1", "Handbook"), ("heading2", "Leave"), ("heading2", "Pay")]
    assert ("paragraph", "Ten days.") in found


def test_subtitles_of_substation_alpha(tmp_path, soundly):
    line = "Dialogue: 0,0:00:0{}.00,0:00:0{}.50,Default,{},0,0,0,,{}\n".format
    (tmp_path / "x.ass").write_text(
        "[Script Info]\nTitle: Tour\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
        + line(1, 4, "Anna", r"{\i1}Welcome, friends,{\i0}\Nto the tour.") + line(5, 8, "", "塔高六十米。")
    )  # fmt: skip
    (page,) = soundly(tmp_path / "x.ass").pages
    assert (page.label, page.text) == ("00:00:01–00:00:08", "Anna: Welcome, friends, to the tour. 塔高六十米。")


DRAWN = {
    "by MySQL": (
        "+----+-------+\n| id | name  |\n+----+-------+\n|  1 | 缆绳  |\n|  2 | Rope  |\n+----+-------+\n2 rows in set\n",
        "| id | name |\n| --- | --- |\n| 1 | 缆绳 |\n| 2 | Rope |\n2 rows in set",
    ),
    "by psql": (
        " id |  name  | price \n----+--------+-------\n  1 | Pump   |   120\n  2 | Filter |    15\n(2 rows)\n",
        "| id | name | price |\n| --- | --- | --- |\n| 1 | Pump | 120 |\n| 2 | Filter | 15 |\n(2 rows)",
    ),
    "with cells of several lines": (
        "+------+-------+\n| Boat | Fee   |\n+======+=======+\n| 6 m  | 12,   |\n|      | or 60 |\n+------+-------+\n| 9 m  | 20    |\n+------+-------+\n",
        "| Boat | Fee |\n| --- | --- |\n| 6 m | 12, or 60 |\n| 9 m | 20 |",
    ),
    "with the signs for boxes": (
        "┌──────┬──────┐\n│ 城市 │ 天数 │\n├──────┼──────┤\n│ 上海 │ 3    │\n└──────┴──────┘\n",
        "| 城市 | 天数 |\n| --- | --- |\n| 上海 | 3 |",
    ),
    "with a rule for each column": (
        "Prices of March in euro\nCode   Article    Price\n------ ---------- -----\nA-100  Bolt, long  0.40\nB-200  Chain       6.90\n",
        "Prices of March in euro\n| Code | Article | Price |\n| --- | --- | --- |\n| A-100 | Bolt, long | 0.40 |\n| B-200 | Chain | 6.90 |",
    ),
    "with rules above and below": (
        "====  =====\n Day  Open\n====  =====\nMon   8:00\nTue   9:00\n====  =====\n",
        "| Day | Open |\n| --- | --- |\n| Mon | 8:00 |\n| Tue | 9:00 |",
    ),
    "by blanks alone": (
        "品名        规格  单价\n螺丝        M4    0.50\n不锈钢垫片  M6    1.00\n链条        镀锌  6.90\n",
        "| 品名 | 规格 | 单价 |\n| --- | --- | --- |\n| 螺丝 | M4 | 0.50 |\n| 不锈钢垫片 | M6 | 1.00 |\n| 链条 | 镀锌 | 6.90 |",
    ),
}


@pytest.mark.parametrize(("drawn", "text"), DRAWN.values(), ids=DRAWN)
def test_a_table_drawn_with_characters_is_one(tmp_path, soundly, drawn, text):
    (tmp_path / "x.txt").write_text(f"The stock today:\n\n{drawn}\nCounted by Eva.\n")
    assert soundly(tmp_path / "x.txt").pages[0].text == f"The stock today:\n\n{text}\n\nCounted by Eva."


@pytest.mark.parametrize("text", [
    "Two blanks.  After each sentence.  It is no\ntable at all.  Even so the blanks are  there.\nNobody would say so.  We hope.",
    "  Left column text     right column text\n  goes on here and     and goes on there\n  ends here.           ends there.",
    "- one | with a bar\n- two | with a bar\n- three | with a bar", "a || b\nc || d\ne || f",
    "Title\n-----\nText below it\nand more", "drwxr-xr-x  2 root root  4096 a\n-rw-r--r--  1 root root   120 b.txt",
    "Thanks.\n\n-- \nAnna | Head of sales\nPhone | 4711",
])  # fmt: skip
def test_text_that_is_no_table_stays_as_it_is(tmp_path, soundly, text):
    (tmp_path / "x.txt").write_text(text)
    assert soundly(tmp_path / "x.txt").pages[0].text == text.strip()
