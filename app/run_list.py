"""Earlier tasks in the sidebar, and what can be done with the one at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from agents.tasks.export import as_markdown
from app.markup import plain, shorten
from app.state import choose_kb, platform, spoken, trouble_shown
from app.uploads import safe_name
from ingest.language import say

if TYPE_CHECKING:
    from agents.tasks.store import Run
    from agents.tasks.view import RunView

LISTED = 40
"""Runs in the sidebar, the latest first; older ones are behind a button."""
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
    run_id = st.session_state.get("run")
    if run_id is None:
        return None
    found = next((run for run in platform().runs.list() if run.id == run_id), None)
    if found is None:
        st.session_state.pop("run", None)
    return found


def draw_sidebar() -> None:
    """New task, and the earlier ones."""
    with st.sidebar:
        st.button(
            say(en="New task", zh="新任务"),
            on_click=select,
            args=(None,),
            icon=":material/add_task:",
            width="stretch",
            key="new-task",
        )
        runs = platform().runs.list()
        everything = st.session_state.get("all-runs", False)
        if runs:
            st.caption(say(en="Earlier", zh="历史任务"))
        with st.container(key="zk-talks-runs", gap=None):
            for run in runs if everything else runs[:LISTED]:
                st.button(
                    plain(shorten(run.task, 60)),
                    key=f"run-{run.id}",
                    on_click=select,
                    args=(run.id, run.kb),
                    icon=ICONS[run.status],
                    type="secondary" if run.id == st.session_state.get("run") else "tertiary",
                    width="stretch",
                )
        if len(runs) > LISTED and not everything:
            st.button(
                say(en=f"Show all {len(runs)}", zh=f"显示全部 {len(runs)} 个"),
                on_click=lambda: st.session_state.update({"all-runs": True}),
                type="tertiary",
            )


def draw_menu(run: Run, view: RunView) -> None:
    """Export, talk about, delete the run at hand."""
    with st.popover("", icon=":material/more_horiz:", help=say(en="This task", zh="当前任务"), key="run-menu"):
        if view.result is not None:
            result = view.result
            st.download_button(
                say(en="Export Markdown", zh="导出 Markdown"),
                lambda: as_markdown(result, view),
                file_name=f"{safe_name(shorten(run.task, 60))}.md",
                mime="text/markdown",
                icon=":material/download:",
                on_click="ignore",
                key="export-run",
                type="tertiary",
            )
        st.button(
            say(en="Delete…", zh="删除…"),
            icon=":material/delete:",
            key="delete-run",
            type="tertiary",
            on_click=_ask_to_delete,
            args=(run.id,),
        )
    if st.session_state.pop("delete-run-asked", None) == run.id:
        st.dialog(say(en="Delete task", zh="删除任务"), width="small")(_confirm)(run.id, run.task)


def select(run_id: str | None, kb: str | None = None) -> None:
    """Go to a run, and to the knowledge base it was about; None begins a new one."""
    st.session_state.pop("task-failed", None)
    if run_id is None:
        st.session_state.pop("run", None)
    else:
        st.session_state["run"] = run_id
    if kb is not None:
        choose_kb(kb)


def _ask_to_delete(run_id: str) -> None:
    st.session_state["delete-run-asked"] = run_id


@spoken
def _confirm(run_id: str, task: str) -> None:
    st.markdown(
        say(
            en=f"Delete **{plain(shorten(task, 80))}**? This cannot be undone.",
            zh=f"删除 **{plain(shorten(task, 80))}**？此操作无法撤销。",
        )
    )
    with st.container(horizontal=True):
        yes = st.button(
            say(en="Delete", zh="删除"), type="primary", key="delete-run-yes", on_click=_delete, args=(run_id,)
        )
        if st.button(say(en="Cancel", zh="取消"), key="delete-run-no") or yes:
            st.rerun()


@spoken
def _delete(run_id: str) -> None:
    with trouble_shown():
        platform().runs.remove(run_id)
        select(None)
