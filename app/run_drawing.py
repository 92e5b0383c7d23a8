"""A task's plan, calls and result, as they are drawn while it is at work and afterwards, and the files it has made: looked at
here, or brought to the person's own folder."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import PurePosixPath

import streamlit as st

from agents import Call, Result, RunView, StepRecord, StepView, ToolError, WrittenFile, as_answer
from app.buttons import draw_button, draw_download
from app.exchange import draw_thoughts
from app.markup import answer_html, plain
from app.model_menu import model_title
from app.passages import excerpt_html
from app.proof_drawing import draw_proven, draw_refusal
from app.state import errors_shown, platform, spoken
from ingest import counted, safe_name, say, shorten

STATES = {
    "open": ":material/radio_button_unchecked:",
    "active": ":material/pending:",
    "done": ":material/check_circle:",
    "failed": ":material/cancel:",
    "dropped": ":material/remove_circle_outline:",
}
_PASSAGE = re.compile(r"\n\n(?=\[\d+\] )")
"""Between two passages that a search brought."""
_MARKER = re.compile(r"\[\d+\]")
OBSERVED = 1500
"""Characters of an observation that are shown; the run's trace has it whole."""
NOTES = 8


def draw_plan(view: RunView, name: str, branch: Callable[[int], None] | None = None) -> None:
    """The plan as a checklist; each step unfolds into its calls and what they brought. `branch` begins anew from a step;
    None while the task is at work."""
    told = _letters(f"{view.result.text} {view.result.reason}" if view.result is not None else "")
    for found in view.steps:
        step = found.step
        with st.expander(
            plain(f"{step.id}. {shorten(step.goal, 200)}"), icon=STATES[step.state], expanded=step.state == "active"
        ):
            _step(found)
            if branch is not None and step.state in ("done", "failed"):
                label = say("Try again from here", "从此处重新开始")
                hint = say("Begins a new task that goes on from before this step.", "从这一步之前另起一个任务。")
                draw_button(label, f"branch-{name}-{step.id}", "alt_route", branch, step.id, hint=hint)
        if step.finding and step.state != "active" and _letters(step.finding) not in told:
            st.caption(plain(_sentence(shorten(step.finding, 300))))
    for reason in view.changes:
        st.caption(":material/edit_note: " + plain(say("Plan changed: ", "计划已修改：") + shorten(reason, 300)))


def draw_text(view: RunView) -> None:
    """The result while it is being written, and what the model thinks meanwhile."""
    if view.thoughts:
        draw_thoughts(view.thoughts, open_now=not view.text)
    if view.text:
        st.html(answer_html(view.text))


def draw_result(result: Result, name: str) -> None:
    """The result with its proof, and how the task ended."""
    if result.text and result.abstained:
        draw_refusal(replace(as_answer(result), hits=()), name)
    elif result.text:
        draw_proven(result, name)
    if result.status not in ("done", "needs_approval"):  # what waits stands above, with its buttons
        drawn = st.error if result.status == "error" else st.info
        drawn(plain(f"{ended(result.status)} {_sentence(result.reason)}".strip()), icon=":material/info:")
    about = [
        model_title(result.model) if result.model else "",
        say(counted(len(result.steps), "call"), f"{len(result.steps)} 次调用"),
        say(f"{result.seconds:.1f} s", f"{result.seconds:.1f} 秒"),
    ]
    st.caption(plain(" · ".join(part for part in about if part)))


def _letters(text: str) -> str:
    """What is compared: what stands below, in the result, is not said twice."""
    return "".join(filter(str.isalnum, _MARKER.sub("", text)))


def _sentence(reason: str) -> str:
    """A reason as a sentence of its own."""
    end = "" if not reason or reason[-1] in ".!?。！？" else say(".", "。")
    return reason[:1].upper() + reason[1:] + end


def ended(status: str) -> str:
    """How a task stands."""
    return {
        "gave_up": say("Not everything could be done.", "未能全部完成。"),
        "limit": say("It stopped at a limit.", "已达上限而停止。"),
        "cancelled": say("It was stopped.", "已停止。"),
        "needs_approval": say("It waits for you.", "正在等待您。"),
        "error": say("It failed.", "出错。"),
        "interrupted": say("It was cut off.", "运行被中断。"),
        "running": say("It is under way elsewhere.", "正在别处进行。"),
    }.get(status, "")


def _step(found: StepView) -> None:
    if found.step.done_when:
        st.caption(plain(say("Done when: ", "完成标志：") + shorten(found.step.done_when, 200)))
    for record in found.records:
        _record(record)
    if found.calling is not None:
        st.markdown(f":material/pending: {_signature(found.calling)}")
    for note in found.notes[-NOTES:]:
        st.caption(f":material/build: {plain(shorten(note, 240))}")
    if not found.records and found.calling is None and not found.notes:
        st.caption(say("Nothing called yet.", "尚未调用工具。"))


def _record(record: StepRecord) -> None:
    seen = record.observation
    st.markdown(f"{':material/error:' if seen.error else ':material/build_circle:'} {_signature(record.call)}")
    st.html(
        "".join(excerpt_html(part, limit) for part, limit in _within(_PASSAGE.split(seen.error or seen.text), OBSERVED))
    )


def _within(texts: Sequence[str], limit: int) -> Iterator[tuple[str, int]]:
    """The first of `texts`, each with how many characters of it make `limit` together."""
    for text in texts:
        if limit <= 0:
            break
        yield text, limit
        limit -= len(text)


def _signature(call: Call) -> str:
    arguments = ", ".join(f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in call.arguments.items())
    return f"**{plain(call.tool)}** ({plain(shorten(arguments, 300))})"


SHOWN = 20_000
"""Characters of a text that are shown; the download has it whole."""
PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".gif"}


def draw_files(run_id: str) -> None:
    """A line for each; nothing where the run has made none."""
    with errors_shown():  # the folder for tools may be gone
        found = platform().runs.files(run_id)
        if found:
            st.markdown(f"**{say('Files', '文件')}**")
        for n, file in enumerate(found):
            with st.container(horizontal=True, vertical_alignment="center", key=f"zk-file-{n}", gap="small"):
                st.markdown(f":material/draft: {plain(shorten(file.name, 120))}", width="stretch")
                draw_button(say("Open", "打开"), f"file-open-{n}", "visibility", _open, file)
                name = safe_name(PurePosixPath(file.name).name)
                draw_download(say("Download", "下载"), f"file-get-{n}", partial(_content, file), name)


def _content(file: WrittenFile) -> bytes:
    """As it is now; one that is gone comes with the words that say so."""
    try:
        return file.read()
    except ToolError as error:
        return str(error).encode()


@spoken
def _open(file: WrittenFile) -> None:
    @spoken
    def look() -> None:
        try:
            data = file.read()
        except ToolError as error:
            st.error(plain(str(error)), icon=":material/error:")
            return
        if PurePosixPath(file.name).suffix.lower() in PICTURES:
            st.image(data)
            return
        try:
            text = data.decode("utf-8-sig")
        except ValueError:
            st.info(say("This is no text: download it.", "这不是文本文件，请下载查看。"), icon=":material/draft:")
            return
        st.code(shorten(text, SHOWN), language=None, wrap_lines=True)

    st.dialog(plain(shorten(file.name, 80)), width="large")(look)()
