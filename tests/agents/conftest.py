"""A shelf of pages and a chat on it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

_spec = importlib.util.spec_from_file_location("agents_shelf", Path(__file__).with_name("shelf.py"))
assert _spec is not None
assert _spec.loader is not None
sys.modules["agents_shelf"] = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(sys.modules["agents_shelf"])
