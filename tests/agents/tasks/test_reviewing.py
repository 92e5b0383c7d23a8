"""A plan that its user sees, and may change, before anything of it is carried out."""

from __future__ import annotations

import pytest

from agents.tasks.agent import LEVELS
from agents.tasks.events import Planned
from agents.tasks.store import Store
from agents.tasks.view import view_of
from agents.tools.tool import BadArguments
from ingest.errors import UsageError

TASK = "days of annual leave; compute 2 + 3; compute 4 + 5"
PARTS = ["days of annual leave", "compute 2 + 3", "compute 4 + 5"]


@pytest.fixture
def waiting(stage):
    """A platform's agent and the run that waits with its plan."""
    agent = stage.agent(kind="rule", effort=LEVELS["quick"], review=True, gathers=True)
    return agent, agent.run(TASK)


def goals(plan, state="done"):
    return [step.goal for step in plan if step.state == state]


def test_nothing_is_carried_out_before_the_plan_is_agreed_to(stage, waiting):
    agent, result = waiting
    assert result.status == "needs_approval"
    assert result.steps == ()
    (call,) = result.pending
    assert call.arguments == {"steps": PARTS}
    assert agent.resume(result.run_id).status == "needs_approval"  # looked at again: it still waits
    agent.agree(result.run_id)
    ended = agent.resume(result.run_id)
    assert ended.status != "needs_approval"
    assert [step.id for step in ended.plan] == [1, 2, 3]
    assert "open" not in {step.state for step in ended.plan}


def test_steps_are_changed_removed_added_and_put_in_another_order(stage, waiting):
    agent, result = waiting
    agent.agree(result.run_id, ["compute 4 + 5", "compute 7 * 6", "  days of annual\nleave "])
    ended = agent.resume(result.run_id)
    carried_out = [step for step in ended.plan if step.state != "dropped"]
    assert [(step.id, step.goal) for step in carried_out] == [
        (3, "compute 4 + 5"),
        (4, "compute 7 * 6"),
        (1, "days of annual leave"),
    ]
    assert goals(ended.plan, "dropped") == ["compute 2 + 3"]
    events = stage.runs.events(result.run_id)
    assert [event.by for event in events if isinstance(event, Planned)] == ["rule", "user"]
    shown = view_of(events).steps
    assert [found.step.goal for found in shown if found.step.state == "dropped"] == ["compute 2 + 3"]


def test_what_was_found_for_a_step_that_goes_is_no_fact_of_the_result(stage, waiting):
    agent, result = waiting
    before = stage.store.state(result.run_id).evidence
    assert before.facts
    agent.agree(result.run_id, PARTS[1:])
    assert "15" not in agent.resume(result.run_id).text
    after = stage.store.state(result.run_id).evidence
    assert [answer.part for answer in after.answers] == PARTS[1:]
    assert not after.facts


def test_every_step_of_it_is_begun_however_many_they_are(stage, waiting):
    agent, result = waiting
    wanted = [f"compute {n} + 1" for n in range(1, 12)]  # the effort alone would begin five
    agent.agree(result.run_id, wanted)
    ended = agent.resume(result.run_id)
    assert "open" not in {step.state for step in ended.plan}
    assert len([step for step in ended.plan if step.state != "dropped"]) == len(wanted)


@pytest.mark.parametrize("steps", [[" "], ["…"], ["x" * 301], ["a"] * 21])
def test_a_plan_that_is_none_is_refused(waiting, steps):
    agent, result = waiting
    with pytest.raises(BadArguments):
        agent.agree(result.run_id, steps)
    assert agent.resume(result.run_id).status == "needs_approval"


def test_it_is_a_call_like_any_other_also_after_a_restart(stage, waiting):
    _, result = waiting
    stage.store.close()
    stage.store = Store(stage.home)
    agent = stage.agent(kind="rule", effort=LEVELS["quick"], gathers=True)  # nobody says `review` any more
    agent.approve(result.run_id, "plan", {"steps": ["compute 7 * 6"]})
    ended = agent.resume(result.run_id)
    assert [step.goal for step in ended.plan if step.state != "dropped"] == ["compute 7 * 6"]
    with pytest.raises(UsageError):
        agent.agree(result.run_id)


def test_a_plan_that_is_rejected_ends_the_run(stage, waiting):
    agent, result = waiting
    agent.reject(result.run_id, "plan", "too much")
    ended = agent.resume(result.run_id)
    assert (ended.status, ended.steps) == ("gave_up", ())
    assert "too much" in ended.reason
    assert agent.resume(result.run_id).status == "gave_up"
