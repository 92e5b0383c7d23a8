"""The stage of the agent loop."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agents.tasks.stage import Stage


@pytest.fixture
def stage(tmp_path: Path):
    made = Stage(tmp_path)
    yield made
    made.store.close()
