"""The Tasks page as a person uses it, with a scripted model and real tools, library and saved runs."""

from __future__ import annotations

import time

import pytest
from langchain_core.messages import AIMessage

from agents import tool

PLAN = "1. Find the days of annual leave"
FINDING = "Every employee has ten days of annual leave a year."
TASK = "Find out how many days of annual leave there are"


def call(name, **arguments):
    return AIMessage(content="", tool_calls=[{"name": name, "args": arguments, "id": "c", "type": "tool_call"}])


REPLIES = (PLAN, call("search_documents", query="annual leave"), call("step_done", finding=FINDING), f"{FINDING} [1]")


def shown(tab):
    kinds = (tab.markdown, tab.caption, tab.error, tab.info, tab.warning)
    said = "\n".join(str(element.value) for kind in kinds for element in kind)
    labels = "\n".join(box.label for box in tab.expander)
    drawn = "\n".join(part.proto.body for part in tab.get("html"))
    return f"{said}\n{labels}\n{drawn}".replace("\\", "")


def carry_out(tab, task=TASK):
    tab.chat_input[0].set_value(task).run(timeout=120)
    return settled(tab)


def settled(tab):
    end = time.monotonic() + 60
    while "task" in tab.session_state and time.monotonic() < end:
        tab.run()
    tab.run()
    assert not tab.exception, tab.exception[0].message
    return tab


def button(tab, key):
    return next(one for one in tab.button if one.key and one.key.startswith(key))


@pytest.mark.parametrize(("language", "greeting"), [("en", "Have a task carried out"), ("zh", "交办一项任务")])
def test_it_says_what_a_task_is(filled, visit, language, greeting):
    tab = visit(filled(), "tasks", language)
    assert tab.title[0].value == greeting
    assert button(tab, "task-example-")


def test_a_task_is_planned_carried_out_and_proven(filled, visit):
    opened = filled(*REPLIES)
    tab = carry_out(visit(opened, "tasks"))
    text = shown(tab)
    assert "1. Find the days of annual leave" in text
    assert "search_documents" in text
    assert FINDING in text
    assert '<sup class="zk-n" role="button" tabindex="0">1</sup>' in text
    assert [run.status for run in opened.runs.list()] == ["done"]
    button(tab, "cite-").click().run()
    assert '<mark class="zk-quote">' in shown(tab)


def test_how_much_is_asked_of_the_model_is_chosen_beforehand(filled, visit):
    opened = filled(call("step_done", finding=FINDING))
    tab = visit(opened, "tasks")
    box = next(one for one in tab.selectbox if one.key == "tasks-effort")
    assert box.value == opened.settings.effort
    box.select("normal").run()
    carry_out(tab)
    (run,) = opened.runs.list()
    assert run.status == "done"
    assert opened.store.state(run.id).effort == "normal"
    assert len(opened.chat_model.received) == 1  # no plan, and the finding is the result


def test_a_finished_task_goes_on_as_a_conversation(filled, visit):
    opened = filled(*REPLIES)
    tab = carry_out(visit(opened, "tasks"))
    button(tab, "to-chat").click().run()
    [talk] = opened.conversations.list()
    [turn] = opened.conversations.stored(talk.id)
    assert turn.answer.question == TASK
    assert turn.answer.citations[0].verified
    assert tab.session_state["conversation"] == talk.id


@pytest.fixture
def writing(filled):
    """A platform whose agents may note something down, with leave."""
    noted: list[str] = []

    @tool(risk="write")
    def note_down(text: str) -> str:
        """Note something down."""
        noted.append(text)
        return f"noted {text}"

    def make(*replies):
        opened = filled(*replies)
        plain = opened.agent
        opened.agent = lambda **options: plain(tools=[note_down], **options)
        return opened

    return make, noted


NOTED_TOO = f"{TASK}, and note it down"
ASKS = ("1. Note it down", call("note_down", text="ten days"))


def test_a_risky_call_is_shown_edited_and_carried_out(writing, visit):
    make, noted = writing
    tab = carry_out(visit(make(*ASKS, call("step_done", finding="noted ten days"), "It is noted."), "tasks"), NOTED_TOO)
    assert "note_down" in shown(tab)
    assert "It changes files." in shown(tab)
    assert not noted
    tab.text_area[0].set_value("{broken").run()
    button(tab, "approve").click().run()
    assert "can't be used" in shown(tab)
    tab.text_area[0].set_value('{"text": "eleven days"}').run()
    button(tab, "approve").click().run()
    settled(tab)
    assert noted == ["eleven days"]


def test_further_calls_of_a_tool_are_approved_with_the_first_and_those_of_another_task_are_not(writing, visit):
    make, noted = writing
    both = f"{TASK}, and note down 'ten days' and 'until March'"
    again = call("note_down", text="until March")
    opened = make(*ASKS, again, call("step_done", finding="noted"), "It is noted.", *ASKS)
    tab = carry_out(visit(opened, "tasks"), both)
    next(box for box in tab.checkbox if box.key.startswith("allow-")).check().run()
    button(tab, "approve").click().run()
    for _ in range(2):
        settled(tab)
    assert noted == ["ten days", "until March"]
    button(tab, "new-task").click().run()
    carry_out(tab, both)
    assert noted == ["ten days", "until March"]
    assert [run.status for run in opened.runs.list()] == ["needs_approval", "done"]


def test_a_rejected_call_is_not_carried_out(writing, visit):
    make, noted = writing
    opened = make(*ASKS, call("give_up", reason="not allowed"), "Nothing can be done.", "Nothing was noted.")
    tab = carry_out(visit(opened, "tasks"), NOTED_TOO)
    next(one for one in tab.text_input if one.key and one.key.startswith("why-")).set_value("Not today").run()
    button(tab, "reject").click().run()
    settled(tab)
    assert not noted
    assert any("Not today" in str(message.content) for message in opened.chat_model.received[2])


def test_earlier_tasks_are_listed_resumed_and_deleted(filled, visit):
    opened = filled(RuntimeError("out"), RuntimeError("out"), RuntimeError("out"), *REPLIES)
    tab = carry_out(visit(opened, "tasks"))
    assert "It failed." in shown(tab)
    again = visit(opened, "tasks")
    button(again, "run-2").click().run()
    button(again, "resume").click().run()
    settled(again)
    assert FINDING in shown(again)
    button(again, "delete-run").click().run()
    button(again, "delete-run-yes").click().run()
    assert opened.runs.list() == []


def test_a_task_is_tried_again_from_a_step(filled, visit):
    opened = filled(*REPLIES, *REPLIES[1:])
    tab = carry_out(visit(opened, "tasks"))
    button(tab, "branch-").click().run()
    settled(tab)
    runs = opened.runs.list()
    assert len(runs) == 2
    assert {run.status for run in runs} == {"done"}
    assert runs[0].parent == runs[1].id


def test_hostile_words_are_shown_as_text(filled, visit):
    hostile = "<script>alert(1)</script> ![x](http://evil.example/p.png) :red[b]"
    plan = f"1. {hostile}"
    opened = filled(plan, call("search_documents", query=hostile), call("step_done", finding=hostile), hostile)
    tab = carry_out(visit(opened, "tasks"))
    drawn = "\n".join(part.proto.body for part in tab.get("html"))
    assert "<script" not in drawn
    for element in (*tab.markdown, *tab.caption):
        assert "![x](" not in element.value
        assert ":red[" not in element.value
    for box in tab.expander:
        assert "![x](" not in box.label


@pytest.fixture
def planned(filled, visit):
    """A page whose task waits with its plan."""
    opened = filled(PLAN, call("step_done", finding=FINDING), f"{FINDING} [1]")
    tab = visit(opened, "tasks")
    next(one for one in tab.toggle if one.key == "tasks-review").set_value(True).run()
    carry_out(tab)
    assert len(opened.chat_model.received) == 1  # for the plan, and nothing of it was begun
    return opened, tab, opened.runs.list()[0]


def plan_lines(tab):
    return [one for one in tab.text_area if (one.key or "").startswith("plan-")]


def test_a_plan_is_changed_before_it_runs(planned):
    opened, tab, run = planned
    assert "Carry out this plan?" in shown(tab)
    assert [one.value for one in plan_lines(tab)] == ["Find the days of annual leave"]
    button(tab, "plan-close-0").click().run()
    button(tab, "agree").click().run()
    assert opened.runs.get(run.id).status == "needs_approval"  # no step at all is no plan
    assert tab.error
    for _ in range(3):
        button(tab, "plan-add").click().run()
    button(tab, "plan-close-2").click().run()
    first, second = plan_lines(tab)
    first.set_value("Find the days of annual leave").run()
    second.set_value("Find when unused days expire").run()
    button(tab, "plan-arrow_upward-3").click().run()
    assert button(tab, "plan-arrow_upward-3").disabled
    assert [one.value for one in plan_lines(tab)] == ["Find when unused days expire", "Find the days of annual leave"]
    button(tab, "agree").click().run()
    settled(tab)
    goals = [(step.id, step.goal) for step in opened.runs.plan(run.id)]
    assert goals == [(2, "Find when unused days expire"), (1, "Find the days of annual leave")]
    assert opened.runs.get(run.id).status != "needs_approval"


def test_a_task_whose_plan_is_not_wanted_is_gone(planned):
    opened, tab, _ = planned
    button(tab, "discard").click().run()
    assert opened.runs.list() == []
    assert tab.title[0].value == "Have a task carried out"


@pytest.mark.parametrize(("effort", "one", "two"), [("quick", 3, 4), ("normal", 19, 30)])
def test_what_an_effort_may_cost_is_said_before_the_start(filled, visit, effort, one, two):
    tab = visit(filled(), "tasks")
    next(box for box in tab.selectbox if box.key == "tasks-effort").select(effort).run()
    assert f"At most {one} questions to the model where one thing is asked, {two} where two are." in shown(tab)


def test_a_task_is_let_come_again_listed_paused_and_removed(filled, visit):
    opened = filled(*REPLIES)
    tab = carry_out(visit(opened, "tasks"))
    days = next(box for box in tab.selectbox if box.key == "repeat-day")
    assert days.options[0] == "Every day"
    assert days.value == -1
    days.select(0).run()
    button(tab, "repeat-add").click().run()
    [made] = opened.schedules.list()
    assert (made.task, made.weekday, made.clock, made.effort) == (TASK, 0, "09:00", "thorough")
    assert made.scope.kbs == ("default",)
    assert "Every Monday 09:00 · next " in shown(tab)
    next(one for one in tab.toggle if one.key == f"schedule-on-{made.id}").set_value(False).run()
    assert opened.schedules.list()[0].paused
    assert "Every Monday 09:00 · paused" in shown(tab)
    button(tab, f"schedule-gone-{made.id}").click().run()
    assert opened.schedules.list() == []
    assert len(opened.runs.list()) == 1


def test_a_task_is_scheduled_before_it_was_ever_carried_out(filled, visit):
    opened = filled()
    tab = visit(opened, "tasks")
    button(tab, "repeat-add").click().run()
    assert tab.error, "no task at all"
    next(one for one in tab.text_area if one.key == "repeat-task").set_value(TASK).run()
    next(box for box in tab.selectbox if box.key == "tasks-effort").select("quick").run()
    button(tab, "repeat-add").click().run()
    [made] = opened.schedules.list()
    assert (made.task, made.weekday, made.clock, made.effort, made.scope.kbs) == (
        TASK,
        None,
        "09:00",
        "quick",
        ("default",),
    )
    assert "Every day 09:00 · next " in shown(tab)
    assert opened.runs.list() == []


def test_a_file_that_a_task_made_is_opened_and_brought(writing_files, visit):
    opened, folder = writing_files
    tab = carry_out(visit(opened, "tasks"), f"{TASK} and write it into leave.md")
    assert "leave.md" in shown(tab)
    button(tab, "file-open-0").click().run()
    assert "# Ten days" in "".join(one.value for one in tab.code)
    (folder / "leave.md").unlink()
    button(tab, "file-open-0").click().run()
    assert "no 'leave.md'" in shown(tab)


@pytest.fixture
def writing_files(tmp_path, handbook):
    """A platform whose tasks may write into a folder without asking."""
    from agents import open_platform
    from agents.llm.scripted import ScriptedChat
    from ingest.settings import Settings

    (tmp_path / "out").mkdir()
    written = call("write_file", path="leave.md", text="# Ten days")
    replies = ("1. Write leave.md", written, call("step_done", finding="written"), "Written.")
    settings = Settings(embedder="hashing", effort="thorough", tools_folder=str(tmp_path / "out"), tool_write="allow")
    opened = open_platform(home=tmp_path / "home", model=ScriptedChat(replies=list(replies)), settings=settings)
    opened.library.add([handbook])
    yield opened, tmp_path / "out"
    opened.close()
