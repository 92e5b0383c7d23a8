"""How a command is made: what it takes, and the one function that does it, imported when the command is called."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import click

from ingest.cli.shell import Common
from ingest.cli.wording import Command, Group
from ingest.language import say


class Door:
    """The callback of a command: the function that `target` names as 'module:function'.

    The function gets `Common` first and the command's own parameters by name; what it returns is the exit status, None
    for 0. Nothing of it is imported before, so that help answers at once.
    """

    def __init__(self, target: str) -> None:
        self.target = target

    @property
    def function(self) -> Callable[..., int | None]:
        """What lies behind it, imported."""
        module, _, name = self.target.partition(":")
        found: Callable[..., int | None] = getattr(import_module(module), name)
        return found

    def __call__(self, **own: Any) -> int | None:  # noqa: ANN401 - click's values
        """As click calls it: with the command's parameters."""
        context = click.get_current_context()
        if context.invoked_subcommand is not None:  # of a group that does something by itself
            return None
        return self.function(context.find_root().ensure_object(Common), **own)


class Listing(Command):
    """A command whose options with a metavar such as FILE... take every word up to the next option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does, with the option's name before each of its words."""
        listed = {name for p in self.params if str(p.metavar).endswith("...") for name in p.opts if name[0] == "-"}
        spread: list[str] = []
        current = ""
        for at, word in enumerate(args):
            if word == "--":
                spread += args[at:]
                break
            if word.startswith("-"):
                current = word if word in listed else ""
                if not current or args[at + 1 : at + 2] == [] or args[at + 1].startswith("-"):
                    spread.append(word)
                continue
            spread += [current, word] if current else [word]
        return super().parse_args(ctx, spread)


def option(usage: str, en: str, zh: str, **more: Any) -> click.Option:  # noqa: ANN401 - click's own attributes
    """An option of a command as its usage line has it, with its help and what else click takes.

    '--from source hf|modelscope' names the parameter `source` and the values that it may have; '--days N' is a number
    from 1 up, unless `more` has another type; any other word in capitals stands for a text.
    """
    names = []
    for word in usage.split():
        if "|" in word:
            more["type"] = click.Choice(word.split("|"))
        elif word[0].isupper():
            more = {"metavar": word} | ({"type": click.IntRange(1)} if word == "N" else {}) | more
        else:
            names.append(word)
    return click.Option(names, help=say(en, zh), **more)


def flag(names: str, en: str, zh: str) -> click.Option:
    """An option that takes no value."""
    return option(names, en, zh, is_flag=True)


def argument(usage: str) -> click.Argument:
    """An argument as its usage has it: 'FILE', '[FILE]' for one that may be left out, 'FILE...' for one or more."""
    name = usage.strip("[].@").lower()
    if usage.endswith("..."):
        return click.Argument([f"{name}s"], metavar=usage, nargs=-1, required=True)
    return click.Argument([name], metavar=usage, required=not usage.startswith("["))


def command(usage: str, en: str, zh: str, target: str, *params: click.Parameter) -> click.Command:
    """A command with its help, the function `target` that does it, its own parameters and the common ones.

    Its arguments may stand behind its name, as in 'ask QUESTION'.
    """
    name, *words = usage.split()
    own = [*map(argument, words), *params, *common()]
    return Listing(name, help=say(en, zh), params=own, callback=Door(target))


def group(name: str, en: str, zh: str, *commands: click.Command, **more: Any) -> Group:  # noqa: ANN401 - as click takes it
    """A group of commands with its help."""
    return Group(name, help=say(en, zh), commands=list(commands), **more)


def program(
    name: str, en: str, zh: str, *commands: click.Command, beside: Callable[[], click.Group] | None = None
) -> Group:
    """The whole tree of a program with its help; `beside`: the other program's."""
    settings = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
    tree = group(name, en, zh, *commands, params=common(), context_settings=settings)
    tree.beside = beside
    text = say("Show the version and exit.", "显示版本并退出。")
    return click.version_option(package_name="zhiku", message="zhiku %(version)s", help=text)(tree)


def common() -> list[click.Parameter]:
    """The options of every command, and of the program before it; `Common` keeps what they were given."""
    return [
        _kept("--home DIR", "Folder of the library (or ZHIKU_HOME).", "知识库所在目录（或 ZHIKU_HOME）。"),
        _kept(
            "--kb NAME",
            "Knowledge base [default]; for a question also several.",
            "知识库名称 [default]；提问时可多次指定。",
            multiple=True,
        ),
        _kept("--json", "One JSON object on stdout.", "在标准输出给出一个 JSON 对象。", is_flag=True),
        _kept("-q --quiet", "Say only what went wrong.", "只报告出错的内容。", is_flag=True),
        _kept("--config FILE", "Settings file to read instead.", "改用此设置文件。"),
        _kept("--debug", "Show tracebacks.", "显示错误的完整堆栈。", is_flag=True),
        _kept("--lang zh|en", "Language of the messages.", "界面语言。"),
    ]


def _kept(usage: str, en: str, zh: str, **more: Any) -> click.Option:  # noqa: ANN401 - click's own attributes
    def keep(ctx: click.Context, param: click.Parameter, value: object) -> None:
        if value not in (None, False, ()):
            ctx.find_root().ensure_object(Common).values[str(param.name)] = value

    return option(usage, en, zh, callback=keep, expose_value=False, **more)


def filters() -> list[click.Parameter]:
    """`--tag` and `--where`: of which documents. `ingest.cli.shell.wanted` makes a filter of them."""
    return [
        option(
            "--tag tags TAG",
            "Only documents with this tag; again for more, which must all be there.",
            "只在带此标签的文档中；可多次给出，须全部具备。",
            multiple=True,
        ),
        option(
            "--where where FILTER",
            "Only documents that fit, e.g. 'kind=pdf after=2024-01 field:project=Apollo' (docs/filters.md).",
            "只在符合条件的文档中，如 '类型=pdf 晚于=2024-01 字段:项目=阿波罗'（docs/filters.zh.md）。",
            multiple=True,
        ),
    ]
