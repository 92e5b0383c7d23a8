"""An expression as tokens: what people, models and Chinese keyboards write, in one form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from agents.tools.tool import ToolError
from ingest.numerals import BEHIND_FIGURES, ENGLISH_SCALES

MOST_CHARACTERS = 4_000

_SIGNS = str.maketrans(
    {
        "×": "*", "✕": "*", "✖": "*", "⋅": "*", "·": "*", "∗": "*", "÷": "/", "∕": "/", "⁄": "/",
        "−": "-", "–": "-", "—": "-", "－": "-", "【": "(", "】": ")", "〔": "(", "〕": ")",
        "，": ",", "、": ",", "；": ",", ";": ",", "π": " pi ", "²": "**2", "³": "**3", "{": "(", "}": ")",
    }
)  # fmt: skip
OPERATORS = {
    "plus": "+", "minus": "-", "times": "*", "multiplied by": "*", "divided by": "/", "加上": "+", "加": "+", "减去": "-",
    "减": "-", "乘以": "*", "乘": "*", "除以": "/",
}  # fmt: skip
"""What operations are called, the longer names first."""
_WORDS = (
    (re.compile(r"百分之\s*(\d+(?:\.\d+)?)"), r"\1%"),
    *((re.compile(rf"\b{name}\b" if name.isascii() else name), sign) for name, sign in OPERATORS.items()),
    (re.compile(r"的"), " of "),
    (re.compile(r"\\times|\\cdot"), "*"),
    (re.compile(r"\\div"), "/"),
    (re.compile(r"[¥￥$€£]"), ""),
    (re.compile(r"[=?\s]+\Z"), ""),
    (re.compile(r"(?<=[\d)%])\s*[xX]\s*(?=[\d(.])"), "*"),
)

_SCALES = BEHIND_FIGURES | {"百": 100}
_PLAIN = r"(?:\d+(?:_\d+)*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+(?![\w.]))?"
_GROUPED = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,]*\d)"
_NUMBER = re.compile(_PLAIN)
_WITH_GROUPS = re.compile(f"(?:{_GROUPED}|{_PLAIN})")
_SCALE = re.compile(
    rf"\s*({'|'.join(sorted(_SCALES.keys() - ENGLISH_SCALES, key=len, reverse=True))})|\s*({'|'.join(ENGLISH_SCALES)})\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
_OPERATOR = re.compile(r"\*\*|//|[-+*/%^(),!√°\[\]]")


@dataclass(frozen=True, slots=True)
class Token:
    """A number, a name, an operator, or the end."""

    kind: Literal["number", "name", "operator", "end"]
    text: str
    number: Fraction = Fraction(0)


def tokens(expression: str) -> list[Token]:
    """The tokens of an expression, the last of kind 'end'. Raises `ToolError` for what is no arithmetic.

    A comma between groups of three digits belongs to the number, except inside of a function's parentheses,
    where it parts the arguments: 1,234 + max(1,234) is 1234 + 234.
    """
    if len(expression) > MOST_CHARACTERS:
        raise ToolError(
            en=f"The expression is longer than {MOST_CHARACTERS:,} characters. Calculate it in parts.",
            zh=f"表达式超过 {MOST_CHARACTERS} 个字符。请分步计算。",
        )
    return [*_scanned(in_signs(expression)), Token("end", "")]


def in_signs(expression: str) -> str:
    """`expression` in the signs that `tokens` reads: of any keyboard's, and of what operations are called."""
    text = unicodedata.normalize("NFKC", expression.translate(_SIGNS)).translate(_SIGNS)
    for pattern, sign in _WORDS:
        text = pattern.sub(sign, text)
    return text


def _scanned(text: str) -> Iterator[Token]:
    at = 0
    calls: list[bool] = []
    """For each open parenthesis whether it is a function's."""
    named = False
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        pattern = _NUMBER if any(calls) else _WITH_GROUPS
        if match := pattern.match(text, at):
            at, number = _scaled(text, match.end(), _value(match.group()))
            yield Token("number", match.group(), number)
            named = False
        elif match := _NAME.match(text, at):
            at, named = match.end(), True
            yield Token("name", match.group())
        elif match := _OPERATOR.match(text, at):
            sign = match.group()
            if sign in {"(", "["}:
                calls.append(named or sign == "[")
            elif sign in {")", "]"} and calls:
                calls.pop()
            at, named = match.end(), False
            yield Token("operator", "**" if sign == "^" else sign)
        else:
            raise ToolError(
                en=f"'{text[at]}' is no arithmetic: write numbers, + - * / // % **, parentheses and functions.",
                zh=f"无法识别 “{text[at]}”：请只写数字、+ - * / // % **、括号和函数。",
            )


def _value(text: str) -> Fraction:
    digits, _, exponent = text.replace(",", "").replace("_", "").lower().partition("e")
    if exponent and abs(int(exponent[:8])) > 4_000:
        raise ToolError(en=f"{text} is out of range.", zh=f"{text} 超出范围。")
    return Fraction(digits.rstrip(".") or "0") * Fraction(10) ** int(exponent or 0)


def _scaled(text: str, at: int, number: Fraction) -> tuple[int, Fraction]:
    """万, 亿, million … behind a number, also several: 1亿2000万."""
    total, last = Fraction(0), 0
    while match := _SCALE.match(text, at):
        scale = _SCALES[match.group().strip().lower()]
        if last and scale >= last:
            break
        total, last, at = total + number * scale, scale, match.end()
        following = _NUMBER.match(text, at)
        if match.group(2) or not following or not _SCALE.match(text, following.end()):
            return at, total
        number = _value(following.group())
        at = following.end()
    return (at, total) if last else (at, number)
