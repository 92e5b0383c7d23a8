"""What the commands of `zhiku` open."""

from __future__ import annotations

from contextlib import closing

from agents.platform import Platform
from ingest.cli.shell import Common


def platform_of(options: Common, **overrides: object) -> Platform:
    """The platform for this call, its model not loaded yet."""
    from agents import open_platform

    return open_platform(options.home, settings=options.settings(**overrides))


def opened(options: Common, **overrides: object) -> closing[Platform]:
    """The same for a `with`, closed at its end."""
    return closing(platform_of(options, **overrides))
