"""The trail: who did what when to which knowledge base, filtered, and brought as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import astuple, fields
from datetime import UTC, datetime, timedelta

import streamlit as st

from agents import Audit, Entry
from ingest import say

SHOWN = 500
"""Entries that are drawn, the latest; the file has all that fit."""


def draw_trail(audit: Audit) -> None:
    """What was done since a day, by somebody, on a base."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        since = st.date_input(
            say("Since", "起始日期"), datetime.now(UTC).date() - timedelta(days=7), key="trail-since", width=150
        )
        who = st.text_input(say("User or key", "用户或密钥"), key="trail-who").strip()
        kb = st.text_input(say("Knowledge base", "知识库"), key="trail-kb").strip()
        refused = st.checkbox(say("Refused only", "仅被拒绝的"), key="trail-refused")
    found = [
        entry for entry in reversed(audit.entries(since=str(since), who=who, kb=kb)) if not (refused and entry.allowed)
    ]
    if not found:
        st.caption(say("Nothing of that kind.", "没有符合条件的记录。"))
        return
    shown = found[:SHOWN]
    st.dataframe(
        {
            say("Time (UTC)", "时间（UTC）"): [entry.at.replace("T", " ")[:19] for entry in shown],
            say("Who", "谁"): [entry.who for entry in shown],
            say("Key", "密钥"): [entry.key for entry in shown],
            say("By", "途径"): [entry.face for entry in shown],
            say("Right", "权限"): [entry.verb for entry in shown],
            say("Knowledge base", "知识库"): [entry.kb for entry in shown],
            say("What", "操作"): [entry.what for entry in shown],
            say("Allowed", "允许"): [entry.allowed for entry in shown],
        },
        hide_index=True,
        height=460 if len(shown) > 12 else "content",
        key="trail",
    )
    st.download_button(
        say(f"Export {len(found):,} as CSV", f"导出 {len(found):,} 条（CSV）"),
        lambda: _csv(found),
        file_name="audit.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="trail-export",
    )


def _csv(found: Sequence[Entry]) -> str:
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow([one.name for one in fields(found[0])])
    rows.writerows([_harmless(value) for value in astuple(entry)] for entry in found)
    return out.getvalue()


def _harmless(value: object) -> object:
    """A name that somebody typed may look like a formula to a spreadsheet."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@")) else value
