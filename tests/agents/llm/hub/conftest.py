"""A model hub on loopback that can misbehave, and the smallest models there are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.agents.llm.hub.fake_hub import FakeHub


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    """Serving, and named as HF_ENDPOINT and MODELSCOPE_ENDPOINT."""
    for name in ("HF_TOKEN", "HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "OLLAMA_MODELS"):
        monkeypatch.delenv(name, raising=False)
    running = FakeHub()
    monkeypatch.setenv("HF_ENDPOINT", running.url)
    monkeypatch.setenv("MODELSCOPE_ENDPOINT", running.url)
    with running:
        yield running
