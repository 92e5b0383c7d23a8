"""Exact arithmetic on expressions as people and models write them, without `eval`: `calculate(text) -> Value`."""
