"""`zhiku eval tools`: are a model's tool calls valid, and are they right?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agents.cli.evaluate import bar
from agents.cli.opening import platform_of
from agents.evaluation.calling import Bound, Scores, ways
from agents.evaluation.calling import replies as replies_of
from agents.evaluation.records import read_records
from ingest.cli.shell import emit
from ingest.language import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agents.evaluation.records import Record
    from ingest.cli.shell import Common


def tools(options: Common, file: tuple[str, ...], model: str | None, constraint: str, limit: int | None) -> int:
    """Ask for the calls of every record of the files, once per constraint mode.

    Status 1 when a request failed. Raises `UsageError`, `ModelError`.
    """
    names = [Path(path).stem for path in file]
    sets = {
        name if names.count(name) == 1 else path: read_records(Path(path), limit)
        for name, path in zip(names, file, strict=True)
    }
    platform = platform_of(options, model=model)
    try:
        chat = platform.chat_model
        modes = ways(chat, *([] if constraint == "all" else [constraint]))
        scores: dict[str, dict[str, Scores]] = {}
        with bar(
            options, len(modes) * sum(len(record.turns) for records in sets.values() for record in records)
        ) as shown:
            for mode, settings in modes.items():
                caller = Bound(chat, **settings)
                scores[mode] = {name: _scored(records, caller, shown) for name, records in sets.items()}
        name = platform.model_name
    finally:
        platform.close()
    _report(options, name, scores, conversations=any(r.conversation for records in sets.values() for r in records))
    return 1 if any(found.failure for by_file in scores.values() for found in by_file.values()) else 0


def _scored(records: Sequence[Record], caller: Bound, shown: Any) -> Scores:  # noqa: ANN401 - click's bar
    scores = Scores()
    for record in records:
        verdicts = []
        for verdict in replies_of(record, caller):
            verdicts.append(verdict)
            shown.update(1)
        scores.add(record, verdicts)
    return scores


def _report(options: Common, model: str, scores: Mapping[str, Mapping[str, Scores]], *, conversations: bool) -> None:
    means = {mode: mean(by_file) for mode, by_file in scores.items()}
    if options.json:
        emit({"model": model, "modes": {mode: _data(by_file, means[mode]) for mode, by_file in scores.items()}})
        return
    from rich.console import Console

    out = Console(highlight=False)
    for mode, by_file in scores.items():
        click.echo(say(en=f"{model}, constraint: {mode}", zh=f"{model}，约束：{mode}"))
        out.print(_table(by_file, means[mode]))
        for file, found in by_file.items():
            if found.failure:
                click.echo(f"{file}: {found.failure}", err=True)
    if conversations and not options.quiet:
        click.echo(
            say(
                en="Conversations: the tools are not simulated. Each turn is asked after the reference calls of the"
                " earlier ones and compared with its own: a lower bound. They are left out of the mean.",
                zh="多轮对话：未模拟工具状态，每一轮都接在此前各轮的参考调用之后，并与本轮参考调用比较，结果是下限；不计入平均。",
            ),
            err=True,
        )


def mean(by_file: Mapping[str, Scores]) -> float:
    """The plain mean of the accuracy over files of single answers, which conversations are not."""
    singles = [found.figures()["accuracy"] for found in by_file.values() if not found.conversations]
    return round(sum(singles) / len(singles), 4) if singles else 0.0


def _data(by_file: Mapping[str, Scores], average: float) -> dict[str, Any]:
    files = {
        file: {
            "figures": found.figures(),
            "replies": [
                {
                    "id": v.id,
                    "outcome": v.outcome,
                    "reason": v.reason,
                    "calls": v.calls,
                    "valid": v.valid,
                    "seconds": round(v.seconds, 3),
                }
                for v in found.verdicts
            ],
        }
        for file, found in by_file.items()
    }
    return {"mean_accuracy": average, "files": files}


def _rows() -> dict[str, str]:
    return {
        "replies": say("replies", "回复数"),
        "accuracy": say("right", "正确"),
        "irrelevance": say("  rightly no call", "  正确地不调用"),
        "valid_but_wrong": say("  valid, but wrong", "  合规但错误"),
        "invalid": say("  breaks the schema", "  不合规"),
        "unparsable": say("  unparsable", "  无法解析"),
        "no_call": say("  no call where one was due", "  应调用而未调用"),
        "name_match": say("right functions", "函数名全对"),
        "conversations_right": say("whole conversations right", "整段对话全对"),
        "calls": say("calls made or tried", "发出或试图发出的调用"),
        "schema_valid": say("  of these valid", "  其中合规"),
        "failed": say("requests that failed", "失败的请求"),
        "seconds": say("seconds", "秒"),
    }


def _table(by_file: Mapping[str, Scores], average: float) -> Any:  # noqa: ANN401 - rich
    from rich.table import Table

    figures = {file: found.figures() for file, found in by_file.items()}
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    for name in figures:
        table.add_column(name, justify="right", overflow="fold")
    several = sum(not found.conversations for found in by_file.values()) > 1
    if several:
        table.add_column(say("mean", "平均"), justify="right")
    for name, title in _rows().items():
        if any(name in found for found in figures.values()):
            cells = [_cell(name, found.get(name)) for found in figures.values()]
            table.add_row(title, *cells, *([f"{average:.1%}"] if several and name == "accuracy" else []))
    return table


def _cell(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if name in ("replies", "calls", "failed", "seconds") else f"{value:.1%}"
