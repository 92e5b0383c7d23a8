"""Expressions by recursive descent, worked out while they are read:

    sum      = product (("+" | "-") product)*
    product  = signed (("*" | "/" | "//" | "%" | "mod" | "of") signed)*
    signed   = ("+" | "-" | "√") signed | power
    power    = postfix ["**" signed]
    postfix  = primary ("%" | "!" | "°")*
    primary  = number | constant | function "(" arguments ")" | "(" sum ")"

'%' before an operand is the rest of a division, otherwise a hundredth: 10 % 3 is 1, 10% * 3 is 0.3.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from agents.tools.arithmetic.functions import CONSTANTS, FUNCTIONS, call, factorial, modulo, unknown
from agents.tools.arithmetic.numbers import Value, by_zero, checked, power, root
from agents.tools.arithmetic.scanning import Token, tokens
from agents.tools.tool import ToolError
from ingest.language import say

_DEEPEST = 50


def calculate(expression: str) -> Value:
    """The value of `expression`. Raises `ToolError` saying what is wrong with it."""
    return _Parser(tokens(expression)).whole()


class _Parser:
    def __init__(self, found: Sequence[Token]) -> None:
        self._tokens = found
        self._at = 0
        self._depth = 0

    def whole(self) -> Value:
        if self._tokens[0].kind == "end":
            raise ToolError(en="The expression is empty. Write one such as 12*(3+4).", zh="表达式为空。")
        value = self._sum()
        if self._next.kind != "end":
            raise self._unexpected()
        return value

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self, *signs: str) -> str:
        """The next token's text when it is one of the operators or words `signs`; '' otherwise."""
        token = self._next
        if token.kind in {"operator", "name"} and token.text in signs:
            self._at += 1
            return token.text
        return ""

    def _sum(self) -> Value:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ToolError(en="Too many parentheses. Calculate it in parts.", zh="括号层数过多。请分步计算。")
        value = self._product()
        while sign := self._take("+", "-"):
            other = self._product()
            number = value.number + other.number if sign == "+" else value.number - other.number
            value = Value(checked(number), value.exact and other.exact)
        self._depth -= 1
        return value

    def _product(self) -> Value:
        value = self._signed()
        while sign := self._take("*", "/", "//", "%", "mod", "of"):
            other = self._signed()
            if sign in {"*", "of"}:
                value = Value(checked(value.number * other.number), value.exact and other.exact)
            elif sign in {"%", "mod"}:
                value = modulo(value, other)
            elif other.number == 0:
                raise by_zero()
            elif sign == "/":
                value = Value(checked(value.number / other.number), value.exact and other.exact)
            else:
                value = Value(Fraction(math.floor(value.number / other.number)))
        return value

    def _signed(self) -> Value:
        negative = False
        while sign := self._take("+", "-"):
            negative ^= sign == "-"
        value = root(self._postfix(), 2) if self._take("√") else self._power()
        return Value(-value.number, value.exact) if negative else value

    def _power(self) -> Value:
        base = self._postfix()
        if not self._take("**"):
            return base
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ToolError(en="Too many powers of powers.", zh="乘方层数过多。")
        exponent = self._signed()
        self._depth -= 1
        return power(base, exponent)

    def _postfix(self) -> Value:
        value = self._primary()
        while True:
            if self._next.text == "%" and not self._operand_follows():
                self._at += 1
                value = Value(value.number / 100, value.exact)
            elif self._take("!"):
                value = factorial(value)
            elif self._take("°"):
                value = Value(checked(value.number * CONSTANTS["pi"].number / 180), exact=False)
            else:
                return value

    def _operand_follows(self) -> bool:
        """Whether what stands behind the next token begins a number."""
        token = self._tokens[self._at + 1]
        return (
            token.kind == "number"
            or (token.kind == "operator" and token.text in {"(", "√"})
            or (token.kind == "name" and token.text not in {"of", "mod"})
        )

    def _primary(self) -> Value:
        token = self._next
        self._at += 1
        if token.kind == "number":
            return Value(token.number)
        if token.kind == "name":
            return self._named(token)
        if token.text == "(":
            value = self._sum()
            if not self._take(")"):
                raise self._unexpected(")")
            return value
        self._at -= 1
        raise self._unexpected()

    def _named(self, token: Token) -> Value:
        if self._take("("):
            return call(token.text, self._arguments(")"))
        if token.text.lower() in CONSTANTS:
            return CONSTANTS[token.text.lower()]
        if token.text.lower() in FUNCTIONS:
            raise self._unexpected("(")
        raise unknown(token.text)

    def _arguments(self, end: str) -> list[Value]:
        """Up to the closing sign; a list in brackets counts as its members."""
        found: list[Value] = []
        while not self._take(end):
            if self._take("["):
                found += self._arguments("]")
            else:
                found.append(self._sum())
            if not self._take(","):
                if not self._take(end):
                    raise self._unexpected(end)
                break
        return found

    def _unexpected(self, wanted: str = "") -> ToolError:
        token = self._next
        before = "".join(part.text for part in self._tokens[max(self._at - 3, 0) : self._at])
        what = say("the end", "结尾") if token.kind == "end" else f"'{token.text}'"
        behind = say(f" after '{before}'", f"（在 “{before}” 之后）") if before else ""
        hope = say(f"; '{wanted}' is missing", f"；缺少 “{wanted}”") if wanted else ""
        return ToolError(
            en=f"{what} is not expected{behind}{hope}. Write operators between numbers: 2*(3+4).",
            zh=f"此处不应出现 {what}{behind}{hope}。数字之间请写运算符：2*(3+4)。",
        )
