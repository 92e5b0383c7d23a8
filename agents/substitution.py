"""Finds one thing put in the place of another: 'The author is X.' against 'The author is Y.'

A sentence copied from its source with a name exchanged shares nearly every word with it, so counting shared words lets
it pass. The two are therefore aligned: where both have something else between the same two neighbours, the sentence
does not say what the source says.
"""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher

from agents.folding import stem, terms
from agents.quantities import without_numbers
from agents.wordings import canonical, is_light, plain
from ingest.language import is_cjk

_TOKEN = re.compile(r"[a-zà-ÿ0-9]+(?:[.,'-][a-z0-9]+)*|\S")


def substituted(sentence: str, quote: str, question: str) -> bool:
    """True when an aligned gap of `sentence` holds content that the quote's gap replaces by other content."""
    said, source = _tokens(sentence), _tokens(quote)
    asked = plain(question)
    matcher = SequenceMatcher(None, said, source, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag != "replace" or i2 - i1 > 12 or j2 - j1 > 16:
            continue
        ours, theirs = _joined(said[i1:i2]), _joined(source[j1:j2])
        if not _anchored(said, i1, i2) or not _anchored(source, j1, j2):
            continue
        if _weighs(ours, plain(quote), asked) and _content(theirs):
            return True
    return False


def _tokens(text: str) -> list[str]:
    return [token if len(token) == 1 else canonical(stem(token)) for token in _TOKEN.findall(plain(text))]


def _joined(tokens: list[str]) -> str:
    text = ""
    for token in tokens:
        text += token if text and is_cjk(token[0]) and is_cjk(text[-1]) else f" {token}"
    return text.strip()


def _anchored(tokens: list[str], start: int, end: int) -> bool:
    """True: every gap of an alignment has a match, or the edge of the text, on either side."""
    return start > 0 or end < len(tokens)


def _content(text: str) -> list[str]:
    return [term for term in terms(text) if not is_light(term)] + re.findall(r"\d+", text)


def _weighs(ours: str, quote: str, asked: str) -> bool:
    """Whether the gap says something the quote does not say anywhere: two Chinese characters or a word."""
    for term in terms(without_numbers(ours)):
        if is_light(term) or term in asked or term in quote:
            continue
        if len(term) >= 2 or unicodedata.category(term)[0] == "N":
            return True
    return False
