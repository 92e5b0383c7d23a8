"""Exact arithmetic on expressions as people and models write them, without `eval`: `calculate(text) -> Value`."""

from __future__ import annotations

from agents.tools.arithmetic.numbers import Value
from agents.tools.arithmetic.parsing import calculate

__all__ = ["Value", "calculate"]
