"""The page where tasks are carried out: the plan fills in, calls are approved, the result comes with its proof."""

from __future__ import annotations

import streamlit as st

from agents import PLAN_CALL, Run, RunView, as_answer, effort_of, view_of
from app import run_list
from app.address import leave
from app.approving import allowed, draw_approval, draw_plan_review
from app.background import TaskWork
from app.buttons import draw_button
from app.caller import may
from app.live import draw_status, looks
from app.markup import plain
from app.model_menu import draw_model_menu
from app.narrowing import draw_scope
from app.passages import text_html
from app.run_drawing import draw_files, draw_plan, draw_result, draw_text, ended
from app.run_list import EFFORTS, RUNS
from app.state import callback, knowledge_base, platform, show, show_trouble, spoken, trouble_shown, work
from app.timed import LONGEST, draw_repeat, draw_schedules
from app.welcome import draw_task_welcome
from ingest import Scope, say

POLL = 0.2
"""Seconds between two looks at a task at work."""
CHAT = "chat_page.py"


@spoken
def draw() -> None:
    """Draw the page."""
    platform()
    RUNS.follow_address({run.id: run.kb for run in platform().runs.list()})
    mine = _work()
    run_list.draw_sidebar()
    run = run_list.current()
    view = view_of(platform().runs.events(run.id)) if run is not None else None
    with st.container(horizontal=True, vertical_alignment="center", key="zk-head"):
        base = knowledge_base("tasks-kb")
        if run is None:
            st.session_state["scope"] = draw_scope(base, "tasks")
        draw_model_menu("tasks-model")
        if run is None:
            _draw_effort()
            st.toggle(
                say("Plan first", "先看计划"),
                key="tasks-review",
                help=say(
                    "The plan is shown, and can be changed, before anything of it is carried out.",
                    "先显示计划，可以修改，确认后才执行。",
                ),
            )
        if run is not None and view is not None and mine is None:
            run_list.draw_menu(run, view)
    if run is None:
        _draw_cost()
    show_trouble()
    asked = st.chat_input(
        say("What is to be done?", "要完成什么任务？"),
        key="task-typed",
        max_chars=LONGEST,
        disabled=mine is not None or (run is None and st.session_state["scope"] is None),
    )
    if asked and asked.strip() and mine is None:
        begin(asked)
        st.rerun()
    if mine is not None:
        _live(mine)
    elif run is not None and view is not None:
        _saved(run, view)
    elif st.session_state.get("task-failed"):
        show(st.session_state["task-failed"])
    else:
        draw_task_welcome(base, begin)
        draw_schedules()


@callback
def begin(task: str) -> None:
    """Begin a task on the knowledge base at hand; the page is drawn again with it at work."""
    RUNS.select(None)
    scope = st.session_state.get("scope") or Scope((st.session_state["kb"],))
    effort, review = st.session_state.get("tasks-effort"), st.session_state.get("tasks-review", False)
    agent = platform().agent(kb=scope.kbs, where=scope.where, effort=effort, review=review)
    st.session_state["task"] = TaskWork(agent, task)


def _draw_effort() -> None:
    """How much is to be asked of the model; as the settings have it until something else is chosen."""
    st.selectbox(
        say("Effort", "投入程度"),
        list(EFFORTS),
        index=list(EFFORTS).index(platform().settings.effort),
        format_func=lambda level: str(EFFORTS[level]),
        key="tasks-effort",
        label_visibility="collapsed",
        width=120,
        help=say(
            "Quick: the rules and one answer. Normal: tools, and a plan where one is needed. Thorough: a plan always, and "
            "every finding is checked.",
            "快速：按规则执行并回答一次。一般：使用工具，需要时制定计划。深入：总是制定计划，并核对每项发现。",
        ),
    )


def _draw_cost() -> None:
    """What the chosen effort may ask of the model, before anything is begun."""
    if platform().extractive:
        return
    effort = effort_of(st.session_state.get("tasks-effort") or platform().settings.effort)
    one, two = effort.questions("this"), effort.questions("this; that")
    st.caption(
        say(
            f"At most {one} questions to the model where one thing is asked, {two} where two are.",
            f"任务只问一件事时，最多向模型提问 {one} 次；问两件事时，最多 {two} 次。",
        )
    )


def _left_out() -> None:
    """Say which MCP servers and tools were configured and could not be used."""
    servers = platform().mcp()
    for note in servers.notes if servers is not None else ():
        st.caption(f":material/extension_off: {plain(note)}")


def _work() -> TaskWork | None:
    """The task at work that this tab began or looks at; one that has just ended becomes the run that is looked at."""
    mine: TaskWork | None = st.session_state.get("task") or work().tasks.get(RUNS.current or "")
    if mine is None or mine.running:
        return mine
    st.session_state.pop("task", None)
    work().tasks.pop(mine.run_id, None)
    if mine.run_id:
        st.session_state["run"] = mine.run_id
    if mine.error is not None:
        st.session_state["task-failed" if not mine.run_id else "trouble"] = mine.error
    return None


def _live(mine: TaskWork) -> None:
    """Draw the task as it goes on."""
    _task(mine.task)
    _left_out()
    if mine.questions and not platform().extractive:
        most = mine.questions
        st.caption(say(f"At most {most} questions to the model", f"最多向模型提问 {most} 次"))
    status = draw_status(mine, "stop-task")
    body = st.empty()
    drawn = -1
    for _ in looks(mine, status, _status, every=POLL):
        if mine.count != drawn:
            if mine.run_id and mine.run_id not in work().tasks:
                work().tasks[mine.run_id] = mine
                leave(RUNS.kind, mine.run_id)
            drawn = mine.count
            view = mine.view
            with body.container():
                draw_plan(view, "live")
                draw_text(view)
    st.rerun()


def _status(work: TaskWork) -> tuple[str, str]:
    view = work.view
    if not view.planned:
        return say("Planning", "正在制定计划"), ""
    if view.text:
        return say("Writing the result", "正在撰写结果"), ""
    return say("At work", "正在执行"), ""


def _saved(run: Run, view: RunView) -> None:
    """A task that has ended or pauses."""
    _task(run.task)

    @callback
    def branch(step: int) -> None:
        _go_on(platform().runs.branch(run.id, step), run.kb)

    waiting = platform().runs.pending(run.id) if run.status == "needs_approval" else ()
    for call in waiting:  # above the plan, which may be longer than the window
        if call.id == PLAN_CALL:
            draw_plan_review(run, call, _go_on)
        elif may("admin"):
            if allowed(run.id, call):
                _go_on(run.id, run.kb)
                st.rerun()
            draw_approval(run, call, _go_on)
        else:
            st.info(
                say(
                    f"A call of **{plain(call.tool)}** waits for whoever runs this to approve it.",
                    f"对 **{plain(call.tool)}** 的调用正等待管理者批准。",
                ),
                icon=":material/front_hand:",
            )
    if not any(call.id == PLAN_CALL for call in waiting):
        draw_plan(view, run.id, branch if run.status != "running" else None)
    if view.result is not None:
        draw_result(view.result, run.id)
        draw_files(run.id)
    elif run.status in ("interrupted", "running"):
        st.info(ended(run.status), icon=":material/info:")
    _actions(run, view)


def _task(task: str) -> None:
    """What is to be done, exactly as typed."""
    with st.chat_message("user", avatar=":material/person:"), st.container(key="zk-ask-task"):
        st.html(text_html(task))


def _actions(run: Run, view: RunView) -> None:
    with st.container(horizontal=True, key="zk-actions-run"):
        if run.status in ("interrupted", "cancelled", "error", "limit"):
            label = say("Resume", "继续")
            draw_button(label, "resume", "play_arrow", _go_on, run.id, run.kb, weight="primary")
        if run.status == "done":
            draw_repeat(run)
        if run.status == "running":
            st.button(say("Look again", "刷新"), key="look-again", icon=":material/refresh:")
        talks = (
            view.result is not None
            and view.result.text
            and st.button(
                say("Go on as a conversation", "转为对话"), key="to-chat", icon=":material/forum:", type="tertiary"
            )
        )
    if talks and view.result is not None:
        with trouble_shown():
            conversation = platform().conversations.create(run.kb.split(", "))
            platform().conversations.append(conversation, as_answer(view.result))
            st.session_state["conversation"] = conversation
            st.switch_page(CHAT)


def _go_on(run_id: str, kb: str) -> None:
    """Carry a run on in the background."""
    runs = platform().runs
    task, earlier = runs.get(run_id).task, runs.events(run_id)
    RUNS.select(run_id, kb)
    st.session_state["task"] = TaskWork(platform().agent_of(run_id), task, resume=run_id, earlier=earlier)


if __name__ == "__main__":  # run by Streamlit as a page
    draw()
