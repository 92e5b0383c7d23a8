"""How documents come in: by upload, from a folder or an address, with the progress of it and what came of it; and the folders
that a knowledge base is kept in step with."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from app.background import AddJob
from app.buttons import draw_button
from app.caller import may
from app.live import draw_box, draw_stop
from app.markup import plain
from app.receipt import draw_report, summary
from app.state import callback, choose_kb, explained, library, on_this_machine, platform, show, shown_time, work
from app.suggestions import first_questions
from ingest import KnowledgeBase, PruneDoubtful, Synced, Text, UsageError, counted, forget_refused, keep_upload, say

CHAT = "chat_page.py"


def draw_adding(base: KnowledgeBase) -> None:
    """Everything that brings documents in, and how far that is."""
    job = _told()
    busy = work().adds.busy
    draw_upload(base)
    if on_this_machine():  # who comes over the network must not read files of ours by their paths
        with st.expander(
            say("Add a folder of this machine, or a web page", "添加本机上的文件夹或网页"),
            icon=":material/drive_folder_upload:",
        ):
            _folder(base, disabled=busy)
        draw_synced(base, disabled=busy)
    draw_job()
    if job is not None and not busy and job.report is not None and job.report.added:
        _ask_about(job.kb, {one.document for one in job.report.added})


def _ask_about(kb: str, added: set[str]) -> None:
    """Questions about what has just come in; one of them is asked in a new conversation."""
    questions = first_questions(
        lambda: [one for one in library().documents(kb) if one.path in added],
        lambda: platform().chat(kb),
        kb,
        *sorted(added),
    )
    st.page_link(CHAT, label=say("Ask about these", "就这些文档提问"), icon=":material/forum:")
    for number, text in enumerate(questions[:3]):
        if st.button(plain(text), key=f"ask-new-{number}", icon=":material/chat_bubble:", type="tertiary"):
            st.session_state["ask-next"] = text
            choose_kb(kb)
            st.switch_page(CHAT)


def draw_upload(base: KnowledgeBase) -> None:
    """Files from wherever the browser is."""
    limit = library().settings.max_file_mb
    busy = work().adds.busy
    turn = st.session_state.setdefault("upload-turn", 0)
    files = st.file_uploader(
        say("Add files", "添加文件"),
        accept_multiple_files=True,
        key=f"upload-{turn}",
        max_upload_size=limit,
        disabled=busy,
        help=say(
            f"Up to {limit:,} MB each: PDF, Word, PowerPoint, Excel, OpenDocument, RTF, CSV, HTML, Markdown, text, EPUB, JSON, mail, calendars, contacts, subtitles,"
            " source code, scans and pictures, ZIP archives of them",
            f"每个不超过 {limit:,} MB：PDF、Word、PowerPoint、Excel、OpenDocument、RTF、CSV、HTML、Markdown、文本、EPUB、JSON、邮件、日历、通讯录、字幕、源代码、扫描件和图片，"
            "以及它们的 ZIP 压缩包",
        ),
    )
    if files and not busy:
        try:
            kept = [keep_upload(library().home, base.id, file.name, file) for file in files]
        except OSError as error:
            show(explained(error))
        else:
            st.session_state["upload-turn"] = turn + 1
            start(base, kept)


def draw_job(*, brief: bool = False) -> None:
    """How far what is being added is, or how it ended; `brief`: in one line where all went well."""

    def ended(job: AddJob) -> None:
        if brief and job.report is not None and not (job.report.failed or job.report.skipped):
            st.markdown(f":material/task_alt: {plain(summary(job.report))}")
        else:
            _ended(job)

    draw_box(_told, _running, ended, key="zk-progress")


def _told() -> AddJob | None:
    """What is being added or was last, where the caller may know of it."""
    job = work().adds.latest
    return job if job is not None and may("read", job.kb) else None


def _folder(base: KnowledgeBase, *, disabled: bool) -> None:
    with st.form("folder", border=False):
        path = st.text_input(
            say("Path of a file or folder, or address of a web page", "文件或文件夹路径，或网页地址"),
            placeholder="/home/me/documents",
            key="folder-path",
        )
        follow = st.checkbox(
            say("Keep in step with it", "与它保持同步"),
            key="folder-follow",
            help=say(
                "The folder is remembered. Whenever you sync it, what is new or changed comes in, and documents go"
                " whose files are gone.",
                "记住该文件夹。每次同步时加入新增和修改的文件，并移除文件已不存在的文档。",
            ),
        )
        if st.form_submit_button(say("Add", "添加"), disabled=disabled, icon=":material/add:"):
            where = Path(os.path.expanduser(path.strip().strip('"')))  # noqa: PTH111 - '~nobody' stays as it is
            if path.strip().startswith(("http://", "https://")):
                start(base, [path.strip()], follow=follow)
            elif not path.strip() or "\0" in path or not os.path.lexists(where):
                show(
                    UsageError(
                        Text(
                            f"There is no file or folder {path!r} on this machine.",
                            f"本机上没有文件或文件夹 {path!r}。",
                        ),
                        Text("Write the whole path, from the root.", "请写出完整路径。"),
                    )
                )
            else:
                start(base, [where.absolute()], follow=follow and where.is_dir())


def start(base: KnowledgeBase, paths: Sequence[str | Path], *, follow: bool = False) -> None:
    """Add files, folders or addresses to `base` in the background; the page is drawn again with it at work."""
    followed = Synced(base.name, str(paths[0])) if follow else None
    if not work().adds.start(partial(AddJob, library(), base.name, paths, follow=followed)):
        forget_refused(library().home, paths, [one.path for one in library().documents(base.name)])
        st.toast(say("Another add is still running.", "另一项添加仍在进行。"))
        return
    st.rerun()


def _whither(job: AddJob) -> None:
    """Which base it is about, where another one is looked at."""
    if job.kb != st.session_state.get("kb"):
        st.caption(plain(job.kb))


def _running(job: AddJob) -> None:
    _whither(job)
    progress = job.progress
    if progress is None:
        st.progress(0.0, say("Looking at the files…", "正在查看文件…"))
    else:
        done, total = progress.done, progress.total
        text = say(
            f"{done:,} of {counted(total, 'file')} · {counted(progress.pages, 'page')}"
            f" · {counted(progress.embedded, 'passage')}",
            f"{done:,} / {total:,} 个文件 · {progress.pages:,} 页 · {progress.embedded:,} 个片段",
        )
        if progress.pages:
            rate = progress.pages_per_second
            text += say(f" · {rate:.1f} pages/s", f" · 每秒 {rate:.1f} 页")
        if (eta := progress.eta) is not None:
            text += say(f" · {eta:.0f} s to go", f" · 约剩 {eta:.0f} 秒")
        st.progress(min(1.0, done / total) if total else 0.0, text)
        if progress.path:
            st.caption(plain(Path(progress.path).name))
    if may("write", job.kb):
        draw_stop(job, "stop-add")
    if job.stopping:
        st.caption(say("Stopping after what is at hand…", "正在完成手头工作后停止…"))


def _ended(job: AddJob) -> None:
    with st.container(border=True, key="zk-outcome"):
        _whither(job)
        if isinstance(job.error, PruneDoubtful):
            show(job.error)
            st.button(
                say("Remove them all the same", "仍然移除"), on_click=_prune_all_the_same, args=(job,), key="prune-yes"
            )
        elif job.error is not None:
            show(job.error)
        elif job.report is not None:
            draw_report(job.report)
        st.button(say("Close", "关闭"), on_click=work().adds.dismiss, key="dismiss-add", type="tertiary")


def _prune_all_the_same(job: AddJob) -> None:
    work().adds.start(partial(AddJob, library(), job.kb, job.paths, follow=job.follow, sure=True))


def draw_synced(base: KnowledgeBase, *, disabled: bool) -> None:
    """A line for each; nothing where none is followed. `disabled`: something is being added just now."""
    for n, one in enumerate(library().syncing.all(base.name)):
        with st.container(horizontal=True, vertical_alignment="center", key=f"zk-synced-{n}"):
            last = shown_time(one.last)
            when = say(f"in step {last}", f"上次同步 {last}") if last else say("never yet", "尚未同步")
            kept = say(" · gone files kept", " · 保留已删除的") if one.keep else ""
            st.markdown(f":material/sync: **{plain(one.place)}** · {plain(when + kept)}")
            st.toggle(
                say("Watch", "自动监视"),
                one.watched,
                key=f"watch-{n}-{one.place}",
                help=say(
                    "What changes in it is read by itself while this application or `zhiku serve` runs.",
                    "本应用或 `zhiku serve` 运行时，自动读取其中的变化。",
                ),
                on_change=callback(library().syncing.watch),
                args=(one.place, one.kb),
                kwargs={"watched": not one.watched},
            )
            sync = partial(AddJob, library(), one.kb, [one.place], follow=one)
            label = say("Sync now", "立即同步")
            st.button(label, key=f"sync-{n}", disabled=disabled, on_click=callback(work().adds.start), args=(sync,))
            hint = say("Follow it no longer; its documents stay.", "不再同步，文档保留。")
            forget = library().syncing.forget
            draw_button(say("Stop", "停止"), f"unsync-{n}", "", forget, one.place, one.kb, hint=hint)
