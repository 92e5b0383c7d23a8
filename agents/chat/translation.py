"""A question in the language of the documents: searched for, and held against what they state, as a question of their own.

Words of two languages can't be compared, only their vectors; rules that tell an answer from a near miss need the words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import prompts
from agents.proof.numbers import stated
from ingest.language import language_of
from prompts import neutral

LONGEST = 10
"""A translation of more than so many times the question's characters, or fewer than one in so many, is none: English
takes two to seven times as many as Chinese."""


def translated(question: str, language: Literal["en", "zh"], complete: Callable[[list[tuple[str, str]]], str]) -> str:
    """`question` in `language` as `complete` (messages → text) writes it; '' when what comes back can't be
    that: in another language, of another length, without one of the numbers
    it has in figures. Raises what `complete` raises."""
    messages = prompts.load("translate", language).render(question=neutral(question))
    lines = [line.strip() for line in complete(messages).splitlines() if line.strip()]
    text = lines[0].strip("\"“”「」'") if len(lines) == 1 else ""
    if language_of(text) != language or not len(question) / LONGEST <= len(text) <= LONGEST * len(question):
        return ""
    values = {number.value for number in stated(text)}
    written = [number for number in stated(question) if any(map(str.isdigit, number.surface))]
    return text if all(number.value in values for number in written) else ""
