"""The page where documents come in, are looked at, and go."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app import uploads
from app.background import AddJob
from app.earlier import confirm
from app.labelling import draw_labelling
from app.markup import plain
from app.reader import read_document
from app.receipt import draw_report
from app.state import (
    choose_kb,
    explained,
    jobs,
    knowledge_base,
    library,
    on_this_machine,
    show,
    show_trouble,
    spoken,
)
from app.synced import draw_synced
from ingest import PruneDoubtful, Synced, Text, UsageError, ZhikuError, say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ingest import Document, KnowledgeBase


@spoken
def draw() -> None:
    """Draw the page."""
    st.title(say(en="Library", zh="文档"), anchor=False)
    show_trouble()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        base = knowledge_base("library-kb")
        _new_base()
        _change_base(base)
    _counts(base)
    _add(base)
    documents = library().documents(base.name)
    if documents:
        _table(base, documents)
    else:
        _empty()
    _health()
    _watch(base.name, (base.id, base.generation, base.documents))


@st.fragment(run_every=2)
@spoken
def _watch(kb: str, seen: tuple[int, int, int]) -> None:
    """Draw the page again when another tab or the command line has changed what it shows."""
    now = next((found for found in library().kbs() if found.name == kb), None)
    if now is None or (now.id, now.generation, now.documents) != seen:
        st.rerun()


def _counts(base: KnowledgeBase) -> None:
    st.caption(
        say(
            en=f"{base.documents:,} documents · {base.pages:,} pages · {base.chunks:,} passages",
            zh=f"{base.documents:,} 个文档 · {base.pages:,} 页 · {base.chunks:,} 个片段",
        )
        + (f" · {plain(base.embedder)}" if base.embedder else "")
    )


def _new_base() -> None:
    with (
        st.popover(say(en="New", zh="新建"), icon=":material/add:", help=say(en="New knowledge base", zh="新建知识库")),
        st.form("new-kb", border=False, clear_on_submit=True),
    ):
        name = st.text_input(
            say(en="Name", zh="名称"), placeholder=say(en="handbook", zh="员工手册"), max_chars=100, key="new-kb-name"
        )
        if st.form_submit_button(say(en="Create", zh="创建"), type="primary"):
            _named(name, library().create_kb)


def _named(name: str, change: Callable[[str], object]) -> None:
    """Do what gives a knowledge base its name, and go to it."""
    try:
        change(name)
    except ZhikuError as error:
        show(error)
    else:
        choose_kb(name.strip())
        st.rerun()


def _change_base(base: KnowledgeBase) -> None:
    with st.popover("", icon=":material/more_horiz:", help=say(en="Rename or delete", zh="重命名或删除")):
        with st.form(f"rename-{base.id}", border=False):
            name = st.text_input(say(en="Name", zh="名称"), base.name, max_chars=100, key=f"rename-kb-{base.id}")
            if st.form_submit_button(say(en="Rename", zh="重命名")) and name.strip() != base.name:
                _named(name, partial(library().rename_kb, base.name))
        if st.button(
            say(en="Delete knowledge base…", zh="删除知识库…"),
            icon=":material/delete:",
            key="delete-kb",
            type="tertiary",
        ):
            confirm(
                "delete-kb",
                say(en="Delete knowledge base", zh="删除知识库"),
                say(
                    en=f"Delete **{plain(base.name)}** with its {base.documents:,} documents? The files they came from"
                    " stay; copies made by uploading are deleted.",
                    zh=f"删除 **{plain(base.name)}** 及其 {base.documents:,} 个文档？原始文件会保留；"
                    "上传时产生的副本会被删除。",
                ),
                say(en="Delete", zh="删除"),
                lambda: _delete(base.name),
            )


def _delete(name: str) -> None:
    copies = [found.path for found in library().documents(name)]
    library().remove_kb(name)
    uploads.forget(library().home, copies, ())
    st.session_state.pop("kb", None)


def _add(base: KnowledgeBase) -> None:
    job = jobs().latest
    busy = job is not None and job.running
    turn = st.session_state.setdefault("upload-turn", 0)
    files = st.file_uploader(
        say(en="Add files", zh="添加文件"),
        accept_multiple_files=True,
        key=f"upload-{turn}",
        disabled=busy,
        help=say(
            en="PDF, Word, PowerPoint, Excel, OpenDocument, RTF, CSV, HTML, Markdown, text, EPUB, JSON, mail, subtitles,"
            " source code, scans and pictures, ZIP archives of them",
            zh="PDF、Word、PowerPoint、Excel、OpenDocument、RTF、CSV、HTML、Markdown、文本、EPUB、JSON、邮件、字幕、源代码、扫描件和图片，"
            "以及它们的 ZIP 压缩包",
        ),
    )
    if files and not busy:
        try:
            kept = [uploads.keep(library().home, base.id, file.name, file) for file in files]
        except OSError as error:
            show(explained(error))
        else:
            st.session_state["upload-turn"] = turn + 1
            _start(base, kept)
    if on_this_machine():  # who comes over the network must not read files of ours by their paths
        with st.expander(
            say(en="Add a folder of this machine, or a web page", zh="添加本机上的文件夹或网页"),
            icon=":material/drive_folder_upload:",
        ):
            _folder(base, disabled=busy)
        draw_synced(base, disabled=busy)
    if job is not None:
        _running() if busy else _ended(job)


def _folder(base: KnowledgeBase, *, disabled: bool) -> None:
    with st.form("folder", border=False):
        path = st.text_input(
            say(en="Path of a file or folder, or address of a web page", zh="文件或文件夹路径，或网页地址"),
            placeholder="/home/me/documents",
            key="folder-path",
        )
        follow = st.checkbox(
            say(en="Keep in step with it", zh="与它保持同步"),
            key="folder-follow",
            help=say(
                en="The folder is remembered. Whenever you sync it, what is new or changed comes in, and documents go"
                " whose files are gone.",
                zh="记住该文件夹。每次同步时加入新增和修改的文件，并移除文件已不存在的文档。",
            ),
        )
        if st.form_submit_button(say(en="Add", zh="添加"), disabled=disabled, icon=":material/add:"):
            where = Path(os.path.expanduser(path.strip().strip('"')))  # noqa: PTH111 - '~nobody' stays as it is
            if path.strip().startswith(("http://", "https://")):
                _start(base, [path.strip()], follow=follow)
            elif not path.strip() or "\0" in path or not os.path.lexists(where):
                show(
                    UsageError(
                        Text(
                            en=f"There is no file or folder {path!r} on this machine.",
                            zh=f"本机上没有文件或文件夹 {path!r}。",
                        ),
                        Text(en="Write the whole path, from the root.", zh="请写出完整路径。"),
                    )
                )
            else:
                _start(base, [where.absolute()], follow=follow and where.is_dir())


def _start(base: KnowledgeBase, paths: Sequence[str | Path], *, follow: bool = False) -> None:
    followed = Synced(base.name, str(paths[0])) if follow else None
    if not jobs().start(partial(AddJob, library(), base.name, paths, follow=followed)):
        uploads.forget_refused(library().home, paths, [one.path for one in library().documents(base.name)])
        st.toast(say(en="Another add is still running.", zh="另一项添加仍在进行。"))
        return
    st.rerun()


@st.fragment(run_every=0.5)
@spoken
def _running() -> None:
    job = jobs().latest
    if job is None or not job.running:
        st.rerun()
    with st.container(border=True, key="zk-progress"):
        progress = job.progress
        if progress is None:
            st.progress(0.0, say(en="Looking at the files…", zh="正在查看文件…"))
        else:
            done, total = progress.done, progress.total
            text = say(
                en=f"{done:,} of {total:,} files · {progress.pages:,} pages · {progress.embedded:,} passages",
                zh=f"{done:,} / {total:,} 个文件 · {progress.pages:,} 页 · {progress.embedded:,} 个片段",
            )
            if progress.pages:
                rate = progress.pages_per_second
                text += say(en=f" · {rate:.1f} pages/s", zh=f" · 每秒 {rate:.1f} 页")
            if (eta := progress.eta) is not None:
                text += say(en=f" · {eta:.0f} s to go", zh=f" · 约剩 {eta:.0f} 秒")
            st.progress(min(1.0, done / total) if total else 0.0, text)
            if progress.path:
                st.caption(plain(Path(progress.path).name))
        if job.stopping:
            st.caption(say(en="Stopping after what is at hand…", zh="正在完成手头工作后停止…"))
        else:
            st.button(say(en="Stop", zh="停止"), on_click=job.stop, icon=":material/stop_circle:", key="stop-add")


def _ended(job: AddJob) -> None:
    with st.container(border=True, key="zk-outcome"):
        if isinstance(job.error, PruneDoubtful):
            show(job.error)
            st.button(
                say(en="Remove them all the same", zh="仍然移除"),
                on_click=_prune_all_the_same,
                args=(job,),
                key="prune-yes",
            )
        elif job.error is not None:
            show(job.error)
        elif job.report is not None:
            draw_report(job.report)
        st.button(say(en="Close", zh="关闭"), on_click=jobs().dismiss, key="dismiss-add", type="tertiary")


def _prune_all_the_same(job: AddJob) -> None:
    jobs().start(partial(AddJob, library(), job.kb, job.paths, follow=job.follow, sure=True))


def _table(base: KnowledgeBase, documents: Sequence[Document]) -> None:
    wanted = st.text_input(
        say(en="Filter", zh="筛选"),
        placeholder=say(
            en="Part of a name, or tag=contract kind=pdf after=2024", zh="名称的一部分，或 标签=合同 类型=pdf 晚于=2024"
        ),
        label_visibility="collapsed",
        icon=":material/filter_list:",
        key="document-filter",
    )
    shown = _shown(base.name, documents, wanted)
    state = st.dataframe(
        {
            say(en="Document", zh="文档"): [d.title or Path(d.path).name for d in shown],
            say(en="Pages", zh="页数"): [d.pages for d in shown],
            say(en="Passages", zh="片段"): [d.chunks for d in shown],
            say(en="Size", zh="大小"): [size(d.bytes) for d in shown],
            say(en="Tags", zh="标签"): [list(d.tags) for d in shown],
            say(en="Fields", zh="字段"): [
                "; ".join(f"{n}: {', '.join(v)}" for n, v in d.fields.items()) for d in shown
            ],
            say(en="Kind", zh="类型"): [d.kind for d in shown],
            say(en="Author", zh="作者"): [", ".join(d.author) for d in shown],
            say(en="Date", zh="日期"): [d.date or d.modified for d in shown],
            say(en="Language", zh="语言"): [d.language for d in shown],
            say(en="Added", zh="添加时间"): [d.added.replace("T", " ")[:16] for d in shown],
            say(en="Notes", zh="说明"): [" ".join(d.notes) for d in shown],
            say(en="File", zh="文件"): [d.path for d in shown],
        },
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        key=f"documents-{base.id}-{st.session_state.get('table-turn', 0)}",
        height="content" if len(shown) <= 12 else 460,
    )
    picked = [shown[row] for row in state.selection.rows if row < len(shown)]
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            say(en="Open", zh="打开"), disabled=len(picked) != 1, icon=":material/menu_book:", key="open-document"
        ):
            read_document(picked[0])
        draw_labelling(base.name, picked)
        if st.button(
            say(en="Remove…", zh="移除…"), disabled=not picked, icon=":material/delete:", key="remove-documents"
        ):
            confirm(
                "remove",
                say(en="Remove documents", zh="移除文档"),
                say(
                    en=f"Remove {len(picked)} document(s) from **{plain(base.name)}**? The original files stay.",
                    zh=f"从 **{plain(base.name)}** 移除 {len(picked)} 个文档？原始文件会保留。",
                ),
                say(en="Remove", zh="移除"),
                lambda: _remove(base.name, [one.path for one in picked]),
                [one.title or one.path for one in picked[:8]],
            )
        if not picked:
            st.caption(say(en="Select rows to open or remove documents.", zh="选择行即可打开或移除文档。"))


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
    uploads.forget(library().home, paths, [one.path for one in library().documents(kb)])
    # The rows selected are no longer those rows.
    st.session_state["table-turn"] = st.session_state.get("table-turn", 0) + 1


def _empty() -> None:
    with st.container(border=True, horizontal_alignment="center", key="zk-empty"):
        st.markdown(say(en="##### Nothing here yet", zh="##### 这里还没有文档"))
        st.caption(
            say(
                en="Drop files above or add a folder. They are read and indexed on this machine and go nowhere else.",
                zh="在上方拖入文件，或添加一个文件夹。读取和索引都在本机完成，内容不会离开这台机器。",
            )
        )


def _health() -> None:
    with st.expander(say(en="Health", zh="健康检查"), icon=":material/ecg_heart:"):
        with st.container(horizontal=True):
            check = st.button(say(en="Check", zh="检查"), key="doctor")
            repair = st.button(say(en="Check and repair", zh="检查并修复"), key="doctor-repair")
        if not (check or repair):
            st.caption(
                say(
                    en="Compares the catalog with the index. Repairing rebuilds what is missing; nothing is lost.",
                    zh="核对目录与索引。修复会重建缺失的部分，不会丢失任何内容。",
                )
            )
            return
        try:
            with st.spinner(say(en="Checking…", zh="正在检查…")):
                findings = library().doctor(repair=repair)
        except ZhikuError as error:
            show(error)
            return
        icons = {"ok": ":material/check_circle:", "note": ":material/info:", "problem": ":material/warning:"}
        for found in findings:
            mended = say(en=" Repaired.", zh=" 已修复。") if found.mended else ""
            todo = f" {found.todo}" if found.todo and not found.mended else ""
            st.markdown(f"{icons[found.level]} {plain(found.what + mended + todo)}")


def size(count: int) -> str:
    """Bytes as a person reads them."""
    amount = float(count)
    for unit in ("B", "KB", "MB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 10 else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} GB"


if __name__ == "__main__":  # run by Streamlit as a page
    draw()
