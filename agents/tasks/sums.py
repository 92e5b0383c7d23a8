"""Python that does nothing but a sum, as the calculator's: nobody need be asked for their leave to multiply."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from agents.tasks.moves import CALCULATE
from agents.tools.arithmetic.parsing import calculate
from agents.tools.checking import validated
from agents.tools.tool import Tool, ToolError

PYTHON = "python"
_PRINTED = re.compile(r"\s*print\((.+)\)\s*;?\s*", re.DOTALL)


def in_plain_sums(call: tuple[Tool, Mapping[str, Any]], tools: Sequence[Tool]) -> tuple[Tool, Mapping[str, Any]]:
    """`call`, or the calculator's in its place where `python` was to print one sum."""
    tool, arguments = call
    calculator = next((other for other in tools if other.name == CALCULATE), None)
    code = arguments.get("code")
    if tool.name != PYTHON or calculator is None or not isinstance(code, str):
        return call
    printed = _PRINTED.fullmatch(code)
    expression = (printed[1] if printed else code).strip()
    if "\n" in expression:
        return call
    try:
        calculate(expression)
    except ToolError:
        return call
    return calculator, validated(calculator, {"expression": expression}).arguments
