"""What a task waits for its user's word on: its plan, or one call."""

from __future__ import annotations

import json
from collections.abc import Callable

import streamlit as st

from agents import PLAN_CALL, Call, Run, ToolError
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
        st.markdown(
            ":material/checklist: **"
            + say(en="Carry out this plan?", zh="按此计划执行吗？")
            + "** "
            + say(
                en="A line is a step: change it, remove it, add one, put them in another order.",
                zh="每行一步：可修改、删除、添加或调整顺序。",
            )
        )
        st.text_area(
            say(en="Plan", zh="计划"),
            "\n".join(steps),
            key=f"plan-{run.id}",
            height=max(3, len(steps) + 1) * 26 + 20,
            label_visibility="collapsed",
        )
        if wrong := st.session_state.get(f"wrong-{call.id}"):
            st.error(plain(wrong), icon=":material/error:")
        with st.container(horizontal=True):
            st.button(
                say(en="Carry out", zh="执行"),
                key="agree",
                icon=":material/play_arrow:",
                type="primary",
                on_click=_agreed,
                args=(run, steps, go_on),
            )
            st.button(
                say(en="Discard the task", zh="放弃任务"),
                key="discard",
                icon=":material/close:",
                type="tertiary",
                on_click=_discarded,
                args=(run,),
            )


@callback
def _agreed(run: Run, steps: list[str], go_on: GoOn) -> None:
    wanted = [line.strip(" -*•\t") for line in st.session_state[f"plan-{run.id}"].splitlines()]
    wanted = [line for line in wanted if line]
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


def draw_approval(run: Run, call: Call, go_on: GoOn) -> None:
    """The call that waits, exactly as it will be carried out; it may be edited."""
    risks = {
        "write": say(en="It changes files.", zh="会修改文件。"),
        "network": say(en="It reaches beyond this machine.", zh="会访问网络。"),
        "execute": say(en="It runs code.", zh="会运行代码。"),
        "read": say(en="It reads.", zh="只读取。"),
    }
    with st.container(border=True, key="zk-approval"):
        st.markdown(
            ":material/front_hand: "
            + say(en=f"May **{plain(call.tool)}** be called?", zh=f"允许调用 **{plain(call.tool)}** 吗？")
            + f" {risks[call.risk]}"
        )
        for told in call.arguments.values():
            if isinstance(told, str) and "\n" in told:  # code, a text to be written: as it will be
                st.code(told, language=None, wrap_lines=True, height=320 if told.count("\n") > 14 else "content")
        st.text_area(
            say(en="Arguments (JSON); edit them if need be", zh="参数（JSON），可以修改"),
            json.dumps(dict(call.arguments), ensure_ascii=False, indent=2),
            key=f"arguments-{call.id}",
            height=160,
        )
        if wrong := st.session_state.get(f"wrong-{call.id}"):
            st.error(plain(wrong), icon=":material/error:")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.button(
                say(en="Approve", zh="批准"),
                key="approve",
                icon=":material/check:",
                type="primary",
                on_click=_approved,
                args=(run, call, go_on),
            )
            st.button(
                say(en="Reject", zh="拒绝"),
                key="reject",
                icon=":material/close:",
                on_click=_rejected,
                args=(run, call, go_on),
            )
            st.text_input(
                say(en="Why not? (the model is told)", zh="拒绝原因（会告诉模型）"), key=f"why-{call.id}", max_chars=500
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
            en=f"The arguments can't be used: {error} Correct them, or reject the call.",
            zh=f"参数无法使用：{error} 请修正，或拒绝该调用。",
        )
        return
    st.session_state.pop(f"wrong-{call.id}", None)
    go_on(run.id, run.kb)


@callback
def _rejected(run: Run, call: Call, go_on: GoOn) -> None:
    platform().agent_of(run.id).reject(run.id, call.id, st.session_state.get(f"why-{call.id}", ""))
    go_on(run.id, run.kb)
