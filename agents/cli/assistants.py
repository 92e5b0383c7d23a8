"""`zhiku assistants`: listed, shown, taken back, exported, imported, removed."""

from __future__ import annotations

import sys
from dataclasses import replace

import click

from agents.assistants.assistant import LONGEST, exported
from agents.cli.opening import contents, opened
from ingest.cli.drawing import harmless
from ingest.cli.shell import Common, emit, listing, note, tell
from ingest.errors import UsageError
from ingest.language import Text, say
from ingest.loaders.encoding import decode


def list_assistants(options: Common) -> None:
    """By name."""
    with opened(options) as platform:
        found = platform.assistants.list()
    nothing = say("There is no assistant yet.", "还没有助手。")
    lines = [f"{one.name}  ({', '.join(one.kbs)})" for one in found]
    listing(options, {"assistants": [one.to_json() for one in found]}, lines, nothing)


def show(options: Common, name: str, number: int | None) -> None:
    """As it is exported, and its versions. Raises `UsageError`."""
    with opened(options) as platform:
        versions = platform.assistants.versions(name)
    found = next((one for one in versions if number in (None, one.n)), None)
    if found is None:
        raise UsageError(Text(f"'{name}' has no version {number}.", f"“{name}” 没有第 {number} 版。"))
    if options.json:
        made = [{"n": one.n, "made": one.made} for one in versions]
        emit({**found.assistant.to_json(), "version": found.n, "versions": made})
        return
    click.echo(harmless(exported(found.assistant)))
    for one in versions:
        click.echo(say(f"version {one.n}: {one.made}", f"第 {one.n} 版：{one.made}"))


def revert(options: Common, name: str, number: int) -> None:
    """Raises `UsageError`."""
    with opened(options) as platform:
        platform.assistants.revert(name, number)
    told = say(f"'{name}' is as in version {number} again.", f"“{name}” 已恢复为第 {number} 版。")
    tell(options, {"name": name, "reverted": number}, told)


def export(options: Common, name: str) -> None:
    """Raises `UsageError`."""
    with opened(options) as platform:
        click.echo(exported(platform.assistants.get(name)), nl=False)


def read(options: Common, file: str, *, overwrite: bool) -> None:
    """Keep the one in `file`; a name that is taken gets a number, unless it is to be replaced. Raises `UsageError`."""
    text = sys.stdin.read(LONGEST + 1) if file == "-" else decode(contents(file))[0]
    with opened(options) as platform:
        found, notes = platform.assistants.read(text)
        if not overwrite:
            found = replace(found, name=platform.assistants.free(found.name))
        version = platform.assistants.save(found)
    for line in notes:
        note(options, line)
    told = say(f"'{found.name}' is here (version {version}).", f"“{found.name}” 已导入（第 {version} 版）。")
    tell(options, {"name": found.name, "version": version, "notes": notes}, told)


def remove(options: Common, name: str) -> None:
    """Raises `UsageError`."""
    with opened(options) as platform:
        platform.assistants.remove(name)
    tell(options, {"removed": name}, say(f"'{name}' is gone.", f"“{name}” 已删除。"))
