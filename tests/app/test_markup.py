from __future__ import annotations

import html.parser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.markup import answer_html, highlighted, plain, shorten

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


class Elements(html.parser.HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def assert_harmless(rendered: str) -> Elements:
    seen = Elements(rendered)
    for tag, attributes in seen.tags:
        assert tag not in {"img", "script", "iframe", "style", "object", "embed", "svg", "form", "input", "link"}
        assert not any(name.startswith("on") or name in {"src", "srcset"} for name in attributes)
        if "href" in attributes:
            assert str(attributes["href"]).lower().startswith(("http://", "https://", "mailto:"))
    return seen


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_answers_become_text_or_harmless_tags(text):
    assert_harmless(answer_html(text, [text], {1}))


@given(st.text(alphabet=st.sampled_from('<>!["]()`*_$:|\\\n -&;=/abhref[1]ims."')) | st.text())
def test_no_text_whatever_yields_a_dangerous_tag(text):
    assert_harmless(answer_html(text, [text], {1}, hint=text))
    seen = Elements(highlighted(text, [(1, 4), (3, 9)]))
    assert {tag for tag, _ in seen.tags} <= {"mark"}
    assert seen.text.replace("\ufffd", "") == text.replace("\0", "").replace("\ufffd", "")


def test_script_is_shown_as_its_characters():
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer_html("<script>alert(1)</script>")


def test_an_image_is_a_link_and_is_not_loaded():
    seen = assert_harmless(answer_html("![picture](http://evil.example/p.png)"))
    assert [tag for tag, _ in seen.tags if tag in {"a", "img"}] == ["a"]


def test_latex_and_colour_directives_stay_as_written():
    assert "$x^2$ :red[no]" in answer_html("$x^2$ :red[no]")


def test_markers_are_raised_and_unverified_ones_greyed():
    rendered = answer_html("Ten days [1][2].", verified={1})
    assert '<sup class="zk-n">1</sup>' in rendered
    assert '<sup class="zk-n zk-unproven-n">2</sup>' in rendered


def test_a_reference_definition_cannot_turn_a_marker_into_a_link():
    rendered = answer_html("Ten days [1].\n\n[1]: http://evil.example")
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
    rendered = answer_html(text, [sentence], hint="not proven")
    assert f'<span class="zk-unproven" title="not proven">{underlined}</span>' in rendered
    before, _, _ = rendered.partition('<span class="zk-unproven"')
    assert "1</sup>" in before


def test_lists_tables_and_code_are_kept():
    rendered = answer_html("- a\n- b\n\n|x|y|\n|-|-:|\n|1|2|\n\n```py\nz\n```")
    for tag in ("<ul>", "<table>", "<pre>"):
        assert tag in rendered


def test_highlight_marks_exactly_the_span_and_escapes_around_it():
    assert highlighted("a<b>c", [(1, 4)]) == 'a<mark class="zk-quote">&lt;b&gt;</mark>c'
    assert highlighted("abc", [(2, 99), (-5, 1)]) == '<mark class="zk-quote">a</mark>b<mark class="zk-quote">c</mark>'


def test_plain_escapes_everything_markdown_or_streamlit_reads():
    assert plain("![x](http://e) $a$ :red[b] <b>\n# c") == (r"\!\[x\]\(http\:\/\/e\) \$a\$ \:red\[b\] \<b\> \# c")
    assert plain("年假 十天") == "年假 十天"


def test_shorten_keeps_short_lines_and_cuts_long_ones():
    assert shorten("a\n b", 10) == "a b"
    assert shorten("abcdef", 4) == "abc…"
