"""What a walk through the pages once found wrong, where no other test would see it come back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import streamlit

import app
from app.earlier import file_name
from app.run_drawing import _sentence
from ingest import speaking

FOLDER = Path(app.__file__).parent
CSS = (FOLDER / "style.css").read_text("utf-8")
HEADER = 60
"""Pixels of Streamlit's own header, which takes the clicks."""


def test_menus_begin_below_streamlits_header():
    [top] = re.findall(r'"stMainBlockContainer"\] \{[^}]*padding-top: ([\d.]+)rem', CSS)
    assert float(top) * 16 > HEADER


def test_what_the_styles_and_the_script_look_for_is_in_streamlit():
    """Its words when the server is gone, and on the upload area, give way to ours only while its names are these."""
    scripts = Path(streamlit.__file__).parent.glob("static/static/js/*.js")
    theirs = set(re.findall(r"st[A-Z]\w+|InputInstructions", "\n".join(file.read_text("utf-8") for file in scripts)))
    ours = "".join((FOLDER / name).read_text("utf-8") for name in ("style.css", "style.zh.css", "page.js"))
    named = set(re.findall(r'data-testid="(\w+)"', ours))
    assert {"stErrorCodeBlock", "stFileUploaderDropzoneInstructions"} <= named
    assert not named - theirs


@pytest.mark.parametrize(
    ("title", "name"), [("A/B test plan", "A_B test plan.md"), (r"Harbour <b>x\</b>", "Harbour _b_x___b_.md")]
)
def test_a_files_name_keeps_what_stands_before_a_slash(title, name):
    assert file_name(title, "md") == name


def test_a_reason_is_a_sentence_of_its_own():
    with speaking("en"):
        assert _sentence("the documents don't answer this") == "The documents don't answer this."
    with speaking("zh"):
        assert _sentence("文档没有回答") == "文档没有回答。"


def test_the_popover_for_a_new_base_closes_once_it_is_made(open_platform_with, visit):
    tab = visit(open_platform_with(), "library")

    def popovers() -> set[str]:
        waiting, found = [tab.main], set()
        while waiting:
            node = waiting.pop()
            waiting += getattr(node, "children", {}).values()
            found |= set(re.findall(r"new-base-\d+", str(getattr(node, "proto", ""))))
        return found

    before = popovers()
    tab.text_input(key="new-kb-name").set_value("plans")
    next(one for one in tab.button if one.label == "Create").click().run()
    assert before
    assert not before & popovers(), "it is another one, which nobody has opened"
