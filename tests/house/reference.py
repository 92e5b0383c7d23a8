"""Write docs/cli.md from the commands themselves: `python -m tests.house.reference`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ingest.language import speaking

if TYPE_CHECKING:
    from collections.abc import Iterator

TARGET = Path(__file__).parents[2] / "docs" / "cli.md"
WIDTH = 100

HEAD = """\
# Commands

Made by `python -m tests.house.reference` from the commands themselves; a test compares it with them.

Exit status of both: 0 all done; 1 finished, but something failed (each listed with its reason); 2 wrong usage; 3 the
library can't be opened (locked, made by a newer version, damaged), with what to do about it; 130 stopped by Ctrl-C.
"""


def _helps(command: click.Command, name: str, parent: click.Context | None = None) -> Iterator[str]:
    context = command.context_class(
        command, info_name=name, parent=parent, terminal_width=WIDTH, max_content_width=WIDTH
    )
    yield command.get_help(context)
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            if found and not found.hidden:
                yield from _helps(found, child, context)


def render() -> str:
    """The whole page."""
    from agents.cli.commands import build as zhiku
    from ingest.cli.commands import build as ingest

    parts = [HEAD]
    for lang, title in (("en", "In English"), ("zh", "中文")):
        with speaking(lang):
            parts.append(f"## {title}\n")
            for name, build in (("ingest", ingest), ("zhiku", zhiku)):
                texts = [f"```text\n{text.rstrip()}\n```\n" for text in _helps(build(), name)]
                parts += [f"### {name}\n", *texts]
    return "\n".join(parts)


if __name__ == "__main__":
    TARGET.write_text(render(), "utf-8")
    print(TARGET, file=sys.stderr)
