"""What form a piece of text has: sentences state something; code, formulas, links and numbered lines do not.

Decided by the share of characters that only programs, formulas and addresses use, never by words.
"""

from __future__ import annotations

import re
from typing import Literal

from ingest.language import is_cjk

Form = Literal["prose", "code", "links", "figures"]

_LINK = re.compile(r"!?\[[^\[\]\n]*\]\([^()\s]*\)|<?(?:https?://|www\.)[^\s<>()\u3000-\u9fff]+>?|\[!?\[[^\]]*\]")
_COMMAND = re.compile(r"^\s*(?:\$|>>>|%|PS>|C:\\>)\s+\S|^\s*(?:```|~~~)")
_STATEMENT = re.compile(
    r"^\s*(?:from\s+[\w.]+\s+import\b|import\s+[\w.]+(?:\s+as\s+\w+)?\s*(?:$|;|,|\s+import\b)|def\s+\w+\s*\(|class\s+\w+\s*[(:]"
    r"|return\b.*[()\[\]]|@\w+\s*$|#include\b|(?:const|let|var)\s+\w+\s*=)"
)
_CALL = re.compile(r"\b[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*\([^()]*[=,._]|\b\w+\s*=\s*[A-Za-z_][\w.]*\(|\b[a-z]+_[a-z_]+\(")
_CONSTANT = re.compile(r"^\s*[A-Za-z_]\w*(?:\s*:\s*\w+)?\s*=\s*(?:[\d.,_]+|\"[^\"]*\"|'[^']*')\s*$")
_SENTENCE = re.compile(r"(?:[A-Za-z'-]+,? ){4}.*[.!?:]$", re.DOTALL)
"""Four words in a row and a stop: it speaks about code."""
_OPERATORS = frozenset("=*/\\{}[]<>^_~+|")
FEW_WORDS = 0.34
"""Share of a text's letters and figures outside its addresses below which the addresses are what it consists of."""
OPERATORS = 0.08
"""Share of operators and braces (of all but blanks) from which on a text without CJK prose is a program or a formula; none of
the 1,239 English sentences of XQuAD's paragraphs reaches it."""


def form_of(text: str) -> Form:
    """'links' for addresses and badges, 'figures' for bare numbers such as a gutter's, 'code' for a program's line, a
    command or a formula (but not for a constant with its value, which states a fact), else 'prose'."""
    bare = _LINK.sub(" ", text)
    letters = sum(map(str.isalnum, text))
    outside = sum(map(str.isalnum, bare))
    if letters and outside < FEW_WORDS * letters:
        return "links"
    if not any(map(str.isalpha, bare)):
        return "figures"
    if _CONSTANT.match(text):
        return "prose"
    if _COMMAND.match(text) or _STATEMENT.match(text) or _looks_like_code(bare):
        return "code"
    return "prose"


def _looks_like_code(text: str) -> bool:
    solid = [char for char in text if not char.isspace()]
    operators = sum(char in _OPERATORS for char in solid)
    cjk = sum(map(is_cjk, solid))
    if cjk > 0.3 * len(solid):
        return False
    if _CALL.search(text) and not _SENTENCE.search(text):
        return operators >= OPERATORS / 4 * len(solid)
    return operators >= 3 and operators >= OPERATORS * len(solid)
