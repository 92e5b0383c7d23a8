"""What lies within a range or beyond a bound."""

from __future__ import annotations

import pytest

from agents.proof.numbers import stated
from agents.proof.relations import holds


@pytest.mark.parametrize(("given", "text", "within"), [
    ("6 岁", "5—7 岁", True),
    ("8 岁", "5—7 岁", False),
    ("19:00", "时段：18:00—21:00", True),
    ("22:00", "from 18:00 to 21:00", False),
    ("9:00", "8:30 以后请假的，不退。", True),
    ("8 months", "after six months", True),
    ("17", "16—18 度退三成", True),
    ("10", "到期日：2026-09-30", None),
    ("420 cm", "stop after 26 cm", None),
    ("65 岁", "65 岁以上", True),
    ("65 岁", "超过 65 岁", False),
])  # fmt: skip
def test_what_a_number_bounds(given: str, text: str, within: bool | None) -> None:
    [number] = stated(given)
    assert {holds(bound, number, text) for bound in stated(text) if bound.kind == number.kind} == {within}
