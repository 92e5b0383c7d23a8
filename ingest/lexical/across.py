"""A question in another language than the documents: only names and numbers are written alike in both.

An English question's ordinary words find no Chinese sentence. What they find in Chinese documents are code, links and
the English in brackets behind a term, mostly beside what was asked ('large language model', 'attention'). They keep a
part of their weight there, because such a bracket is sometimes the very place.
"""

from __future__ import annotations

import re

from ingest.language import is_han, language_of
from ingest.lexical.terms import query_terms, terms

MARKS = {"en": ("the", "of"), "zh": ("的", "在")}
"""Words that stand in nearly every passage of their language and in hardly any of the other. Share of the passages with
the commoner one: XQuAD .99 (en) and .98 (zh), cmrc-trial .90, saved web articles .85; with the other language's .00 to
.06."""
AT_HOME = 0.5
"""A language in whose words this share of the passages is written is the documents'."""
AWAY = 0.1
"""A language with fewer of them is not."""
ORDINARY = 0.25
"""Weight of a term that is neither name nor number in a question asked across languages."""

_WORD = re.compile(r"\S+")
_BEGINS = re.compile(r"(?:^|[.?!]\s+)\W*$")
_NAME = re.compile(r"\d|[^\W\d_][A-Z]")


def asked_across(query: str, shares: dict[str, float]) -> bool:
    """True when the documents are in the one of our two languages that `query` is not in.

    `shares` has, for 'zh' and 'en', the share of the passages that hold the commoner of its `MARKS`.
    """
    asked = language_of(query)
    if asked not in MARKS:
        return False
    other = "en" if asked == "zh" else "zh"
    return shares[asked] < AWAY and shares[other] >= AT_HOME


def names(query: str) -> set[str]:
    """The terms of `query` that are written alike in both languages.

    In a Chinese question whatever is not Chinese; in an English one what has a digit, capitals beyond the first letter,
    or a capital within the sentence.
    """
    if language_of(query) == "zh":
        return {term for term in query_terms(query) if not is_han(term[0])}
    found: set[str] = set()
    for word in _WORD.finditer(query):
        written = word.group().strip("\"'()[]“”‘’?!.,:;")
        within = written[:1].isupper() and not _BEGINS.search(query[: word.start()])
        if within or _NAME.search(written):
            found.update(terms(written))
    return found
