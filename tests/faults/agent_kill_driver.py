"""Runs of an agent or a team, each killed at another point and resumed, and what came of them.

Started by test_agent_kill.py in a process of its own: it imports everything once and forks for every point. Reads one
JSON list of cases on stdin, writes one JSON line per case. The model is a function of what it is sent, as a model is.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from forks import die, forked

from agents import ApprovalTermination, Budget, Member, Policy, RoundRobin, tool
from agents.llm.asking import Asker
from agents.llm.scripted import ScriptedChat
from agents.tasks.proving import checked, sources_of
from agents.tasks.store import Store
from agents.tasks.team.team import Team
from agents.tools.adapting import adapt
from ingest.records import to_json
from tests.agents.tasks import stage


class Mortal(Store):
    """The real store; dies at the n-th time something named happens."""

    point: tuple[str, int] = ("", 0)
    seen = 0

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        passing = self._pass

        class Traced(type(self._file)):
            @property
            def connection(self) -> Any:
                found = super().connection
                found.set_trace_callback(lambda sql: passing("commit") if sql.startswith("COMMIT") else None)
                return found

        self._file.__class__ = Traced

    def _pass(self, name: str) -> None:
        if self.point[0] == name:
            self.seen += 1
            if self.seen == self.point[1]:
                die()

    def append(self, run: str, n: int, event: Any) -> None:
        self._pass("before event")
        super().append(run, n, event)
        self._pass("after event")

    def intend(self, run: str, key: str) -> None:
        self._pass("before intent")
        super().intend(run, key)
        self._pass("after intent")

    def done(self, key: str, observation: Any) -> None:
        self._pass("before done")
        super().done(key, observation)
        self._pass("after done")

    def save(self, state: Any) -> None:
        self._pass("before save")
        super().save(state)
        self._pass("after save")


def model() -> ScriptedChat:
    def reply(messages: list[Any]) -> Any:
        wanted = str(messages[1].content)
        if stage.PLANNING in wanted:
            return stage.PLAN
        if stage.WRITING in wanted:
            return f"{stage.FOUND} Together with 5 days the sum is 20."
        made = [call["name"] for message in messages for call in getattr(message, "tool_calls", ())]
        if "Step now: 1" in wanted:
            order = [stage.search(), stage.call("send", text="hello"), stage.call("post", text="again"), stage.done()]
        else:
            order = [stage.call("add", a=15, b=5), stage.done("The sum is 20.")]
        return order[min(len(made), len(order) - 1)]

    return ScriptedChat(replies=[reply], repeat=True)


def made_on(home: Path, point: tuple[str, int] = ("", 0)) -> Any:
    it = stage.Stage(home)
    store = Mortal(home)
    store.point = point
    it.store = store
    it.runs._store = store

    @tool(risk="write")
    def send(text: str) -> str:
        "Send a text to somebody."
        record(home, "send", text)
        store._pass("inside send")
        return f"sent {text}"

    def posted(arguments: Any, context: Any) -> str:
        record(home, "post", context.idempotency_key)
        store._pass("inside post")
        return "posted"

    from agents.tools.tool import Tool

    schema = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
    post = Tool("post", "Post a text.", schema, posted, risk="network", repeatable=True)
    it.tools = [it.tools[0], it.tools[1], adapt(send), post]
    return it


def record(home: Path, what: str, text: str) -> None:
    with (home / "done.txt").open("a") as file:
        file.write(f"{what} {text}\n")
        file.flush()
        os.fsync(file.fileno())


def team_of(it: Any, rule: str) -> Any:
    """A clerk who searches, sends and posts (in one breath), a clerk who adds, and one who approves."""

    def said(*order: Any) -> ScriptedChat:
        def reply(messages: list[Any]) -> Any:
            made = sum(len(getattr(message, "tool_calls", ())) for message in messages)
            return order[0] if not made else order[-1]

        return ScriptedChat(replies=[reply], repeat=True)

    three = stage.calls(
        ("search_documents", {"query": "annual leave"}), ("send", {"text": "hello"}), ("post", {"text": "again"})
    )
    members = [
        Member(
            "finder",
            "looks things up, sends hello and posts again",
            tools=it.tools[:1] + it.tools[2:],
            model=said(three, stage.FOUND),
        ),
        Member("adder", "adds", tools=it.tools[1:2], model=said(stage.call("add", a=15, b=5), "15 and 5 make 20.")),
        Member("critic", "checks", model=said(stage.call("approve", message="Good."))),
    ]

    def asker(member: Any) -> Asker:
        found = member.model if member else None
        return Asker(lambda: found, "scripted")

    def proof(state: Any, text: str, records: Any) -> Any:
        return checked(text, state, sources_of(state, records, it.shelf))

    return Team(
        members, RoundRobin(), ApprovalTermination(["critic"]), asker=asker, reply=512, name="scripted", store=it.store,
        policy=Policy(write=rule, network=rule), budget=Budget(), kb="default", proof=proof,
    )  # fmt: skip


def runner_of(it: Any, case: dict[str, Any]) -> Any:
    if case.get("team"):
        return team_of(it, case["rule"])
    return it.agent(model=model(), policy=Policy(write=case["rule"], network=case["rule"]))


def begin(home: Path, point: tuple[str, int], case: dict[str, Any]) -> None:
    it = made_on(home, point)
    finish(it, runner_of(it, case), None)
    it.store.close()


def finish(it: Any, agent: Any, run: str | None) -> Any:
    """To the end, every call approved that is asked about."""
    result = agent.run(stage.TASK) if run is None else agent.resume(run)
    while result.status == "needs_approval":
        agent.approve(result.run_id, result.pending[0].id)
        result = agent.resume(result.run_id)
    return result


def go_on(home: Path, case: dict[str, Any], out: Path) -> None:
    it = made_on(home)
    runs = it.runs.list()
    before = [run.status for run in runs]
    result = finish(it, runner_of(it, case), runs[0].id if runs else None)
    events = [type(event).__name__ for event in it.runs.events(result.run_id)]
    trace = [json.loads(line) for line in Path(result.trace).read_text("utf-8").splitlines() if line.startswith("{")]
    done = (home / "done.txt").read_text().splitlines() if (home / "done.txt").exists() else []
    whole = {
        "before": before,
        "result": scrubbed(to_json(result)),
        "events": events,
        "told": [line.get("event") or line.get("line") for line in trace][-1],
        "sent": sum(line.startswith("send ") for line in done),
        "posted": len({line for line in done if line.startswith("post ")}),
        "runs": len(it.runs.list()),
    }
    out.write_text(json.dumps(whole), "utf-8")


def scrubbed(value: Any) -> Any:
    """Without what differs from run to run: ids, keys, times, and tokens of questions that were asked again."""
    if isinstance(value, dict):
        left = {
            k: scrubbed(v) for k, v in value.items() if k not in ("run_id", "id", "key", "seconds", "trace", "usage")
        }
        if str(left.get("path", "")).startswith("call:"):
            left["path"] = "call:"
        return left
    return [scrubbed(item) for item in value] if isinstance(value, list) else value


def outcome_of(root: Path, case: dict[str, Any]) -> dict[str, Any]:
    home, out = root / "home", root / "outcome.json"
    shutil.rmtree(home, ignore_errors=True)
    out.unlink(missing_ok=True)
    home.mkdir(parents=True)
    killed = forked(lambda: begin(home, tuple(case["point"]), case)) if case.get("point") else None
    status = forked(lambda: go_on(home, case, out))
    return {"killed": killed, "status": status, **(json.loads(out.read_text("utf-8")) if out.exists() else {})}


def main() -> None:
    root = Path(sys.argv[1])
    # One whole run here: what it imports, parses and compiles, no fork has to.
    warm = root / "warm"
    warm.mkdir(parents=True)
    begin(warm, ("", 0), {"rule": "allow"})
    for case in json.load(sys.stdin):
        print(json.dumps(outcome_of(root, case)), flush=True)


if __name__ == "__main__":
    main()
