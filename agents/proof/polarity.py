"""Answers that only say yes or no, and statements that say the contrary.

A bare 'No.' states nothing that could be proven. Read together with its question it does, and a statement that answers the
question can stand below it, unless that says the opposite.
"""

from __future__ import annotations

import re

from agents.proof.asked import wants_yes_or_no, without_preface
from agents.proof.denial import denial, disagree, limits
from agents.proof.numbers import agrees, claimed, stated
from agents.proof.quotes import TOLD
from agents.proof.rarity import canonical_terms
from agents.proof.synonyms import contradicts
from agents.proof.tokens import straddles, tokens
from ingest.folding import fold

_SAYS = re.compile(
    r"\A\s*(?:(?:yes|no)\s*(?:[,.!:;\u2014-]\s+|(?=[.!]?\s*\Z))|(?:是的?|对的?|不是的?|不对|否)\s*(?:[，,。！；]\s*|\Z))",
    re.IGNORECASE,
)


def without_yes_or_no(answer: str, question: str) -> str:
    """`answer` without the 'Yes,' or 'No,' before a sentence that says which, where `question` asks whether: small models
    begin with either, and no source can prove the word."""
    found = _SAYS.match(answer) if wants_yes_or_no(without_preface(question)) else None
    rest = answer[found.end() :] if found else ""
    return rest[:1].upper() + rest[1:] if any(map(str.isalnum, rest)) else answer


def yes_or_no(answer: str, question: str) -> bool | None:
    """What `answer`, which has no markers, says to a `question` that asks whether, where it says nothing else: False for 'No.'
    and 不可以。 None for any other, and for the question said again."""
    if not wants_yes_or_no(without_preface(question)) or answer.rstrip().endswith(("?", "？")):
        return None
    found = _SAYS.match(answer)
    rest = answer[found.end() :] if found else answer
    new = [term for term in canonical_terms(rest) - canonical_terms(question) if not _repeats(term, question)]
    if new or not any(map(str.isalnum, answer)):
        return None
    if not all(agrees(number, stated(question)) for number in claimed(rest)):
        return None
    return not denial(answer).negative and not fold(answer).strip().startswith("否")


def _repeats(term: str, question: str) -> bool:
    """Whether a word denies, or is a character of the question: 能 of 能养狗吗."""
    return all(token.kind == "denial" or (token.kind == "han" and token.key in question) for token in tokens(term))


def says_the_contrary(statement: str, question: str, *, yes: bool) -> bool:
    """Whether `statement` says the contrary of that answer to `question`: it denies what is asked, or says all of it. What
    it says with a limit that the question has not ('only with an adult') is no yes."""
    terms, others = canonical_terms(question), canonical_terms(statement)
    denies = disagree(question, statement) or contradicts(question, statement)
    if yes or denies:
        return yes and (denies or (limits(statement) and not limits(question)))
    asked = {term for term in terms if not straddles(term)}
    return len(asked & others) >= TOLD * len(asked)
