"""What a sentence asks of the calculator and of the calendar, read by rule."""

from __future__ import annotations

import re
from datetime import datetime

from agents.proof.rarity import canonical_terms
from agents.proof.synonyms import is_light
from agents.tasks.amounts import written
from agents.tools.arithmetic.scanning import OPERATORS, in_signs
from agents.tools.dates.moments import read_moment
from agents.tools.tool import ToolError
from ingest.numerals import SPOKEN, spoken_value
from ingest.units import spelled

_NUMBER = r"\d(?:[\d,_]*\d)?(?:\.\d+)?"
_OPERATION = re.compile(
    rf"[(（\s]*[-+]?{_NUMBER}\s*%?[)）\s]*(?:(?:\*\*|[-+*/×÷^xX])[(（\s]*[-+]?{_NUMBER}\s*%?[)）\s]*)+"
)
_VALUE = rf"(?:{_NUMBER}\s*[%％]?|{SPOKEN})"
_SAID = re.compile(rf"({_VALUE})\s*({'|'.join(OPERATORS)})\s*(?={_VALUE})", re.IGNORECASE)
_SHARE = re.compile(rf"({_NUMBER})\s*[%％]\s+of\s+(?={_VALUE})", re.IGNORECASE)
_CHINESE_SHARE = re.compile(rf"({_NUMBER})\s*的\s*({_NUMBER})\s*[%％]")
_LAST = re.compile(rf"(?<=[-+*/] )({SPOKEN})", re.IGNORECASE)
_REQUEST = re.compile(
    r"\bwhat(?:'s| is| are)\b|\bhow much\b|\b(?:compute|calculate|work out)\b|计算|算|多少|等于|是几|得几",
    re.IGNORECASE,
)
_POLITE = re.compile(r"\b(?:please|result|value)\b|请|帮我|一下|结果", re.IGNORECASE)
_END = r"\s*[?？。.!！]*\s*$"
_START, _THEN = "(?P<start>.+?)", "(?P<end>.+?)"
_LASTS = spelled("months", "days")
_HOW_MANY = rf"how many (?:calendar )?(?:{_LASTS})"
_COUNT = rf"(?:几|多少)(?:{_LASTS})"
_SPANS = tuple(
    re.compile(pattern + _END, re.IGNORECASE)
    for pattern in (
        rf"^(?:how long|{_HOW_MANY})(?: (?:is|are))?(?: (?:it|there|left))?(?: from {_START})? (?:until|till|to) {_THEN}",
        rf"^{_HOW_MANY}(?: (?:is|are) there| lie)? between {_START} and {_THEN}",
        rf"^(?:现在|今天)?(?:距离?|离|到){_THEN}(?:还有|还剩|有|剩){_COUNT}",
        rf"^从?{_START}[到至]{_THEN}(?:之间)?(?:还|一共|总共|共|相?隔)?有?{_COUNT}",
    )
)
_DAYS = tuple(
    re.compile(pattern + _END, re.IGNORECASE)
    for pattern in (
        r"^(?:(?:on )?(?:what|which) )(?:day of the week|weekday|day)(?: is| was| will| does)? (?P<start>.+?)(?: be| fall on)?",
        r"^what (?:date|time) is (?:it )?(?P<start>today|tomorrow|now|)",
        r"^what(?:'s| is) (?P<start>today)'s date",
        r"^what(?:'s| is) the (?:date|time)\s?(?P<start>today|tomorrow|now|)",
        r"^(?P<start>.+?)(?:那天)?是?(?:星期几|周几|礼拜几|几月几[日号]|几[日号]|什么日子)",
        r"^(?P<start>现在|此刻)(?:是)?(?:几点|什么时间|什么时候)",
    )
)


def arithmetic(text: str) -> str:
    """The longest sum in `text` that holds at least one operation, in a calculator's writing; '' when there is none.
    Where a sum is asked for, operators and small numbers may be words."""
    found = [match.group().strip() for match in _OPERATION.finditer(_spoken(text))]
    found = [piece for piece in found if not re.fullmatch(r"[\d\s]+(?:-[\d\s]+)+", piece) or piece.count("-") == 1]
    best = max(found, key=len, default="")
    if not best or re.fullmatch(r"\d{3,4}\s*-\s*\d{1,4}", best):  # years, dates, telephone numbers
        return ""
    written = in_signs(best).strip()
    missing = written.count("(") - written.count(")")
    return written + ")" * missing if missing > 0 else "(" * -missing + written


def is_sum(text: str) -> bool:
    """Whether a sentence asks for nothing but a sum: 'Compute 12 * 12', not 'Write 12 * 12 to a file'."""
    if not arithmetic(text):
        return False
    rest = _POLITE.sub(" ", _REQUEST.sub(" ", _OPERATION.sub(" ", _spoken(text))))
    return all(is_light(term) for term in canonical_terms(rest))


def _spoken(text: str) -> str:
    """'12% of 4,500 plus thirty', '4500的12%加30' with signs and digits, in a sentence that asks for a result."""
    if not _REQUEST.search(text):
        return text
    text = _CHINESE_SHARE.sub(r"\2% * \1", _SHARE.sub(r"\1% * ", text))
    text = _SAID.sub(lambda m: f"{_digits(m[1])} {OPERATORS[m[2].casefold()]} ", text)
    return _LAST.sub(lambda m: _digits(m[1]), text)


def _digits(value: str) -> str:
    if not re.fullmatch(SPOKEN, value.strip(), re.IGNORECASE):
        return value.strip().replace("％", "%")
    return written(spoken_value(value.strip()))


def calendar(text: str, now: datetime | None = None) -> dict[str, str]:
    """Arguments of `date_time` for a sentence that asks for a weekday or for the days between two dates; {} when it asks
    for anything else: each date must be one that the tool can read."""
    text, now = " ".join(text.split()), now or datetime.now().astimezone()
    for patterns, named in ((_SPANS, ("start", "end")), (_DAYS, ("start",))):
        for pattern in patterns:
            if not (match := pattern.match(text)):
                continue
            found = {name: (match.groupdict().get(name) or "now").strip() for name in named}
            try:
                for moment in found.values():
                    read_moment(moment, now)
            except ToolError:
                continue
            if "end" not in found:
                return {"date": found["start"]}
            return {"date": "today" if found["start"] == "now" else found["start"], "until": found["end"]}
    return {}
