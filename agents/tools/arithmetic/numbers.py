"""Numbers of the calculator: fractions, exact until a function is met whose value no fraction is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction

from agents.tools.tool import ToolError

MOST_BITS = 40_000
"""Size of numerator and denominator, some 12,000 digits: everything below takes milliseconds."""

DIGITS = Context(prec=50, Emax=999_999, Emin=-999_999)
"""How roots and logarithms are worked out; 15 digits are shown."""


@dataclass(frozen=True, slots=True)
class Value:
    """A number and whether it is the number itself or the nearest one to it that was worked out."""

    number: Fraction
    exact: bool = True

    @property
    def decimal(self) -> str:
        """The number with as many digits as it has, if they are finite and at most 50; otherwise with 15."""
        if self.exact and (text := _finite(self.number)):
            return text
        return _significant(self.number)

    def __str__(self) -> str:
        if self.exact and _finite(self.number):
            return self.decimal
        if self.exact and max(self.number.numerator.bit_length(), self.number.denominator.bit_length()) <= 40:
            return f"{self.number} ≈ {self.decimal}"
        return f"≈ {self.decimal}"


def checked(number: Fraction) -> Fraction:
    """`number`. Raises `ToolError` when it is too large to go on with."""
    if max(number.numerator.bit_length(), number.denominator.bit_length()) > MOST_BITS:
        raise too_large()
    return number


def too_large() -> ToolError:
    """The error for results that nobody wants to read."""
    return ToolError(
        en="The result would have more than 12,000 digits. Use logarithms, e.g. 9**9*log10(9).",
        zh="结果将超过 12000 位。请改用对数，例如 9**9*log10(9)。",
    )


def undefined(en: str, zh: str) -> ToolError:
    """The error for what has no value."""
    return ToolError(en=f"{en} is not defined.", zh=f"{zh} 没有定义。")


def by_zero() -> ToolError:
    """The error for a division by zero."""
    return undefined(en="Division by zero", zh="除以零")


def power(base: Value, exponent: Value) -> Value:
    """`base ** exponent`: exact for whole exponents and for roots that come out even."""
    if exponent.number.denominator == 1:
        return _whole_power(base, exponent)
    if base.number < 0:
        raise undefined(
            en="A root of a negative number (cbrt(x) takes one)", zh="负数的非整数次方（立方根可用 cbrt(x)）"
        )
    if base.number == 0:
        if exponent.number < 0:
            raise by_zero()
        return Value(Fraction(0), exact=base.exact and exponent.exact)
    if exponent.exact and exponent.number.denominator <= 64:
        root = exact_root(base.number, exponent.number.denominator)
        if root is not None:
            return _whole_power(Value(root, base.exact), Value(Fraction(exponent.number.numerator)))
    size = math.log10(base.number.numerator) - math.log10(base.number.denominator)  # of any size
    if abs(float(exponent.number) * size) > 10_000:
        raise too_large()
    return Value(Fraction(DIGITS.power(to_decimal(base.number), to_decimal(exponent.number))), exact=False)


def _whole_power(base: Value, exponent: Value) -> Value:
    times = exponent.number.numerator
    number = base.number
    if number == 0 and times < 0:
        raise by_zero()
    if number in {-1, 0, 1}:
        times = times % 2 + 2 if times else 0
    elif max(number.numerator.bit_length(), number.denominator.bit_length()) * abs(times) > 2 * MOST_BITS:
        raise too_large()
    return Value(checked(number**times), exact=base.exact and exponent.exact)


def root(value: Value, degree: int) -> Value:
    """The square or cube root; of a negative number only the cube root is there."""
    number = value.number
    if number < 0 and degree % 2 == 0:
        raise undefined(en="The square root of a negative number", zh="负数的平方根")
    found = exact_root(abs(number), degree)
    if found is None:
        found = Fraction(DIGITS.power(to_decimal(abs(number)), DIGITS.divide(Decimal(1), Decimal(degree))))
        return Value(found if number >= 0 else -found, exact=False)
    return Value(found if number >= 0 else -found, value.exact)


def exact_root(number: Fraction, degree: int) -> Fraction | None:
    """The root of a number that isn't negative, where it is a fraction."""
    top, bottom = _whole_root(number.numerator, degree), _whole_root(number.denominator, degree)
    return None if top is None or bottom is None else Fraction(top, bottom)


def _whole_root(number: int, degree: int) -> int | None:
    if number < 2:
        return number
    if degree == 2:
        found = math.isqrt(number)
        return found if found * found == number else None
    low, high = 1, 1 << (number.bit_length() // degree + 1)
    while low < high:  # the largest whole number whose power isn't above
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**degree <= number else (low, middle - 1)
    return low if low**degree == number else None


def to_decimal(number: Fraction) -> Decimal:
    """50 digits of it."""
    return DIGITS.divide(Decimal(number.numerator), Decimal(number.denominator))


def _finite(number: Fraction) -> str:
    """The decimal number in full, or '' when it never ends or has more than 50 digits (whole ones: 300)."""
    if number.denominator == 1:
        return str(number.numerator) if number.numerator.bit_length() <= 1_000 else ""
    places = next((places for places in range(51) if 10**places % number.denominator == 0), 0)
    if not places:
        return ""
    digits = str(abs(number.numerator) * 10**places // number.denominator).rjust(places + 1, "0")
    return "" if len(digits) > 50 else f"{'-' if number < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def _significant(number: Fraction) -> str:
    """Rounded to 15 significant digits: plain between 1e-6 and 1e15, otherwise with an exponent."""
    rounded = Context(prec=15, Emax=999_999, Emin=-999_999)
    shown = rounded.normalize(rounded.divide(Decimal(number.numerator), Decimal(number.denominator)))
    return f"{shown:f}" if -6 <= shown.adjusted() <= 15 else f"{shown:e}"
