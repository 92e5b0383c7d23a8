"""Questions to begin with, when the documents are the sample corpus that comes with the source (`data/`)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ingest import Document, Text

_QUESTIONS = {
    "员工手册.md": Text(
        en="How many days of annual leave do I get after ten years?", zh="没休完的年假最多能结转几天？"
    ),
    "rs200-manual.pdf": Text(
        en="What does fault code E12 on the RS-200 mean?", zh="RS-200 雷达水位计的测量范围是多少？"
    ),
    "travel-policy.docx": Text(
        en="How much may a hotel in Shanghai cost per night?", zh="去国外出差每天的餐费标准是多少？"
    ),
    "河流监测站维护规程.pdf": Text(
        en="How often is a station inspected in flood season?", zh="电池组用满几个月就应该更换？"
    ),
}
"""A file of the corpus, and what to ask about it."""


def questions_for(documents: Sequence[Document]) -> tuple[str, ...]:
    """Up to four questions the sample corpus answers, in the language in force; none for other documents."""
    names = {Path(document.path).name for document in documents}
    found = tuple(str(question) for name, question in _QUESTIONS.items() if name in names)
    return found if len(found) > 1 else ()
