"""What a person calls a page, and how things are counted."""

from __future__ import annotations

import re

from ingest.language import say

_STEP = re.compile(r"(?:step|步骤) \d+")
"""What a task's calls are labelled with in place of a page (`agents.tasks.proving`)."""


def page_name(page: int, label: str = "") -> str:
    """'p. 3' for a number, the printed number where it differs ('p. xii'), 'step 2' for a call of a task,
    otherwise the label in quotes."""
    if _STEP.fullmatch(label):
        return say(en=f"step {label.split()[1]}", zh=f"步骤 {label.split()[1]}")
    if not label or label == str(page) or _numbers(label):
        number = label or str(page)
        return say(en=f"p. {number}", zh=f"第 {number} 页")
    return say(en=f"“{label}”", zh=f"“{label}”一节")


def _numbers(label: str) -> bool:
    """Whether a label is a printed page number: 17, xii, A-3."""
    return len(label) <= 6 and label.isascii() and (label[-1].isdigit() or set(label.lower()) <= set("ivxlc"))


def counted(number: int, noun: str) -> str:
    """English: '1 document', '2 documents'."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
