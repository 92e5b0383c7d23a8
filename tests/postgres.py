"""A PostgreSQL server of the tests' own, on a socket in a folder that goes with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from urllib.parse import quote

import pytest

_SETTINGS = "-c listen_addresses='' -c fsync=off -c max_connections=60 -c shared_buffers=32MB"


@cache
def programs() -> Path | None:
    """Where `initdb` and `pg_ctl` are; None where PostgreSQL is not installed."""
    found = [
        Path(shutil.which("initdb") or "/none").resolve().parent,
        *sorted(Path("/usr/lib/postgresql").glob("*/bin")),
    ]
    return next((folder for folder in reversed(found) if (folder / "pg_ctl").exists()), None)


class Server:
    """Started by the constructor. Skips the test, with the reason, where there is none to start."""

    def __init__(self, settings: str = _SETTINGS) -> None:
        if programs() is None:
            pytest.skip("PostgreSQL is not installed (`make setup-services`)")
        self._settings = settings
        self.folder = Path(tempfile.mkdtemp(prefix="zhiku-pg-"))
        self._account = None
        if hasattr(os, "geteuid") and os.geteuid() == 0:  # it refuses to run as root
            self._account = "postgres"
            shutil.chown(self.folder, self._account)
        self._run(
            "initdb",
            "-D",
            self.folder / "data",
            "-U",
            "zhiku",
            "--auth=trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        )
        self.start()
        self._schemas = 0

    def start(self) -> None:
        """Start it, again where it was stopped."""
        options = f"{self._settings} -k {self.folder}"
        self._run("pg_ctl", "-D", self.folder / "data", "-o", options, "-l", self.folder / "log", "-w", "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop it; immediately, as a crash does."""
        self._run("pg_ctl", "-D", self.folder / "data", "-m", mode, "-w", "stop")

    def url(self, schema: str = "") -> str:
        """An address within which everything is new, or that of a schema."""
        self._schemas += 1
        path = quote(f"-csearch_path={schema or f't{self._schemas}'}")
        return f"postgresql://zhiku@/postgres?host={self.folder}&options={path}"

    @property
    def pid(self) -> int:
        """Of the process whose children serve the connections."""
        return int((self.folder / "data" / "postmaster.pid").read_text("utf-8").split()[0])

    def close(self) -> None:
        """Nothing of it is left."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *words: str | Path) -> None:
        folder = programs()
        assert folder is not None
        # The server keeps what it is given open: nobody may wait for the end of a pipe.
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run([folder / program, *words], user=self._account, cwd="/", check=True, **quiet)
