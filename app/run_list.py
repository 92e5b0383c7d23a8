"""Earlier tasks in the sidebar, and what can be done with the one at hand."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from agents import Run, RunView, as_markdown
from app.earlier import Earlier, Entry
from app.state import platform
from ingest import Text, say

RUNS = Earlier("run", chosen="run", failed="task-failed")
EFFORTS: dict[Literal["quick", "normal", "thorough"], Text] = {
    "quick": Text("Quick", "快速"),
    "normal": Text("Normal", "一般"),
    "thorough": Text("Thorough", "深入"),
}
ICONS = {
    "done": ":material/check_circle:",
    "gave_up": ":material/help:",
    "limit": ":material/hourglass_disabled:",
    "cancelled": ":material/stop_circle:",
    "needs_approval": ":material/front_hand:",
    "error": ":material/error:",
    "running": ":material/progress_activity:",
    "interrupted": ":material/power_off:",
}


def current() -> Run | None:
    """The run that is looked at, None for a new task; one that was removed elsewhere is forgotten."""
    if RUNS.current is None:
        return None
    found = next((run for run in platform().runs.list() if run.id == RUNS.current), None)
    if found is None:
        st.session_state.pop(RUNS.chosen, None)
    return found


def draw_sidebar() -> None:
    """New task, and the earlier ones."""
    RUNS.draw_sidebar(
        [Entry(run.id, run.task, run.kb, run.created, ICONS[run.status]) for run in platform().runs.list()],
        begin=say("New task", "新任务"),
        icon=":material/add_task:",
        key="new-task",
    )


def draw_menu(run: Run, view: RunView) -> None:
    """Export, delete the run at hand."""
    result = view.result
    with st.popover(say("This task", "当前任务"), icon=":material/more_horiz:", key="run-menu"):
        if result is not None:
            RUNS.draw_export(run.task, lambda: as_markdown(result, view))
        RUNS.draw_delete(say("Delete task", "删除任务"), run.task, lambda: platform().runs.remove(run.id))
