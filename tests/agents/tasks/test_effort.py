"""How much is asked of a model, and that all questions of a run begin alike."""

from __future__ import annotations

import os.path

import pytest

from agents import open_platform, tool
from agents.llm.scripted import ScriptedChat
from agents.tasks.effort import LEVELS
from agents.tasks.evidence import Evidence, Table
from agents.tasks.planning import fitted
from agents.tasks.state import State
from agents.tools.adapting import adapt
from ingest.errors import UsageError
from ingest.settings import Settings
from tests.agents.tasks import stage as s

ONE_PART = "How many days of annual leave do employees have after one year?"
TWO_PARTS = "How many days of annual leave do employees have after one year? How long is the notice?"


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("task", [ONE_PART, TWO_PARTS])
def test_no_model_is_asked_more_often_than_was_said(stage, level, task) -> None:
    for reply in ("", s.call("add", a=1, b=2), s.call("change_plan", add=["leave of employees", "the notice"]), s.PLAN):
        model = ScriptedChat(replies=[reply], repeat=True)
        stage.ended(model=model, task=task, gathers=True, effort=LEVELS[level])
        assert len(model.received) <= LEVELS[level].questions(task)


def test_more_effort_is_never_less_questions() -> None:
    quick, normal, thorough = (LEVELS[level].questions(TWO_PARTS) for level in ("quick", "normal", "thorough"))
    assert quick < normal < thorough


def test_quick_is_the_rules_and_one_answer(stage) -> None:
    result, _ = stage.ended(s.FOUND, task=ONE_PART, gathers=True, effort=LEVELS["quick"])
    assert result.status == "done"
    assert len(stage.model.received) == 1
    assert result.citations[0].verified


@pytest.mark.parametrize(("task", "asked"), [("What does the lantern cost?", 2), ("What is in notes.txt?", 6)])
def test_a_small_model_is_asked_twice_for_what_it_looks_up(stage, task: str, asked: int) -> None:
    stage.shelf.pages = ("The quay is of oak.",)
    model = ScriptedChat(replies=[s.search("lantern"), s.search("quay"), *[s.search(f"oak {n}") for n in range(9)]])
    result, _ = stage.ended(model=model, kind="plain", task=task, gathers=True, effort=LEVELS["normal"])
    assert result.status == "gave_up"
    assert len(model.received) == asked


def test_thorough_sends_a_finding_back_that_nothing_proves(stage) -> None:
    wrong, right = s.done("Employees have 99 days of annual leave."), s.done(s.FOUND)
    result, events = stage.ended(wrong, right, s.FOUND, task=ONE_PART, gathers=True, effort=LEVELS["thorough"])
    assert "99 days" in s.noted(events, "asked_again")[0]
    assert result.status == "done"
    assert "99" not in result.text


def test_questions_of_a_run_begin_alike(stage) -> None:
    script = [s.PLAN, s.search(), s.done(), s.call("add", a=15, b=5), s.done("The total is 20."), s.FOUND]
    result, _ = stage.ended(*script, task=s.TASK, gathers=True, effort=LEVELS["thorough"])
    assert result.status == "done"
    first = stage.model.received[0]
    assert {str(asked[0].content) for asked in stage.model.received} == {str(first[0].content)}
    texts = [str(asked[1].content) for asked in stage.model.received]
    common = os.path.commonprefix(texts)  # noqa: RUF071 - of characters, as a cache compares them
    assert s.TASK in common
    assert "</passage>" in common
    assert len({str(options["tools"]) for options in stage.model.options}) == 1


def test_a_level_that_there_is_none_of(tmp_path) -> None:
    platform = open_platform(tmp_path, settings=Settings(embedder="hashing"))
    with pytest.raises(UsageError, match="normal"):
        platform.agent(effort="heroic")
    platform.close()


def test_a_task_is_run_at_the_effort_given(tmp_path) -> None:
    @tool
    def headcount(team: str) -> int:
        "How many people work in a team."
        return 7

    model = ScriptedChat(replies=[s.call("headcount", team="red"), s.done("The red team has 7 people.")])
    platform = open_platform(tmp_path, model=model, settings=Settings(embedder="hashing", effort="thorough"))
    result = platform.run("How many people are in the red team?", [headcount], effort="normal")
    platform.close()
    assert result.status == "done"
    assert "7" in result.text
    assert len(model.received) == 2


# -- plans ---------------------------------------------------------------------------------------------------------


def state(task: str) -> State:
    return State("r", task)


def test_a_plan_is_cut_to_what_the_task_asks_for() -> None:
    task = "What may a hotel cost per night in Shanghai, and what do three nights cost at most?"
    wished = ["Find the median per document", "Find the standard deviation", "Hotel cost per night in Shanghai", "x"]
    assert fitted(wished, state(task), 2) == [wished[2]]


def test_a_plan_that_is_about_something_else_is_the_parts_of_the_task() -> None:
    goals = ["Write a poem about the sea", "Count the waves"]
    assert fitted(goals, state("年假有几天？试用期多久？"), 2) == ["年假有几天？", "试用期多久？"]


def test_a_part_that_no_step_is_about_is_added() -> None:
    goals = ["查明年假有几天"]
    found = fitted(goals, state("年假有几天？试用期多久？"), 2)
    assert found == ["查明年假有几天", "试用期多久？"]


def test_a_plan_has_at_most_two_steps_more_than_parts() -> None:
    goals = [f"annual leave of employees, look {n}" for n in range(9)]
    assert len(fitted(goals, state("annual leave of employees"), 2)) == 3


# -- tools ---------------------------------------------------------------------------------------------------------


def test_tools_are_shown_by_relevance_also_where_there_are_few(stage) -> None:
    class ByWord:
        def ranked(self, query, tools, most=8, always=()):
            return sorted(tools, key=lambda t: t.name != "add")[:most]

    stage.shelf.sufficient = False
    task = "Please look up the annual leave of employees."  # an order, which no statement answers by itself
    stage.ended(s.done(s.FOUND), task=task, gathers=True, effort=LEVELS["normal"], chooser=ByWord())
    names = [spec["function"]["name"] for spec in stage.model.options[0]["tools"]]
    assert next(name for name in names if name not in ("step_done", "give_up")) == "add"


def test_a_table_that_there_is_none_of_cannot_be_named_where_the_engine_holds_calls(stage) -> None:
    @tool
    def query_table(file: str = "", sql: str = "") -> str:
        "Query."
        return "1"

    evidence = Evidence(tables=(Table("stock.csv", "stock", ("item", "amount"), 3),))

    class Found:
        def gather(self, task, kb, tools, call):
            return evidence

    stage.gatherer = Found()
    for choice, held in (("any", True), ("auto", False)):
        stage.ended(
            s.done(s.FOUND),
            task=ONE_PART,
            effort=LEVELS["normal"],
            tools=[adapt(query_table)],
            profile={"choice": choice},
        )
        spec = stage.model.options[0]["tools"][0]["function"]["parameters"]
        assert (spec["properties"]["file"].get("enum") == ["stock.csv"]) is held


@pytest.mark.parametrize(("level", "searched"), [("thorough", True), ("normal", False)])
def test_a_thorough_run_searches_for_each_step_of_its_plan(stage, level: str, searched: bool) -> None:
    plan = s.call("change_plan", reason="two steps", add=["days of annual leave after one year", ONE_PART])
    rest = [s.done(s.FOUND)] * 4
    replies = [plan, *rest] if searched else rest
    result, _ = stage.ended(*replies, task=ONE_PART, gathers=True, effort=LEVELS[level])
    queries = [record.call.arguments["query"] for record in result.steps if record.call.tool == "search_documents"]
    assert queries == (["days of annual leave after one year"] if searched else [])
