"""The command `ingest`. This module stays light: `ingest --help` must answer at once."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line with `argv` (default: that of the process); returns the exit status."""
    from ingest.cli import shell
    from ingest.cli.commands import build

    return shell.run(build, argv)
