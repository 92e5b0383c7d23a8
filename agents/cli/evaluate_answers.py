"""`zhiku eval answers`: the user's own questions asked, judged, kept, and compared with another run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from agents.cli.evaluate import bar, table
from agents.cli.opening import opened
from agents.evaluation import (
    SHARES,
    Case,
    Pairs,
    Question,
    Record,
    Reply,
    circumstances,
    figures,
    paired,
    read_cases,
    read_questions,
    reply_of,
)
from ingest.cli.shell import Common, echo, emit
from ingest.language import say

_CHAIN = "zhiku"


def answers(
    options: Common, file: str, model: str | None, out: str | None, compare: str | None, limit: int | None
) -> None:
    """Answer every question of `file`; those that `out` holds already are not asked again. Raises `UsageError`."""
    questions = read_questions(Path(file), limit)
    others = read_cases(Path(compare)) if compare else []
    with opened(options, model=model) as platform:
        run = {**circumstances(platform.shown_model, platform.chat_model, platform.settings), "kb": options.kb}
        record = Record(run, Path(out) if out else None)
        chat = platform.chat(options.kb)

        def ask(question: Question) -> Reply:
            return reply_of(chat.ask(question.question, question.history))

        with bar(options, questions) as shown:
            cases = [record.case(Path(file).name, _CHAIN, question, ask) for question in shown]
        name = platform.shown_model
    groups: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        groups[case.group].append(case)
    found = {group: figures(members) for group, members in groups.items()}
    pairs = paired(cases, others) if compare else None
    if options.json:
        _emit(options, found, pairs)
        return
    _show(name, found, cases)
    if compare and pairs:
        before = {say("this run", "本次"): figures(cases), Path(compare).name: figures(_same(others, cases))}
        click.echo()
        _print(say("the same questions", "相同的问题"), before)
        _tell(pairs, Path(compare).name)


def _same(others: Sequence[Case], cases: Sequence[Case]) -> list[Case]:
    """Of the other run the questions that this one asked."""
    asked = {(case.set, case.id) for case in cases}
    return [case for case in others if (case.set, case.id) in asked]


def _emit(options: Common, found: Mapping[str, Mapping[str, float]], pairs: Pairs | None) -> None:
    only = next(iter(found.values())) if set(found) == {""} else dict(found)
    told = {"kb": options.kb, "absent": 0, "figures": only}
    if pairs:
        told["compared"] = {
            "pairs": pairs.total,
            "both": pairs.both,
            "neither": pairs.neither,
            "this_run_only": pairs.first,
            "other_run_only": pairs.second,
            "p": round(pairs.p, 6),
        }
    emit(told)


def _show(name: str, found: Mapping[str, Mapping[str, float]], cases: Sequence[Case]) -> None:
    columns = {group or say("all", "全部"): values for group, values in found.items()}
    if len(columns) > 1:
        columns[say("all", "全部")] = figures(cases)
    _print(name, columns)


def _print(title: str, columns: Mapping[str, Mapping[str, float]]) -> None:
    from rich.console import Console

    Console(highlight=False).print(table(title, columns, _rows(), SHARES))


def _tell(pairs: Pairs, other: str) -> None:
    if not pairs.total:
        echo(en=f"{other} holds none of these questions.", zh=f"{other} 中没有这些问题。")
        return
    echo(
        en=f"Question by question, {pairs.total} pairs: good in both {pairs.both}, in neither {pairs.neither}, only in this run"
        f" {pairs.first}, only in {other} {pairs.second}; p = {pairs.p:.3g} (exact McNemar test). "
        + ("The two differ." if pairs.p < 0.05 else "This may well be chance."),
        zh=f"逐题比较 {pairs.total} 对：两次均好 {pairs.both}，均不好 {pairs.neither}，仅本次好 {pairs.first}，"
        f"仅 {other} 好 {pairs.second}；p = {pairs.p:.3g}（McNemar 精确检验）。"
        + ("两者确有差别。" if pairs.p < 0.05 else "差别可能出于偶然。"),
    )


def _rows() -> dict[str, str]:
    return {
        "questions": say("questions", "问题数"),
        "answer_contains_gold": say("right answers", "回答正确"),
        "gold_recall": say("of the right answer's words given", "正确答案用词的覆盖率"),
        "wrongly_refused": say("refused though the answer is there", "有答案却拒答"),
        "rightly_refused": say("refused where there is no answer", "无答案时拒答"),
        "citations_verified": say("citations verified", "引用已核实"),
        "citations": say("citations", "引用数"),
        "unsupported_sentences": say("sentences without proof", "无依据的句子"),
        "in_question_language": say("in the question's language", "与问题同一语言"),
        "across_languages": say("… where the documents are in another", "……文档为另一语言时"),
        "repeating": say("answers that repeat a sentence", "有重复句子的回答"),
        "empty": say("empty answers", "空回答"),
        "failed": say("answers that failed", "出错的回答"),
        "prompt_tokens": say("prompt tokens, median", "提示词 token 数（中位数）"),
        "first_token": say("seconds to the first word, median", "首字用时（秒，中位数）"),
        "total": say("seconds in all, median", "总用时（秒，中位数）"),
    }
