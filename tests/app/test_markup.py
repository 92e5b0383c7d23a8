from __future__ import annotations

import html.parser
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from app.marks import Mark
from app.markup import answer_html, highlighted, plain
from ingest import shorten

HOSTILE = [
    "<script>alert(1)</script>",
    "![x](http://evil.example/p.png)",
    "![x][r]\n\n[r]: http://evil.example/p.png",
    "<img src=http://evil.example/p.png onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "[click](data:text/html;base64,PHNjcmlwdD4=)",
    "`code` <iframe src='http://evil.example'></iframe>",
    "```html\n<script>alert(1)</script>\n```",
    '```x" onmouseover="alert(1)\ny\n```',
    "<style>body{display:none}</style>",
    "|a|\n|-|\n|![x](http://evil.example/p.png)|",
    '[a](http://ok.example "t\\" onclick=\\"x")',
    "<!-- comment --><?php x ?><!DOCTYPE html>",
]


TAGS = set(
    str.split(
        "h1 h2 h3 h4 h5 h6 table thead tbody tr th td p br hr strong em s code pre ul ol li blockquote a span sup"
    )
)
VALUES = {
    ("a", "href"): r"(?i)(https?://|mailto:).*",
    ("a", "title"): ".*",
    ("a", "rel"): "noopener noreferrer nofollow",
    ("a", "target"): "_blank",
    ("span", "class"): "zk-(phrase|differs|unproven|host)",
    ("span", "title"): ".*",
    ("span", "tabindex"): "0",
    ("sup", "class"): "zk-(sign|n|n zk-grey-n)",
    ("sup", "role"): "button",
    ("sup", "tabindex"): "0",
    ("ol", "start"): r"\d+",
    ("table", "tabindex"): "0",
    ("th", "style"): "text-align:(left|right|center)",
    ("td", "style"): "text-align:(left|right|center)",
}
"""All that an answer may consist of, and the values that its attributes may have."""


class Elements(html.parser.HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.others: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def handle_comment(self, data):
        self.others.append(data)

    handle_decl = handle_pi = handle_comment


def assert_harmless(rendered: str) -> Elements:
    seen = Elements(rendered)
    assert seen.others == []
    for tag, attributes in seen.tags:
        assert tag in TAGS or (tag, attributes) == ("div", {"class": "zk-answer"})
        if tag != "div":
            assert all(re.fullmatch(VALUES[tag, name], value or "", re.DOTALL) for name, value in attributes.items())
    return seen


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_answers_become_text_or_harmless_tags(text):
    assert_harmless(answer_html(text, [Mark(text, "differs", text)], {1: True}, opening=True))


@given(st.text(alphabet=st.sampled_from('<>!["]()`*_$:|\\\n -&;=/abhref[1]ims."')) | st.text())
def test_no_text_whatever_yields_a_dangerous_tag(text):
    assert_harmless(answer_html(text, [Mark(text, "phrase", text), Mark(text)], {1: True}, opening=True))
    seen = Elements(highlighted(text, [(1, 4), (3, 9)]))
    assert {tag for tag, _ in seen.tags} <= {"mark"}
    assert seen.text.replace("\ufffd", "") == text.replace("\0", "").replace("\ufffd", "")


def test_script_is_shown_as_its_characters():
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer_html("<script>alert(1)</script>")


def test_an_image_is_a_link_and_is_not_loaded():
    seen = assert_harmless(answer_html("![picture](http://evil.example/p.png)"))
    assert [tag for tag, _ in seen.tags if tag in {"a", "img"}] == ["a"]


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("[your bank](https://evil.example/login)", "your bank (evil.example)"),
        ("[https://good.example](https://evil.example)", "https://good.example (evil.example)"),
        ("[evil.example.good.example](https://evil.example)", "evil.example.good.example (evil.example)"),
        ("[good.example](https://good.example@evil.example/)", "good.example (evil.example)"),
        ("**see [*us*](http://münchen.example) now**", "see us (xn--mnchen-3ya.example) now"),
        ("[write](mailto:a@evil.example)", "write (a@evil.example)"),
        ("<https://good.example/a>", "https://good.example/a"),
        ("[good.example](https://good.example/a)", "good.example"),
        ("![a picture](http://evil.example/p.png)", "!a picture (evil.example)"),
    ],
)
def test_a_link_says_to_which_host_it_leads(link, shown):
    assert assert_harmless(answer_html(link, [Mark("see us now")])).text.strip() == shown


@pytest.mark.parametrize(
    "title",
    ["http://evil.example/a", "HTTPS://evil.example", "www.evil.example", "a.b@evil.example", "(www.e.example)"],
)
def test_an_address_in_a_title_is_no_link(title):
    """By Markdown's own reading of it and then by the rule for addresses in what is left, as Streamlit's pages do."""
    (inline,) = [token for token in MarkdownIt().parse(plain(title)) if token.type == "inline"]
    text = "".join(child.content for child in inline.children)
    assert text.replace("\u2060", "") == title
    linked = (
        r"(?i)(https?://|www(?=\.))([-.\w]+)|([-.\w+]+)@([-\w]+(?:\.[-\w]+)+)"  # of mdast-util-gfm-autolink-literal
    )
    assert re.search(linked, title)
    assert not re.search(linked, text)


def test_latex_and_colour_directives_stay_as_written():
    assert "$x^2$ :red[no]" in answer_html("$x^2$ :red[no]")


def test_markers_are_raised_and_unverified_ones_greyed():
    rendered = answer_html("Ten days [1][2].", numbers={1: True, 2: False})
    assert '<sup class="zk-n">1</sup>' in rendered
    assert '<sup class="zk-n zk-grey-n">2</sup>' in rendered
    assert '<sup class="zk-n zk-grey-n">1</sup>' in answer_html(
        "Ten days [1]."
    )  # being written: nothing is checked yet


def test_a_number_behind_an_unproven_sentence_is_grey_though_it_proves_another():
    sentences = [Mark("Leave is ten days."), Mark("The moon is `cheese`.", "unproven"), Mark("Dogs may come.")]
    rendered = answer_html("Leave is ten days [1]. The moon is `cheese` [1]. Dogs may come [1].", sentences, {1: True})
    colours = [part.split('"')[1] for part in rendered.split("<sup ")[1:]]
    assert colours == ["zk-n", "zk-n zk-grey-n", "zk-n"]


def test_numbers_in_brackets_that_are_no_markers_are_text():
    assert "[77]" in answer_html("It is [77] and so on [1].", numbers={1: True})


def test_a_reference_definition_cannot_turn_a_marker_into_a_link():
    rendered = answer_html("Ten days [1].\n\n[1]: http://evil.example", numbers={1: True})
    assert "<a" not in rendered
    assert '<sup class="zk-n">1</sup>' in rendered


def test_markers_in_code_are_left_alone():
    assert "<code>a[1]</code>" in answer_html("`a[1]`")


@pytest.mark.parametrize(
    ("text", "sentence", "underlined"),
    [
        ("Leave is ten days [1]. The moon is **cheese**.", "The moon is cheese.", "The moon is "),
        ("年假十天[1]。月亮是奶酪。", "月亮是奶酪。", "月亮是奶酪"),
    ],
)
def test_unsupported_sentences_are_underlined_and_others_not(text, sentence, underlined):
    rendered = answer_html(text, [Mark(sentence, "unproven", "not proven")])
    assert f'<span class="zk-unproven" title="not proven" tabindex="0">{underlined}</span>' in rendered
    before, _, _ = rendered.partition('<span class="zk-unproven"')
    assert "1</sup>" in before


def test_the_sign_stands_once_behind_the_sentence():
    rendered = answer_html("It costs **900** yuan [1].", [Mark("It costs **900** yuan.", "differs", "says 650")])
    assert rendered.count('<sup class="zk-sign">!</sup>') == 1
    assert ' yuan<sup class="zk-sign">!</sup></span>' in rendered


def test_of_two_alike_the_one_that_was_meant_is_marked():
    marks = [Mark("Sick leave is 10 days."), Mark("10 days.", "phrase")]
    first, second = answer_html("Sick leave is 10 days.\n\n10 days.", marks).split("<p>")[1:]
    assert "zk-phrase" not in first
    assert "zk-phrase" in second


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1. The moon is cheese [1].\n2. So it is.", "1. The moon is cheese."),
        ("## The moon is cheese", "## The moon is cheese"),
        ("|The moon|is cheese|\n|-|-|\n|a|b|", "|The moon|is cheese|"),
        ("The [moon](http://moon.example) is cheese.", "The [moon](http://moon.example) is cheese."),
    ],
)
def test_a_sentence_is_found_in_whatever_its_markdown_makes_of_it(text, sentence):
    assert "zk-unproven" in answer_html(text, [Mark(sentence, "unproven")])


def test_lists_tables_and_code_are_kept():
    rendered = answer_html("- a\n- b\n\n|x|y|\n|-|-:|\n|1|2|\n\n```py\nz\n```")
    for tag in ("<ul>", '<table tabindex="0">', "<pre>"):
        assert tag in rendered


def test_highlight_marks_exactly_the_span_and_escapes_around_it():
    assert highlighted("a<b>c", [(1, 4)]) == 'a<mark class="zk-quote">&lt;b&gt;</mark>c'
    assert highlighted("abc", [(2, 99), (-5, 1)]) == '<mark class="zk-quote">a</mark>b<mark class="zk-quote">c</mark>'


def test_plain_escapes_everything_markdown_or_streamlit_reads():
    told = plain("![x](http://e) $a$ :red[b] <b>\n# c").replace("\u2060", "")
    assert told == r"\!\[x\]\(http\:\/\/e\) \$a\$ \:red\[b\] \<b\> \# c"
    assert plain("年假 十天") == "年假 十天"


def test_shorten_keeps_short_lines_and_cuts_long_ones():
    assert shorten("a\n b", 10) == "a b"
    assert shorten("abcdef", 4) == "abc…"
