"""A question in the language of the documents: searched for, answered, and held against what they state.

Words of two languages can't be compared, only their vectors, and a small model that reads one language and writes another
loses names and the point. So it answers in the documents' language, and says the proven answer again in the asker's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from agents.proof.numbers import stated
from ingest.language import language_of

Language = Literal["en", "zh"]
LONGEST = 10
"""A translation of more than so many times the question's characters, or fewer than one in so many, is none: English
takes two to seven times as many as Chinese."""
_ASKS = ("?", "？")
_FIGURES = re.compile(r"\d+")


def documents_language(question: str, passages: Iterable[str]) -> Language | None:
    """The language of the first of `passages` that is more than a table, where it is another one of ours than the question's:
    a Chinese table is often all figures and Latin units."""
    prose = ("\n".join(line for line in text.splitlines() if "|" not in line) for text in passages)
    first = next((text for text in prose if any(map(str.isalpha, text))), "")
    language = language_of(first) if first else "other"
    return None if language == "other" or language == language_of(question) else language


def translation(reply: str, question: str, language: Language) -> str:
    """What a model replied when asked for `question` in `language`; '' when it can't be that: in another language, of
    another length, without one of the numbers it has in figures, or no question, which small models answer instead."""
    lines = [line.strip() for line in reply.splitlines() if line.strip()]
    text = lines[0].strip("\"“”「」'") if len(lines) == 1 else ""
    if language_of(text) != language or not len(question) / LONGEST <= len(text) <= LONGEST * len(question):
        return ""
    if question.rstrip().endswith(_ASKS) and not text.endswith(_ASKS):
        return ""
    values, figures = {number.value for number in stated(text)}, set(_FIGURES.findall(text))
    written = [(number.value, set(_FIGURES.findall(number.surface))) for number in stated(question)]
    return text if all(value in values or digits <= figures for value, digits in written) else ""
