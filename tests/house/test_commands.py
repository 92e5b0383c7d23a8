"""Every command of `zhiku` and `ingest` leads to a function that takes what the command gives it."""

from __future__ import annotations

import inspect
import re
import shlex
from collections.abc import Iterator

import click
import pytest

from agents.cli.commands import build as zhiku
from ingest.cli import wording
from ingest.cli.commands import build as ingest
from ingest.cli.door import Door
from ingest.cli.shell import Common
from ingest.language import Language, speaking


def commands(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    """All below `group`, and groups that do something by themselves."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        if command.callback is not None or not isinstance(command, click.Group):
            yield f"{path} {name}", command


ALL = [*commands(zhiku(), "zhiku"), *commands(ingest(), "ingest")]


def test_the_whole_tree_is_walked() -> None:
    names = {path for path, _ in ALL}
    assert {"zhiku ask", "zhiku mcp", "zhiku mcp trust", "zhiku models plan", "ingest kb rename"} <= names
    assert len(names) == len(ALL) > 30


@pytest.mark.parametrize(("path", "command"), ALL, ids=[path for path, _ in ALL])
def test_a_command_leads_to_its_function(path: str, command: click.Command) -> None:
    assert isinstance(command.callback, Door), f"{path} has a callback of its own"
    function = command.callback.function
    assert function.__doc__
    given = {parameter.name: None for parameter in command.params if parameter.expose_value}
    inspect.signature(function).bind(Common(), **given)


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("zhiku ingest add 'my docs'", "`ingest add 'my docs'`"),
        ("zhiku pull X", "`zhiku models pull X`"),
        ("zhiku add docs", "`ingest add`.+`zhiku keys add`"),
        ("zhiku kb list", "`ingest kb list`"),
        ("zhiku modles list", "`zhiku models list`"),
        ("zhiku version", "`zhiku --version`"),
        ("ingest help", "`ingest --help`"),
        ("ingest create X", "`ingest kb create X`"),
        ("ingest ask X", "search.+`zhiku --help`"),
        ("ingest kb delete X", r"list.+remove"),
        ("ingest add X --recursive", "`ingest add --help`"),
        ("zhiku ask How many", '"…"'),
    ],
)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_is_no_command_is_answered_with_what_to_type(typed: str, hint: str, lang: Language) -> None:
    name, *words = shlex.split(typed)
    with speaking(lang), pytest.raises(click.UsageError) as caught:
        {"zhiku": zhiku, "ingest": ingest}[name]().main(words, prog_name=name, standalone_mode=False)
    with speaking(lang):
        assert re.search(hint, wording.hint(caught.value, name))
