"""Models go when their room is needed or nobody asks, and come back by themselves."""

from __future__ import annotations

import time

import pytest

from agents.llm.engine import resident
from agents.llm.engine.engine import Engine
from agents.llm.engine.options import EngineOptions
from agents.llm.engine.sampling import Sampling
from agents.llm.names import bundled_file
from agents.llm.placing.choice import Wish
from ingest.errors import ModelError


def _options(context: int) -> EngineOptions:
    return EngineOptions.of(bundled_file(), Wish(context))


def test_a_model_nobody_asks_rests_and_answers_again() -> None:
    engine = Engine(_options(320), idle=1.0)
    words = engine.weights.tokenize("one two three", special=False)
    assert len(list(engine.submit(words, Sampling(), 3))) == 3
    assert engine.loaded
    end = time.monotonic() + 10
    while engine.loaded and time.monotonic() < end:
        time.sleep(0.05)
    assert engine.loaded is None
    assert len(list(engine.submit(words, Sampling(), 3))) == 3
    weights = engine.weights
    engine.close()
    with pytest.raises(ModelError, match="unloaded"):
        weights.tokenize("one two three", special=False)


def test_one_is_unloaded_when_another_needs_its_room(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (resident.shared_engine(_options(context)) for context in (352, 384))
    first.load()
    monkeypatch.setattr(resident.devices, "free_memory", lambda: 1)
    monkeypatch.setattr(resident, "supports_gpu", lambda: False)
    second.load()
    assert first.loaded, "it was used a moment ago"
    second.close()
    monkeypatch.setattr(resident, "_AT_HAND", 0.0)
    second.load()
    assert first.loaded is None
    assert [engine for engine in resident.loaded_engines() if engine in (first, second)] == [second]
    monkeypatch.undo()
    first.load()
    assert second.loaded, "with room for both, both stay"
    for engine in (first, second):
        engine.close()
