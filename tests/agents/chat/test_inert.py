from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from agents.chat.answers import Answer
from agents.chat.history import Conversations
from agents.chat.inert import inert
from agents.proof.sources import Citation

HOSTILE = [
    "<img src='http://evil.example/p.png'>",
    "![x](http://evil.example/p.png)",
    "![x][r]\n\n[r]: http://evil.example/p.png",
    "<script>fetch('http://evil.example')</script>",
    "<div>\n\n![x](http://evil.example/p.png)\n\n</div>",
    "![![a](http://evil.example/1.png)](http://evil.example/2.png)",
    "a\n<!-- c\n-->\n<?php x ?>\n<![CDATA[x]]>\n<!DOCTYPE html>",
    "|a|\n|-|\n|![x](http://evil.example/p.png) <b>x</b>|",
    "`` ` `` <iframe src='http://evil.example'></iframe>",
    "- > - <b>deep</b>\n  > ![x](http://evil.example/p.png)",
    "&lt;b> \\<i> \\![x](http://evil.example/p.png)",
]
READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def alive(text: str) -> list[str]:
    tokens = [one for token in READER.parse(text) for one in (token, *(token.children or ()))]
    return [token.type for token in tokens if token.type in {"html_block", "html_inline", "image"}]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_is_left_that_a_reader_would_carry_out(text: str) -> None:
    assert alive(inert(text)) == []


@given(st.text(alphabet=st.sampled_from("<>!?[]()`*_~|\\\n -&;=/abr:.#1\"'\t")))
def test_in_no_text_whatever(text: str) -> None:
    assert alive(inert(text)) == []
    assert inert(inert(text)) == inert(text)


@pytest.mark.parametrize(
    "text",
    ["2 < 3 and a <- b", "`<b>` and `![x](y)`", "```html\n<p>one</p>\n```", "> a quote\n\n- [1] ✓ **x**", "是<否"],
)
def test_what_opens_nothing_stays_as_it_is(text: str) -> None:
    assert inert(text) == text


def test_a_fence_left_open_in_one_piece_lets_nothing_out_of_the_next(tmp_path: Path) -> None:
    """The second answer's picture is code by itself, and none behind a fence that the first left open."""
    store = Conversations(tmp_path)
    conversation = store.create(title="<img src=http://evil.example/t.png>")
    answer = Answer("How?", "How?", "```\nopen", abstained=False)
    quote = Citation(
        n=1,
        document="<b>Notes</b>",
        path="/a.md",
        page=1,
        start=0,
        end=1,
        quote=HOSTILE[4],
        verified=True,
        document_id=1,
    )
    for one in (
        answer,
        replace(answer, text=f"```\n{HOSTILE[0]}\n```\n{HOSTILE[1]}", written=HOSTILE[3], citations=(quote,)),
    ):
        store.append(conversation, one)
    text = store.export(conversation)
    assert "evil.example/t.png" in text
    assert alive(text) == []
