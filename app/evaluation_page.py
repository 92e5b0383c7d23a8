"""The page where answers are measured on questions of one's own, and what readers disliked is made good."""

from __future__ import annotations

from functools import partial

import streamlit as st

from agents import OwnQuestion, OwnRun, OwnRuns, StoredTurn, figures, outcomes, paired, pairs_of, records_in
from app.bringing import draw_bringing
from app.charts import draw_bars
from app.evaluation_work import EvaluationWork, make, measure, own_questions
from app.kept_answers import draw_pair
from app.live import draw_box, draw_stop
from app.markup import plain
from app.model_menu import draw_model_menu, model_title
from app.state import callback, knowledge_base, platform, show, show_trouble, shown_time, spoken, work
from ingest import counted, say

SHOWN = 8
"""Runs in the charts, the latest."""


@spoken
def draw() -> None:
    """Draw the page."""
    st.title(say("Evaluation", "评测"), anchor=False)
    show_trouble()
    with st.container(horizontal=True, vertical_alignment="center"):
        kb = knowledge_base("evaluation-kb").name
        draw_model_menu("evaluation-model")
    asked = own_questions(platform()).list(kb)
    runs = OwnRuns(platform().home).list(kb)
    running = work().evaluations.busy
    _disliked(platform().conversations.disliked(kb), kb)
    _questions(asked, kb, running=running)
    if asked and not running:
        st.button(
            say(f"Measure on {counted(len(asked), 'question')}", f"用 {len(asked)} 个问题评测"),
            type="primary",
            icon=":material/play_arrow:",
            key="measure",
            on_click=callback(measure),
            args=(work().evaluations, platform(), kb),
        )
    draw_box(lambda: work().evaluations.latest, _running, _ended, key="zk-evaluating")
    if runs:
        _charts(runs[:SHOWN])
        _pairs(runs)


def _running(measuring: EvaluationWork) -> None:
    done, total = measuring.count, measuring.total
    told = say(f"{done} of {total}", f"{done} / {total}")
    st.progress(min(1.0, done / total) if total else 0.0, f"{told} · {measuring.seconds:.0f} {say('s', '秒')}")
    draw_stop(measuring, "stop-evaluation")


def _ended(measured: EvaluationWork) -> None:
    if measured.error is not None:
        show(measured.error)
    work().evaluations.dismiss()


def _disliked(turns: list[StoredTurn], kb: str) -> None:
    """Answers with a thumb down: each becomes a kept answer, a question of the set, or nothing."""
    if not turns:
        return
    title = say(f"Thumbs down ({len(turns)})", f"待处理的差评（{len(turns)}）")
    with st.expander(title, icon=":material/thumb_down:", expanded=True):
        for turn in turns[:20]:
            answer = turn.answer
            with st.container(border=True, key=f"zk-disliked-{turn.id}"):
                st.markdown(f"**{plain(answer.question)}**")
                st.markdown(plain(answer.text))
                if turn.feedback.note:
                    st.caption(":material/edit_note: " + plain(turn.feedback.note))
                with st.container(horizontal=True):
                    with st.popover(say("Write the answer", "写出正确答案"), icon=":material/bookmark_add:"):
                        draw_pair(kb, answer.standalone_question, "", f"down-{turn.id}", turn.id)
                    with st.popover(say("Make it a question", "加入评测问题"), icon=":material/quiz:"):
                        _question_form(kb, answer.standalone_question, str(turn.id), turn.id)
                    st.button(
                        say("Nothing", "不处理"),
                        key=f"down-nothing-{turn.id}",
                        type="tertiary",
                        on_click=callback(platform().conversations.handled),
                        args=(turn.id,),
                    )


def _question_form(kb: str, asked: str, key: str, turn: int | None = None) -> None:
    """A form for a question and what is right; `turn` is what a reader did not like, and is dealt with by this."""
    with st.form(f"question-{key}", border=False, clear_on_submit=turn is None):
        text = st.text_area(say("Question", "问题"), asked, key=f"asked-{key}")
        right = st.text_input(
            say("What is right (empty: the documents don't say)", "正确答案（留空表示文档中没有）"), key=f"right-{key}"
        )
        if st.form_submit_button(say("Add", "添加"), type="primary") and text.strip():
            _add(kb, [(text, right)])
            if turn is not None:
                platform().conversations.handled(turn)
            st.rerun()


def _add(kb: str, pairs: list[tuple[str, str]]) -> None:
    records = [{"question": asked, "answers": [right] if right.strip() else [], "answerable": bool(right.strip())}
               for asked, right in pairs]  # fmt: skip
    own_questions(platform()).add(kb, records)


def _questions(asked: list[OwnQuestion], kb: str, *, running: bool) -> None:
    title = say(f"Questions ({len(asked)})", f"问题（{len(asked)}）")
    with st.expander(title, icon=":material/quiz:", expanded=not asked):
        if not asked:
            st.caption(
                say(
                    "Begin with questions whose answers you know. Then measure: how many are found, answered and proven, and"
                    " whether another model or setting does better.",
                    "先添加您知道答案的问题，再评测：有多少能检索到、答对并核实，换模型或设置后是否更好。",
                )
            )
        with st.container(horizontal=True):
            with st.popover(say("Add", "添加"), icon=":material/add:"):
                _question_form(kb, "", "new")
            with st.popover(say("From a file", "从文件导入"), icon=":material/upload_file:"):
                label = say(
                    "JSONL as for `zhiku eval`, or a table: question, answer",
                    "`zhiku eval` 的 JSONL 文件，或表格：问题、答案",
                )
                kinds = ("jsonl", "csv", "tsv", "xlsx")
                draw_bringing(label, kinds, partial(_bring, kb), key="question-file")
            st.button(
                say("Let the model write ten", "由模型编写十个"),
                icon=":material/auto_awesome:",
                key="make-questions",
                disabled=running or platform().extractive,
                help=say(
                    "From passages of the documents; the built-in model can't.",
                    "根据文档段落编写；自带小模型无法完成。",
                ),
                on_click=callback(make),
                args=(work().evaluations, platform(), kb, 10),
            )
        if asked:
            st.dataframe(
                {
                    say("Question", "问题"): [one.question.question for one in asked],
                    say("Right", "正确答案"): [
                        " / ".join((*one.question.answers, *one.question.key_points)) or "–" for one in asked
                    ],
                    say("Document", "文档"): [", ".join(one.question.documents) for one in asked],
                },
                hide_index=True,
            )
            gone = st.selectbox(
                say("Remove a question", "删除问题"),
                asked,
                index=None,
                format_func=lambda one: one.question.question,
                key=f"question-gone-{len(asked)}",
                placeholder=say("Choose", "请选择"),
            )
            if gone is not None:
                own_questions(platform()).remove(gone.id)
                st.rerun()


def _bring(kb: str, name: str, content: bytes) -> None:
    if name.endswith(".jsonl"):
        own_questions(platform()).add(kb, records_in(content))
    else:
        _add(kb, pairs_of(name, content))


def _charts(runs: list[OwnRun]) -> None:
    """Search, answers and proof of the latest runs, apart; the oldest first."""
    oldest_first = list(reversed(runs))
    search = {"recall@1": "recall@1", "recall@5": "recall@5", "mrr@10": "MRR@10"}
    answers = {
        "answer_contains_gold": say("right", "正确"),
        "rightly_refused": say("rightly refused", "正确拒答"),
        "wrongly_refused": say("wrongly refused", "误拒"),
    }
    proof = {"citations_verified": say("citations verified", "引用已核实")}
    found = [figures(run.cases) for run in oldest_first]
    names = [_name(run).partition(" · ")[2] for run in oldest_first]
    for title, rows, values in (
        (say("Search", "检索"), search, [run.retrieval for run in oldest_first]),
        (say("Answers", "回答"), answers, found),
        (say("Proof", "核实"), proof, found),
    ):
        columns = {label: [value.get(key) for value in values] for key, label in rows.items()}
        draw_bars(title, say("run", "评测"), [str(run.number) for run in oldest_first], columns, stacked=False)
        for run, name, value in zip(oldest_first, names, values, strict=True):
            told = ", ".join(f"{label} {value[key]:.0%}" for key, label in rows.items() if key in value)
            st.caption(f"{run.number}: {told} · {name}")


def _name(run: OwnRun) -> str:
    return f"{run.number} · {shown_time(run.made)[5:]} · {model_title(run.model)}"


def _pairs(runs: list[OwnRun]) -> None:
    """Two runs, question by question."""
    st.subheader(say("Question by question", "逐题比较"), anchor=False)
    by = {run.number: run for run in runs}
    with st.container(horizontal=True):
        first = st.selectbox(say("Run", "本次"), by, format_func=lambda n: _name(by[n]), key="pair-one")
        others = [number for number in by if number != first] or [first]
        second = st.selectbox(
            say("Compared with", "对比"), others, format_func=lambda n: _name(by[n]), key=f"pair-other-{first}"
        )
    one, other = by[first], by[second]
    if first != second:
        pairs = paired(one.cases, other.cases)
        st.markdown(
            say(
                f"Of {pairs.total} pairs: good in both {pairs.both}, in neither {pairs.neither}, only in the first"
                f" {pairs.first}, only in the second {pairs.second}; p = {pairs.p:.2g}. ",
                f"共 {pairs.total} 对：两次均好 {pairs.both}，均不好 {pairs.neither}，仅前者好 {pairs.first}，"
                f"仅后者好 {pairs.second}；p = {pairs.p:.2g}。",
            )
            + (
                say("The two differ.", "两者确有差别。")
                if pairs.p < 0.05
                else say("This may be chance.", "差别可能出于偶然。")
            )
        )
    words = {"right": say("right", "正确"), "says so": say("says so", "未答出"), "wrong": say("wrong", "错误"), "": "–"}
    table = outcomes([one, other])
    replies = {case.question: case.reply.text for case in one.cases}
    order = sorted(table, key=lambda asked: len(set(table[asked].values())) < 2)
    st.dataframe(
        {
            say("Question", "问题"): order,
            say("First", "前者"): [words[table[asked].get(one.id, "")] for asked in order],
            say("Second", "后者"): [words[table[asked].get(other.id, "")] for asked in order],
            say("Answer of the first", "前者的回答"): [replies.get(asked, "") for asked in order],
        },
        hide_index=True,
        key="pair-table",
    )
    st.button(
        say("Remove the first run", "删除前者"),
        key="run-remove",
        icon=":material/delete:",
        type="tertiary",
        on_click=callback(OwnRuns(platform().home).remove),
        args=(one.id,),
    )


if __name__ == "__main__":  # run by Streamlit as a page
    draw()
