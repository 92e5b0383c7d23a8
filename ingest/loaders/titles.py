"""Whether a title from a file's properties is one that a person gave it."""

from __future__ import annotations

import re

from ingest.loaders.layout import one_line
from ingest.loaders.quality import GOOD, quality
from ingest.loaders.repair import repair

_JUNK = re.compile(
    r"^(?:\(?(?:untitled|anonymous|unspecified)\)?|no title|title|document\d*|microsoft word - .*|microsoft powerpoint - .*|powerpoint presentation|"
    r"presentation\d*|slide \d+|sheet ?\d+|workbook\d*|book\d*|print|scan\w*|无标题.*|未命名.*|幻灯片 ?\d+|文档 ?\d+|"
    r"演示文稿 ?\d*|powerpoint 演示文稿|.*\.(?:docx?|pptx?|xlsx?|pdf|indd|qxd|tex|dvi|ps|rtf|odt|wps|html?|txt|md))$",
    re.IGNORECASE,
)


def sensible(title: object) -> str:
    """The title on one line, or '' when it is a file name, a program's default, a bare number or garbled."""
    text = one_line(repair(str(title or "")))
    letters = sum(char.isalpha() for char in text)
    return text if letters >= 2 and not _JUNK.match(text) and quality(text) >= GOOD else ""
