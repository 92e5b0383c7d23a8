"""The page where documents come in, are looked at, and go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from app.adding import draw_adding
from app.address import arrive, leave
from app.caller import may
from app.confirming import draw_confirmed
from app.embedders_part import shown_embedder
from app.kept_answers import draw_kept
from app.markup import plain
from app.paging import page_of
from app.reader import read_document
from app.selected import draw_labelling, draw_rereading
from app.state import choose_kb, errors_shown, knowledge_base, library, show, show_trouble, shown_time, spoken
from ingest import Document, KnowledgeBase, ZhikuError, counted, forget_uploads, say, shown_size


@spoken
def draw() -> None:
    """Draw the page."""
    st.title(say("Library", "文档"), anchor=False)
    show_trouble()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        base = knowledge_base("library-kb")
        if may("admin"):
            _new_base()
        if may("admin", base.name):
            _change_base(base)
    _counts(base)
    if may("write", base.name):
        draw_adding(base)
    documents = library().documents(base.name)
    arrive("doc", lambda wanted: _open(wanted, documents))
    if documents:
        _table(base, documents)
    else:
        _empty()
    if may("write", base.name):
        draw_kept(base.name)
    if may("admin"):
        _health()
    _watch(base.name, (base.id, base.generation, base.documents))


def _open(wanted: str, documents: Sequence[Document]) -> None:
    """The document that the address names, if it is here."""
    found = next((one for one in documents if str(one.id) == wanted), None)
    if found is not None:
        read_document(found)
    else:
        leave("doc", None)


@st.fragment(run_every=2)
@spoken
def _watch(kb: str, seen: tuple[int, int, int]) -> None:
    """Draw the page again when another tab or the command line has changed what it shows; not while a document is open."""
    if "doc" in st.query_params:
        return
    now = next((found for found in library().kbs() if found.name == kb), None)
    if now is None or (now.id, now.generation, now.documents) != seen:
        st.rerun()


def _counts(base: KnowledgeBase) -> None:
    st.caption(
        say(
            f"{counted(base.documents, 'document')} · {counted(base.pages, 'page')} · {counted(base.chunks, 'passage')}",
            f"{base.documents:,} 个文档 · {base.pages:,} 页 · {base.chunks:,} 个片段",
        )
        + (f" · {plain(shown_embedder(base.embedder))}" if base.embedder else "")
    )


def _new_base() -> None:
    with (
        st.popover(
            say("New", "新建"),
            icon=":material/add:",
            help=say("New knowledge base", "新建知识库"),
            key=f"new-base-{len(library().kbs())}",  # another one, and so closed, once there is one more
        ),
        st.form("new-kb", border=False, clear_on_submit=True),
    ):
        _named("", say("Create", "创建"), library().create_kb, "new-kb-name")


def _named(name: str, label: str, change: Callable[[str], object], key: str) -> None:
    """In a form: a field for the name of a knowledge base, and a button that gives it that and goes to it."""
    hint = say("handbook", "员工手册")
    wanted = st.text_input(say("Name", "名称"), name, placeholder=hint, max_chars=100, key=key)
    if not st.form_submit_button(label, type="primary") or wanted.strip() == name != "":
        return
    with errors_shown():
        change(wanted)
        choose_kb(wanted.strip())
        st.rerun()


def _change_base(base: KnowledgeBase) -> None:
    with st.popover(say("Rename or delete", "重命名或删除"), icon=":material/more_horiz:", key="kb-menu"):
        if may("admin"):  # a name that is taken would tell of a base that is not theirs
            with st.form(f"rename-{base.id}", border=False):
                rename = partial(library().rename_kb, base.name)
                _named(base.name, say("Rename", "重命名"), rename, f"rename-kb-{base.id}")
        draw_confirmed(
            say("Delete knowledge base", "删除知识库"),
            say(
                f"Delete **{plain(base.name)}** with its {counted(base.documents, 'document')}? The files they came from"
                " stay; copies made by uploading are deleted.",
                f"删除 **{plain(base.name)}** 及其 {base.documents:,} 个文档？原始文件会保留；上传时产生的副本会被删除。",
            ),
            lambda: _delete(base.name),
            key="delete-kb",
        )


def _delete(name: str) -> None:
    copies = [found.path for found in library().documents(name)]
    library().remove_kb(name)
    forget_uploads(library().home, copies, ())
    st.session_state.pop("kb", None)


def _table(base: KnowledgeBase, documents: Sequence[Document]) -> None:
    wanted = st.text_input(
        say("Filter", "筛选"),
        placeholder=say(
            "Part of a name, or tag=contract kind=pdf after=2024", "名称的一部分，或 标签=合同 类型=pdf 晚于=2024"
        ),
        label_visibility="collapsed",
        icon=":material/filter_list:",
        key="document-filter",
    )
    shown, page = page_of(_shown(base.name, documents, wanted))
    columns = _columns(shown)
    state = st.dataframe(
        {title: values for title, (values, _) in columns.items()},
        hide_index=True,
        on_select="rerun",
        selection_mode=["multi-row", "single-cell"],
        key=f"documents-{base.id}-{st.session_state.get('table-turn', 0)}-{page}",
        height="content" if len(shown) <= 12 else 460,
        column_config={title: st.column_config.Column(width=width) for title, (_, width) in columns.items()},
    )
    picked = [shown[row] for row in state.selection.rows if row < len(shown)]
    cell = state.selection.cells[0] if state.selection.cells else None
    if cell is not None and cell != st.session_state.get("cell-opened") and cell[0] < len(shown):
        read_document(shown[cell[0]])
    st.session_state["cell-opened"] = cell
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(say("Open", "打开"), disabled=len(picked) != 1, icon=":material/menu_book:", key="open-document"):
            read_document(picked[0])
        if not may("write", base.name):
            return
        draw_labelling(base.name, picked)
        draw_rereading(base.name, picked)
        draw_confirmed(
            say("Remove", "移除"),
            say(
                f"Remove {counted(len(picked), 'document')} from **{plain(base.name)}**? The original files stay.",
                f"从 **{plain(base.name)}** 移除 {len(picked)} 个文档？原始文件会保留。",
            ),
            lambda: _remove(base.name, [one.path for one in picked]),
            key="remove",
            disabled=not picked,
            among=[one.title or one.path for one in picked[:8]],
        )
        if not picked:
            st.caption(
                say(
                    "A click on a line opens it; select rows to tag or remove.",
                    "点击一行即可打开；勾选后可加标签或移除。",
                )
            )


def _columns(shown: Sequence[Document]) -> dict[str, tuple[list[Any], int | None]]:
    """What is told of each document, by the column's title: the values, and its width in pixels where that matters. Columns
    in which nobody has anything are left out."""
    found: dict[str, tuple[list[Any], int | None]] = {
        say("Document", "文档"): ([d.title or Path(d.path).name for d in shown], 340),
        say("Status", "状态"): ([_status(d) for d in shown], None),
        say("Kind", "类型"): ([d.kind for d in shown], None),
        say("Pages", "页数"): ([d.pages for d in shown], None),
        say("Tags", "标签"): ([list(d.tags) for d in shown], None),
        say("Size", "大小"): ([shown_size(d.bytes) for d in shown], None),
        say("Date", "日期"): ([d.date or d.modified for d in shown], None),
        say("Fields", "字段"): (["; ".join(f"{n}: {', '.join(v)}" for n, v in d.fields.items()) for d in shown], None),
        say("Author", "作者"): ([", ".join(d.author) for d in shown], None),
        say("Language", "语言"): ([d.language for d in shown], None),
        say("Passages", "片段"): ([d.chunks for d in shown], None),
        say("Added", "添加时间"): ([shown_time(d.added) for d in shown], None),
        say("Notes", "说明"): ([" ".join(d.notes) for d in shown], None),
        say("File", "文件"): ([d.path for d in shown], None),
    }
    return {title: (values, width) for title, (values, width) in found.items() if any(values) or not shown}


def _status(document: Document) -> str:
    """Whether all of it was read."""
    if not document.chunks:
        return say("⚠ no text", "⚠ 无文本")
    return say("⚠ see notes", "⚠ 见说明") if document.notes else "✓"


def _shown(kb: str, documents: Sequence[Document], wanted: str) -> list[Document]:
    """Those that a filter lets through, or whose name or path holds what was typed."""
    if any(sign in wanted for sign in "=<>＝≥≤≠"):
        try:
            return library().documents(kb, where=wanted)
        except ZhikuError as error:
            show(error)
            return []
    folded = wanted.casefold()
    return [d for d in documents if folded in d.title.casefold() or folded in d.path.casefold()]


def _remove(kb: str, paths: Sequence[str]) -> None:
    library().remove(paths, kb)
    forget_uploads(library().home, paths, [one.path for one in library().documents(kb)])
    # The rows selected are no longer those rows.
    st.session_state["table-turn"] = st.session_state.get("table-turn", 0) + 1


def _empty() -> None:
    with st.container(border=True, horizontal_alignment="center", key="zk-empty"):
        st.markdown(say("##### Nothing here yet", "##### 这里还没有文档"))
        st.caption(
            say(
                "Drop files above or add a folder. They are read and indexed on this machine and go nowhere else.",
                "在上方拖入文件，或添加一个文件夹。读取和索引都在本机完成，内容不会离开这台机器。",
            )
        )


def _health() -> None:
    with st.expander(say("Health", "健康检查"), icon=":material/ecg_heart:"):
        with st.container(horizontal=True):
            check = st.button(say("Check", "检查"), key="doctor")
            repair = st.button(say("Check and repair", "检查并修复"), key="doctor-repair")
        if not (check or repair):
            st.caption(
                say(
                    "Compares the catalog with the index. Repairing rebuilds what is missing; nothing is lost.",
                    "核对目录与索引。修复会重建缺失的部分，不会丢失任何内容。",
                )
            )
            return
        findings = []
        with errors_shown(), st.spinner(say("Checking…", "正在检查…")):
            findings = library().doctor(repair=repair)
        icons = {"ok": ":material/check_circle:", "note": ":material/info:", "problem": ":material/warning:"}
        for found in findings:
            mended = say(" Repaired.", " 已修复。") if found.mended else ""
            todo = f" {found.todo}" if found.todo and not found.mended else ""
            st.markdown(f"{icons[found.level]} {plain(found.what + mended + todo)}")


if __name__ == "__main__":  # run by Streamlit as a page
    draw()
