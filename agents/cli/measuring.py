"""The commands that measure: what each takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from agents.cli.making import command
from ingest.cli.wording import Group
from ingest.language import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.cli.shell import Common


def eval_group() -> click.Group:
    """`zhiku eval`."""

    def call(module: str, action: str) -> Callable[..., int]:
        def run(options: Common, **own: Any) -> int:  # noqa: ANN401
            from importlib import import_module

            return int(getattr(import_module(f"agents.cli.{module}"), action)(options, **own))

        return run

    file = click.Argument(["file"], type=click.Path())
    limit = click.Option(
        ["--limit"], type=click.IntRange(1), help=say("Only the first N questions.", "只测前 N 个问题。")
    )
    model = click.Option(
        ["--model"], metavar="NAME", help=say("Another model than the configured one.", "使用另一个模型。")
    )
    group = Group(
        "eval",
        help=say(
            "Measure retrieval, answers and the agent on a question file.",
            "用问题文件测量检索、回答与智能体。",
        ),
    )
    found = say("Is the right document found?", "能否找到正确的文档？")
    group.add_command(command("retrieval", found, call("evaluate", "retrieval"), file, limit))
    answered = say("Is the answer right, and proven?", "回答是否正确、有据？")
    group.add_command(command("answers", answered, call("evaluate", "answers"), file, limit))
    group.add_command(_agent(call("evaluate_agent", "agent"), file, model, limit))
    return group


def _agent(call: Callable[..., int], file: click.Argument, model: click.Option, limit: click.Option) -> click.Command:
    return command(
        "agent",
        say(
            "Does the agent find it out? FILE holds word problems or questions to the documents. Nothing is approved.",
            "智能体能否查明？FILE 为数学应用题或针对文档的问题。不批准任何调用。",
        ),
        call,
        file,
        model,
        click.Option(
            ["--calculator"],
            type=click.Choice(["on", "off", "both"]),
            default="both",
            help=say(
                "Word problems: the agent with a calculator, the model by itself, or both [both].",
                "应用题：带计算器的智能体、模型自身，或两者 [both]。",
            ),
        ),
        click.Option(
            ["--kind"],
            multiple=True,
            metavar="KIND",
            help=say("Only questions of this kind; again for each.", "只测此类问题；可多次给出。"),
        ),
        limit,
    )
