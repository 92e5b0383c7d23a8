"""What the commands of `zhiku` open."""

from __future__ import annotations

from pathlib import Path

from agents.platform import Platform
from ingest.cli.shell import Common
from ingest.errors import UsageError
from ingest.language import Text


def opened(options: Common, **overrides: object) -> Platform:
    """The platform for this call, its model not loaded yet."""
    from agents import open_platform

    return open_platform(options.home, settings=options.settings(**overrides))


def contents(file: str) -> bytes:
    """Of a file that the command line names. Raises `UsageError`."""
    try:
        return Path(file).read_bytes()
    except OSError as error:
        why = error.strerror or error
        raise UsageError(Text(f"{file} can't be read: {why}.", f"无法读取 {file}：{why}。")) from error
