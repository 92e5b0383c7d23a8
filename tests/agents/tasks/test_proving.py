"""What counts as brought by a call, and what a model only wrote into its arguments."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agents.tasks.composing import Composer
from agents.tasks.events import Call, PlanStep, StepRecord
from agents.tasks.evidence import Evidence
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


def stands(task: str, finding: str, passage: str, *records: StepRecord) -> bool:
    """Whether a finding stands as what came of the last sentence of `task`, beside one passage."""
    goals = [one.strip() for one in task.replace("？", "？\n").replace("? ", "?\n").split("\n") if one.strip()]
    plan = tuple(PlanStep(n, goal, state="done") for n, goal in enumerate(goals, 1))
    shelf = Shelf(passage)
    state = State("r", task, plan=plan, evidence=Evidence(hits=tuple(shelf.hits())))
    return Composer(shelf).stands(replace(plan[-1], finding=finding), state, records)


WIND = "At 70 km/h the tents are moved. 缆车在风速每小时 70 公里时停。"


@pytest.mark.parametrize(("task", "finding", "good"), [
    ("How hard is it blowing on the cliff? How hard must it blow for the tents to be moved?", "31.5 km/h on the cliff.", False),
    ("How hard is it blowing on the cliff? How hard must it blow for the tents to be moved?", "At 70 km/h the tents are moved.", True),
    ("How hard is it blowing on the cliff? Are the tents safe at that wind?", "The wind is 31.5 km/h.", True),
    ("Measure the wind on the cliff. How hard is it blowing?", "It is blowing 31.5 km/h.", True),
    ("悬崖上风有多大？缆车到每小时多少公里就停？", "悬崖上缆车到每小时 31.5 公里就停。", False),
    ("悬崖上风有多大？缆车到每小时多少公里就停？", "缆车在风速每小时 70 公里时停。", True),
])  # fmt: skip
@pytest.mark.parametrize("again", [False, True])
def test_what_answered_one_question_is_no_finding_of_the_next(task: str, finding: str, good: bool, again: bool) -> None:
    first = StepRecord(Call("call_1", "wind", {"field": "cliff"}, "read", 1, "k"), Observation("31.5 km/h", data=31.5))
    records = [first, replace(first, call=replace(first.call, id="call_2", step=2))] if again else [first]
    assert stands(task, finding, WIND, *records) == good


@pytest.mark.parametrize(("task", "finding", "good"), [
    ("How many hectares does the brook field have?", "The brook field has 28 pitches.", False),
    ("How many pitches does the brook field have?", "The brook field has 28 pitches.", True),
    ("What does the bow cost in yuan?", "The bow costs 40 euros.", False),
    ("What does the bow cost in euros?", "The bow costs 40 euros.", True),
    ("What is the dog called?", "The dog guards the brook field.", False),
    ("What is the dog called?", "The dog is called Bello.", True),
    ("溪边营地有多少公顷？", "溪边营地有 28 个营位。", False),
    ("溪边营地有多少个营位？", "溪边营地有 28 个营位。", True),
])  # fmt: skip
def test_a_model_says_no_more_than_rules_would(task: str, finding: str, good: bool) -> None:
    """Each of these is said by its passage, and is an answer to something else."""
    assert stands(task, finding, finding) == good
