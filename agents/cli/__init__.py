"""The command `zhiku`. This module stays light: `zhiku --help` must answer at once."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line with `argv` (default: that of the process); returns the exit status: 0 done, 1 failed or
    done in part, 2 wrong usage, 3 the library can't be opened, 130 stopped by Ctrl-C."""
    from agents.cli.commands import build
    from ingest.cli import shell

    return shell.run(build, argv)
