"""A follow-up question made to stand alone, so that it can be searched for."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import prompts
from agents.chat.signs import leans_back
from agents.proof.words import terms
from ingest.language import language_of
from prompts import neutral

TURNS = 3
"""Earlier turns looked at; what is further back is rarely meant by 'it'."""
_LONGEST_ANSWER = 400


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and its answer, earlier in the conversation."""

    question: str
    answer: str = ""


def by_rule(question: str, history: Sequence[Turn]) -> str:
    """The question with the question it may lean on put before it.

    Search reads words, not grammar: the earlier question's words are what the pronoun stands for. Chains of
    follow-ups go back to the last question that stood by itself.
    """
    recent = list(history)[-TURNS:]
    if not recent:
        return question
    stood = next((turn for turn in reversed(recent) if not leans_back(turn.question)), recent[0])
    return f"{stood.question.strip()} {question.strip()}"


def by_model(question: str, history: Sequence[Turn], complete: Callable[[list[tuple[str, str]]], str]) -> str:
    """The question as `complete` (messages → text) rewrites it; by rule when what comes back can't be one."""
    lang = "zh" if language_of(question) == "zh" else "en"
    turns = [Turn(neutral(t.question), neutral(t.answer[:_LONGEST_ANSWER])) for t in list(history)[-TURNS:]]
    messages = prompts.load("rewrite", lang).render(turns=turns, question=neutral(question))
    lines = [line.strip() for line in complete(messages).strip().splitlines() if line.strip()]
    rewritten = (
        re.sub(r"^(?:rewritten question|question|改写后的问题|问题)\s*[:：]\s*", "", lines[0], flags=re.IGNORECASE)
        if lines
        else ""
    )
    rewritten = rewritten.strip("\"“”「」'")
    return rewritten if _plausible(rewritten, question, history) else by_rule(question, history)


def _plausible(rewritten: str, question: str, history: Sequence[Turn]) -> bool:
    """A rewriting stands alone, stays a question in its language, keeps the question's own content, takes the rest from the conversation,
    and is no essay."""
    if not rewritten or len(rewritten) > 3 * len(question) + 200:
        return False
    if (
        leans_back(rewritten)
        or language_of(rewritten) != language_of(question)
        or rewritten.endswith((".", "。", "!", "！"))
    ):
        return False
    known = set(terms(question)) | {term for turn in history for term in (*terms(turn.question), *terms(turn.answer))}
    said = set(terms(rewritten))
    own = set(terms(question))
    return len(said & known) >= 0.6 * len(said) and len(own & said) >= 0.5 * len(own)
