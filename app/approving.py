"""What a task waits for its user's word on: its plan, or one call."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import streamlit as st

from agents import PLAN_CALL, Call, Run, ToolError
from app.buttons import draw_button
from app.markup import plain
from app.run_list import RUNS
from app.state import callback, platform
from ingest import say

GoOn = Callable[[str, str], None]
"""Carries the run of that id, on that knowledge base, on."""


def draw_plan_review(run: Run, call: Call, go_on: GoOn) -> None:
    """The plan, before anything of it is carried out."""
    steps: list[str] = call.arguments["steps"]
    with st.container(border=True, key="zk-approval"):
        st.markdown(f":material/checklist: **{say('Carry out this plan?', '按此计划执行吗？')}**")
        goals = _draw_steps(run.id, steps)
        if wrong := st.session_state.get(f"wrong-{call.id}"):
            st.error(plain(wrong), icon=":material/error:")
        with st.container(horizontal=True):
            draw_button(
                say("Carry out", "执行"), "agree", "play_arrow", _agreed, run, steps, goals, go_on, weight="primary"
            )
            draw_button(say("Discard the task", "放弃任务"), "discard", "close", _discarded, run)


def _draw_steps(run_id: str, steps: Sequence[str]) -> list[str]:
    """A line for each step, to be changed, moved and removed, and a button for one more; what they say now."""
    rows: list[int] = st.session_state.setdefault(f"plan-{run_id}", list(range(len(steps))))
    moves = {
        -1: ("arrow_upward", say("Earlier", "前移")),
        1: ("arrow_downward", say("Later", "后移")),
        0: ("close", say("Remove this step", "删除此步骤")),
    }
    goals = []
    for place, row in enumerate(rows):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"zk-step-{row}"):
            goals.append(
                st.text_area(
                    say(f"Step {place + 1}", f"第 {place + 1} 步"),
                    steps[row] if row < len(steps) else "",
                    key=f"plan-{run_id}-{row}",
                    height="content",
                    label_visibility="collapsed",
                    placeholder=say("What is to be done?", "要做什么？"),
                )
            )
            for by, (icon, told) in moves.items():
                off = bool(by) and not 0 <= place + by < len(rows)
                draw_button("", f"plan-{icon}-{row}", icon, _moved, rows, place, by, hint=told, disabled=off)
    label = say("Add a step", "添加步骤")
    draw_button(label, "plan-add", "add", _added, rows, f"plan-next-{run_id}", len(steps))
    return goals


def _moved(rows: list[int], place: int, by: int) -> None:
    """The row at `place` goes `by` so many on; 0: it goes."""
    row = rows.pop(place)
    if by:
        rows.insert(place + by, row)


def _added(rows: list[int], counter: str, first: int) -> None:
    """One more row, under a number that none has had: its field would show what was typed into the former."""
    rows.append(st.session_state.setdefault(counter, first))
    st.session_state[counter] += 1


@callback
def _agreed(run: Run, steps: list[str], goals: list[str], go_on: GoOn) -> None:
    wanted = [goal.strip() for goal in goals if goal.strip()]
    try:
        platform().agent_of(run.id).agree(run.id, wanted if wanted != steps else None)
    except ToolError as error:
        st.session_state[f"wrong-{PLAN_CALL}"] = str(error)
        return
    st.session_state.pop(f"wrong-{PLAN_CALL}", None)
    go_on(run.id, run.kb)


@callback
def _discarded(run: Run) -> None:
    platform().runs.remove(run.id)
    RUNS.select(None)


def allowed(run_id: str, call: Call) -> bool:
    """Whether the user of this tab has said that further calls of this tool may be made in this run; approves the call then."""
    if (run_id, call.tool) not in st.session_state.get("allowed", ()):
        return False
    platform().agent_of(run_id).approve(run_id, call.id)
    return True


def draw_approval(run: Run, call: Call, go_on: GoOn) -> None:
    """The call that waits, exactly as it will be carried out; it may be edited."""
    risks = {
        "write": say("It changes files.", "会修改文件。"),
        "network": say("It reaches beyond this machine.", "会访问网络。"),
        "execute": say("It runs code.", "会运行代码。"),
        "read": say("It reads.", "只读取。"),
    }
    with st.container(border=True, key="zk-approval"):
        st.markdown(
            ":material/front_hand: "
            + say(f"May **{plain(call.tool)}** be called?", f"允许调用 **{plain(call.tool)}** 吗？")
            + f" {risks[call.risk]}"
        )
        for told in call.arguments.values():
            if isinstance(told, str) and "\n" in told:  # code, a text to be written: as it will be
                st.code(told, language=None, wrap_lines=True, height=320 if told.count("\n") > 14 else "content")
        st.text_area(
            say("Arguments (JSON); edit them if need be", "参数（JSON），可以修改"),
            json.dumps(dict(call.arguments), ensure_ascii=False, indent=2),
            key=f"arguments-{call.id}",
            height=160,
        )
        if wrong := st.session_state.get(f"wrong-{call.id}"):
            st.error(plain(wrong), icon=":material/error:")
        tool = plain(call.tool)
        st.checkbox(
            say(f"And every further call of {tool} in this task", f"本任务中以后对 {tool} 的调用也一并批准"),
            key=f"allow-{call.id}",
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            draw_button(say("Approve", "批准"), "approve", "check", _approved, run, call, go_on, weight="primary")
            draw_button(say("Reject", "拒绝"), "reject", "close", _rejected, run, call, go_on, weight="secondary")
            st.text_input(
                say("Why not? (the model is told)", "拒绝原因（会告诉模型）"), key=f"why-{call.id}", max_chars=500
            )


@callback
def _approved(run: Run, call: Call, go_on: GoOn) -> None:
    agent = platform().agent_of(run.id)
    try:
        arguments = json.loads(st.session_state[f"arguments-{call.id}"])
        agent.approve(run.id, call.id, arguments if arguments != dict(call.arguments) else None)
    except (ValueError, ToolError) as error:
        # Below the arguments, where the eye is, not at the top of the page.
        st.session_state[f"wrong-{call.id}"] = say(
            f"The arguments can't be used: {error} Correct them, or reject the call.",
            f"参数无法使用：{error} 请修正，或拒绝该调用。",
        )
        return
    st.session_state.pop(f"wrong-{call.id}", None)
    if st.session_state.get(f"allow-{call.id}"):
        st.session_state.setdefault("allowed", set()).add((run.id, call.tool))
    go_on(run.id, run.kb)


@callback
def _rejected(run: Run, call: Call, go_on: GoOn) -> None:
    platform().agent_of(run.id).reject(run.id, call.id, st.session_state.get(f"why-{call.id}", ""))
    go_on(run.id, run.kb)
