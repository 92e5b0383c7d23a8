"""Runs that are looked back at, approved, branched and removed, also by another process."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from agents import BadArguments, MaxMessageTermination, Member, Policy, RoundRobin, ToolContext, tool
from agents.llm.asking import Asker
from agents.llm.scripted import ScriptedChat
from agents.tasks.proving import checked, sources_of
from agents.tasks.store import Store
from agents.tasks.team.team import Team
from ingest.errors import UsageError
from tests.agents.tasks import stage as s

RESULT = "Employees are entitled to 15 days of paid annual leave after one year of service."
SENDS = (s.ONE, s.search(), s.call("send", text="hello"), s.done(), RESULT)


class TestApproval:
    def test_a_call_that_writes_waits(self, stage) -> None:
        result, events = stage.ended(*SENDS[:3])
        assert result.status == "needs_approval"
        assert stage.sent == []
        (call,) = result.pending
        assert (call.tool, call.arguments, call.risk) == ("send", {"text": "hello"}, "write")
        assert [e.call for e in events if type(e).__name__ == "ApprovalWanted"] == [call]
        assert "send" in result.reason

    def test_approved_it_is_carried_out_by_a_new_process(self, stage) -> None:
        result, _ = stage.ended(*SENDS[:3])
        later = s.Stage(stage.home)
        agent = later.agent(*SENDS[3:])
        assert later.runs.pending(result.run_id) == result.pending
        agent.approve(result.run_id, result.pending[0].id)
        resumed = agent.resume(result.run_id)
        assert resumed.status == "done"
        assert later.sent == ["hello"]
        assert resumed.steps[-1].approved == "user"
        assert [r.call.tool for r in resumed.steps] == ["search_documents", "send"]

    def test_resumed_without_a_word_it_still_waits(self, stage) -> None:
        result, _ = stage.ended(*SENDS[:3])
        again = stage.agent().resume(result.run_id)
        assert (again.status, again.pending) == ("needs_approval", result.pending)
        assert stage.sent == []

    def test_edited_another_call_is_made(self, stage) -> None:
        result, _ = stage.ended(*SENDS[:3])
        agent = stage.agent(*SENDS[3:])
        call = agent.approve(result.run_id, result.pending[0].id, {"text": "goodbye"})
        assert call.arguments == {"text": "goodbye"}
        resumed = agent.resume(result.run_id)
        assert stage.sent == ["goodbye"]
        assert resumed.steps[-1].call.arguments == {"text": "goodbye"}
        assert resumed.steps[-1].call.key != result.pending[0].key

    def test_an_edit_that_does_not_fit_is_refused(self, stage) -> None:
        result, _ = stage.ended(*SENDS[:3])
        with pytest.raises(BadArguments):
            stage.agent().approve(result.run_id, result.pending[0].id, {"txt": ["a"], "other": 1})

    def test_rejected_the_model_is_told_why(self, stage) -> None:
        result, _ = stage.ended(*SENDS[:3])
        agent = stage.agent(*SENDS[3:])
        agent.reject(result.run_id, result.pending[0].id, "not on a Sunday")
        resumed = agent.resume(result.run_id)
        assert resumed.status == "done"
        assert stage.sent == []
        assert "not on a Sunday" in str(stage.model.received[0][-1].content)

    @pytest.mark.parametrize(("rule", "status"), [("ask", "needs_approval"), ("deny", "done")])
    def test_a_call_cut_off_is_made_again_only_as_the_rules_are_by_then(self, stage, rule, status) -> None:
        made = []

        @tool(risk="write", repeatable=True)
        def mark(context: ToolContext) -> str:
            "Make a mark."
            made.append(context.call_id)
            agent.cancel()
            context.cancelled.wait(20)
            return "made"

        tools = [*stage.tools, mark]
        agent = stage.agent(s.ONE, s.search(), s.call("mark"), tools=tools, policy=Policy(write="allow"))
        cut = agent.run(s.TASK)
        assert (cut.status, len(made)) == ("cancelled", 1)
        stricter = stage.agent(s.done(), RESULT, tools=tools, policy=Policy(write=rule))
        assert stricter.resume(cut.run_id).status == status
        assert len(made) == 1

    def test_a_verdict_on_one_call_does_not_count_for_the_next(self, stage) -> None:
        result, _ = stage.ended(*SENDS[:3])
        agent = stage.agent(s.call("send", text="more"))
        agent.approve(result.run_id, result.pending[0].id)
        again = agent.resume(result.run_id)
        assert again.status == "needs_approval"
        assert again.pending[0].arguments == {"text": "more"}
        assert stage.sent == ["hello"]
        with pytest.raises(UsageError):
            agent.approve(result.run_id, result.pending[0].id)

    @pytest.mark.parametrize("call", ["", "call_000000000000"])
    def test_what_nobody_waits_for_can_not_be_approved(self, stage, call) -> None:
        result, _ = stage.ended(s.ONE, s.search(), s.done(), RESULT)
        with pytest.raises(UsageError):
            stage.agent().approve(result.run_id, call)
        with pytest.raises(UsageError):
            stage.agent().reject("no such run", call)

    def test_exceptions_by_name_come_before_the_risk(self, stage) -> None:
        result, _ = stage.ended(*SENDS, policy=Policy(write="deny", tools={"send": "allow"}))
        assert result.status == "done"
        assert stage.sent == ["hello"]
        assert result.steps[-1].approved == "policy"

    def test_several_calls_at_once_wait_one_by_one(self, stage) -> None:
        both = s.calls(("send", {"text": "a"}), ("send", {"text": "b"}))
        agent = stage.agent(s.ONE, both, s.done(), RESULT)
        result = agent.run(s.TASK)
        seen = []
        while result.status == "needs_approval":
            seen.append(result.pending[0].arguments["text"])
            agent.approve(result.run_id, result.pending[0].id)
            result = agent.resume(result.run_id)
        assert (seen, stage.sent) == (["a", "b"], ["a", "b"])
        assert result.status == "done"


class TestExactlyOnce:
    """A reply with three calls of which the third raises: the first two are not made again when the run goes on."""

    class Failing(Store):
        """Its disk is full when the third call is written down."""

        fails = True

        def intend(self, run, key) -> None:
            if self.fails and len(made) == 2:
                raise OSError("disk full")
            super().intend(run, key)

    @pytest.fixture(autouse=True)
    def _nothing_made(self) -> None:
        made.clear()

    @staticmethod
    def tools():
        def make(name, risk):
            def function() -> str:
                "Make something."
                made.append(name)
                return f"made {name}"

            return tool(name=name, risk=risk)(function)

        return [make("one", "read"), make("two", "write"), make("three", "write")]

    THREE = s.calls(("one", {}), ("two", {}), ("three", {}))

    def test_by_an_agent(self, stage) -> None:
        stage.store = self.Failing(stage.home)
        options = {"tools": self.tools(), "policy": Policy(write="allow")}
        broken, _ = stage.ended(s.ONE, self.THREE, **options)
        assert (broken.status, made) == ("error", ["one", "two"])
        stage.store.fails = False
        resumed = stage.agent(s.done(), RESULT, **options).resume(broken.run_id)
        assert made == ["one", "two", "three"]
        assert [r.call.tool for r in resumed.steps] == made

    def test_by_a_member_of_a_team(self, stage) -> None:
        store = self.Failing(stage.home)
        team = team_of(store, Member("ada", "makes", tools=self.tools(), model=ScriptedChat(replies=[self.THREE])))
        broken = team.run("Make three things")
        assert (broken.status, made) == ("error", ["one", "two"])
        store.fails = False
        again = Member("ada", "makes", tools=self.tools(), model=ScriptedChat(replies=["Made all."]))
        resumed = team_of(store, again).resume(broken.run_id)
        assert made == ["one", "two", "three"]
        assert (resumed.text, [r.call.tool for r in resumed.steps]) == ("Made all [1].", made)


made: list[str] = []


def team_of(store, *members):
    def asker(member):
        model = member.model if member else ScriptedChat()
        return Asker(lambda: model, "scripted")

    return Team(
        members, RoundRobin(), MaxMessageTermination(1), asker=asker, reply=512, name="scripted", store=store,
        policy=Policy(write="allow"), budget=s.Budget(), kb="default", proof=lambda state, text, records: checked(
            text, state, sources_of(state, records, None)
        ),
    )  # fmt: skip


class TestEarlierVersions:
    """A file of the version that left where a run stands to LangGraph."""

    @pytest.fixture
    def old(self, stage) -> str:
        import sqlite3

        result, _ = stage.ended(*SENDS[:3])
        stage.store.close()
        with sqlite3.connect(stage.home / "runs" / "runs.sqlite") as db:
            db.execute("drop table state")
            db.execute("drop table schedule")
            db.execute("create table checkpoints (thread_id text)")
            db.execute("create table writes (thread_id text)")
            db.execute("pragma user_version = 1")
        return result.run_id

    def test_its_runs_are_told_again(self, stage, old) -> None:
        later = s.Stage(stage.home)
        assert [run.id for run in later.runs.list()] == [old]
        assert later.runs.result(old).status == "needs_approval"
        assert later.runs.pending(old) == ()

    def test_they_are_not_gone_on_with_and_that_is_said(self, stage, old) -> None:
        agent = s.Stage(stage.home).agent(*SENDS)
        for act in (agent.resume, lambda run: agent.approve(run, "x"), agent.resume_stream):
            with pytest.raises(UsageError, match="earlier version"):
                act(old)
        assert agent.run(s.TASK).status == "needs_approval"  # new ones are, in the same file


class TestTheOtherKind:
    def test_a_teams_run_is_no_agents(self, stage) -> None:
        team = team_of(stage.store, Member("ada", "x", model=ScriptedChat(replies=["Said."])))
        run = team.run("Say it").run_id
        with pytest.raises(UsageError, match="belongs to a team"):
            stage.agent().resume(run)
        result, _ = stage.ended(s.ONE, s.search(), s.done(), RESULT)
        with pytest.raises(UsageError, match="belongs to an agent"):
            team.resume(result.run_id)


class TestCancelTokens:
    def test_one_that_is_set_before_the_first_event(self, stage) -> None:
        stop = threading.Event()
        events = stage.agent(s.ONE).stream(s.TASK, stop)
        stop.set()
        assert next(events).result.status == "cancelled"
        assert stage.model.received == []

    def test_the_token_of_one_run_is_not_the_next_ones(self, stage) -> None:
        stop = threading.Event()
        stop.set()
        agent = stage.agent(s.ONE, s.search(), s.done(), RESULT)
        assert list(agent.stream(s.TASK, stop))[-1].result.status == "cancelled"
        assert agent.run(s.TASK).status == "done"

    def test_a_resumed_run_is_stopped_by_its_own(self, stage) -> None:
        result, _ = stage.ended(s.ONE, s.search(), TypeError("broken"))
        stop = threading.Event()
        events = stage.agent(s.done(), RESULT).resume_stream(result.run_id, stop)
        stop.set()
        assert list(events)[-1].result.status == "cancelled"


class TestRuns:
    def test_they_are_listed_and_told_again(self, stage) -> None:
        result, events = stage.ended(s.ONE, s.search(), s.done(), RESULT)
        (run,) = stage.runs.list()
        assert (run.id, run.task, run.status, run.kb, run.model) == (
            result.run_id,
            s.TASK,
            "done",
            "default",
            "scripted",
        )
        later = s.Stage(stage.home)
        assert list(later.runs.replay(run.id)) == events
        assert later.runs.result(run.id) == result
        assert later.runs.plan(run.id) == result.plan

    def test_one_that_is_done_gives_its_result_again(self, stage) -> None:
        result, _ = stage.ended(s.ONE, s.search(), s.done(), RESULT)
        again = stage.agent().resume(result.run_id)
        assert (again.status, again.text, again.steps) == (result.status, result.text, result.steps)

    def test_one_that_met_a_limit_goes_on_with_a_larger_budget(self, stage) -> None:
        result, _ = stage.ended(s.ONE, s.search(), s.search("more"), budget=s.Budget(calls=1))
        assert result.status == "limit"
        agent = stage.agent(s.done(), RESULT)
        resumed = agent.resume(result.run_id)
        assert (resumed.status, resumed.limit, resumed.text) == ("done", "", f"{RESULT[:-1]} [1].")

    def test_one_whose_model_failed_goes_on(self, stage) -> None:
        result, _ = stage.ended(s.ONE, s.search(), TypeError("broken"))
        assert result.status == "error"
        assert stage.agent(s.done(), RESULT).resume(result.run_id).status == "done"

    def test_a_branch_stands_where_the_step_was_begun(self, stage) -> None:
        script = (s.PLAN, s.call("send", text="x"), s.done("15 days."), s.call("add", a=15, b=5), s.done("20."), RESULT)
        result, _ = stage.ended(*script, policy=Policy(write="allow"))
        branch = stage.runs.branch(result.run_id, 2)
        assert branch != result.run_id
        assert stage.runs.get(branch).parent == result.run_id
        assert stage.runs.get(branch).status == "interrupted"
        other = stage.agent(s.call("add", a=15, b=50), s.done("65."), RESULT).resume(branch)
        assert other.status == "done"
        assert stage.sent == ["x"]  # what was done before the branch is not done again
        assert [r.call.arguments for r in other.steps] == [{"text": "x"}, {"a": 15, "b": 50}]
        assert stage.runs.result(result.run_id) == result

    def test_a_branch_has_the_files_of_the_steps_before_and_no_others(self, stage) -> None:
        @tool
        def note(text: str, context: ToolContext) -> str:
            "Keep a note."
            own = context.folder / "notes" / context.call_id
            own.mkdir(parents=True)
            (own / text).write_text(text, "utf-8")
            return f"kept {text}"

        script = (s.PLAN, s.call("note", text="one"), s.done(), s.call("note", text="two"), s.done("20."), RESULT)
        result, _ = stage.ended(*script, tools=[*stage.tools, note])
        branch = stage.runs.branch(result.run_id, 2)
        kept = [path.name for path in (stage.home / "runs" / branch).rglob("*") if path.is_file()]
        assert kept == ["one"]

    def test_a_branch_from_the_first_step_begins_with_the_plan(self, stage) -> None:
        result, _ = stage.ended(s.ONE, s.search(), s.done(), RESULT)
        branch = stage.runs.branch(result.run_id, 1)
        assert [type(e).__name__ for e in stage.runs.events(branch)] == ["Planned"]

    @pytest.mark.parametrize("step", [0, 3, -1])
    def test_a_branch_from_a_step_that_never_was(self, stage, step) -> None:
        result, _ = stage.ended(s.ONE, s.search(), s.done(), RESULT)
        with pytest.raises(UsageError, match="step"):
            stage.runs.branch(result.run_id, step)

    def test_removed_nothing_is_left(self, stage) -> None:
        result, _ = stage.ended(s.ONE, s.search(), s.done(), RESULT)
        stage.runs.remove(result.run_id)
        assert stage.runs.list() == []
        left = {path.name.split("-")[0] for path in (stage.home / "runs").iterdir()}
        assert left == {"runs.sqlite"}
        with pytest.raises(UsageError):
            stage.runs.events(result.run_id)
        with pytest.raises(UsageError):
            stage.agent().resume(result.run_id)

    def test_two_can_not_work_on_one_run(self, stage) -> None:
        stream = stage.agent(s.ONE, s.search(), s.done(), RESULT).stream(s.TASK)
        next(stream)
        (run,) = stage.runs.list()
        assert run.status == "running"
        with pytest.raises(UsageError, match="under way"):
            stage.agent().resume(run.id)
        with pytest.raises(UsageError, match="under way"):
            s.Stage(stage.home).agent().resume(run.id)
        with pytest.raises(UsageError, match="under way"):
            stage.runs.remove(run.id)
        list(stream)

    def test_a_later_version_is_not_touched(self, stage) -> None:
        stage.ended(s.ONE, s.search(), s.done(), RESULT)
        import sqlite3

        with sqlite3.connect(stage.home / "runs" / "runs.sqlite") as db:
            db.execute("pragma user_version = 99")
        from ingest.errors import NewerLibrary

        with pytest.raises(NewerLibrary):
            Store(stage.home).runs()


def test_importing_the_loop_loads_nothing_heavy() -> None:
    heavy = "['langgraph', 'langchain_core', 'opentelemetry', 'pydantic', 'numpy', 'torch', 'chromadb']"
    code = f"import sys, agents, agents.tasks; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
