"""What the commands of `zhiku` open: the settings in force for a call, and the platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agents.platform import Platform
    from ingest.cli.shell import Common
    from ingest.settings import Settings


def settings_of(options: Common, **overrides: object) -> Settings:
    """The settings in force for this call. Raises `UsageError`."""
    from pathlib import Path

    from ingest.settings import default_home, load_settings

    config = options.values.get("config")
    return load_settings(options.home or default_home(), Path(config) if config else None, **overrides)


def platform_of(options: Common, **overrides: object) -> Platform:
    """The platform for this call, its model not loaded yet."""
    from agents import open_platform

    return open_platform(options.home, settings=settings_of(options, **overrides))
