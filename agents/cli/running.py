"""The commands that carry out tasks and look back at them: what each takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from agents.cli.making import command
from ingest.cli.wording import Group
from ingest.language import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.cli.shell import Common


def run_command() -> click.Command:
    """`zhiku run`."""

    def call(options: Common, **own: Any) -> int:  # noqa: ANN401
        from agents.cli.run import run

        return run(options, **own)

    return command(
        "run",
        say(
            "Carry out a task: plan it, call tools, write up the result with its proof.",
            "执行任务：制定计划、调用工具、带出处写出结果。",
        ),
        call,
        click.Argument(["task"], required=False),
        click.Option(["--resume"], metavar="ID", help=say("Go on with an earlier run.", "继续之前的运行。")),
        click.Option(
            ["--approve"], metavar="CALL", help=say("Allow the call that it waits for.", "批准其等待的调用。")
        ),
        click.Option(
            ["--reject"], metavar="CALL", help=say("Refuse the call that it waits for.", "拒绝其等待的调用。")
        ),
        click.Option(
            ["--reason"], default="", help=say("Why it is refused; the model is told.", "拒绝的原因，会告诉模型。")
        ),
        click.Option(
            ["--model"], metavar="NAME", help=say("Another model than the configured one.", "使用另一个模型。")
        ),
        click.Option(
            ["--gpu-layers"],
            type=click.IntRange(0),
            metavar="N",
            help=say("Layers on the GPU instead of all that fit.", "指定 GPU 层数，而非尽量多放。"),
        ),
    )


def runs_group() -> click.Command:
    """`zhiku runs`."""

    def call(action: str) -> Callable[..., int]:
        def run(options: Common, **own: Any) -> int:  # noqa: ANN401
            from importlib import import_module

            return int(getattr(import_module("agents.cli.runs"), action)(options, **own))

        return run

    run_id = click.Argument(["run_id"], metavar="ID")
    group = Group("runs", help=say("Earlier runs: list, show, branch, remove.", "以往的运行：列出、查看、分支、删除。"))
    group.add_command(command("list", say("The runs, the latest first.", "运行记录，最新的在前。"), call("list_runs")))
    group.add_command(
        command("show", say("What happened in a run, told again.", "重述一次运行的经过。"), call("show"), run_id)
    )
    group.add_command(
        command(
            "branch",
            say("A new run from before a step of the plan.", "从计划的某一步之前另起一次运行。"),
            call("branch"),
            run_id,
            click.Argument(["step"], type=click.IntRange(1)),
        )
    )
    group.add_command(
        command(
            "remove",
            say("Delete runs with their traces and files.", "删除运行及其记录和文件。"),
            call("remove"),
            click.Argument(["run_ids"], metavar="ID...", nargs=-1, required=True),
        )
    )
    return group
