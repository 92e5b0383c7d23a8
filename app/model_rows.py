"""A model in its row: what it is, how it would lie in memory, chosen, tried, removed."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from agents import ModelFile, gigabytes
from app import memory_bars
from app.buttons import draw_button
from app.confirming import draw_confirmed
from app.live import draw_box, draw_stop
from app.markup import plain
from app.model_menu import model_title, use_model
from app.model_work import TryWork
from app.state import callback, library, models, show, work
from ingest import overridden, say, shorten

_STORES = {"huggingface": "Hugging Face", "ollama": "Ollama", "lmstudio": "LM Studio"}


def draw_file(file: ModelFile, number: int) -> None:
    """One model on this machine: what it is, and what can be done with it."""
    with st.container(border=True, key=f"zk-model-{number}"):
        used = " :material/check_circle:" if file.used else ""
        st.markdown(f"**{plain(model_title(file.name))}**{used}")
        if file.problem:
            st.caption(f":material/error: {plain(file.problem)}")
        else:
            facts = (
                file.architecture, file.size, file.quantisation, gigabytes(file.bytes) if file.bytes else "", file.context,
                file.licence, file.note, _STORES.get(file.store, ""),
            )  # fmt: skip
            st.caption(plain(" · ".join(filter(None, facts))))
        with st.container(horizontal=True, vertical_alignment="center"):
            if not (file.problem or file.note):
                draw_choice(file.name, used=file.used, key=str(number))
            if file.store == "home":
                draw_confirmed(
                    say("Delete", "删除"),
                    say(
                        f"Delete the files of **{plain(file.name)}** ({gigabytes(file.bytes)})?",
                        f"删除 **{plain(file.name)}** 的文件（{gigabytes(file.bytes)}）？",
                    ),
                    partial(models().remove, file),
                    key=f"remove-{number}",
                )
        if file.path and not file.problem and not file.note:
            picture = st.expander(
                say("In memory", "内存占用"), icon=":material/memory:", key=f"memory-{number}", on_change="rerun"
            )
            if picture.open:
                with picture:
                    memory_bars.draw(Path(file.path))
        draw_trial(file.name)


def draw_choice(name: str, *, used: bool, key: str) -> None:
    """Buttons that let the model answer from now on, and that try it."""
    off, label = used or overridden("model"), say("Use", "使用")
    draw_button(label, f"use-{key}", "check", choose, name, weight="secondary", disabled=off)
    off, label = work().trials.busy, say("Try", "试用")
    hint = say("Three short questions, and how fast it answers.", "三个简短问题，并测量回答速度。")
    draw_button(label, f"try-{key}", "speed", _try, name, weight="secondary", hint=hint, disabled=off)


@callback
def choose(name: str) -> None:
    """Let it answer from now on."""
    st.session_state.pop("model", None)
    use_model(models(), library().home, name)


@callback
def _try(name: str) -> None:
    work().trials.start(partial(TryWork, models(), name))


def draw_trial(name: str) -> None:
    """What the trial of this model has brought so far."""
    at_work = work().trials
    draw_box(lambda: one if (one := at_work.latest) and one.name == name else None, _trying, _tried, key="zk-trial")


def _trying(latest: TryWork) -> None:
    _tried(latest)
    st.caption(say(f"Asking… {latest.seconds:.0f} s", f"正在提问… {latest.seconds:.0f} 秒"))
    draw_stop(latest, "try-stop")


def _tried(latest: TryWork) -> None:
    for one in latest.answers:
        icon = ":material/check:" if one.right else ":material/close:"
        st.markdown(f"{icon} {plain(one.question)} → **{plain(shorten(one.answer, 200)) or '–'}**")
    if latest.error is not None:
        show(latest.error)
    speeds = [one.speed for one in latest.answers if one.speed]
    if not latest.running and latest.answers:
        right, speed = sum(one.right for one in latest.answers), sum(speeds) / len(speeds) if speeds else 0.0
        first = min(one.first for one in latest.answers)
        st.caption(
            say(
                f"{right} of {len(latest.answers)} right · first word after {first:.1f} s · {speed:.1f} tokens/s",
                f"{len(latest.answers)} 题答对 {right} 题 · {first:.1f} 秒出首词 · {speed:.1f} 词元/秒",
            )
        )
