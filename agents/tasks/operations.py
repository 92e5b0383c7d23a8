"""The words that say what is to be done with numbers."""

from __future__ import annotations

import re

TOGETHER = re.compile(
    r"\b(?:together|in total|altogether|combined|in all|all told|total|sum of|add(?:ed)? up)\b|一共|总共|合计|共计|总计|总和|[加合](?:起来|在一起)|相加|共有",
    re.IGNORECASE,
)
APART = re.compile(
    r"\b(?:difference|how (?:many|much)(?: \w+)? (?:more|less|fewer|longer|shorter|higher|lower|older|younger|cheaper|dearer|larger|smaller|heavier|lighter|warmer|colder))\b"
    r"|\bby how (?:many|much)\b|相差|差多少|差几|差额|[多少高低贵长短](?:出)?(?:多少|几)",
    re.IGNORECASE,
)
_TOGETHER_ASKED = re.compile(rf"(?:{TOGETHER.pattern})(?!\s*\d)", re.IGNORECASE)
"""'一共 2 个人' tells it."""
MEAN = re.compile(r"\b(?:average|mean)\b|平均", re.IGNORECASE)
BELOW = re.compile(
    r"\b(?:below|under|(?:less|fewer|lower|smaller|cheaper)(?: of)? than|short of)\b|低于|少于|小于|不足|不到",
    re.IGNORECASE,
)
ABOVE = re.compile(
    r"\b(?:above|over|exceed(?:s|ing)?|(?:more|greater|higher|larger|dearer)(?: of)? than)\b|高于|多于|大于|超过",
    re.IGNORECASE,
)


def to_work_out(goal: str, text: str) -> bool:
    """Whether `goal` asks what things come to, and `text` does not say that of any."""
    return any(asked.search(goal) and not asked.search(text) for asked in (_TOGETHER_ASKED, APART))
