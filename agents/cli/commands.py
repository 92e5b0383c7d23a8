"""The tree of `zhiku`: what each command takes, and which function does it. `zhiku models` is in `models_commands`, `zhiku serve`
and what goes with it in `serve_commands`."""

from __future__ import annotations

import click

from agents.cli.models_commands import gpu_layers, lora, models_group
from agents.cli.serve_commands import serving
from ingest.cli.commands import build as ingest
from ingest.cli.door import Door, command, common, filters, flag, group, option, program


def build() -> click.Group:
    """The whole tree, in the language in force."""
    file = click.Argument(["file"], type=click.Path())
    limit = option("--limit", "Only the first N questions.", "只测前 N 个问题。", type=click.IntRange(1))
    run_id = click.Argument(["run_id"], metavar="ID")
    return program(
        "zhiku",
        "A private knowledge base that answers with proof, on your own machine.",
        "私有知识库：在自己的电脑上，带着出处回答问题。",
        command(
            "app",
            "Start the application in the browser.",
            "启动浏览器应用。",
            "agents.cli.app:start",
            option("--host ADDRESS", "Address to listen on [127.0.0.1].", "监听地址 [127.0.0.1]。"),
            option("--port", "Port [8501].", "端口 [8501]。", type=click.IntRange(1, 65535)),
            flag("--open browser", "Open a browser window.", "打开浏览器窗口。"),
            flag(
                "--let-everyone-in everyone",
                "Start without a key where others can reach it.",
                "即使他人可访问且未设密钥也启动。",
            ),
        ),
        command(
            "ask QUESTION",
            "Ask one question; the answer comes with its proof.",
            "提一个问题，回答附带出处。",
            "agents.cli.ask:ask",
            option("-k --top k", "Passages to look at.", "查看的段落数。", type=click.IntRange(1, 100)),
            _model(),
            gpu_layers(),
            lora(),
            _assistant(),
            *filters(),
        ),
        command(
            "check ANSWER...",
            "Check any model's answer, sentence by sentence, against passages or a knowledge base. ANSWER is text, a file, or"
            " - for stdin; a marker [n] in it names the n-th passage.",
            "逐句核对任意模型的回答：依据给定段落或知识库。ANSWER 为文本、文件，或 -（标准输入）；其中的 [n] 指第 n 个段落。",
            "agents.cli.check:check",
            option(
                "--passages FILE...",
                "Files that hold a passage each, or of .jsonl one on each line: a string, or an object with 'text'.",
                "段落文件，每个文件一段；.jsonl 文件每行一段：字符串，或含 “text” 的对象。",
                multiple=True,
            ),
            option("--question TEXT", "What was asked.", "所提的问题。", default=""),
        ),
        command(
            "run [TASK]",
            "Carry out a task: plan it, call tools, write up the result with its proof.",
            "执行任务：制定计划、调用工具、带出处写出结果。",
            "agents.cli.run:run",
            option("--resume ID", "Go on with an earlier run.", "继续之前的运行。"),
            option("--approve CALL", "Allow the call that it waits for.", "批准其等待的调用。"),
            option("--reject CALL", "Refuse the call that it waits for.", "拒绝其等待的调用。"),
            option("--reason", "Why it is refused; the model is told.", "拒绝的原因，会告诉模型。", default=""),
            option(
                "--effort quick|normal|thorough",
                "How much is asked of the model: quick, normal or thorough.",
                "向模型提问的多少：quick（快速）、normal（一般）、thorough（深入）。",
            ),
            flag("--edit-plan", "Show the plan first, to be changed or approved.", "先显示计划，修改或批准后再执行。"),
            _model(),
            gpu_layers(),
            _assistant(),
            *filters(),
        ),
        group(
            "runs",
            "Earlier runs: list, show, branch, remove, prune.",
            "以往的运行：列出、查看、分支、删除、清理。",
            command("list", "The runs, the latest first.", "运行记录，最新的在前。", "agents.cli.runs:list_runs"),
            command(
                "show", "What happened in a run, told again.", "重述一次运行的经过。", "agents.cli.runs:show", run_id
            ),
            command(
                "branch",
                "A new run from before a step of the plan.",
                "从计划的某一步之前另起一次运行。",
                "agents.cli.runs:branch",
                run_id,
                click.Argument(["step"], type=click.IntRange(1)),
            ),
            command(
                "remove",
                "Delete runs with their traces and files.",
                "删除运行及其记录和文件。",
                "agents.cli.runs:remove",
                click.Argument(["run_ids"], metavar="ID...", nargs=-1, required=True),
            ),
            command(
                "prune",
                "Delete ended runs and conversations that nobody has touched for a long time.",
                "删除长期未变动的已结束运行和对话。",
                "agents.cli.keeping:prune_runs",
                option("--days N", "For so many days [setting keep_days].", "未变动的天数 [设置项 keep_days]。"),
                flag("--dry-run", "Only say what would go.", "只说明将删除什么。"),
            ),
        ),
        command(
            "doctor",
            "Check the installation and say what to do.",
            "检查安装情况并给出建议。",
            "agents.cli.doctor:doctor",
        ),
        group(
            "eval",
            "Measure retrieval, answers and the agent on a question file.",
            "用问题文件测量检索、回答与智能体。",
            command(
                "retrieval",
                "Is the right document found?",
                "能否找到正确的文档？",
                "agents.cli.evaluate:retrieval",
                file,
                limit,
            ),
            command(
                "answers",
                "Is the answer right, proven, in the question's language, and refused where there is none? FILE holds a JSON"
                " object a line: question, answers (any is right) or key_points (each is needed), answerable.",
                "回答是否正确、有据、与问题同一语言，无答案时是否拒答？FILE 每行一个 JSON 对象：question、answers（任一即对）"
                "或 key_points（须全部出现）、answerable。",
                "agents.cli.evaluate_answers:answers",
                file,
                _model(),
                option(
                    "--out FILE",
                    "Keep every answer there, one JSON object a line; a run that was cut off goes on.",
                    "逐条保存回答（每行一个 JSON 对象）；中断后可继续。",
                    type=click.Path(dir_okay=False),
                ),
                option(
                    "--compare FILE",
                    "A file that --out wrote: compare with it question by question.",
                    "与 --out 写出的另一文件逐题比较。",
                    type=click.Path(dir_okay=False),
                ),
                limit,
            ),
            command(
                "agent",
                "Does the agent find it out? FILE holds word problems or questions to the documents. Nothing is approved.",
                "智能体能否查明？FILE 为数学应用题或针对文档的问题。不批准任何调用。",
                "agents.cli.evaluate_agent:agent",
                file,
                _model(),
                option(
                    "--calculator on|off|both",
                    "Word problems: the agent with a calculator, the model by itself, or both [both].",
                    "应用题：带计算器的智能体、模型自身，或两者 [both]。",
                    default="both",
                ),
                option(
                    "--kind KIND",
                    "Only questions of this kind; again for each.",
                    "只测此类问题；可多次给出。",
                    multiple=True,
                ),
                limit,
            ),
        ),
        group(
            "mcp",
            "Offer search, reading and answers to an MCP client over stdio. With --kb, of that knowledge base only.",
            "通过 stdio 向 MCP 客户端提供检索、阅读和问答。指定 --kb 时仅提供该知识库。",
            command(
                "list",
                "The MCP servers whose tools the agent may use.",
                "列出智能体可用其工具的 MCP 服务器。",
                "agents.cli.mcp:show_servers",
            ),
            command(
                "trust NAME",
                "Accept a server's tools as they are now.",
                "接受某服务器当前的工具。",
                "agents.cli.mcp:trust",
                flag("--yes", "Do not ask.", "不再询问。"),
            ),
            invoke_without_command=True,
            callback=Door("agents.cli.mcp:serve"),
            params=common(),
        ),
        *people_made(),
        models_group(),
        *serving(),
        beside=ingest,
    )


def _assistant() -> click.Option:
    return option(
        "--assistant NAME",
        "Let this assistant do it, from its own knowledge bases and with its own model.",
        "交由该助手处理：使用其自己的知识库和模型。",
    )


def _model() -> click.Option:
    return option("--model NAME", "Another model than the configured one.", "使用另一个模型。")


_NUMBER = click.IntRange(1)


def people_made() -> list[click.Command]:
    """Both."""
    file = click.Argument(["file"], type=click.Path(dir_okay=False, allow_dash=True))
    number = click.Argument(["number"], metavar="N", type=_NUMBER)
    numbers = click.Argument(["numbers"], metavar="N...", nargs=-1, required=True, type=_NUMBER)
    version = option("--version number N", "As it was then.", "该版本时的内容。", type=_NUMBER)
    overwrite = flag("--replace overwrite", "As a new version of one of that name.", "作为同名助手的新版本。")
    assistants, answers = "agents.cli.assistants", "agents.cli.answers"
    read_assistant = (
        "Read one from a file (TOML or JSON; - for stdin). Models and tools are taken by name, if here; nothing is run.",
        "从文件（TOML 或 JSON；- 表示标准输入）读取助手。模型和工具只按名称采用此处已有的；不会运行或访问文件中的任何内容。",
    )
    read_answers = (
        "Keep those of a table (CSV, TSV, XLSX): columns 'question' and 'answer', else the first two.",
        "导入表格（CSV、TSV、XLSX）：取 “问题” 和 “答案” 两列，否则取前两列。",
    )
    export = "One of them as a file (TOML), on stdout.", "将一个助手导出为文件（TOML），写到标准输出。"
    return [
        group(
            "assistants",
            "Assistants: who answers, from which documents, how. Made on their page in the application, or from a file.",
            "助手：由谁、依据哪些文档、以何种方式回答。可在应用的助手页面创建，或从文件导入。",
            command("list", "All of them.", "列出全部助手。", f"{assistants}:list_assistants"),
            command("show NAME", "One of them and its versions.", "查看助手及其版本。", f"{assistants}:show", version),
            command(
                "revert NAME", "Go back to an earlier version.", "恢复到较早的版本。", f"{assistants}:revert", number
            ),
            command("export NAME", *export, f"{assistants}:export"),
            command("import", *read_assistant, f"{assistants}:read", file, overwrite),
            command("remove NAME", "Delete one with its versions.", "删除助手及其全部版本。", f"{assistants}:remove"),
        ),
        group(
            "answers",
            "Answers that people have kept for certain questions of a knowledge base; they win over its passages.",
            "人工为知识库中特定问题保留的精选答案，优先于检索到的段落。",
            command("list", "All of the knowledge base.", "列出该知识库的精选答案。", f"{answers}:list_answers"),
            command("add QUESTION ANSWER", "Keep an answer to a question.", "为一个问题保留答案。", f"{answers}:add"),
            command("import", *read_answers, f"{answers}:read", file),
            command("remove", "Delete some.", "删除精选答案。", f"{answers}:remove", numbers),
        ),
    ]
