from __future__ import annotations

from pathlib import Path

import pytest

from ingest.loaders.web import load_html, shallow

INSIDE = (
    "<h2>Deep down</h2>The gate <b>opens</b> at six &amp; closes, 3 < 4.<script>steal()</script><style>p{}</style>"
    "<ul><li>one<li>two</ul><img src=a.png><p>It rains<br>there"
)


def read(markup: str) -> str:
    return "\n".join(page.text for page in load_html(markup.encode(), Path("page.html")).pages)


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("depth", [10, 260, 1_000, 30_000])
@pytest.mark.parametrize("tag", ["div", "span", "blockquote", "b", "x-own"])
def test_however_deep_it_stands_a_text_is_read(depth: int, tag: str) -> None:
    text = read(
        f"<title>A pit</title><body><p>Before it.</p>{f'<{tag}>' * depth}{INSIDE}{f'</{tag}>' * depth}<p>After it."
    )
    for part in (
        "Before it.",
        "Deep down",
        "The gate opens at six & closes, 3 < 4.",
        "one",
        "two",
        "It rains",
        "After it.",
    ):
        assert part in flat(text), part
    assert "steal" not in text
    assert "p{}" not in text
    assert text.index("Before") < text.index("Deep") < text.index("rains") < text.index("After")


@pytest.mark.parametrize("nest", ["<div>", "<ul><li>x", "<p>x<b>", "<table><tr><td>x", "<font><a href=x>"])
def test_what_is_never_closed_ends_too(nest: str) -> None:
    assert "the end" in read(f"<body><p>Begin {nest * 3_000} the end")


def test_tables_and_lists_behind_the_pit_keep_their_form() -> None:
    table = "<table><tr><th>Item<th>Price<tr><td>Tea<td>4</table>"
    text = read(f"<body><p>Before</p>{'<div>' * 900}pit{'</div>' * 900}{table}<ol><li>first<li>second</ol>")
    assert "| Tea | 4 |" in text
    assert "1. first\n2. second" in text


def test_what_is_not_deep_keeps_every_tag() -> None:
    markup = '<div class="a"><p>One<br>two &amp; &#65;<img src="x"></p><script>if (1 < 2) x()</script></div>'
    assert shallow(markup) == markup.replace("1 < 2", "1 &lt; 2")


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>a <b>x<br>y</b> z</p>", "a x\ny z"),
        ("<ul><li>a <b>x<br>y</b></ul>", "- a x y"),
        ("<table><tr><td>a<br>b<td>c</table>", "| a b | c |\n| --- | --- |"),
    ],
)
def test_a_line_break_within_a_word_of_emphasis_a_list_or_a_cell(markup: str, text: str) -> None:
    assert read(markup) == text
