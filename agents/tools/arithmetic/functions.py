"""What the calculator can call, and its constants."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import reduce

from agents.tools.arithmetic.numbers import (
    DIGITS,
    Value,
    by_zero,
    checked,
    power,
    root,
    to_decimal,
    too_large,
    undefined,
)
from agents.tools.tool import ToolError

CONSTANTS = {
    "pi": Value(Fraction("3.14159265358979323846264338327950288419716939937511"), exact=False),
    "e": Value(Fraction("2.71828182845904523536028747135266249775724709369996"), exact=False),
}
"""To 50 decimals (OEIS A000796, A001113)."""


def call(name: str, arguments: Sequence[Value]) -> Value:
    """The function's value. Raises `ToolError` for an unknown name, a wrong count, or where it has none."""
    found = FUNCTIONS.get(name.lower())
    if found is None:
        raise unknown(name)
    least, most, function = found
    if not least <= len(arguments) <= most:
        counts = str(least) if least == most else f"{least}-{most}" if most < 100 else f"{least}+"
        raise ToolError(
            en=f"{name} takes {counts} arguments, not {len(arguments)} (no thousands separators in there).",
            zh=f"{name} 需要 {counts} 个参数，而不是 {len(arguments)} 个（括号内请勿使用千位分隔符）。",
        )
    return function(*arguments)


def unknown(name: str) -> ToolError:
    """The error for a name nobody knows; it lists those that are known."""
    known = ", ".join([*CONSTANTS, *FUNCTIONS])
    return ToolError(
        en=f"'{name}' is unknown. Known: {known}. Put the number itself in place of a variable or unit.",
        zh=f"未知的名称 “{name}”。可用：{known}。变量和单位请换成具体数字。",
    )


def _rounded(value: Value, places: Value | None = None) -> Value:
    """Half away from zero, as people round; Python's rounds half to even."""
    digits = _whole(places, 300) if places else 0
    scale = Fraction(10) ** digits
    scaled = abs(value.number) * scale
    whole = math.floor(scaled + Fraction(1, 2))
    number = Fraction(whole) / scale
    return Value(number if value.number >= 0 else -number)


def _whole(value: Value, most: int) -> int:
    if value.number.denominator != 1 or abs(value.number) > most:
        raise ToolError(
            en=f"A whole number of at most {most} is needed there, not {value}.",
            zh=f"此处需要不超过 {most} 的整数，而不是 {value}。",
        )
    return value.number.numerator


def _integers(values: Sequence[Value]) -> list[int]:
    return [_whole(value, 10**300) for value in values]


def _sum(*values: Value) -> Value:
    return Value(checked(sum((v.number for v in values), Fraction(0))), all(v.exact for v in values))


def _mean(*values: Value) -> Value:
    total = _sum(*values)
    return Value(total.number / len(values), total.exact)


def _median(*values: Value) -> Value:
    ordered = sorted(values, key=lambda value: value.number)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else _mean(ordered[middle - 1], ordered[middle])


def _ln(value: Value) -> Value:
    if value.number <= 0:
        raise undefined(en="The logarithm of a number that isn't positive", zh="非正数的对数")
    if value.number == 1:
        return Value(Fraction(0), value.exact)
    return Value(Fraction(DIGITS.ln(to_decimal(value.number))), exact=False)


def _log(value: Value, base: Value | None = None) -> Value:
    if base is None:
        raise ToolError(
            en="log(x) means different things: write ln(x), log10(x), log2(x) or log(x, base).",
            zh="log(x) 含义不明确：请写 ln(x)、log10(x)、log2(x) 或 log(x, 底数)。",
        )
    top, bottom = _ln(value), _ln(base)
    if bottom.number == 0:
        raise undefined(en="The logarithm to base 1", zh="以 1 为底的对数")
    found = top.number / bottom.number
    near = Fraction(round(found))
    if abs(found - near) < Fraction(1, 10**30) and abs(near) < 20_000 and power(base, Value(near)) == value:
        return Value(near)
    return Value(found, exact=False)


def _exp(value: Value) -> Value:
    if value.number == 0:
        return Value(Fraction(1), value.exact)
    if abs(value.number) > 20_000:
        raise too_large()
    return Value(Fraction(DIGITS.exp(to_decimal(value.number))), exact=False)


def _by_float(function: Callable[[float], float]) -> Callable[[Value], Value]:
    """A function of the C library: 15 digits are right, and what is below them is noise."""

    def worked_out(value: Value) -> Value:
        try:
            found = function(float(value.number))
        except (ValueError, OverflowError) as error:
            called = f"{function.__name__}({value.decimal})"
            raise undefined(called, called) from error
        exact = value.exact and value.number == 0 and found in {0.0, 1.0}
        return Value(
            Fraction(Decimal(repr(found)).quantize(Decimal("1e-15"))) if abs(found) < 1 else Fraction(found), exact
        )

    return worked_out


def _tan(x: float) -> float:
    if abs(math.cos(x)) < 1e-14:
        raise ValueError
    return math.tan(x)


_tan.__name__ = "tan"


def factorial(value: Value) -> Value:
    """`value!`"""
    n = _whole(value, 1_500)
    if n < 0:
        raise undefined(en="The factorial of a negative number", zh="负数的阶乘")
    return Value(checked(Fraction(math.factorial(n))), value.exact)


def modulo(value: Value, by: Value) -> Value:
    """The rest of the division, with the sign of `by` as in Python."""
    if by.number == 0:
        raise by_zero()
    return Value(value.number % by.number, value.exact and by.exact)


def _comb(n: Value, k: Value) -> Value:
    top, chosen = _whole(n, 2_000), _whole(k, 2_000)
    if top < 0 or chosen < 0:
        raise undefined(en="A choice among fewer than none", zh="负数的组合数")
    return Value(Fraction(math.comb(top, chosen)))


def _exact(function: Callable[[Fraction], int | Fraction]) -> Callable[[Value], Value]:
    """Rounding functions: what comes out is that whole number."""
    return lambda value: Value(Fraction(function(value.number)))


_MANY = 1_000
FUNCTIONS: dict[str, tuple[int, int, Callable[..., Value]]] = {
    "sqrt": (1, 1, lambda value: root(value, 2)),
    "cbrt": (1, 1, lambda value: root(value, 3)),
    "abs": (1, 1, lambda value: Value(abs(value.number), value.exact)),
    "round": (1, 2, _rounded),
    "floor": (1, 1, _exact(math.floor)),
    "ceil": (1, 1, _exact(math.ceil)),
    "trunc": (1, 1, _exact(math.trunc)),
    "min": (1, _MANY, lambda *values: min(values, key=lambda value: value.number)),
    "max": (1, _MANY, lambda *values: max(values, key=lambda value: value.number)),
    "sum": (1, _MANY, _sum),
    "mean": (1, _MANY, _mean),
    "avg": (1, _MANY, _mean),
    "median": (1, _MANY, _median),
    "ln": (1, 1, _ln),
    "log": (1, 2, _log),
    "log10": (1, 1, lambda value: _log(value, Value(Fraction(10)))),
    "log2": (1, 1, lambda value: _log(value, Value(Fraction(2)))),
    "exp": (1, 1, _exp),
    "pow": (2, 2, power),
    "mod": (2, 2, modulo),
    "sin": (1, 1, _by_float(math.sin)),
    "cos": (1, 1, _by_float(math.cos)),
    "tan": (1, 1, _by_float(_tan)),
    "asin": (1, 1, _by_float(math.asin)),
    "acos": (1, 1, _by_float(math.acos)),
    "atan": (1, 1, _by_float(math.atan)),
    "factorial": (1, 1, factorial),
    "comb": (2, 2, _comb),
    "gcd": (1, _MANY, lambda *values: Value(Fraction(math.gcd(*_integers(values))))),
    "lcm": (1, _MANY, lambda *values: Value(checked(Fraction(reduce(math.lcm, _integers(values)))))),
}
"""Name to fewest arguments, most arguments, and the function."""
