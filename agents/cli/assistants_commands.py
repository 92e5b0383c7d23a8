"""The tree of `zhiku assistants` and `zhiku answers`: what people make for others, listed, brought along and removed alike."""

from __future__ import annotations

import click

from ingest.cli.door import command, flag, group, option

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
