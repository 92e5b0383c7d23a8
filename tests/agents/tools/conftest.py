"""Where a tool runs in these tests."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents import ToolContext
from ingest.language import speaking


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with speaking("en"):
        yield


@pytest.fixture
def context(tmp_path: Path) -> ToolContext:
    folder = tmp_path / "run"
    folder.mkdir()
    return ToolContext(
        run_id="run",
        call_id="call",
        idempotency_key="key",
        kb="default",
        language="en",
        folder=folder,
        cancelled=threading.Event(),
        seconds=20.0,
    )
