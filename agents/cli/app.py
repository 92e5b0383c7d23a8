"""`zhiku app`: hand the process over to the application."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from agents.cli.keeping import forget_old
from ingest.cli.shell import Common


def start(options: Common, host: str | None, port: int | None, *, browser: bool, everyone: bool) -> int:
    """Replaces this process, so that Ctrl-C and signals reach the application itself. `-P` keeps a folder called
    `app` in the working directory from being taken for ours. Raises `UsageError` for a setting that makes no sense."""
    options.settings(host=host, port=port)
    forget_old(options)
    environment = dict(os.environ)
    config = options.values.get("config")
    for variable, value in (
        ("ZHIKU_HOME", options.home),
        ("ZHIKU_CONFIG", config and Path(config).absolute()),  # the application changes to the home
        ("ZHIKU_LANGUAGE", options.values.get("lang")),
    ):
        if value:
            environment[variable] = str(value)
    command = [sys.executable, "-P", "-m", "app"]
    command += [f"--host={host}"] if host else []
    command += [f"--port={port}"] if port else []
    command += ["--open"] if browser else []
    command += ["--let-everyone-in"] if everyone else []
    sys.stdout.flush()
    os.execve(sys.executable, command, environment)  # noqa: S606 - our own interpreter, no shell
