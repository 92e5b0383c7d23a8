"""`zhiku eval agent`: word problems with and without a calculator, and questions to the documents, by the agent."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from agents.cli.evaluate import bar, table
from agents.cli.opening import opened
from agents.evaluation.questions import Question
from agents.evaluation.tasks import Problem, Solved, ask_figures, problem_figures, read_tasks
from agents.llm.asking import Asker
from agents.platform import Platform
from agents.tasks.events import Result
from ingest.cli.shell import Common, echo, emit
from ingest.language import say
from ingest.pages import counted

_SHARES = frozenset(
    str.split(
        "accuracy no_number answer_contains_gold answered cites_right_document wrongly_answered citations_verified"
    )
)
DOCUMENT_TOOLS = ("search_documents", "read_page", "list_documents", "calculator")


def agent(
    options: Common, file: str, model: str | None, calculator: str, kind: tuple[str, ...], limit: int | None
) -> None:
    """Have every task of `file` carried out. Nothing is ever approved. Raises `UsageError`, `ModelError`."""
    tasks = [task for task in read_tasks(Path(file)) if not kind or (isinstance(task, Question) and task.kind in kind)]
    tasks = tasks[:limit]
    problems = [task for task in tasks if isinstance(task, Problem)]
    asks = [task for task in tasks if isinstance(task, Question)]
    figures: dict[str, Mapping[str, float]] = {}
    with opened(options, model=model) as platform:
        if problems:
            figures |= _solved(platform, options, problems, calculator)
        absent = 0
        if asks:
            known = {Path(document.path).name for document in platform.library.documents(options.kb)}
            here = [a for a in asks if not a.history and (known.intersection(a.documents) or not a.documents)]
            absent = len(asks) - len(here)
            figures |= _answered(platform, options, here)
        name = platform.model_name
    _report(options, name, figures, absent)


def _solved(
    platform: Platform, options: Common, problems: Sequence[Problem], calculator: str
) -> dict[str, Mapping[str, float]]:
    """With the calculator: the agent with that one tool. Without: the model by itself, asked the plain question."""
    asker = Asker(lambda: platform.chat_model, platform.shown_model)
    ways = ["on", "off"] if calculator == "both" else [calculator]
    solved: dict[str, list[Solved]] = {way: [] for way in ways}
    with bar(options, [(way, problem) for way in ways for problem in problems]) as shown:
        for way, problem in shown:
            begun = time.monotonic()
            if way == "on":
                result = platform.agent(kb=options.kb, builtins=("calculator",)).run(problem.question)
                solved[way].append(Solved(problem, result.text, time.monotonic() - begun, result))
            else:
                reply = asker.whole([("human", problem.question)], max_tokens=None)
                solved[way].append(Solved(problem, reply.text, time.monotonic() - begun))
    return {f"calculator_{way}": problem_figures(found) for way, found in solved.items()}


def _answered(platform: Platform, options: Common, asks: Sequence[Question]) -> dict[str, Mapping[str, float]]:
    runs: dict[str, list[tuple[Question, Result]]] = defaultdict(list)
    with bar(options, asks) as shown:
        for ask in shown:
            result = platform.agent(kb=options.kb, builtins=DOCUMENT_TOOLS).run(ask.question)
            for group in dict.fromkeys(("", ask.kind)):
                runs[group].append((ask, result))
    return {f"questions {kind}".strip(): ask_figures(found) for kind, found in runs.items()}


def _report(options: Common, model: str, figures: Mapping[str, Mapping[str, float]], absent: int) -> None:
    if options.json:
        emit({"model": model, "kb": options.kb, "absent": absent, "figures": figures})
        return
    from rich.console import Console

    Console(highlight=False).print(table(model, figures, _rows(), _SHARES))
    if absent:
        echo(
            en=f"{counted(absent, 'question')} left out: the documents are not in '{options.kb}', or it follows on"
            " earlier turns.",
            zh=f"略过 {absent} 个问题：其文档不在 “{options.kb}” 中，或为多轮对话中的追问。",
            err=True,
        )


def _rows() -> dict[str, str]:
    return {
        "questions": say("questions", "问题数"),
        "accuracy": say("last number right", "最后一个数正确"),
        "no_number": say("no number", "没有数字"),
        "answer_contains_gold": say("answer right", "回答正确"),
        "answered": say("answered", "已回答"),
        "cites_right_document": say("cites the right document", "引用了正确的文档"),
        "wrongly_answered": say("answered though nothing is there", "文档无答案却作答"),
        "citations_verified": say("citations verified", "引用已核实"),
        "unsupported_sentences": say("sentences without support", "无依据的句子"),
        "calls": say("calls a run", "每次运行的调用数"),
        "tokens": say("tokens a run", "每次运行的 token 数"),
        "done": say("ended: done", "结束：完成"),
        "gave_up": say("ended: gave up", "结束：放弃"),
        "limit": say("ended: limit", "结束：达到上限"),
        "needs_approval": say("waits for approval", "等待批准"),
        "cancelled": say("ended: cancelled", "结束：已取消"),
        "error": say("ended: error", "结束：出错"),
        "seconds": say("seconds", "秒"),
    }
