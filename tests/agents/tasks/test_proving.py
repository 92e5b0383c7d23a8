"""What counts as brought by a call, and what a model only wrote into its arguments."""

from __future__ import annotations

import pytest

from agents.tasks.events import Call, StepRecord
from agents.tasks.proving import checked, sources_of
from agents.tasks.state import State
from agents.tools.tool import Observation
from tests.agents.shelf import Shelf

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


@pytest.mark.parametrize(("sentence", "proven"), [
    ("The wind on the cliff field is 31.5 km/h.", True),
    ("The wind on the cliff field is 31.5 km/h, and it must blow at least 70 km/h.", False),
])  # fmt: skip
def test_a_call_proves_no_number_that_only_some_passage_has(sentence: str, proven: bool) -> None:
    """The 70 stands beside something else: the call that brought the 31.5 says nothing of it."""
    task = "How hard is the wind on the cliff field, and how hard must it blow?"
    state = State("r", task)
    passage = "Gusts of 45 km/h: the tents on the cliff field are moved. Above 70 km/h the site is closed."
    read = Observation(passage, hits=tuple(Shelf(passage).hits()))
    records = [
        StepRecord(Call("call_1", "search_documents", {"query": task}, "read", 1, "k"), read),
        StepRecord(Call("call_2", "wind_speed", {"field": "cliff field"}, "read", 1, "l"), Observation("31.5 km/h")),
    ]
    found = checked(sentence, state, sources_of(state, records, Shelf(passage)))
    assert found.unsupported == (() if proven else (sentence,))
