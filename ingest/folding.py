"""Forms of one character that mean the same, as one. Two strengths:

`fold` is for holding texts against each other: compatibility forms, case, traditional characters, quotes and dashes.
`BARE` is for finding words: accents go as well, and case stays, for the humps of camelCase.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from ingest.language import is_cjk

_VARIANTS = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "•": "·", "・": "·"})
_MARKS = re.compile("[\u0300-\u036f\u3099\u309a]")


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """NFKC, lower case, simplified characters, plain quotes and dashes."""
    folded = unicodedata.normalize("NFKC", text).lower().translate(_VARIANTS)
    return folded if folded.isascii() else folded.translate(SIMPLIFIED)


@lru_cache(maxsize=1)
def _converter() -> object:
    from opencc import OpenCC

    return OpenCC("t2s")


def _simplified(char: str) -> str:
    """Character by character: phrase tables would change lengths, and query and text alike anyway."""
    return str(_converter().convert(char))  # type: ignore[attr-defined]


class _Simplifying(dict[int, str]):
    """`str.translate` table that works a character out when it first meets it."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        simple = _simplified(char) if is_cjk(char) else char
        self[code] = simple if len(simple) == 1 else char
        return self[code]


class _Baring(dict[int, str]):
    """The same for a character's letter alone; hangul stays composed."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        folded = unicodedata.normalize("NFKC" if 0xAC00 <= code <= 0xD7AF else "NFKD", char)
        folded = _MARKS.sub("", folded)
        if any(is_cjk(c) for c in folded):
            folded = "".join(_simplified(c) for c in folded)
        self[code] = folded
        return folded


SIMPLIFIED = _Simplifying()
"""For `str.translate`: traditional Chinese to simplified, character by character, so that no length changes."""
BARE = _Baring()
"""For `str.translate`: compatibility forms, accents and traditional characters folded; lengths may change."""
