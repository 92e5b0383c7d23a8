"""The tree of `zhiku`: what each command takes. What it does lies in a module of its own, imported when it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from agents.cli.making import command as _command
from agents.cli.measuring import eval_group
from agents.cli.running import run_command, runs_group
from ingest.cli.shell import Common, common
from ingest.cli.wording import Group
from ingest.language import say

if TYPE_CHECKING:
    from collections.abc import Callable


def build() -> click.Group:
    """The whole tree, in the language in force."""
    group = Group(
        "zhiku",
        help=say(
            "A private knowledge base that answers with proof, on your own machine.",
            "私有知识库：在自己的电脑上，带着出处回答问题。",
        ),
        params=common(),
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    click.version_option(package_name="zhiku", prog_name="zhiku", message="%(prog)s %(version)s")(group)
    for command in (_app(), _ask(), run_command(), runs_group(), _doctor(), eval_group(), _mcp(), _models()):
        group.add_command(command)
    return group


def _app() -> click.Command:
    def call(options: Common, **own: Any) -> int:  # noqa: ANN401
        from agents.cli.app import start

        return start(options, **own)

    return _command(
        "app",
        say("Start the application in the browser.", "启动浏览器应用。"),
        call,
        click.Option(
            ["--host"], metavar="ADDRESS", help=say("Address to listen on [127.0.0.1].", "监听地址 [127.0.0.1]。")
        ),
        click.Option(["--port"], type=click.IntRange(1, 65535), help=say("Port [8501].", "端口 [8501]。")),
        click.Option(["--open", "browser"], is_flag=True, help=say("Open a browser window.", "打开浏览器窗口。")),
    )


def _ask() -> click.Command:
    def call(options: Common, **own: Any) -> int:  # noqa: ANN401
        from agents.cli.ask import ask

        return ask(options, **own)

    return _command(
        "ask",
        say("Ask one question; the answer comes with its proof.", "提一个问题，回答附带出处。"),
        call,
        click.Argument(["question"]),
        click.Option(
            ["-k", "--top", "k"], type=click.IntRange(1, 100), help=say("Passages to look at.", "查看的段落数。")
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
        _lora(),
    )


def _doctor() -> click.Command:
    def call(options: Common) -> int:
        from agents.cli.doctor import doctor

        return doctor(options)

    return _command("doctor", say("Check the installation and say what to do.", "检查安装情况并给出建议。"), call)


def _mcp() -> click.Command:
    def call(action: str) -> Callable[..., int]:
        def run(options: Common, **own: Any) -> int:  # noqa: ANN401
            from agents.cli import mcp

            return int(getattr(mcp, action)(options, **own))

        return run

    def alone(**own: Any) -> int | None:  # noqa: ANN401
        context = click.get_current_context()
        if context.invoked_subcommand is not None:
            return None
        return call("serve")(context.find_root().ensure_object(Common), **own)

    group = Group(
        "mcp",
        invoke_without_command=True,
        callback=alone,
        help=say(
            "Offer search, reading and answers to MCP clients over stdio or HTTP. With --kb, of that knowledge base only.",
            "向 MCP 客户端提供检索、阅读和问答（stdio 或 HTTP）。指定 --kb 时仅提供该知识库。",
        ),
        params=[
            click.Option(["--http"], is_flag=True, help=say("Over HTTP, on this machine.", "通过本机 HTTP 提供。")),
            click.Option(["--port"], type=click.IntRange(0, 65535), help=say("Its port [8502].", "端口 [8502]。")),
            *common(),
        ],
    )
    group.add_command(
        _command(
            "list",
            say("The MCP servers whose tools the agent may use.", "列出智能体可用其工具的 MCP 服务器。"),
            call("show_servers"),
        )
    )
    group.add_command(
        _command(
            "trust",
            say("Accept a server's tools as they are now.", "接受某服务器当前的工具。"),
            call("trust"),
            click.Argument(["name"]),
            click.Option(["--yes"], is_flag=True, help=say("Do not ask.", "不再询问。")),
        )
    )
    return group


def _models() -> click.Command:
    def call(module: str, action: str) -> Callable[..., int]:
        def run(options: Common, **own: Any) -> int:  # noqa: ANN401
            from importlib import import_module

            return int(getattr(import_module(f"agents.cli.{module}"), action)(options, **own))

        return run

    group = Group(
        "models", help=say("Language models: list, show, plan, pull, use.", "语言模型：列出、查看、规划、下载、选用。")
    )
    name = click.Argument(["name"])
    group.add_command(
        _command(
            "list", say("The models found on this machine.", "本机上的模型。"), call("models_stock", "list_models")
        )
    )
    group.add_command(
        _command("show", say("What a model file says about itself.", "模型文件的信息。"), call("models", "show"), name)
    )
    for command in _planning(name, call):
        group.add_command(command)
    group.add_command(
        _command(
            "pull",
            say(
                "Fetch a model, OWNER/REPO[:QUANTISATION], from a hub. HF_ENDPOINT names a mirror, HF_TOKEN opens"
                " private models.",
                "从模型站点下载模型 OWNER/REPO[:量化版本]。HF_ENDPOINT 可指定镜像，HF_TOKEN 用于私有模型。",
            ),
            call("models_stock", "pull"),
            name,
            click.Option(
                ["--from", "source"],
                type=click.Choice(["hf", "modelscope"]),
                default="hf",
                help=say("Hugging Face [hf] or ModelScope.", "Hugging Face [hf] 或魔搭 ModelScope。"),
            ),
            click.Option(["--yes"], is_flag=True, help=say("Do not ask.", "不再询问。")),
        )
    )
    group.add_command(
        _command(
            "use",
            say("Choose the model that answers.", "选择用来回答的模型。"),
            call("models_stock", "use"),
            name,
            _lora(),
            click.Option(
                ["--probe/--no-probe", "probe"],
                default=None,
                help=say(
                    "Try it on small tasks to see how schemas are best enforced [on a terminal, once per file].",
                    "用小任务试用，以选定约束 Schema 的方式 [在终端中，每个文件一次]。",
                ),
            ),
        )
    )
    return group


def _lora() -> click.Option:
    return click.Option(
        ["--lora"],
        multiple=True,
        metavar="FILE[:SCALE]",
        help=say("A LoRA adapter to put on the model; again for each.", "为模型附加 LoRA 适配器；每个写一次。"),
    )


def _planning(name: click.Argument, call: Callable[[str, str], Callable[..., int]]) -> list[click.Command]:
    """How much memory a model takes: by plan, and by rule of thumb."""
    return [
        _command(
            "plan",
            say("What a model will take, and how many layers to put on the GPU.", "模型需要多少内存，GPU 上放多少层。"),
            call("models_plan", "plan"),
            name,
            click.Option(
                ["--ctx"], type=click.IntRange(1), metavar="N", help=say("Context in tokens.", "上下文长度。")
            ),
            click.Option(
                ["--gpu-memory"],
                type=click.FloatRange(0),
                multiple=True,
                metavar="GB",
                help=say("Plan for a GPU with this much; again for each.", "按此大小的 GPU 规划；每块 GPU 写一次。"),
            ),
            click.Option(
                ["--gpu-layers"],
                type=click.IntRange(0),
                metavar="N",
                help=say("Layers on the GPU instead of all that fit.", "指定 GPU 层数，而非尽量多放。"),
            ),
            click.Option(
                ["--kv"],
                type=click.Choice(["auto", "f16", "q8_0", "q4_0"]),
                help=say("Type of the cache [auto].", "缓存类型 [auto]。"),
            ),
            click.Option(
                ["--flash-attention"],
                type=click.Choice(["auto", "on", "off"]),
                help=say("Flash attention [auto].", "是否使用 flash attention [auto]。"),
            ),
            click.Option(
                ["--parallel"],
                type=click.IntRange(1, 256),
                metavar="N",
                help=say("Conversations at a time [4].", "同时进行的对话数 [4]。"),
            ),
            _lora(),
        ),
        _command(
            "estimate",
            say(
                "Rule of thumb for a model not downloaded yet; with a file, compared with its plan.",
                "未下载模型的经验估计；给出文件时与其规划比较。",
            ),
            call("models_plan", "estimate"),
            click.Argument(["name"], required=False),
            click.Option(
                ["--params"],
                type=click.FloatRange(0, min_open=True),
                metavar="N",
                help=say("Billions of parameters.", "参数量，单位十亿。"),
            ),
            click.Option(
                ["--bits"],
                type=click.FloatRange(0, 64, min_open=True),
                metavar="N",
                help=say("Bits per parameter.", "每参数比特数。"),
            ),
        ),
    ]
