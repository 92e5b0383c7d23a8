"""The files that a task has made: looked at here, or brought to the person's own folder."""

from __future__ import annotations

from functools import partial
from pathlib import PurePosixPath

import streamlit as st

from agents import ToolError, WrittenFile
from app.markup import plain
from app.state import errors_shown, platform, spoken
from ingest import safe_name, say, shorten

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
                st.button(
                    say("Open", "打开"),
                    key=f"file-open-{n}",
                    icon=":material/visibility:",
                    type="tertiary",
                    on_click=partial(_open, file),
                )
                st.download_button(
                    say("Download", "下载"),
                    partial(_content, file),
                    file_name=safe_name(PurePosixPath(file.name).name),
                    key=f"file-get-{n}",
                    icon=":material/download:",
                    type="tertiary",
                    on_click="ignore",
                )


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
