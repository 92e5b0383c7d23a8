"""The page that says what went on: questions, refusals, tokens and times by week, and what nobody could answer."""

from __future__ import annotations

import streamlit as st

from agents import Week, unanswered, weeks
from app.charts import draw_bars
from app.conversations import TALKS
from app.markup import plain
from app.state import library, platform, spoken
from ingest import counted, say

SHOWN = 12
"""Weeks in the charts, the latest."""
LISTED = 20
CHAT = "chat_page.py"


@spoken
def draw() -> None:
    """Draw the page."""
    st.title(say("Activity", "使用情况"), anchor=False)
    readable = {kb.name for kb in library().kbs()}
    turns = [turn for turn in platform().conversations.log() if turn.kb in readable]
    found = weeks(turns)[-SHOWN:]
    if not found:
        st.info(say("Nothing was asked yet.", "还没有提问记录。"), icon=":material/info:")
        return
    st.caption(
        say(
            f"{counted(len(turns), 'question')} in the conversations that are kept; nothing is sent anywhere.",
            f"保存的对话中共有 {len(turns)} 个问题；数据不会发往任何地方。",
        )
    )
    _numbers(found[-1])
    _charts(found)
    _unanswered(unanswered(turns))


def _numbers(week: Week) -> None:
    """The week at hand."""
    with st.container(horizontal=True):
        st.metric(say("Questions this week", "本周提问"), week.questions)
        st.metric(say("Refused", "拒答"), week.refused)
        st.metric(say("Kept answers", "精选答案"), week.curated)
        st.metric(say("Seconds, median", "用时中位数（秒）"), f"{week.total:.1f}")
        st.metric(say("Thumbs up / down", "好评 / 差评"), f"{week.up} / {week.down}")


def _charts(found: list[Week]) -> None:
    along = say("week from", "周（起始日）")
    mondays = [f"{week.monday:%m-%d}" for week in found]
    asked = {
        say("answered", "已回答"): [week.questions - week.refused - week.failed for week in found],
        say("refused", "拒答"): [week.refused for week in found],
        say("failed", "出错"): [week.failed for week in found],
    }
    tokens = {
        say("read", "读取"): [week.prompt_tokens for week in found],
        say("written", "生成"): [week.completion_tokens for week in found],
    }
    seconds = {
        say("first word", "首字"): [week.first_token for week in found],
        say("whole answer", "完整回答"): [week.total for week in found],
    }
    draw_bars(say("Questions", "提问"), along, mondays, asked, stacked=True)
    draw_bars(say("Tokens", "Token 数"), along, mondays, tokens, stacked=True)
    draw_bars(say("Seconds, median", "用时中位数（秒）"), along, mondays, seconds, stacked=False)


def _unanswered(found: list[tuple[str, str, int]]) -> None:
    """What the documents did not answer, the most frequent first."""
    if not found:
        return
    st.subheader(say("Not answered", "未能回答的问题"), anchor=False)
    for number, (question, kb, times) in enumerate(found[:LISTED]):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{plain(question)} · {plain(kb)}" + (f" · ×{times}" if times > 1 else ""), width="stretch")
            if st.button(say("Ask again", "重新提问"), key=f"again-{number}", type="tertiary"):
                TALKS.select(None, kb)
                st.session_state["ask-next"] = question
                st.switch_page(CHAT)


if __name__ == "__main__":  # run by Streamlit as a page
    draw()
