"""Whatever a model does, a run ends with at least what the rules find, with its proof."""

from __future__ import annotations

from typing import Any

import pytest

from agents import Budget, tool
from agents.llm.scripted import ScriptedChat
from agents.tasks.acting import made_before
from agents.tasks.effort import LEVELS
from agents.tasks.events import Call, StepRecord
from agents.tools.adapting import adapt
from agents.tools.calculator import calculator_tool
from agents.tools.tool import Observation
from tests.agents.tasks import stage as s

TASK = "How many days of annual leave do employees have after one year?"
FACT = "15 days"
ENDLESS = "\n".join(f"{n}. median cost of document {n}" for n in range(40))


@tool
def headcount(team: str) -> int:
    "How many people work in a team."
    return {"hydrology": 14, "support": 9, "水文部": 14, "客服部": 9}[team.casefold()]


SILLY = {
    "a tool with made-up values": s.call("headcount", team="HR"),
    "a tool that always fails": s.call("broken", what="x"),
    "a tool that there is none of": s.call("telepathy", mind="open"),
    "a search for nothing that is there": s.search("zeppelin"),
    "nothing": "",
    "blanks": "  \n ",
    "half a call": '{"name": "search_documents", "arguments": {"que',
    "an endless plan": ENDLESS,
    "a made-up finding": s.done("Employees have 99 days of leave and a yacht."),
    "giving up": s.call("give_up", reason="I can't."),
    "the same sum again and again": s.call("add", a=1, b=1),
    "prose": "I would rather talk about something else entirely.",
}


@pytest.mark.parametrize("level", ["quick", "normal", "thorough"])
@pytest.mark.parametrize("reply", SILLY.values(), ids=SILLY)
def test_a_model_that_does_only_silly_things(stage, reply, level) -> None:
    model = ScriptedChat(replies=[reply], repeat=True)
    options = {"gathers": True, "effort": LEVELS[level], "own": ("headcount",)}
    result, _ = stage.ended(model=model, task=TASK, tools=[*stage.tools, adapt(headcount)], **options)
    assert FACT in result.text
    proof = [c for c in result.citations if c.verified and FACT in c.quote]
    assert proof
    assert stage.shelf.page_text(proof[0].document_id, proof[0].page)[proof[0].start : proof[0].end] == proof[0].quote
    assert "yacht" not in result.text  # nothing proves it
    assert result.text.count("15 days of paid") == 1
    assert len(model.received) <= LEVELS[level].questions(TASK)


@pytest.mark.parametrize("task", [
    TASK,
    "员工入职满一年后有几天年假？",
    "How many days of annual leave do employees have after one year? Who approves them?",
    "比较入职满一年和满五年的年假天数。",
    "What may a hotel in Shanghai cost, and how many days of leave are there after five years?",
])  # fmt: skip
@pytest.mark.parametrize("reply", [SILLY["nothing"], SILLY["a made-up finding"], SILLY["giving up"]])
def test_every_fact_of_the_rules_is_in_the_result(stage, task, reply) -> None:
    """What a run by rule alone quotes is the measure, whatever that is."""
    by_rule, _ = stage.ended(task=task, kind="rule")
    model = ScriptedChat(replies=[reply], repeat=True)
    result, _ = stage.ended(model=model, task=task, gathers=True, effort=LEVELS["normal"])
    quoted = {citation.sentence for citation in by_rule.citations if citation.verified}
    assert quoted <= {citation.sentence for citation in result.citations if citation.verified}
    assert all(sentence.rstrip(".。") in result.text for sentence in quoted)


@pytest.mark.parametrize("budget", [Budget(calls=1), Budget(seconds=0.0001)])
def test_a_run_that_meets_a_limit(stage, budget) -> None:
    model = ScriptedChat(replies=[s.call("add", a=1, b=1)], repeat=True)
    result, _ = stage.ended(model=model, task=TASK, gathers=True, effort=LEVELS["normal"], budget=budget)
    assert result.status == "limit"
    assert budget.seconds or FACT in result.text  # no time at all: nothing was looked for


def test_a_server_that_is_gone(stage) -> None:
    model = ScriptedChat(replies=[RuntimeError("gone")], repeat=True)
    result, _ = stage.ended(model=model, task=TASK, gathers=True, effort=LEVELS["normal"])
    assert result.status == "error"
    assert FACT in result.text
    assert result.citations[0].verified


def test_without_the_search_no_documents_are_looked_at(stage) -> None:
    result, events = stage.ended(
        s.done("Nothing."), task=TASK, gathers=True, effort=LEVELS["normal"], tools=[calculator_tool()]
    )
    assert FACT not in result.text
    assert s.noted(events, "evidence") == []


def test_the_evidence_answers_in_one_question(stage) -> None:
    result, events = stage.ended(s.done(s.FOUND), task=TASK, gathers=True, effort=LEVELS["normal"])
    assert result.status == "done"
    assert len(stage.model.received) == 1
    assert [step.goal for step in result.plan] == [TASK]
    assert s.noted(events, "evidence")
    shown = str(stage.model.received[0][1].content)
    assert '<passage n="1"' in shown
    assert FACT in shown
    assert result.citations[0].verified
    assert result.unsupported_sentences == ()


def test_what_stands_there_is_not_offered_to_be_looked_for(stage) -> None:
    result, _ = stage.ended(s.search(), s.done(s.FOUND), task=TASK, gathers=True, effort=LEVELS["normal"])
    names = [spec["function"]["name"] for spec in stage.model.options[0]["tools"]]
    assert "search_documents" not in names
    assert names[0] == "step_done"
    assert "stands above already" in str(stage.model.received[1][-1].content)  # it was called all the same
    assert result.status == "done"


def test_what_the_text_says_already_is_not_said_twice(stage) -> None:
    said = "After one year employees are entitled to 15 days of paid annual leave."
    result, _ = stage.ended(s.done(said), task=TASK, gathers=True, effort=LEVELS["normal"])
    assert result.text.count(FACT) == 1


def test_words_that_nothing_proves_are_no_done_run(stage) -> None:
    stage.shelf.sufficient = False
    unproven = s.done("The dental plan is with Acme Insurance.")
    result, _ = stage.ended(unproven, task="Who insures our teeth?", gathers=True, effort=LEVELS["normal"])
    assert result.status == "gave_up"
    assert result.reason


# -- calls ---------------------------------------------------------------------------------------------------------


def own(stage: Any, *replies: Any, task: str, **options: Any) -> Any:
    tools = [*stage.tools, adapt(headcount), calculator_tool()]
    return stage.ended(
        *replies, task=task, tools=tools, own=("headcount",), gathers=True, effort=LEVELS["normal"], **options
    )


def test_made_up_values_are_not_called_but_corrected(stage) -> None:
    result, events = own(stage, s.call("headcount", team="HR"), s.done(s.FOUND), task=TASK)
    assert result.steps == ()
    assert "say “HR” (team)" in s.noted(events, "asked_again")[0]
    assert result.status == "done"


def test_a_model_that_stands_by_its_value_gets_the_call(stage) -> None:
    translated = s.call("headcount", team="Support")
    result, _ = own(stage, translated, translated, s.done("9"), task="客户支持有多少人？")
    assert [record.call.arguments for record in result.steps] == [{"team": "Support"}]


@pytest.mark.parametrize(
    ("task", "team"),
    [
        ("How many people work in Hydrology and Support together?", "Hydrology"),
        ("How many people work in Hydrology and Support together?", "Hydrology and Support"),
        ("How many people work in the Hydrology team and the Support team in total?", "Support"),
        ("水文部和客服部一共有多少人？", "水文部"),
    ],
)
def test_what_is_named_side_by_side_is_asked_for_and_added_up(stage, task, team) -> None:
    result, _ = own(stage, s.call("headcount", team=team), task=task)
    assert result.status == "done"
    assert "= 23" in result.text
    assert len(stage.model.received) <= 1
    good = [record for record in result.steps if not record.observation.error]
    assert [record.call.tool for record in good] == ["headcount", "headcount", "calculator"]
    assert all(citation.verified for citation in result.citations)
    assert result.unsupported_sentences == ()


def test_nothing_is_added_up_that_nobody_asked_to(stage) -> None:
    found = s.done("Hydrology has 14 people, Support has 9 people.")
    result, _ = own(stage, found, task="How many people are in Hydrology and Support?")
    assert [record.call.tool for record in result.steps] == ["headcount", "headcount"]
    assert result.status == "done"


def test_a_call_that_failed_is_no_failed_step(stage) -> None:
    result, _ = stage.ended(
        s.call("broken", what="it"), s.done(s.FOUND), task=TASK, gathers=True, effort=LEVELS["normal"]
    )
    assert result.status == "done"
    told = str(stage.model.received[1][-1].content)
    assert "no it" in told
    assert "search_documents" in told  # what else could be tried


def test_before_a_step_is_given_up_the_other_ways_are_gone(stage) -> None:
    give_up = s.call("give_up", reason="no tool fits")
    stage.shelf.sufficient = False
    task = "Please look up the annual leave of employees after one year."
    result, events = stage.ended(give_up, s.done(s.FOUND), task=task, gathers=True, effort=LEVELS["normal"])
    assert [record.call.tool for record in result.steps] == ["search_documents"]
    assert "no tool fits" in s.noted(events, "repaired")[0]
    assert result.status == "done"


@pytest.mark.parametrize(
    ("code", "called"),
    [
        ("print(max(15 * 100, 15 * 12))", "calculator"),
        ("15 * 100", "calculator"),
        ("import os\nprint(os.getcwd())", "python"),
        ("print(open('a').read())", "python"),
    ],
)
def test_python_that_is_but_a_sum_is_the_calculators(stage, code, called) -> None:
    @tool(risk="execute")
    def python(code: str) -> str:
        "Run code."
        return "ran"

    tools = [*stage.tools, adapt(python), calculator_tool()]
    result, _ = stage.ended(
        s.call("python", code=code), s.done("1500"), task=TASK, tools=tools, gathers=True, effort=LEVELS["normal"]
    )
    asked = [call.tool for call in result.pending] or [record.call.tool for record in result.steps]
    assert asked == [called]


def test_what_one_step_said_the_next_does_not_say_again(stage) -> None:
    task = "How many days of annual leave do employees have after one year? How many are that with 5 more?"
    both = s.done(f"{s.FOUND} 15 + 5 = 20")
    result, _ = stage.ended(
        s.done(s.FOUND), s.call("add", a=15, b=5), both, task=task, gathers=True, effort=LEVELS["normal"]
    )
    assert result.text.count("entitled to 15 days") == 1
    assert "20" in result.text


@pytest.mark.parametrize("all_", [True, False])
def test_a_conclusion_that_nothing_bears_out_is_not_done(stage, *, all_: bool) -> None:
    """'31 in all', worked out in the head: the facts are told, and that the sum is not known; where nothing is to be worked out
    they are the answer, as by rule."""
    task = TASK.replace("How many days", "How many days in all") if all_ else TASK
    result, _ = stage.ended(s.done("They get 31 days altogether."), task=task, gathers=True, effort=LEVELS["normal"])
    assert result.status == ("gave_up" if all_ else "done")
    assert "31" not in result.text
    assert "15 days" in result.text
    assert (task in result.text) == all_  # what was not found out


WEDDING = "婚礼蛋糕要提前多久订？"


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        ("How long ahead must a wedding cake be ordered?", "done"),
        ("婚礼蛋糕要提前三周订。", "gave_up"),  # no translation
    ],
)
def test_what_stands_in_another_language_is_looked_for_in_it(stage, reply: str, status: str) -> None:
    @tool(risk="write")
    def order_cake(kind: str) -> str:
        "Order a cake."  # which answers no question
        return "ordered"

    stage.shelf = s.shelf.Shelf("A wedding cake must be ordered three weeks ahead. Rolls are baked at five.")
    model = ScriptedChat(replies=[reply, s.call("give_up", reason="nothing")], repeat=True)
    options = {"own": ("order_cake",), "tools": [stage.tools[0], adapt(order_cake)]}
    result, _ = stage.ended(model=model, task=WEDDING, gathers=True, effort=LEVELS["normal"], **options)
    assert result.status == status
    assert ("three weeks ahead" in result.text) == (status == "done")
    assert len(model.received) == 2  # the question in English, and one of the step


def test_a_sum_of_a_number_that_stands_nowhere_is_asked_for_again(stage) -> None:
    replies = [
        s.call("calculator", expression="15 * 8"),
        s.call("calculator", expression="15 * 12"),
        s.done("15 * 12 = 180"),
    ]
    tools = [*stage.tools, calculator_tool()]
    result, events = stage.ended(*replies, task=TASK, tools=tools, gathers=True, effort=LEVELS["normal"])
    assert [record.call.arguments["expression"] for record in result.steps] == ["15 * 12"]
    assert any("8" in told for told in s.noted(events, "asked_again"))


def test_a_small_model_that_says_what_a_file_is_asked_for_writes_it(stage) -> None:
    """The facts are written by rule, once the user allows it: 'The leave is 15 days.' is no file."""
    written: dict[str, str] = {}

    @s.tool(risk="write")
    def write_file(path: str, text: str) -> str:
        """Write a file."""
        written[path] = text
        return "written"

    result, _ = stage.ended(
        s.done("15 days."),
        kind="plain",
        task="Note how many days of annual leave employees have after one year in leave.txt.",
        tools=[*stage.tools, adapt(write_file)],
        gathers=True,
        policy=s.Policy(write="allow"),
        effort=LEVELS["normal"],
    )
    assert result.status == "done"
    assert "15 days" in written["leave.txt"]


def test_a_query_of_something_else_is_no_answer(stage) -> None:
    """A query of any table brings something: a row that shares no word with the task is not what was asked."""

    def query_table(file: str = "", sql: str = "") -> Observation:
        """Query a table."""
        rows = {"columns": ["pump"], "rows": [["north"]]} if sql else ["pumps.csv"]
        return Observation("pump: north", data=rows)

    queried = s.call("query_table", file="pumps.csv", sql="SELECT pump FROM pumps LIMIT 1")
    result, _ = stage.ended(
        queried,
        s.done("pumps.csv: pump: north"),
        kind="plain",
        task="Who founded the school?",
        tools=[*stage.tools, adapt(tool(query_table))],
        gathers=True,
        effort=LEVELS["normal"],
    )
    assert result.status == "gave_up"


def test_the_day_of_another_time_is_no_conclusion(stage) -> None:
    """A model that says the only day there is: rules left the last one open."""
    tours = "Six tours, every second Monday, the first on 12 May 2031."
    stage.shelf = s.shelf.Shelf(tours)
    task = "What is the date of the last tour?"
    for said in (tours, "The date of the last tour is 12 May 2031."):
        result, _ = stage.ended(s.done(said), task=task, gathers=True, effort=LEVELS["normal"])
        assert result.status == "gave_up"


@pytest.mark.parametrize(("text", "kept"), [
    ("12:00", False), ("At night ring 12:00.", False), ("At night ring 07700 900418.", True),
])  # fmt: skip
def test_only_what_is_proven_is_written_into_a_file(stage, text: str, kept: bool) -> None:
    """A number that stands in some passage is not yet the one that is wanted."""
    written: dict[str, str] = {}

    @s.tool(risk="write")
    def write_file(path: str, text: str) -> str:
        """Write a file."""
        written[path] = text
        return "written"

    stage.shelf = s.shelf.Shelf(
        "By day ring the yard. At night ring 07700 900418. Guests leave by 12:00.", sufficient=False
    )
    stage.ended(
        "1. Put the number to ring at night into tractor.txt",
        s.call("write_file", path="tractor.txt", text=text),
        s.call("give_up", reason="not found"),
        task="Put the number to ring at night into tractor.txt.",
        tools=[*stage.tools, adapt(write_file)],
        gathers=True,
        policy=s.Policy(write="allow"),
    )
    assert written == ({"tractor.txt": text} if kept else {})


def test_what_nothing_proves_is_no_ground_for_a_later_step(stage) -> None:
    """The step that concluded it has failed before the next one begins."""
    stage.shelf = s.shelf.Shelf("Boats are let from May.", sufficient=False)
    task = "How many boats are there? How much do they cost?"
    _, events = stage.ended(s.done("There are 31 boats."), task=task, gathers=True, effort=LEVELS["normal"])
    ended = [event.step for event in events if type(event).__name__ == "StepEnded"]
    assert "31" not in ended[0].finding


def test_what_was_done_is_not_done_again_in_another_step(stage) -> None:
    """Also with a tool whose risk nobody has stated."""
    booked: list[str] = []

    @tool
    def book(room: str) -> str:
        "Book a room."
        booked.append(room)
        return f"Booked, number {len(booked)}."

    again = s.call("book", room="4")
    replies = [
        "1. Book room 4\n2. Tell me the number of room 4",
        again,
        s.done("Booked, number 1."),
        again,
        s.done("Booked, number 1."),
    ]
    result, events = stage.ended(*replies, task="Book room 4. Tell me the number.", tools=[adapt(book)], own=("book",))
    assert booked == ["4"]
    assert [record.observation.text for record in result.steps] == ["Booked, number 1."] * 2
    assert any("book" in told for told in s.noted(events, "repaired"))


def test_what_another_call_may_have_changed_is_asked_anew() -> None:
    """A balance, a payment, and the balance again; a search in between changes nothing."""

    def record(step: int, name: str) -> StepRecord:
        return StepRecord(Call(f"c{step}", name, {"account": "A"}, "read", step, f"k{step}"), Observation(name))

    again = record(4, "balance").call
    assert made_before(again, [record(1, "balance"), record(2, "search_documents")])
    assert not made_before(again, [record(1, "balance"), record(2, "pay")])
    assert not made_before(again, [record(4, "balance")])  # within a step it may be asked twice


def test_the_price_of_one_is_not_that_of_six(stage) -> None:
    """A query that brought one cell has worked out what was asked for only with the numbers that were given."""

    def query_table(file: str = "", sql: str = "") -> Observation:
        """Query a table."""
        price = "129.00" if "6" in sql else "21.50"
        return Observation(f"price: {price}", data={"columns": ["price"], "rows": [[price]]} if sql else ["shop.csv"])

    one = s.call("query_table", file="shop.csv", sql="SELECT price FROM shop WHERE article = 'gift box'")
    six = s.call("query_table", file="shop.csv", sql="SELECT 6 * price FROM shop WHERE article = 'gift box'")
    result, _ = stage.ended(
        *(one, six),
        task="What do six gift boxes cost?",
        tools=[*stage.tools, adapt(tool(query_table))],
        gathers=True,
        effort=LEVELS["normal"],
        chooser=s.Relevant(),
    )
    assert "129.00" in result.text
    assert len(result.steps) == 2
