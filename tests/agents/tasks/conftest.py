"""The stage of the agent loop."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

_spec = importlib.util.spec_from_file_location("loop_stage", Path(__file__).with_name("stage.py"))
assert _spec is not None
assert _spec.loader is not None
if "loop_stage" not in sys.modules:
    sys.modules["loop_stage"] = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(sys.modules["loop_stage"])


@pytest.fixture
def stage(tmp_path: Path):
    made = sys.modules["loop_stage"].Stage(tmp_path)
    yield made
    made.store.close()
