"""Write docs/cli.md, docs/cli.zh.md and docs/openapi.json from the programs themselves: `python -m tests.house.reference`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click

from ingest.cli.door import common
from ingest.language import speaking

DOCS = Path(__file__).parents[2] / "docs"
OPENAPI = DOCS / "openapi.json"
WIDTH = 100

HEADS = {
    "cli.md": (
        "en",
        """\
# Commands

Made by `python -m tests.house.reference` from the commands themselves; a test compares it with them.

Exit status of both: 0 all done; 1 finished, but something failed (each listed with its reason); 2 wrong usage; 3 the
library can't be opened (locked, made by a newer version, damaged), with what to do about it; 130 stopped by Ctrl-C.

Every command takes the options of its program, `--home` to `--lang` and `--help`, as well; they are listed once, with that.
""",
    ),
    "cli.zh.md": (
        "zh",
        """\
# 命令

由 `python -m tests.house.reference` 从命令本身生成，并由测试核对。

两个命令的退出码：0 全部完成；1 已结束，但有失败（逐一列出原因）；2 用法错误；3 知识库无法打开（被占用、由更新的版本写入、已损坏），并说明
怎么办；130 被 Ctrl-C 中止。

每个命令也接受其所属程序的选项（`--home` 至 `--lang` 以及 `--help`），这些选项只在程序处列出一次。
""",
    ),
}
"""Each page's language and what it begins with."""
COMMON = {option.name for option in common()}
"""The options of every command: listed with the program alone."""


def _helps(command: click.Command, name: str, parent: click.Context | None = None) -> Iterator[str]:
    context = command.context_class(
        command, info_name=name, parent=parent, terminal_width=WIDTH, max_content_width=WIDTH
    )
    if parent is not None:
        context.help_option_names = []
        command.params = [option for option in command.params if option.name not in COMMON]
    yield command.get_help(context)
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            if found and not found.hidden:
                yield from _helps(found, child, context)


def render(page: str) -> str:
    """The whole of one of the two pages."""
    from agents.cli.commands import build as zhiku
    from ingest.cli.commands import build as ingest

    lang, head = HEADS[page]
    parts = [head]
    with speaking(lang):
        for name, build in (("ingest", ingest), ("zhiku", zhiku)):
            texts = [f"```text\n{text.rstrip()}\n```\n" for text in _helps(build(), name)]
            parts += [f"## {name}\n", *texts]
    return "\n".join(parts)


def render_openapi() -> str:
    """What `zhiku serve` takes and gives."""
    from importlib.metadata import version

    from agents.serve.application import description

    return _lines(description(version("zhiku")), 2) + "\n"


def _lines(part: object, deep: int) -> str:
    """JSON with a line for each thing that is named `deep` below the whole: an operation, a schema."""
    if not isinstance(part, dict) or deep < 0:
        return json.dumps(part, ensure_ascii=False)
    named = (f"{json.dumps(name)}: {_lines(value, deep - 1)}" for name, value in part.items())
    return "{\n" + ",\n".join(named) + "\n}"


if __name__ == "__main__":
    for page in HEADS:
        (DOCS / page).write_text(render(page), "utf-8")
    OPENAPI.write_text(render_openapi(), "utf-8")
