"""Tasks that come again: begun while the application runs, whether or not a tab is open; made, listed, paused, removed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import streamlit as st

from agents import Platform, Run, Schedule, Timekeeper
from app.background import TaskWork
from app.buttons import draw_button
from app.caller import caller, may, policy_of
from app.markup import plain
from app.run_list import RUNS
from app.state import callback, platform, shared_work
from ingest import Scope, say, shorten

LONGEST = 20_000
"""Characters that are taken of a task; the agent itself says what it thinks of more than its own limit."""
DAILY = -1
"""In the menu of weekdays: every one."""


def keep_time(current: Callable[[], Platform]) -> Timekeeper:
    """Begins what is due from now on, on the platform as it is then; any tab can look at it and stop it."""

    def begin(one: Schedule) -> str:
        from agents import agent_due

        platform = current()
        made = TaskWork(agent_due(platform, policy_of(platform), one), one.task)
        run = made.begun_as()
        shared_work().tasks[run] = made
        return run

    return Timekeeper(lambda: current().schedules, begin)


def draw_repeat(run: Run | None = None) -> None:
    """Let a task come again: that of a run, on what it was put to and with the effort it had; without one a task that is
    written here, on what the page has chosen."""
    if not may("admin"):
        return
    label = say("Repeat", "定期执行") if run else say("Schedule a task", "设定定期任务")
    with st.popover(label, icon=":material/event_repeat:", key="repeat"):
        if run is None:
            st.text_area(say("What is to be done?", "要完成什么任务？"), key="repeat-task", max_chars=LONGEST)
        days = _days()
        st.selectbox(say("Day", "日期"), [DAILY, *range(7)], key="repeat-day", format_func=days.__getitem__)
        st.time_input(say("Time (this machine's)", "时间（本机）"), dt.time(9), key="repeat-clock", step=300)
        st.caption(
            say(
                "Begun while this application or `zhiku serve` runs. A time missed meanwhile is made up once. A call that "
                "needs approval waits for you.",
                "需要本应用或 `zhiku serve` 正在运行；期间错过的会补做一次。需要批准的调用会等您处理。",
            )
        )
        st.button(say("Schedule", "设为定期"), key="repeat-add", type="primary", on_click=callback(_add), args=(run,))


def _add(run: Run | None) -> None:
    asked, runs, who = st.session_state, platform().runs, caller()
    if run is None:
        task, effort = asked["repeat-task"], asked["tasks-effort"]
        scope = asked.get("scope") or Scope((asked["kb"],))
    else:
        task, scope, effort = run.task, runs.scope(run.id), runs.effort(run.id)
    day = None if asked["repeat-day"] == DAILY else asked["repeat-day"]
    owner = who.user if who else ""
    platform().schedules.add(task, scope, f"{asked['repeat-clock']:%H:%M}", day, effort=effort, owner=owner)
    asked["repeat-task"] = ""
    RUNS.select(None)  # to where they are listed


def draw_schedules() -> None:
    """A form for another, and each with its next time and what became of the last."""
    found = platform().schedules.list() if may("admin") else []
    draw_repeat()
    if not found:
        return
    st.subheader(say("Scheduled", "定期任务"), anchor=False)
    for one in found:
        with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"zk-schedule-{one.id}"):
            with st.container():
                st.markdown(f":material/event_repeat: **{plain(shorten(one.task, 160))}**")
                st.caption(plain(_told(one)))
            if one.run:
                draw_button(say("Last run", "上次运行"), f"schedule-run-{one.id}", "", RUNS.select, one.run)
            st.toggle(
                say("On", "启用"),
                not one.paused,
                key=f"schedule-on-{one.id}",
                on_change=callback(platform().schedules.pause),
                args=(one.id,),
                kwargs={"paused": not one.paused},
            )
            hint = say("Remove; its runs stay.", "删除；已有的运行保留。")
            draw_button("", f"schedule-gone-{one.id}", "delete", platform().schedules.remove, one.id, hint=hint)


def _told(one: Schedule) -> str:
    parts = [f"{_days()[DAILY if one.weekday is None else one.weekday]} {one.clock}"]
    parts.append(say("paused", "已暂停") if one.paused else say(f"next {_at(one.due)}", f"下次 {_at(one.due)}"))
    if one.begun and not one.run:
        parts.append(say("last time it could not be begun: see the terminal", "上次未能启动，原因见终端"))
    elif one.late:
        parts.append(
            say(
                f"{_at(one.meant)} was missed, made up {_at(one.begun)}",
                f"错过 {_at(one.meant)}，已于 {_at(one.begun)} 补做",
            )
        )
    elif one.begun:
        parts.append(say(f"last {_at(one.begun)}", f"上次 {_at(one.begun)}"))
    return " · ".join(parts)


def _at(moment: str) -> str:
    return moment.replace("T", " ")


def _days() -> dict[int, str]:
    """What is said of each weekday, by its number, and of all."""
    english = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    named = {number: say(f"Every {day}", f"每周{'一二三四五六日'[number]}") for number, day in enumerate(english)}
    return {DAILY: say("Every day", "每天"), **named}
