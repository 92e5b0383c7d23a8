"""A follow-up question made to stand alone, so that it can be searched for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import prompts
from agents.proof.words import terms
from ingest.folding import fold
from ingest.language import is_han, language_of
from prompts import neutral

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TURNS = 3
"""Earlier turns looked at; what is further back is rarely meant by 'it'."""
_LONGEST_ANSWER = 400

_POINTS_BACK = re.compile(
    r"\b(?:it|its|they|them|their|he|him|his|she|her|this|that|these|those|there|then|one|ones|the same|the former|the latter|else)\b"
    r"|^(?:and|but|or|so|what about|how about|why|when|where|who|how (?:many|much|long)|which|really|more)\b[^a-z]*(?:\w+\W*){0,3}$",
)
_POINTS_BACK_ZH = re.compile(
    "它|他|她|这|那(?!么多)|此|其(?!他)|该|上述|前者|后者|呢[?？]?$|^(?:为什么|什么时候|在哪|哪里|多少|谁|怎么|还有|那么|然后|具体|详细)"
)


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and its answer, earlier in the conversation."""

    question: str
    answer: str = ""


def points_back(question: str) -> bool:
    """Whether a question leans on what was said before: a pronoun, an ellipsis, or next to no content of its own."""
    folded = fold(question).strip()
    if _POINTS_BACK_ZH.search(folded) or _POINTS_BACK.search(folded):
        return True
    content = terms(question)
    return len(content) < (4 if any(map(is_han, question)) else 2)


def by_rule(question: str, history: Sequence[Turn]) -> str:
    """The question, with the question it leans on put before it.

    Search reads words, not grammar: the earlier question's words are what the pronoun stands for. Chains of
    follow-ups go back to the last question that stood by itself.
    """
    if not history or not points_back(question):
        return question
    recent = list(history)[-TURNS:]
    for turn in reversed(recent):
        if not points_back(turn.question):
            return f"{turn.question.strip()} {question.strip()}"
    return f"{recent[0].question.strip()} {question.strip()}"


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
    """A rewriting keeps the question's own content, takes the rest from the conversation, and is no essay."""
    if not rewritten or len(rewritten) > 3 * len(question) + 200:
        return False
    known = set(terms(question)) | {term for turn in history for term in (*terms(turn.question), *terms(turn.answer))}
    said = set(terms(rewritten))
    own = set(terms(question))
    return len(said & known) >= 0.6 * len(said) and len(own & said) >= 0.5 * len(own)
