"""What one add came to, file by file."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import streamlit as st

from app.markup import plain
from ingest import Added, Failure, Report, counted, say, shorten

_NOTES = 3
"""Notes per file; the document itself shows them all."""
_FEW = 5
"""Files with nothing to say about them that are listed at once."""
_SHOWN = 50
"""Lines per kind of outcome; the rest is counted. A folder can hold thousands."""


def summary(report: Report) -> str:
    """One line: how many files had which outcome."""
    parts = [
        (len(report.added), say("added", "新增")),
        (len(report.updated), say("updated", "更新")),
        (report.unchanged, say("unchanged", "未变")),
        (report.removed, say("removed", "移除")),
        (len(report.failed), say("failed", "失败")),
        (len(report.skipped), say("skipped", "跳过")),
    ]
    said = " · ".join(say(f"{count:,} {word}", f"{word} {count:,}") for count, word in parts if count)
    if not said and report.interrupted:
        said = say("Stopped", "已停止")
    said = said or say("Nothing to do", "没有需要处理的文件")
    return said + say(f" · {report.seconds:.1f} s", f" · {report.seconds:.1f} 秒")


def draw_report(report: Report) -> None:
    """The summary and a line for every file."""
    icon = ":material/warning:" if report.failed else ":material/task_alt:"
    st.markdown(f"{icon} **{plain(summary(report))}**")
    if report.interrupted:
        st.caption(say("Stopped before the end; add again to go on.", "中途停止；再次添加即可继续。"))
    kept = say("its file is gone; kept", "文件已不存在，文档保留")
    for path in report.gone[:_SHOWN]:
        word = say("removed", "移除") if report.removed else kept
        st.markdown(f":material/delete: **{_name(path)}** · {word}")
    _rest(len(report.gone))
    _failures(report.failed, ":material/error:", say("failed", "失败"))
    _failures(report.skipped, ":material/block:", say("skipped", "跳过"))
    _stored(report.added, ":material/check:", say("added", "新增"))
    _stored(report.updated, ":material/sync:", say("updated", "更新"))


def _name(path: str) -> str:
    return plain(shorten(Path(path).name, 80))


def _failures(failures: Sequence[Failure], icon: str, word: str) -> None:
    for one in failures[:_SHOWN]:
        hint = say(" ", "") + plain(one.hint) if one.hint else ""
        st.markdown(f"{icon} **{_name(one.path)}** · {word} · {plain(shorten(one.reason, 300))}{hint}")
    _rest(len(failures))


def _stored(documents: Sequence[Added], icon: str, word: str) -> None:
    """A line for each; of many that left nothing to say they are folded, so that the eye finds the others."""
    fine = [one for one in documents if not one.notes]
    for one in [one for one in documents if one.notes][:_SHOWN]:
        _line(one, icon, word)
        for note in one.notes[:_NOTES]:
            st.caption(plain(shorten(note, 300)))
        if (more := len(one.notes) - _NOTES) > 0:
            st.caption(say(f"{counted(more, 'more note')} with the document", f"文档中另有 {more:,} 条说明"))
    _rest(len(documents) - len(fine))
    title = say(f"{len(fine):,} {word}", f"{word} {len(fine):,}")
    with st.expander(title, icon=icon) if len(fine) > _FEW else nullcontext():
        for one in fine[:_SHOWN]:
            _line(one, icon, word)
        _rest(len(fine))


def _line(one: Added, icon: str, word: str) -> None:
    counts = say(
        f"{counted(one.pages, 'page')}, {counted(one.chunks, 'passage')}", f"{one.pages:,} 页，{one.chunks:,} 个片段"
    )
    st.markdown(f"{icon} **{_name(one.document)}** · {word} · {counts}")


def _rest(count: int) -> None:
    if count > _SHOWN:
        st.caption(say(f"and {count - _SHOWN:,} more", f"以及另外 {count - _SHOWN:,} 个"))
