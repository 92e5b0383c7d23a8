"""A number as a spreadsheet shows it: leading zeros, thousands, currency, units, percent, durations.

Dates are written as ISO 8601 whatever the format, as far as it shows them: '3/4/26' means different days in different
places. Format codes: ECMA-376, part 1, 18.8.30 and 18.8.31.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache

BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: "$#,##0", 6: "$#,##0", 7: "$#,##0.00", 8: "$#,##0.00",
    9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??", 14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm",
    17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd h:mm", 37: "#,##0",
    38: "#,##0", 39: "#,##0.00", 40: "#,##0.00", 41: "#,##0", 42: "$#,##0", 43: "#,##0.00", 44: "$#,##0.00", 45: "mm:ss",
    46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
} | dict.fromkeys((*range(27, 32), 36, *range(50, 55), 57, 58), "yyyy-mm-dd") | {
    32: "h:mm", 33: "h:mm:ss", 34: "h:mm", 35: "h:mm:ss", 55: "h:mm", 56: "h:mm:ss",
}  # fmt: skip
"""Formats that a file names by number alone. Those of dates stand for what any country's Excel makes of them."""

_TOKEN = re.compile(r'"[^"]*"?|\\.|\[[^\]]*\]|_.|\*.|AM/PM|A/P|E[+-]|General|[\s\S]', re.IGNORECASE)
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)\s*(-?[\d.]+)\]")
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_LAST_DAY = 2_958_466
"""The day after 9999-12-31, the last one a spreadsheet knows."""


def plain(value: float) -> str:
    """A number without any format: no tail of binary fractions, no '.0'."""
    if isinstance(value, int) or (value.is_integer() and abs(value) < 1e15):
        return str(int(value))
    return f"{value:.12g}"


def formatted(value: float, code: str, *, since_1904: bool = False) -> str:
    """`value` as a cell with this format code shows it; `since_1904`: days are counted from 1904 on."""
    section = _section(code, value)
    if section is None:
        return plain(value)
    if section.general:
        text = plain(abs(value) if section.unsigned else value)
        return (section.before + text + section.after).strip()
    if section.dated:
        return _moment(value, section, since_1904=since_1904)
    return _number(value, section)


@dataclass(frozen=True, slots=True)
class _Section:
    """One of up to four formats in a code, taken apart."""

    tokens: tuple[str, ...]
    unsigned: bool
    """Whether the sign is the format's own: the section for negative numbers alone."""
    general: bool = False
    dated: bool = False
    before: str = ""
    after: str = ""


def _section(code: str, value: float) -> _Section | None:
    sections = _sections(code or "General")
    conditions = [_CONDITION.search("".join(s.tokens)) for s in sections]
    if any(conditions):
        for section, condition in zip(sections, conditions, strict=True):
            if condition is None or _meets(value, condition[1], float(condition[2])):
                return section
        return None
    if len(sections) > 2 and value == 0:
        return sections[2]
    return sections[1] if len(sections) > 1 and value < 0 else sections[0]


def _meets(value: float, sign: str, bound: float) -> bool:
    return {
        "<": value < bound, "<=": value <= bound, ">": value > bound, ">=": value >= bound, "=": value == bound,
        "<>": value != bound,
    }[sign]  # fmt: skip


@lru_cache(maxsize=512)
def _sections(code: str) -> tuple[_Section, ...]:
    parts: list[list[str]] = [[]]
    for token in _TOKEN.findall(code):
        if token == ";":  # noqa: S105 - a sign, no secret
            parts.append([])
        else:
            parts[-1].append(token)
    return tuple(_taken(part, negative=n == 1) for n, part in enumerate(parts[:3]))


def _taken(tokens: list[str], *, negative: bool) -> _Section:
    bare = [t for t in tokens if not (t[0] in '"\\_*' or (t[0] == "[" and not _ELAPSED.fullmatch(t)))]
    lower = "".join(bare).lower()
    if "general" in lower or lower == "@":
        at = next(n for n, t in enumerate(tokens) if t.lower() in ("general", "@"))
        before, after = "".join(map(_literal, tokens[:at])), "".join(map(_literal, tokens[at + 1 :]))
        return _Section(tuple(tokens), negative, general=True, before=before, after=after)
    dated = any(t.lower() in "ymdhs" or _ELAPSED.fullmatch(t) for t in bare)
    return _Section(tuple(tokens), negative, dated=dated)


def _literal(token: str) -> str:
    """What a token that is no place for a digit shows."""
    sign = token[0]
    if sign == '"':
        return token.strip('"')
    if sign == "\\":
        return token[1:]
    if sign == "[":
        currency = re.match(r"\[\$([^\]-]*)", token)
        return currency[1] if currency else ""
    if sign == "_":
        return " "
    return "" if sign == "*" else token


def _moment(value: float, section: _Section, *, since_1904: bool) -> str:
    letters = "".join(t.lower() for t in section.tokens if t[0] not in '"\\_*[')
    if any(map(_ELAPSED.fullmatch, section.tokens)):
        return _duration(value, letters, "".join(section.tokens).lower())
    if not 0 <= value < _LAST_DAY:
        return plain(value)
    # Day 60 is the 29th of February 1900, which never was.
    start = dt.datetime(1904, 1, 1) if since_1904 else dt.datetime(1899, 12, 30 if value >= 60 else 31)  # noqa: DTZ001
    moment = start + dt.timedelta(seconds=round(value * 86_400))
    timed = "h" in letters or "s" in letters
    seconds = ":%S" if "s" in letters and (moment.second or "h" not in letters) else ""
    if not re.search("[yd]", letters) and (timed or "m" not in letters):
        return moment.strftime(f"%H:%M{seconds}")
    if "y" in letters and "d" not in letters and not timed:
        return moment.strftime("%Y-%m" if "m" in letters else "%Y")
    midnight = moment.time() == dt.time()
    return moment.strftime("%Y-%m-%d" if midnight or not timed else f"%Y-%m-%d %H:%M{seconds or ':%S'}")


def _duration(value: float, letters: str, code: str) -> str:
    """Hours (or minutes, or seconds) that go on counting: 27:30 for a day and three and a half hours."""
    sign, total = "-" if value < 0 else "", round(abs(value) * 86_400)
    minutes, seconds = divmod(total, 60)
    if "[s" in code:
        return f"{sign}{total}"
    if "[m" in code:
        return f"{sign}{minutes}:{seconds:02}" if "s" in letters else f"{sign}{minutes}"
    hours, minutes = divmod(minutes, 60)
    tail = f":{seconds:02}" if "s" in letters else ""
    return f"{sign}{hours}:{minutes:02}{tail}" if "m" in letters else f"{sign}{hours}"


def _number(value: float, section: _Section) -> str:
    tokens = section.tokens
    places = [n for n, t in enumerate(tokens) if t in "0#?" and len(t) == 1]
    if not places:
        text = "".join(map(_literal, tokens)).strip()
        return f"-{text}" if text and value < 0 and not section.unsigned else text
    first, last = places[0], places[-1]
    if "/" in tokens[first:last] and "." not in tokens:
        return _fraction(value, section)
    power = next((n for n in range(first, last) if re.fullmatch("E[+-]", tokens[n], re.IGNORECASE)), None)
    point = next((n for n in range(len(tokens)) if tokens[n] == "." and (power is None or n < power)), last + 1)
    whole = [n for n in places if n < point and (power is None or n < power)]
    decimals = [n for n in places if n > point and (power is None or n < power)]
    try:
        amount = abs(Decimal(repr(float(value)))) * 100 ** sum(t == "%" for t in tokens)
        end = max([*whole, *decimals])
        while end + 1 < len(tokens) and tokens[end + 1] == ",":
            amount /= 1000
            end += 1
        if power is not None:
            exponent = amount.adjusted() if amount else 0
            amount = amount.scaleb(-exponent)
        amount = amount.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP)
    except InvalidOperation:
        return plain(value)
    digits, _, fraction = f"{amount:f}".partition(".")
    least = sum(tokens[n] == "0" for n in decimals)
    while len(fraction) > least and fraction.endswith("0"):
        fraction = fraction[:-1]
    digits = digits.lstrip("0").rjust(sum(tokens[n] == "0" for n in whole), "0")
    inside = [n for n in range(first, whole[-1] if whole else first) if tokens[n] not in "0#?,"]
    if inside:
        body = _filled(digits, tokens[first : whole[-1] + 1])
    elif "," in tokens[first : (whole[-1] if whole else first) + 1]:
        lead = digits[: len(digits) - len(digits.lstrip("0"))]
        body = f"{int(digits):,}".rjust(len(digits), "0") if digits and not lead else digits
    else:
        body = digits
    body += f".{fraction}" if fraction else ""
    if power is not None:
        body += f"E{exponent:+03d}" if tokens[power].endswith("+") else f"E{exponent}"
    before = "".join(map(_literal, tokens[: min(first, point)]))
    behind = "".join(map(_literal, (t for t in tokens[max(last, end) + 1 :] if t != ".")))
    minus = "-" if value < 0 and not section.unsigned and any(char in "123456789" for char in body) else ""
    return " ".join(f"{minus}{before}{body}{behind}".split())


def _filled(digits: str, tokens: tuple[str, ...]) -> str:
    """Digits from the right into places with signs between them: '0755-2468' of 7552468 in '0000-0000'."""
    shown: list[str] = []
    left = list(digits)
    for n in range(len(tokens) - 1, -1, -1):
        if tokens[n] in "0#?":
            shown += [left.pop()] if left else []
        elif tokens[n] != "," and (left or "0" in tokens[:n]):
            shown.append(_literal(tokens[n]))
    return "".join([*left, *reversed(shown)])


def _fraction(value: float, section: _Section) -> str:
    code = "".join(section.tokens)
    size = re.search(r"/\s*(\d+|[?#]+)", code)
    bound = int(size[1]) if size and size[1].isdigit() else 10 ** len(size[1]) - 1 if size else 9
    part = Fraction(abs(value)).limit_denominator(max(1, min(bound, 999)))
    whole, rest = divmod(part, 1)
    shown = " ".join(filter(None, (str(whole) if whole or not rest else "", str(rest) if rest else "")))
    return f"-{shown}" if value < 0 and not section.unsigned else shown
