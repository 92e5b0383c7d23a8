"""`zhiku runs`: earlier runs listed, told again, branched and removed."""

from __future__ import annotations

import click
from rich.cells import set_cell_size

from agents.cli.opening import opened
from agents.cli.run import ended, lines_of, print_result
from agents.tasks.codec import event_to_json
from agents.tasks.events import Finished
from agents.tasks.store import Run
from ingest.cli.drawing import harmless
from ingest.cli.shell import Common, emit, listing, note, tell
from ingest.language import say
from ingest.pages import local_time, shorten
from ingest.records import to_json


def list_runs(options: Common) -> None:
    """The latest first."""
    with opened(options) as platform:
        runs = platform.runs.list()
    nothing = say('No runs yet. Begin one: zhiku run "…"', "还没有运行记录。开始一个：zhiku run “……”")
    listing(options, {"runs": to_json(runs)}, [_line(run) for run in runs], nothing)


def _line(run: Run) -> str:
    how = set_cell_size(ended(run.status), 20)
    return f"{run.id}  {local_time(run.created)}  {how} {shorten(run.task, 80)}"


def show(options: Common, run_id: str) -> None:
    """What happened in a run, event by event, and its result; no model is asked."""
    with opened(options) as platform:
        events = list(platform.runs.replay(run_id))
        if options.json:
            run = to_json(platform.runs.get(run_id))
            emit({**run, "events": [event_to_json(event) for event in events], "trace": platform.runs.trace(run_id)})
            return
    for event in events:
        for line in lines_of(event):
            click.echo(harmless(line))
        if isinstance(event, Finished):
            print_result(event.result)


def branch(options: Common, run_id: str, step: int) -> None:
    """A new run that goes on from before a step; its id on stdout."""
    with opened(options) as platform:
        new = platform.runs.branch(run_id, step)
    if options.json:
        emit({"run_id": new, "parent": run_id, "step": step})
        return
    click.echo(new)
    note(options, say(f"Carry it on: zhiku run --resume {new}", f"继续运行：zhiku run --resume {new}"))


def remove(options: Common, run_ids: tuple[str, ...]) -> None:
    """Runs, their traces and files."""
    with opened(options) as platform:
        for run_id in run_ids:
            platform.runs.get(run_id)
        for run_id in run_ids:
            platform.runs.remove(run_id)
    tell(options, {"removed": list(run_ids)}, say("Removed.", "已删除。"))
