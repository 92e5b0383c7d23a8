"""The tree of commands: names, arguments and help. What they do is in `actions` and `upkeep`, loaded when called."""

from __future__ import annotations

import click

from ingest.cli.door import command, common, filters, flag, group, option, program
from ingest.language import say


def build() -> click.Group:
    """All commands with their help in the language in force."""
    doc = say("DOC is a path, a file name, a title or an id.", "DOC 可以是路径、文件名、标题或编号。")
    return program(
        "ingest",
        "Bring documents into a knowledge base and search them.",
        "把文档放入知识库并进行搜索。",
        command(
            "add PATH...",
            "Add files, folders (with everything in them, ZIP archives too), patterns such as 'docs/**/*.pdf', and"
            " pages of the web. What is unchanged is skipped.",
            "添加文件、文件夹（含其中全部内容，包括 ZIP 压缩包）、通配符（如 'docs/**/*.pdf'）或网页，未变化的会跳过。",
            "ingest.cli.actions:add",
            option(
                "--tag tags TAG",
                "Give every file this tag, or a field: owner=Li. May be repeated.",
                "为每个文件加上此标签或字段（如 负责人=李）；可多次给出。",
                multiple=True,
            ),
            option(
                "--ocr auto|off|force",
                "Read these files anew with text recognition so set, until they change; a document's name or id will"
                " do as PATH.",
                "按此文字识别设置重新读取这些文件（文件变化前一直有效）；PATH 也可以是文档名称或编号。",
            ),
            option(
                "--server URL",
                "Send them to a `zhiku serve` at this address, and follow until it has read them.",
                "发送到该地址的 `zhiku serve`，并跟踪到读取完成。",
                default="",
            ),
            option(
                "--key", "The key to it (or ZHIKU_KEY).", "其密钥（或 ZHIKU_KEY）。", envvar="ZHIKU_KEY", default=""
            ),
            *_reading(),
        ),
        command(
            "sync",
            "Keep a folder (or a site's section) and a knowledge base in step: what is new, changed, moved or gone. It"
            " is remembered; without FOLDER all of them are brought in step.",
            "让文件夹（或网站的一部分）与知识库保持一致：新增、修改、移动和删除。位置会被记住；不写 FOLDER 时同步全部。",
            "ingest.cli.syncing:sync",
            click.Argument(["place"], metavar="[FOLDER]", required=False),
            flag("--watch", "Go on as long as it runs: Ctrl-C ends it.", "持续监视，按 Ctrl-C 结束。"),
            option(
                "--watched yes|no",
                "Whether the application and `zhiku serve` watch it while they run, from now on.",
                "应用和 `zhiku serve` 运行时是否自动监视，设置后一直有效。",
            ),
            flag("--keep", "Keep documents whose files are gone.", "保留文件已不存在的文档。"),
            flag("--forget", "Follow it no longer; documents stay.", "不再同步，文档保留。"),
            *_reading(),
            _yes(),
        ),
        command(
            "list",
            "List the documents.",
            "列出文档。",
            "ingest.cli.actions:list_documents",
            option("--page N", "This page of a long list.", "长列表的第几页。"),
            *filters(),
        ),
        command(
            "show DOC",
            f"Show a document's pages and passages. {doc}",
            f"显示一个文档的页和片段。 {doc}",
            "ingest.cli.actions:show",
            option("--page N", "Print this page.", "输出此页的全文。"),
        ),
        command(
            "remove DOC...",
            f"Delete documents everywhere. The files stay. {doc}",
            f"彻底删除文档（不会删除原文件）。 {doc}",
            "ingest.cli.actions:remove",
            _yes(),
        ),
        command(
            "tag",
            "Give documents tags, or fields of your own: 'owner=Li' sets one, 'owner=' takes it away. The words up to"
            " the first that is no document are documents."
            f" {doc}",
            "为文档添加标签或自定义字段：“负责人=李” 为设置，“负责人=” 为清除。第一个不是文档的词之前均视为文档。"
            f" {doc}",
            "ingest.cli.actions:tag",
            click.Argument(["words"], metavar="DOC... NAME...", nargs=-1, required=True),
            flag("--remove", "Take the tags away.", "移除这些标签。"),
        ),
        command(
            "edit DOC [FORMER] [TEXT]",
            f"Put right what was read: TEXT for what stands there, FORMER. The file stays as it is. Without them, the"
            f" document's corrections. {doc}",
            f"更正读取的内容：以 TEXT 替换原文 FORMER，原文件不变；都不给出时列出该文档的更正。 {doc}",
            "ingest.cli.actions:edit",
            option("--page N", "Where FORMER stands.", "原文所在的页。"),
            option("--revert ID", "Take this correction back.", "撤回此更正。", type=click.IntRange(1)),
        ),
        command(
            "search QUERY",
            "Find the passages that fit a question best.",
            "查找与问题最相关的片段。",
            "ingest.cli.actions:search",
            option("-k N", "Number of hits.", "结果数量。", type=int),
            flag("--explain", "Show each leg's rank and score.", "显示各检索通道的名次和得分。"),
            *filters(),
        ),
        group(
            "kb",
            "Knowledge bases: list, create, remove, rename.",
            "管理知识库：列出、新建、删除、重命名。",
            command("list", "List the knowledge bases.", "列出知识库。", "ingest.cli.upkeep:kb_list"),
            command("create NAME", "Create an empty one.", "新建一个空知识库。", "ingest.cli.upkeep:kb_create"),
            command(
                "remove NAME",
                "Delete one with everything in it.",
                "删除知识库及其全部内容。",
                "ingest.cli.upkeep:kb_remove",
                _yes(),
            ),
            command("rename NAME NEW", "Give one another name.", "重命名知识库。", "ingest.cli.upkeep:kb_rename"),
            params=common(),
            no_args_is_help=True,
        ),
        command(
            "worker",
            "Carry out what servers were sent, as long as it runs; several may, on machines that see the same files.",
            "持续执行服务器收到的添加任务；可在能访问相同文件的多台机器上运行多个。",
            "ingest.cli.worker:work",
        ),
        command(
            "status",
            "Counts, size and the embedder in force.",
            "统计信息、占用空间与当前向量模型。",
            "ingest.cli.upkeep:status",
        ),
        command(
            "doctor",
            "Check all that is stored: texts, vectors, indexes, conversations.",
            "检查全部存储内容：文本、向量、索引、对话。",
            "ingest.cli.upkeep:doctor",
            flag("--repair", "Mend what is damaged.", "修复损坏之处。"),
        ),
        command(
            "rebuild",
            "Build the vector index again from the catalog.",
            "根据目录库重建向量索引。",
            "ingest.cli.upkeep:rebuild",
            option(
                "--embedder NAME", "Embed everything again with another embedder.", "改用另一向量模型重新生成全部向量。"
            ),
        ),
        command(
            "compact",
            "Give room back to the disk that documents left behind which came and went.",
            "收回文档增删后仍占用的磁盘空间。",
            "ingest.cli.upkeep:compact",
        ),
        command(
            "backup FILE", "Write everything to one archive.", "将全部内容备份为一个文件。", "ingest.cli.upkeep:backup"
        ),
        command(
            "restore FILE",
            "Put a backup in place of what is here.",
            "用备份替换现有内容。",
            "ingest.cli.upkeep:restore",
            _yes(),
        ),
    )


def _reading() -> list[click.Parameter]:
    """How what is found is read."""
    return [
        option(
            "--depth N",
            "Links to follow from a page, within its part of the site [0].",
            "从网页出发跟随链接的层数，限于该网站的同一部分 [0]。",
            type=click.IntRange(0, 10),
            default=0,
        ),
        option("--workers N", "Processes that read files.", "读取文件的进程数。", type=click.IntRange(1, 64)),
        flag("--reread", "Look into files of the same size and time as well.", "大小和时间未变的文件也重新检查内容。"),
        flag("--dry-run", "Only say what would be done.", "只说明将要做什么，不实际执行。"),
    ]


def _yes() -> click.Option:
    return flag("--yes -y", "Don't ask.", "不再询问。")
