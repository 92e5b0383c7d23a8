"""A model hub on loopback that can misbehave, and the smallest models there are."""

from __future__ import annotations

import importlib.util
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

_spec = importlib.util.spec_from_file_location("fake_hub", Path(__file__).with_name("fake_hub.py"))
assert _spec is not None
assert _spec.loader is not None
sys.modules["fake_hub"] = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(sys.modules["fake_hub"])

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fake_hub import FakeHub


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    """Serving, and named as HF_ENDPOINT and MODELSCOPE_ENDPOINT."""
    for name in ("HF_TOKEN", "HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "OLLAMA_MODELS"):
        monkeypatch.delenv(name, raising=False)
    running = sys.modules["fake_hub"].FakeHub()
    monkeypatch.setenv("HF_ENDPOINT", running.url)
    monkeypatch.setenv("MODELSCOPE_ENDPOINT", running.url)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()
    thread.join()
