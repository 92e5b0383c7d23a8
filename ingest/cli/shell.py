"""What every command shares: the language, the common options, errors as one line, exit statuses."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ingest.cli import wording
from ingest.errors import UsageError, ZhikuError
from ingest.language import Language, Text, say, speak
from ingest.private import exposed_keys, private_files
from ingest.progress import hearing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ingest.filters import Filter
    from ingest.library import Library
    from ingest.settings import Settings


@dataclass
class Common:
    """The options that may stand before or after the command's name."""

    values: dict[str, Any] = field(default_factory=dict)
    warned: bool = False
    """Whether a settings file that others can read has been spoken of."""

    @property
    def home(self) -> Path | None:
        """`--home`, or None for the configured one."""
        given = self.values.get("home")
        return Path(given).expanduser().absolute() if given else None

    @property
    def kb(self) -> str:
        """`--kb`. Raises `UsageError` for several, which only questions are put to."""
        if len(self.kbs) > 1:
            raise UsageError(
                Text("This takes one knowledge base.", "此命令只能指定一个知识库。"),
                Text("Several --kb go with search, ask and run.", "仅 search、ask、run 可多次使用 --kb。"),
            )
        return self.kbs[0]

    @property
    def kbs(self) -> tuple[str, ...]:
        """Every `--kb`, each once."""
        return tuple(dict.fromkeys(self.values.get("kb") or ())) or ("default",)

    @property
    def json(self) -> bool:
        """`--json`: one object on stdout."""
        return bool(self.values.get("json"))

    @property
    def quiet(self) -> bool:
        """`-q`."""
        return bool(self.values.get("quiet"))

    @property
    def folder(self) -> Path:
        """The library's folder: `--home`, or the configured one."""
        from ingest.settings import default_home

        return self.home or default_home()

    def settings(self, **overrides: object) -> Settings:
        """The settings in force for this call. Raises `UsageError`."""
        from ingest.settings import load_settings

        config = Path(given) if (given := self.values.get("config")) else None
        found = load_settings(self.folder, config, **overrides)
        if not self.warned and (warning := exposed_keys(self.folder, config)):
            note(self, str(warning))
        self.warned = True
        return found

    def library(self) -> Library:
        """Open the library that the options name."""
        from ingest.wiring import open_library

        return open_library(self.folder, self.settings())


def run(build: Callable[[], click.Group], argv: Sequence[str] | None) -> int:
    """Build the commands in the user's language, run them, and turn what goes wrong into a line and a status."""
    args = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    private_files()
    speak(_language(args))
    debug = "--debug" in args or bool(os.environ.get("ZHIKU_DEBUG"))
    if not debug:
        # What our parts and their libraries log is for programmers; what a person must know is in the report.
        logging.getLogger().addHandler(logging.NullHandler())
    group = build()
    name = str(group.name)
    try:
        with hearing(lambda line: click.echo(line, err=True) if line and not {"-q", "--quiet"} & set(args) else None):
            outcome = group.main(args, prog_name=name, standalone_mode=False)
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):
        # Whoever read our output has seen enough (click makes it an exit); closing stdout must not complain again.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "", err=True)
        return 2
    except click.ClickException as error:
        return _complain(wording.message(error), wording.hint(error, name), 2, json="--json" in args)
    except (click.Abort, KeyboardInterrupt):
        click.echo(say("Stopped.", "已停止。"), err=True)
        return 130
    except ZhikuError as error:
        if debug:
            raise
        return _complain(
            str(error.message), str(error.hint) if error.hint else "", error.exit_status, json="--json" in args
        )
    except Exception as error:
        if debug:
            raise
        return _complain(
            say(f"Something went wrong: {type(error).__name__}: {error}", f"出错了：{type(error).__name__}：{error}"),
            say(
                "This is a bug of ours. Run it again with --debug and report what it shows.",
                "这是程序缺陷。请加 --debug 重新运行，并反馈所显示的内容。",
            ),
            1,
            json="--json" in args,
        )
    return outcome if isinstance(outcome, int) else 0


def wanted(tags: Sequence[str], where: Sequence[str]) -> Filter:
    """The filter that `--tag` and `--where` say together. Raises `UsageError`."""
    from ingest.filters import Filter, parse

    found = Filter.tagged(map(as_typed, tags))
    for text in where:
        found &= parse(as_typed(text))
    return found


def as_typed(text: str) -> str:
    """Under a locale without Chinese the bytes of the command line arrive escaped, one by one."""
    if not text.isascii():
        with contextlib.suppress(UnicodeError):
            return os.fsencode(text).decode("utf-8")
    return text


def emit(value: object) -> None:
    """One JSON object on stdout."""
    import json

    text = json.dumps(value, ensure_ascii=False, indent=None if not sys.stdout.isatty() else 2)
    click.echo(text.encode("utf-8", "replace").decode("utf-8"))


def echo(en: str, zh: str, *, err: bool = False) -> None:
    """The sentence in the language in force, on stdout or stderr."""
    click.echo(say(en, zh), err=err)


def tell(common: Common, data: object, text: str) -> None:
    """What was done: `data` with `--json`, `text` for a person, nothing with `-q`."""
    if common.json:
        emit(data)
    elif not common.quiet:
        click.echo(text)


def listing(common: Common, data: object, lines: Sequence[str], nothing: str = "") -> None:
    """What there is: `data` with `--json`, else a line for each; `nothing` beside it where there is none."""
    from ingest.cli.drawing import harmless

    if common.json:
        emit(data)
        return
    for line in lines:
        click.echo(harmless(line))
    if not lines and nothing:
        note(common, nothing)


def note(common: Common, text: str) -> None:
    """A line beside the result, on stderr; none with `-q`."""
    if not common.quiet:
        click.echo(text, err=True)


def _complain(message: str, hint: str, status: int, *, json: bool) -> int:
    line = " ".join(message.split())
    with contextlib.suppress(BrokenPipeError):
        click.echo(f"{say('Error', '错误')}: {line}", err=True)
        if hint:
            click.echo(f"{say('Hint', '提示')}: {' '.join(hint.split())}", err=True)
        if json:
            emit({"error": line, "hint": hint})
    return status


def _language(args: Sequence[str]) -> Language | None:
    """`--lang`, ZHIKU_LANGUAGE, the settings file, else None for the locale.

    Looked up before anything is parsed, because help and errors of the parser speak it too. What is wrong
    with a setting is told later, by those who read settings in earnest.
    """
    value = _argument(args, "--lang")
    if value not in ("zh", "en"):
        value = os.environ.get("ZHIKU_LANGUAGE")
    if not value:
        from ingest.settings import FILE, default_home

        home, config = _argument(args, "--home"), _argument(args, "--config") or os.environ.get("ZHIKU_CONFIG")
        with contextlib.suppress(OSError, ValueError):
            file = Path(config) if config else (Path(home).expanduser() if home else default_home()) / FILE
            value = tomllib.loads(file.read_text("utf-8-sig")).get("language")
    if value == "zh":
        return "zh"
    return "en" if value == "en" else None


def _argument(args: Sequence[str], name: str) -> str | None:
    for position, arg in enumerate(args):
        if arg.startswith(f"{name}="):
            return arg.partition("=")[2]
        if arg == name and position + 1 < len(args):
            return args[position + 1]
    return None
