"""Tasks: begun, followed, approved, gone on with."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Header
from starlette.responses import Response

from agents.access.policy import NotFound
from agents.access.task_views import agent_for
from agents.serve.api.forms import Task, Verdict
from agents.serve.visit import Here, Visit, plain
from agents.serve.waiting import events
from agents.tasks.codec import contract, event_to_json
from agents.tasks.events import Finished, RunEvent
from agents.tasks.store import Run
from ingest.errors import UsageError
from ingest.language import Text

router = APIRouter(prefix="/api", tags=["Tasks"])


@router.post("/tasks", status_code=202)
def start_task(visit: Here, form: Task) -> dict[str, Any]:
    """Begin a task. It goes on whether or not anybody follows its events."""
    kbs = visit.bases(form.kbs)
    agent = agent_for(visit.platform, visit.who, kbs=kbs, where=form.where, effort=form.effort)
    run_id = visit.desk.tasks.start(agent, form.task)
    visit.desk.policy.own(visit.who, "run", run_id)
    return plain(visit.platform.runs.get(run_id))  # type: ignore[no-any-return]


@router.get("/tasks")
def list_tasks(visit: Here) -> list[dict[str, Any]]:
    """Yours, the latest first."""
    runs = visit.platform.runs.list()
    mine = visit.desk.policy.owned(visit.who, "run", [run.id for run in runs])
    return [plain(run) for run in runs if run.id in mine and _readable(visit, run.id)]


@router.get("/tasks/{run}")
def show_task(visit: Here, run: str) -> dict[str, Any]:
    """How it stands: its plan, the calls it waits for, and `result` once it has ended or paused."""
    found = _mine(visit, run)
    runs = visit.platform.runs
    result = runs.result(run)
    return {
        **plain(found),
        "plan": plain(runs.plan(run)),
        "pending": plain(runs.pending(run)),
        "result": None if result is None else {**contract(result), "trace": ""},
    }


@router.get("/tasks/{run}/events", response_model=None)
async def follow_task(
    visit: Here, run: str, last_event_id: Annotated[str, Header(pattern=r"^\d{0,9}$", max_length=9)] = ""
) -> Response:
    """What happens in it as server-sent events, from the beginning or after the one of `Last-Event-ID`, until it ends or
    waits for approval."""
    _mine(visit, run)
    start = int(last_event_id) + 1 if last_event_id else 0

    def work(cancel: threading.Event) -> Iterator[tuple[str, str, Any]]:
        for n, event in visit.desk.tasks.follow(run, cancel, start):
            yield str(n), type(event).__name__, _told(event)

    return await events(visit.request, work)


@router.post("/tasks/{run}/verdicts", status_code=204)
def decide(visit: Here, run: str, form: Verdict) -> None:
    """Approve or refuse the call that it waits for; `resume` then goes on. It takes the right to administer the server,
    whose files and programs such a call may touch."""
    _mine(visit, run)
    visit.require("admin")
    agent = agent_for(visit.platform, visit.who, run_id=run)
    if form.approve:
        agent.approve(run, form.call, form.arguments)
    else:
        agent.reject(run, form.call, form.reason)


@router.post("/tasks/{run}/resume", status_code=202)
def resume_task(visit: Here, run: str) -> dict[str, Any]:
    """Go on with one that was stopped, failed, paused, or met a limit."""
    _mine(visit, run)
    visit.desk.tasks.resume(agent_for(visit.platform, visit.who, run_id=run), run)
    return plain(visit.platform.runs.get(run))  # type: ignore[no-any-return]


@router.post("/tasks/{run}/cancel", status_code=202)
def cancel_task(visit: Here, run: str) -> dict[str, bool]:
    """Stop it; it can be resumed. `stopped` is false when it was not at work."""
    _mine(visit, run)
    return {"stopped": visit.desk.tasks.stop(run)}


@router.delete("/tasks/{run}", status_code=204)
def remove_task(visit: Here, run: str) -> None:
    """Delete everything about it."""
    _mine(visit, run)
    visit.platform.runs.remove(run)


def _mine(visit: Visit, run: str) -> Run:
    """The run, where it is the caller's and on bases they may read. Raises `NotFound`."""
    try:
        found = visit.platform.runs.get(run)
        kbs = visit.platform.runs.scope(run).kbs
    except UsageError:
        kbs = ()
    if not kbs or not visit.desk.policy.owned(visit.who, "run", [run]):
        raise NotFound(
            Text(f"There is no task '{run}'.", f"没有任务 “{run}”。"),
            Text("GET /api/tasks lists yours.", "GET /api/tasks 可列出您的任务。"),
        )
    for kb in kbs:
        visit.require("read", kb)
    return found


def _readable(visit: Visit, run: str) -> bool:
    return all(visit.who.may("read", kb) for kb in visit.platform.runs.scope(run).kbs)


def _told(event: RunEvent) -> dict[str, Any]:
    """An event for a program elsewhere: without the path of a file of this machine's."""
    data = event_to_json(event)
    if isinstance(event, Finished):
        data["result"]["trace"] = ""
    return data
