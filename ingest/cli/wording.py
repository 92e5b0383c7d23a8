"""Click's own sentences in our two languages."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Callable, Iterator

import click

from ingest.language import language, say

SLIP = 0.7
"""How like a word must be to be a slip of the fingers (difflib's ratio): 'serach' is .83, 'delete' for 'create' .5."""
_ZH = {"Usage": "用法", "Options": "选项", "Commands": "命令"}


class Formatter(click.HelpFormatter):
    """Help with its headings in the language in force."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The usage line."""
        super().write_usage(prog, args, prefix or say("Usage: ", "用法："))

    def write_heading(self, heading: str) -> None:
        """The heading of a section."""
        super().write_heading(_ZH.get(heading, heading) if language() == "zh" else heading)


class Context(click.Context):
    """A context that formats with `Formatter`."""

    formatter_class = Formatter


class Command(click.Command):
    """A command whose help speaks the language in force."""

    context_class = Context

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """`--help`, explained."""
        if option := super().get_help_option(ctx):
            option.help = say("Show this message and exit.", "显示此帮助并退出。")
        return option


class Group(Command, click.Group):
    """A group that says where a command is which it has not."""

    beside: Callable[[], click.Group] | None = None
    """The other program's tree, where its commands are looked for as well."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """In the order they were added: the everyday ones first."""
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """Each with its whole first sentence: click's own cut it off in the middle."""
        rows = [(name, command.get_short_help_str(limit=1000)) for name, command in self.commands.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command meant; a usage error names the nearest one."""
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            raise UnknownCommandError(name, self._hint(ctx, args), ctx)
        return super().resolve_command(ctx, args)

    def _hint(self, ctx: click.Context, args: list[str]) -> str:
        """What to do about a command that is not here: how one of its name is typed, one it is a slip for, or all."""
        name, *rest = args
        program = ctx.find_root().command
        trees = [program, program.beside()] if isinstance(program, Group) and program.beside else [program]
        meant = sorted((path for tree in trees for path in _paths(tree, name)), key=lambda path: path.count(" "))[:3]
        if not meant and f"--{name}" in {"--help", *(one for param in self.params for one in param.opts)}:
            meant = [f"{ctx.command_path} --{name}"]
        if not meant:
            typed = {one.lstrip("-"): one for one in (*self.commands, "--help")}
            turned = [one for one in typed if sorted(one) == sorted(name)]  # two letters of a short one: 'aks' is .67
            near = turned or difflib.get_close_matches(name, typed, n=1, cutoff=SLIP)
            meant = [f"{ctx.command_path} {typed[one]}" for one in near]
        if not meant:
            known = say(f"There are: {', '.join(self.commands)}.", f"可用的命令：{'、'.join(self.commands)}。")
            if self is program and not self.beside:
                other = " To ask, run tasks, get models, serve, open the application: `zhiku --help`."
                known += say(other, "提问、任务、模型、服务和应用见 `zhiku --help`。")
            return known
        if len(meant) == 1:
            meant = [shlex.join([*meant[0].split(), *rest])]
        shown = say(", or ", "，或 ").join(f"`{one}`" for one in meant)
        return say(f"Did you mean {shown}?", f"您是指 {shown} 吗？")


def _paths(command: click.Command, name: str, above: str = "") -> Iterator[str]:
    """What is typed for each command of that name, and for `command` itself where it is called so."""
    path = f"{above} {command.name}".strip()
    if command.name == name:
        yield path
    elif isinstance(command, click.Group):
        for child in command.commands.values():
            yield from _paths(child, name, path)


class UnknownCommandError(click.UsageError):
    """A command nobody knows; `hint` says what to do about it."""

    def __init__(self, name: str, hint: str, ctx: click.Context) -> None:
        super().__init__(say(f"There is no command '{name}'.", f"没有命令 “{name}”。"), ctx)
        self.hint = hint


def message(error: click.ClickException) -> str:
    """What click says, in the language in force."""
    if isinstance(error, click.NoSuchOption):
        return say(f"There is no option {error.option_name}.", f"没有选项 {error.option_name}。")
    if language() != "zh":
        return error.format_message()
    if isinstance(error, click.MissingParameter):
        name = error.param.make_metavar(error.ctx) if error.param and error.ctx else ""
        return f"缺少参数 {name}。"
    if isinstance(error, click.BadOptionUsage):
        return f"选项 {error.option_name} 后缺少值，或不应带值。"
    if isinstance(error, click.BadParameter):
        name = error.param.opts[-1] if error.param else ""
        return f"{name} 的值无效：{_wanted(error)}"
    if isinstance(error, click.UsageError) and "unexpected extra" in error.message:
        return f"多余的参数：{error.message.partition('(')[2].removesuffix(')')}。"
    return error.format_message()


def _wanted(error: click.BadParameter) -> str:
    """What a value should have been. Click's sentence begins with the value itself where it has one."""
    kind = error.param.type if error.param else None
    if isinstance(kind, click.Choice):
        return f"可选的值为 {'、'.join(map(str, kind.choices))}。"
    if isinstance(kind, click.IntRange):
        if kind.min is not None and kind.max is not None:
            return f"须为 {kind.min} 到 {kind.max} 的整数。"
        return f"须为不小于 {kind.min} 的整数。"
    if isinstance(kind, click.FloatRange):
        least = f"须{'大于' if kind.min_open else '不小于'} {kind.min:g}" if kind.min is not None else "须为数字"
        return f"{least}，且不大于 {kind.max:g}。" if kind.max is not None else f"{least}。"
    if kind is click.INT:
        return "须为整数。"
    return error.message


def hint(error: click.ClickException, program: str) -> str:
    """What to do about it."""
    if isinstance(error, UnknownCommandError):
        return error.hint
    if isinstance(error, click.NoSuchOption) and error.possibilities:
        near = difflib.get_close_matches(error.option_name, error.possibilities, n=1, cutoff=SLIP)
        if near:
            return say(f"Did you mean {near[0]}?", f"您是指 {near[0]} 吗？")
    if isinstance(error, click.UsageError) and "unexpected extra" in error.message:
        return say('What has blanks in it stands in quotes: "…".', '含空格的内容请加引号："…"。')
    path = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else program
    return say(f"`{path} --help` shows what is possible.", f"`{path} --help` 可查看用法。")
