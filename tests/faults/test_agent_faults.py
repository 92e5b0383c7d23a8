"""Whatever a model says, a run ends as one of six things, and says which: the agent loop never ends silently."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk

from agents import Budget, Policy, Status
from agents.llm.errors import PromptTooLong
from agents.llm.scripted import ScriptedChat
from agents.tools.adapting import adapt
from ingest.errors import ModelError, UsageError
from ingest.language import Text
from tests.agents.tasks import stage as s
from tests.benchmarks.faulty_model import FaultyChat
from tests.faults import agent_scripts as scripts

PLAN, ONE, TASK, FOUND = s.PLAN, s.ONE, s.TASK, s.FOUND
RESULT = "Employees are entitled to 15 days of paid annual leave after one year of service [1]."
ENDS = (s.search(), s.done(), RESULT)


@pytest.fixture
def stage(tmp_path: Path):
    made = s.Stage(tmp_path)
    yield made
    made.store.close()


# -- the scripts that other loops are put through as well ---------------------------------------------------------


def role_of(messages: Any, names: Any) -> tuple[str, str]:
    asked = str(messages[1].content)
    if s.PLANNING in asked:
        return "structure", "1. the code in row 2, column 3"
    if s.MENDING in asked:
        return "mend", "Nothing can be done."
    if s.WRITING not in asked:
        return "act", ""
    seen = " ".join(str(message.content) for message in messages)
    return "write", f"The code is {scripts.ANSWER} [1]." if scripts.ANSWER in seen else "The code is not known."


@pytest.mark.parametrize("script", scripts.SCRIPTS, ids=lambda script: script.name)
def test_a_fault_that_other_loops_are_put_through(stage, script) -> None:
    model = FaultyChat(
        script=script, role_of=role_of, finish=lambda words: {"calls": [["step_done", {"finding": words}]]}
    )
    result, _ = stage.ended(model=model, tools=[adapt(tool) for tool in scripts.TOOLS], task=scripts.TASK)
    assert result.status in get_args(Status)
    assert (result.status == "done") is script.recovers
    assert (result.status == "done") is (scripts.ANSWER in result.text and result.status == "done")
    if result.status != "done":
        assert result.reason
    assert model.asked <= 45


# -- what each fault comes to, and what is told about it -----------------------------------------------------------

FENCED = '```json\n{"name": "search_documents", "arguments": {"query": "leave"}}\n```'
MENDED = {
    "a call in a fence": FENCED,
    "a call among words": 'I look it up: {"name": "search_documents", "arguments": {"query": "leave"}}. Then I go on.',
    "keys of another family": '{"tool": "search_documents", "args": {"query": "leave"}}',
    "an action and its input": '{"action": "search_documents", "action_input": {"query": "leave"}}',
    "arguments beside the name": '{"name": "search_documents", "query": "leave"}',
    "a function in a function": '{"function": {"name": "search_documents", "arguments": "{\\"query\\": \\"leave\\"}"}}',
    "a list of calls": '{"tool_calls": [{"name": "search_documents", "arguments": {"query": "leave"}}]}',
    "the name as the only key": '{"search_documents": {"query": "leave"}}',
    "arguments and no name": '{"query": "leave"}',
    "quotes of Python": "{'name': 'search_documents', 'arguments': {'query': 'leave'}}",
    "a comma too many": '{"name": "search_documents", "arguments": {"query": "leave",},}',
    "typographic quotes": "{“name”: “search_documents”, “arguments”: {“query”: “leave”}}",
    "tags of a family": '<tool_call>{"name": "search_documents", "arguments": {"query": "leave"}}</tool_call>',
    "a name in other letters": s.call("Search-Documents", query="leave"),
    "a name with a prefix": s.call("functions.search_documents", query="leave"),
    "arguments as text": AIMessage(
        content='{"name": "search_documents", "arguments": "{\\"query\\": \\"leave\\"}"}',
    ),
}


@pytest.mark.parametrize("reply", MENDED.values(), ids=MENDED)
def test_what_is_unambiguous_is_mended_and_said(stage, reply) -> None:
    result, events = stage.ended(ONE, reply, s.done(), RESULT)
    assert result.status == "done"
    assert [record.call.arguments for record in result.steps] == [{"query": "leave"}]
    assert s.noted(events, "repaired")
    assert not s.noted(events, "asked_again")


ASKED_AGAIN = {
    "an empty reply": ("", "empty"),
    "blanks": (" \n ", "empty"),
    "a thought and nothing else": ("<think>Let me see.</think>", "thought"),
    "an endless thought": ("<think>" + "hm, " * 20_000, "thought"),
    "prose before anything was looked up": ("I will look it up.", "called nothing"),
    "an unknown tool": (s.call("serch_docs", query="leave"), "nearest"),
    "an unknown tool like none": (s.call("zzz"), "There is no tool"),
    "a missing argument": (s.call("search_documents"), "query"),
    "an argument of the wrong kind": (s.call("add", a="three", b=4), "add"),
    "an argument nobody knows": (s.call("add", a=1, b=2, c=3), "c"),
    "half a call": ('{"name": "search_documents", "arguments": {"que', "can't be read"),
    "JSON that names no tool": ('{"mood": "good"}', "can't be read"),
    "a list of numbers": ("[1, 2, 3]", "can't be read"),
    "step_done without a finding": (s.call("step_done"), "finding"),
    "a change of plan without a change": (s.call("change_plan", reason="better"), "change_plan"),
}


@pytest.mark.parametrize(("reply", "told"), ASKED_AGAIN.values(), ids=ASKED_AGAIN)
def test_the_model_is_told_what_was_wrong_and_asked_again(stage, reply, told) -> None:
    result, events = stage.ended(ONE, reply, *ENDS, kind="able", task="How many days of annual leave?")
    assert result.status == "done"
    (problem,) = s.noted(events, "asked_again")
    assert told in problem
    again = stage.model.received[2]
    assert problem in str(again[-1].content)


@pytest.mark.parametrize(("reply", "told"), ASKED_AGAIN.values(), ids=ASKED_AGAIN)
def test_it_is_asked_again_twice_and_no_more(stage, reply, told) -> None:
    result, events = stage.ended(ONE, reply, reply, reply, "Nothing can be done.", kind="able", task="How many days?")
    assert result.status == "gave_up"
    assert "could not be used" in result.reason
    assert result.text
    assert len(s.noted(events, "asked_again")) == 2


def test_a_reply_of_garbage_for_a_plan_leaves_the_task_as_the_plan(stage) -> None:
    result, events = stage.ended("No plan.", "{]", *ENDS)
    assert result.status == "done"
    assert [step.goal for step in result.plan] == [TASK]
    assert s.noted(events, "asked_again")


@pytest.mark.parametrize(
    "plan",
    [
        s.call("change_plan", add=["days of annual leave"]),
        '```json\n{"name": "change_plan", "arguments": {"add": ["days of annual leave"]}}\n```',
        "1. days of annual leave",
        "- **days of annual leave**",
        'First {"a": 1} and then\n1. days of annual leave',
    ],
)
def test_a_plan_is_read_in_any_common_form(stage, plan) -> None:
    result, _ = stage.ended(plan, *ENDS)
    assert [step.goal for step in result.plan] == ["days of annual leave"]
    assert result.status == "done"


def test_a_tool_that_raises_is_an_observation(stage) -> None:
    result, _ = stage.ended(ONE, s.call("broken", what="luck"), *ENDS)
    assert result.status == "done"
    assert "RuntimeError: no luck" in result.steps[0].observation.error
    assert "no luck" in str(stage.model.received[2][-1].content)


def test_a_tool_that_says_no_is_an_observation(stage) -> None:
    result, _ = stage.ended(ONE, s.call("picky", what="x"), *ENDS)
    assert result.steps[0].observation.error == "not like that"


def test_the_same_call_is_made_twice_and_then_refused_with_what_it_brought(stage) -> None:
    result, events = stage.ended(ONE, s.search(), s.search(), s.search(), s.done(), RESULT)
    assert result.status == "done"
    assert len(result.steps) == 2
    (told,) = s.noted(events, "refused")
    assert "15 days" in told


def test_going_in_a_circle_of_two_is_seen(stage) -> None:
    a, b = s.search("leave"), s.call("add", a=1, b=2)
    result, events = stage.ended(ONE, a, b, a, b, a, b, a, b, "Nothing can be done.", RESULT)
    assert result.status == "gave_up"
    assert len(result.steps) == 4
    assert len(s.noted(events, "refused")) == 4
    assert "15 days" in result.text  # what was found by then, quoted by rule or written


def test_a_call_with_but_a_counter_changing_ends_within_four(stage) -> None:
    polls = [s.call("picky", what=f"job {n}") for n in range(1, 9)]
    result, events = stage.ended(ONE, *polls, "Nothing can be done.", RESULT)
    assert len(result.steps) == 3
    assert all("not like that" in told for told in s.noted(events, "refused"))
    sums = [s.call("add", a=n, b=2) for n in range(1, 6)]  # each brings something else
    result, events = stage.ended(ONE, *sums, s.done(), RESULT)
    assert len(result.steps) == 5
    assert not s.noted(events, "refused")


@pytest.mark.parametrize(("told", "times"), [("Open a ticket.", 1), ("Ticket of what is broken.", 2)])
def test_what_only_counts_up_is_the_same_done_again(stage, told, times) -> None:
    """At once where the tool seems to act."""
    opened: list[str] = []

    def ticket(what: str) -> str:
        opened.append(what)
        return f"Ticket {500 + len(opened)} is open."

    ticket.__doc__ = told
    calls = [s.call("ticket", what="the pump leaks")] * 4
    stage.ended(ONE, *calls, s.done(), RESULT, tools=[*stage.tools, adapt(ticket)])
    assert len(opened) == times


def test_a_step_that_fails_is_replaced(stage) -> None:
    change = s.call("change_plan", reason="elsewhere", add=["look in the handbook"])
    result, events = stage.ended(ONE, s.call("give_up", reason="not here"), change, *ENDS)
    assert result.status == "done"
    assert [(step.goal, step.state) for step in result.plan] == [
        ("days of annual leave", "dropped"),
        ("look in the handbook", "done"),
    ]
    (revised,) = [event for event in events if type(event).__name__ == "Revised"]
    assert (revised.change, revised.reason) == ("add", "elsewhere")


def test_a_plan_is_not_mended_for_ever(stage) -> None:
    def change(messages: Any) -> Any:
        change.made += 1
        return s.call("change_plan", reason="again", add=[f"try {change.made}"])

    change.made = 0

    def reply(messages: Any) -> Any:
        asked = str(messages[1].content)
        if s.PLANNING in asked:
            return ONE
        return change(messages) if s.MENDING in asked else s.call("give_up", reason="no")

    result, _ = stage.ended(reply, model=ScriptedChat(replies=[reply], repeat=True))
    assert result.status == "gave_up"
    assert len(result.plan) <= 8


@pytest.mark.parametrize(
    "change",
    [
        s.call("change_plan", reason="x", drop=[99]),
        s.call("change_plan", reason="x", order="backwards"),
        s.call("change_plan", add="none"),
        "I don't know.",
        "",
    ],
)
def test_a_revision_that_makes_no_sense_changes_nothing(stage, change) -> None:
    result, events = stage.ended(ONE, s.call("give_up", reason="not here"), change)
    assert result.status == "gave_up"
    assert result.reason == "not here"
    assert "Revised" not in s.named(events)


def test_the_plan_is_changed_in_the_middle_of_a_step(stage) -> None:
    three = "1. apples\n2. pears\n3. plums"
    change = s.call("change_plan", reason="simpler", add=["cherries"], drop=[2], order=[3, 4])
    result, events = stage.ended(
        three,
        change,
        s.done("a"),
        s.done("b"),
        s.done("c"),
        RESULT,
        kind="able",
        task="Look for apples, pears and plums.",
    )
    assert [step.id for step in result.plan if step.state == "done"] == [1, 3, 4]
    assert [event.change for event in events if type(event).__name__ == "Revised"] == ["add", "drop", "reorder"]


def test_a_budget_of_steps(stage) -> None:
    result, _ = stage.ended(PLAN, s.search(), s.done(), budget=Budget(steps=1))
    assert (result.status, result.limit) == ("limit", "steps")
    assert "15 days" in result.text
    assert result.citations[0].verified


def test_a_budget_of_calls(stage) -> None:
    result, _ = stage.ended(ONE, s.search(), s.search("more"), budget=Budget(calls=1))
    assert (result.status, result.limit) == ("limit", "calls")
    assert len(result.steps) == 1
    assert "15 days" in result.text


def test_after_the_last_call_a_run_may_still_conclude(stage) -> None:
    result, _ = stage.ended(ONE, *ENDS, budget=Budget(calls=1))
    assert result.status == "done"


def test_a_budget_of_tokens(stage) -> None:
    result, _ = stage.ended(ONE, s.search(), s.done(), RESULT, budget=Budget(tokens=500))
    assert (result.status, result.limit) == ("limit", "tokens")


def test_a_budget_of_seconds_stops_a_model_that_takes_its_time(stage) -> None:
    model = ScriptedChat(replies=[ONE, "word " * 500], token_seconds=0.02)
    result, _ = stage.ended(model=model, budget=Budget(seconds=1.0))
    assert (result.status, result.limit) == ("limit", "seconds")


def test_a_budget_of_seconds_stops_a_tool_that_takes_its_time(stage) -> None:
    result, _ = stage.ended(ONE, s.call("slow"), s.done(), budget=Budget(seconds=0.6))
    assert (result.status, result.limit) == ("limit", "seconds")
    assert "slow" in result.steps[0].observation.error


def test_no_model_is_asked_beyond_a_budget(stage) -> None:
    result, _ = stage.ended(PLAN, s.search(), s.done(), s.done("20"), RESULT)
    used = result.usage.prompt_tokens + result.usage.completion_tokens
    for tokens in range(100, used, used // 7):
        result, _ = stage.ended(PLAN, s.search(), s.done(), s.done("20"), RESULT, budget=Budget(tokens=tokens))
        assert (result.status, result.limit) in (("limit", "tokens"), ("done", ""))  # the last question may cross it
        before = result.usage.prompt_tokens + result.usage.completion_tokens
        assert before - last(stage) < tokens <= before


def last(stage) -> int:
    """Tokens of the last question alone."""
    trace = Path(stage.runs.trace(stage.runs.list()[0].id)).read_text("utf-8").splitlines()
    (asked,) = [line for line in map(json.loads, trace) if line.get("line") == "asked"][-1:]
    return asked["tokens"]["prompt"] + asked["tokens"]["completion"]


def test_a_model_that_fails_twice_is_asked_a_third_time(stage) -> None:
    result, events = stage.ended(ONE, ConnectionError("reset"), ConnectionError("reset"), *ENDS)
    assert result.status == "done"
    assert len(s.noted(events, "retried")) == 2


def test_a_model_that_keeps_failing_leaves_what_was_found(stage) -> None:
    trouble = ModelError(Text(en="The server is gone.", zh="服务器不在了。"))
    result, _ = stage.ended(PLAN, s.search(), s.done(), trouble, trouble, trouble)
    assert result.status == "error"
    assert "The server is gone." in result.reason
    assert "15 days" in result.text
    assert result.citations[0].verified


def test_a_script_that_is_too_short_is_an_error_not_a_crash(stage) -> None:
    result, _ = stage.ended(ONE)
    assert result.status == "error"
    assert "ScriptExhausted" in result.reason


def test_a_model_that_is_missing_is_an_error(stage) -> None:
    agent = stage.agent()
    agent._skills = lambda effort: (_ for _ in ()).throw(ModelError(Text(en="No such file.", zh="没有文件。")))
    assert (agent.run(TASK).status, agent.run(TASK).reason) == ("error", "No such file.")


def test_a_prompt_that_is_too_long_is_made_shorter(stage) -> None:
    result, events = stage.ended(ONE, PromptTooLong(9000, 8000), *ENDS)
    assert result.status == "done"
    assert s.noted(events, "dropped")


def test_a_prompt_that_is_always_too_long_is_an_error(stage) -> None:
    result, _ = stage.ended(ONE, *[PromptTooLong(9000, 8000)] * 3)
    assert result.status == "error"
    assert "9000" in result.reason


def test_a_result_in_the_wrong_language_is_asked_for_again(stage) -> None:
    result, events = stage.ended(ONE, s.search(), s.done(), "员工每年享有15天带薪年假[2]。", RESULT)
    assert result.text == RESULT
    assert s.noted(events, "asked_again")


def test_an_empty_result_leaves_the_findings(stage) -> None:
    result, events = stage.ended(ONE, s.search(), s.done(), "", "")
    assert result.status == "done"
    assert "15 days" in result.text
    assert s.noted(events, "repaired")


@pytest.mark.parametrize(
    "wrapped",
    [f'{{"result": "{RESULT}"}}', f"```\n{RESULT}\n```", f'{{"name": "x", "arguments": {{"text": "{RESULT}"}}}}'],
)
def test_a_result_in_a_wrapping_is_unwrapped(stage, wrapped) -> None:
    result, _ = stage.ended(ONE, s.search(), s.done(), wrapped)
    assert result.text == RESULT


def test_a_finding_as_plain_text_counts_once_something_was_looked_up(stage) -> None:
    result, events = stage.ended(ONE, s.search(), FOUND, RESULT)
    assert result.plan[0].finding == FOUND
    assert s.noted(events, "repaired")


def test_a_call_that_is_not_allowed_is_not_made(stage) -> None:
    result, _ = stage.ended(ONE, s.call("send", text="x"), *ENDS, policy=Policy(write="deny"))
    assert result.status == "done"
    assert stage.sent == []
    assert "not allowed" in result.steps[0].observation.error


def test_a_model_that_insists_on_what_is_not_allowed_gives_up(stage) -> None:
    insist = [s.call("send", text=f"x{n}") for n in range(5)]
    result, _ = stage.ended(ONE, *insist[:4], "Nothing can be done.", policy=Policy(write="deny"))
    assert result.status == "gave_up"
    assert stage.sent == []


def test_calls_and_a_finding_at_once_are_calls(stage) -> None:
    both = s.calls(("search_documents", {"query": "leave"}), ("step_done", {"finding": "42 days"}))
    result, _ = stage.ended(ONE, both, s.done(), RESULT)
    assert result.plan[0].finding == FOUND


def test_a_good_call_beside_an_unknown_one_is_made_and_the_other_told(stage) -> None:
    both = s.calls(("search_documents", {"query": "leave"}), ("sum_up", {}))
    result, events = stage.ended(ONE, both, s.done(), RESULT)
    assert len(result.steps) == 1
    assert "sum_up" in s.noted(events, "asked_again")[0]


def test_a_model_without_tools_is_told_about_them_in_words(stage) -> None:
    class Plain(ScriptedChat):
        def bind_tools(self, tools: Any, **kwargs: Any) -> Any:
            raise NotImplementedError

    result, _ = stage.ended(
        model=Plain(replies=[ONE, FENCED, '{"name": "step_done", "arguments": {"finding": "15 days"}}', RESULT])
    )
    assert result.status == "done"
    assert "search_documents" in str(stage.model.received[1][0].content)


def test_a_stream_that_breaks_off_in_the_middle_is_tried_again(stage) -> None:
    class Breaking(ScriptedChat):
        broken: bool = False

        def _stream(self, *arguments: Any, **options: Any) -> Any:
            for number, chunk in enumerate(super()._stream(*arguments, **options)):
                if number == 3 and len(self.received) == 4 and not self.broken:
                    self.broken = True
                    self.received.pop()
                    raise ConnectionError("cut off")
                yield chunk

    result, events = stage.ended(model=Breaking(replies=[ONE, *ENDS]))
    assert result.status == "done"
    assert result.text == RESULT
    assert s.noted(events, "retried")


def test_content_in_parts_is_read(stage) -> None:
    class Parts(ScriptedChat):
        def _stream(self, messages: Any, **options: Any) -> Any:
            text = str(self._next(messages, None, options).content)
            yield ChatGenerationChunk(message=AIMessageChunk(content=[{"type": "text", "text": text}]))

    model = Parts(replies=[ONE, FENCED, '{"name": "step_done", "arguments": {"finding": "15 days"}}', RESULT])
    result, _ = stage.ended(model=model)
    assert result.text == RESULT


@pytest.mark.parametrize("task", ["", "  \n", "x" * 10_001])
def test_a_task_that_is_none_is_refused(stage, task) -> None:
    with pytest.raises(UsageError):
        stage.agent().run(task)
    assert stage.runs.list() == []


# -- anything at all ------------------------------------------------------------------------------------------------

TOOLS = st.sampled_from(
    ["search_documents", "add", "broken", "send", "step_done", "give_up", "change_plan", "nope", ""]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["query", "a", "b", "finding", "reason", "x", "name", "arguments", "steps", "changes", "change", "step"]), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
CALL = st.builds(lambda name, arguments: s.call(name, **arguments), TOOLS, st.dictionaries(st.sampled_from(["query", "a", "b", "finding", "reason", "text"]), JSON, max_size=3))  # fmt: skip
WORDS = st.one_of(
    st.text(max_size=80),
    JSON.map(lambda value: __import__("json").dumps(value)),
    JSON.map(lambda value: f"<think>{value}"),
    st.sampled_from(['{"steps": [', "```json", "<tool_call>", "{" * 50, "[" * 500, "\0", "\ud800", "1. a\n2. b"]),
)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(replies=st.lists(st.one_of(CALL, WORDS, st.just(TypeError("no"))), max_size=12), able=st.booleans())
def test_garbage_always_ends_in_a_result(tmp_path_factory, replies, able) -> None:
    stage = s.Stage(tmp_path_factory.mktemp("garbage"))
    try:
        result, _ = stage.ended(*replies, kind="able" if able else "plain", budget=Budget(calls=6, seconds=20))
        assert result.status in get_args(Status)
        assert stage.sent == []  # nothing above reading happens without leave, whatever is said
    finally:
        stage.store.close()
