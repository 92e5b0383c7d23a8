"""How a command of `zhiku` is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ingest.cli.shell import Common, common
from ingest.cli.wording import Command

if TYPE_CHECKING:
    from collections.abc import Callable


def command(name: str, text: str, call: Callable[..., int], *params: click.Parameter) -> click.Command:
    """A command that gets `Common` first and its own parameters by name; its result is the exit status."""

    def callback(**own: Any) -> int:  # noqa: ANN401 - click's values
        return call(click.get_current_context().find_root().ensure_object(Common), **own)

    return Command(name, callback=callback, params=[*params, *common()], help=text)
