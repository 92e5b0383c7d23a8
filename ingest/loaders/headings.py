"""Lines that are headings for certain by the way they are numbered, in Chinese and English."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.language import columns

_CHINESE = "一二三四五六七八九十百零〇两"
_RANKED: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile(r"(?:PART|Part)\s+(?:[IVX]+|\d+|One|Two|Three)\b"), 1),
    (re.compile(rf"第\s*[{_CHINESE}\d]+\s*[编篇部](?:\s|$|[^门位首件])"), 1),
    (re.compile(rf"第\s*[{_CHINESE}\d]+\s*章"), 2),
    (re.compile(r"(?:CHAPTER|Chapter)\s+(?:[IVX]+|\d+)\b"), 2),
    (re.compile(r"(?:ITEM|Item)\s+\d{1,2}[A-C]?\s*[.:—–-]"), 2),
    (re.compile(r"(?:(?:APPENDIX|Appendix)\s+[A-Z\d]|附录)(?!\w[a-z])"), 2),
    (re.compile(rf"第\s*[{_CHINESE}\d]+\s*节"), 3),
    (re.compile(r"(?:NOTE|Note)\s+\d{1,2}\s*(?:[.:—–-]|$)"), 3),
)
"""Formal numbering, as in annual reports, laws and books: certain wherever a short line begins so."""
_FORMAL = re.compile(r"PART|Part|第|CHAPTER|Chapter|ITEM|Item|APPENDIX|Appendix|附录|NOTE|Note")
"""How every one of them begins: most lines don't, and one look spares eight."""
_NUMBERED: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile(rf"[{_CHINESE}]{{1,3}}、\s*\S"), 3),
    (re.compile(rf"[(\uff08][{_CHINESE}]{{1,3}}[)\uff09]\s*\S"), 4),
    (re.compile(r"\d{1,2}(?:\.\d{1,2}){2,3}\.?\s*[^\W\d]"), 6),
    (re.compile(r"\d{1,2}\.\d{1,2}\.?\s*[^\W\d]"), 5),
    (re.compile(r"\d{1,2}(?:[.)]\s+|、\s*)[^\W\d]"), 4),
)
"""Numbering that lists use as well: a heading only where the neighbouring lines are not numbered alike."""
_COUNTED = frozenset(_CHINESE + "(\uff08")
"""How such a line begins, if not with a figure."""

_CONTENTS = re.compile(r"(?:\s|\.{2,}|…|·{2,})\s*\d{1,4}\s*$")
"""The page number at the end of a line in a table of contents."""
_SENTENCE_END = tuple("。;\uff1b,\uff0c:\uff1a、!\uff01")
LONGEST = 120
"""Columns a heading may be wide, a CJK character counting two."""


def is_contents(lines: Sequence[str]) -> bool:
    """True for a page of a table of contents: three formal headings that end in a page number, three of the
    highest level, or eight of any."""
    formal = [line for line in lines if _FORMAL.match(line) and any(pattern.match(line) for pattern, _ in _RANKED)]
    highest = sum(pattern.match(line) is not None for line in formal for pattern, level in _RANKED if level == 1)
    return len(formal) >= 8 or highest >= 3 or sum(_CONTENTS.search(line) is not None for line in formal) >= 3


def ends_in_page_number(line: str) -> bool:
    """True for a line that may be an entry in a table of contents."""
    return _CONTENTS.search(line) is not None


def heading_level(line: str, before: str = "", after: str = "") -> int:
    """Level from 1 (highest) to 6 of a heading, 0 for any other line.

    `before` and `after` are the neighbouring lines ('' where the paragraph or page ends).
    """
    line = line.strip()
    if not line or columns(line) > LONGEST or line.endswith(_SENTENCE_END):
        return 0
    listed = line[-1].isdigit() and _CONTENTS.search(line) is not None
    for pattern, level in _RANKED if _FORMAL.match(line) else ():
        if match := pattern.match(line):
            return 0 if listed and match.end() < len(line) else level
    if listed or line.endswith((".", "?", "\uff1f", "…")) or columns(line) > 60:
        return 0
    if line[0] not in _COUNTED and not line[0].isdigit():
        return 0
    for pattern, level in _NUMBERED:
        if pattern.match(line):
            alike = pattern.match(before.strip()) or pattern.match(after.strip())
            return 0 if alike else level
    return 0
