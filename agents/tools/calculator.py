"""A calculator: exact, and nothing is evaluated but arithmetic."""

from __future__ import annotations

from typing import Annotated

from agents.tools.arithmetic.parsing import calculate
from agents.tools.function import tool
from agents.tools.tool import Observation, Tool, Wording

_SHOWN = 200


def calculator_tool() -> Tool:
    """`calculator(expression)`."""

    @tool(
        zh=Wording(
            "精确计算：+ - * / // % ** ( ) 万 亿 sqrt round sum min max mean ln ...",
            {"expression": "算式，例如 (12.5万*3)/7"},
        )
    )
    def calculator(expression: Annotated[str, "e.g. round(1250*3/7, 2)"]) -> Observation:
        """Exact arithmetic: + - * / // % ** ( ) sqrt round sum min max mean ln ..."""
        value = calculate(expression)
        shown = " ".join(expression.split()).rstrip("=? ")
        shown = shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"
        text = str(value)
        return Observation(
            text=f"{shown} {text}" if text.startswith("≈") else f"{shown} = {text}",
            data={"value": value.decimal, "exact": value.exact}
            | ({"fraction": fraction} if value.exact and len(fraction := str(value.number)) <= _SHOWN else {}),
        )

    return calculator
