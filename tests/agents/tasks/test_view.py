"""A run told by its events, and written down."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from agents import Observation
from agents.tasks.events import Call, Finished, Noted, Observed, Planned, PlanStep, Revised, StepRecord, StepStarted
from agents.tasks.export import as_answer, as_markdown
from agents.tasks.view import view_of
from tests.agents.tasks.stage import FOUND, PLAN, TASK, call, done, search

REPLIES = (PLAN, search(), done(), call("add", a=15, b=5), done("15 + 5 = 20"), f"{FOUND} [1] With 5 more it is 20.")


def test_the_plan_fills_in(stage):
    result, events = stage.ended(*REPLIES)
    view = view_of(events)
    assert [found.step.state for found in view.steps] == ["done", "done"]
    assert [record.call.tool for found in view.steps for record in found.records] == ["search_documents", "add"]
    assert view.result == result
    half = view_of(events[: events.index(next(e for e in events if type(e).__name__ == "Called")) + 1])
    assert half.steps[0].calling is not None
    assert half.steps[0].step.state == "active"
    assert half.result is None


def test_steps_that_come_go_and_move():
    one, two, three = (PlanStep(n, f"goal {n}") for n in (1, 2, 3))
    events = [
        Planned((one, two)),
        StepStarted(two),
        Noted("repaired", "a comma"),
        Revised("add", "needed", (three, two)),
    ]
    view = view_of(events)
    assert [found.step.id for found in view.steps] == [3, 2, 1]
    assert view.steps[1].notes == ("a comma",)
    assert view.changes == ("needed",)


def test_it_is_written_down_with_proof_and_calls(stage):
    result, events = stage.ended(*REPLIES)
    text = as_markdown(result, view_of(events))
    assert text.startswith(f"# {TASK}")
    assert "✓ 1." not in text
    assert "1. ✓ days of annual leave" in text
    assert "`search_documents`" in text
    assert FOUND in text
    ended = as_markdown(replace(result, status="gave_up", text="", citations=()), view_of(events))
    assert "Nearest in the documents" not in ended


@pytest.mark.parametrize("end", ["done", "gave_up"])
def test_a_result_becomes_an_answer(stage, end):
    result, events = stage.ended(*(REPLIES if end == "done" else ("no plan", "no plan", *["?"] * 9)))
    assert isinstance(events[-1], Finished)
    answer = as_answer(result)
    assert (answer.question, answer.text) == (TASK, result.text or result.reason)
    assert bool(answer.notes) == (result.status != "done")


@pytest.mark.parametrize("said", ["x", "a `b` c", "```\n# not a title", "``"])
def test_arguments_stay_code_whatever_back_ticks_are_in_them(stage, said):
    result, _ = stage.ended(*REPLIES)
    step = PlanStep(1, "a goal", state="active")
    record = StepRecord(Call("call_1", "add", {"said": said}, "read", 1, "k"), Observation("x"))
    text = as_markdown(result, view_of([Planned((step,)), StepStarted(step), Observed(record)]))
    pieces = [piece for token in MarkdownIt().parse(text) for piece in token.children or ()]
    assert json.dumps({"said": said}) in [piece.content for piece in pieces if piece.type == "code_inline"]
