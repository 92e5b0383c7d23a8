"""What counts as brought by a call, and what a model only wrote into its arguments."""

from __future__ import annotations

import pytest

from agents.tasks.events import Call, StepRecord
from agents.tasks.proving import checked, sources_of
from agents.tasks.state import State
from agents.tools.tool import Observation

TASK = "How many paid days of leave are there in total?"
SENTENCE = "There are 777 paid days of leave in total."


def record(code: str, brought: str) -> StepRecord:
    return StepRecord(Call("call_1", "python", {"code": code}, "execute", 1, "k"), Observation(brought))


@pytest.mark.parametrize(("code", "brought", "proven"), [("1\n2", "777", True), ("# so:\n# 777\nNone", "None", False)])
def test_what_a_model_wrote_in_its_code_is_nothing_the_code_brought(code: str, brought: str, proven: bool) -> None:
    state = State("r", TASK)
    sources = sources_of(state, [record(code, brought)], None)
    found = checked(SENTENCE, state, sources)
    assert bool(found.citations) is proven
    assert found.unsupported == (() if proven else (SENTENCE,))
