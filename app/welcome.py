"""What an empty conversation shows: what this is, and questions to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app.markup import plain
from app.samples import questions_for
from app.state import library, spoken
from ingest import say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ingest import KnowledgeBase


LIBRARY = Path(__file__).with_name("library_page.py")


def draw_welcome(base: KnowledgeBase, ask: Callable[[str], None]) -> None:
    """A line of greeting; for the sample documents, questions to click; for an empty library, the way in."""
    st.space("medium")
    st.title(say(en="Ask your documents", zh="向您的文档提问"), anchor=False)
    if not base.documents:
        st.markdown(
            say(
                en=f"**{plain(base.name)}** holds no documents yet. Add some, then ask here.",
                zh=f"**{plain(base.name)}** 还没有文档。先添加文档，再来提问。",
            )
        )
        st.page_link(LIBRARY, label=say(en="Add documents", zh="添加文档"), icon=":material/upload_file:")
        return
    st.markdown(
        say(
            en=f"Answers come from the {base.documents:,} documents in **{plain(base.name)}**, each with the quote that"
            " proves it. What they do not say is not answered.",
            zh=f"回答均来自 **{plain(base.name)}** 的 {base.documents:,} 个文档，并附上可以佐证的原文。"
            "文档里没有的，不会作答。",
        )
    )
    _examples(questions_for(library().documents(base.name)), ask, "example", ":material/chat_bubble:")


def small_model_notice() -> None:
    """Say plainly what the bundled model is, until it is dismissed in this tab."""
    if st.session_state.get("notice-read"):
        return
    folder = plain(str(library().home / "models"))
    with st.container(border=True, key="zk-notice"):
        st.caption(
            ":material/info: "
            + say(
                en="In use is the small model that comes with Zhiku (135M parameters, English). It shows that"
                " everything works; the quotes are exact all the same. For better answers put a larger GGUF,"
                f" such as Qwen3-4B Q4\\_K\\_M, into {folder} and choose it above, or name it or an"
                " OpenAI-compatible server under Settings.",
                zh="当前使用的是智库自带的小模型（1.35 亿参数，英文），用于演示完整流程；引文同样准确。"
                f"想要更好的回答，请把更大的 GGUF（例如 Qwen3-4B Q4\\_K\\_M）放入 {folder} 并在上方选择，"
                "或在“设置”中填写模型或 OpenAI 兼容服务的地址。",
            )
        )
        if st.button(say(en="Understood", zh="知道了"), key="notice-ok", type="tertiary"):
            st.session_state["notice-read"] = True
            st.rerun()


def draw_task_welcome(base: KnowledgeBase, begin: Callable[[str], None]) -> None:
    """What a task is, and one or two to begin with."""
    st.space("medium")
    st.title(say(en="Have a task carried out", zh="交办一项任务"), anchor=False)
    st.markdown(
        say(
            en="A task is planned, worked off step by step with tools, and written up with its proof. Every call is"
            " shown; nothing is changed, run or sent without your leave. It can be stopped and resumed at any time.",
            zh="任务会先制定计划，再逐步调用工具完成，最后带出处写出结果。每次调用都会显示；未经您同意，不会修改、运行或发送任何内容。"
            "可以随时停止和继续。",
        )
    )
    if not base.documents:
        st.page_link(LIBRARY, label=say(en="Add documents", zh="添加文档"), icon=":material/upload_file:")
        return
    questions = questions_for(library().documents(base.name))[:2]
    joined = say(en=" Then: ", zh=" 然后：").join(questions)
    examples = [joined] if questions else []
    examples.append(say(en="Compute 12480 * 17.5% + 360", zh="计算 12480 * 17.5% + 360"))
    _examples(examples, begin, "task-example", ":material/checklist:")


def _examples(texts: Sequence[str], then: Callable[[str], None], key: str, icon: str) -> None:
    """A button for each."""
    for number, text in enumerate(texts):
        st.button(
            plain(text),
            key=f"{key}-{number}",
            on_click=spoken(then),
            args=(text,),
            icon=icon,
            width="stretch" if len(text) > 60 else "content",
        )
