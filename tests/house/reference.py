"""Write docs/cli.md and docs/openapi.json from the programs themselves: `python -m tests.house.reference`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ingest.language import speaking

if TYPE_CHECKING:
    from collections.abc import Iterator

TARGET = Path(__file__).parents[2] / "docs" / "cli.md"
OPENAPI = TARGET.with_name("openapi.json")
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


def render_openapi() -> str:
    """What `zhiku serve` takes and gives."""
    from importlib.metadata import version

    from agents.serve.application import description

    return json.dumps(description(version("zhiku")), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    TARGET.write_text(render(), "utf-8")
    OPENAPI.write_text(render_openapi(), "utf-8")
    print(TARGET, OPENAPI, file=sys.stderr)
