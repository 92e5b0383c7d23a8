"""Flash attention and quantised caches, really loaded: they answer, and take what the planner says."""

from __future__ import annotations

import logging
import re
from dataclasses import replace

import pytest

from agents.llm import open_model
from agents.llm.engine.loading import planner
from agents.llm.engine.options import EngineOptions
from agents.llm.names import bundled_file
from agents.llm.native import Context, Weights
from agents.llm.placing import choice
from agents.llm.use import Use
from ingest.errors import ModelError
from ingest.settings import Settings

COUNT = "Continue: one, two, three, four, five,"
KINDS = [("auto", "auto"), ("f16", "off"), ("q8_0", "on"), ("q8_0", "auto"), ("q4_0", "on")]


@pytest.mark.parametrize(("kv", "flash_attention"), KINDS)
def test_every_kind_answers(kv, flash_attention) -> None:
    settings = Settings(context=512, kv=kv, flash_attention=flash_attention, max_tokens=12)
    model = open_model("bundled", settings)
    reply = model.invoke(COUNT)
    assert reply.usage_metadata["output_tokens"] > 0
    if kv != "q4_0":  # four bits cost this small model its wits
        assert "six" in reply.text
    said = model.describe()
    assert ("q8_0" in said, "q4_0" in said) == (kv == "q8_0", kv == "q4_0")
    assert ("no flash attention" in said) == (flash_attention == "off")
    model.engine.close()


def test_a_quantised_cache_without_flash_attention_is_refused_with_a_reason() -> None:
    model = open_model("bundled", Settings(context=512, kv="q8_0", flash_attention="off"))
    with pytest.raises(ModelError, match="flash attention") as caught:
        model.invoke("hello")
    assert "flash_attention" in caught.value.hint.en


@pytest.mark.parametrize(
    ("cache", "flash_attention"), [("f16", "auto"), ("f16", "off"), ("q8_0", "on"), ("q4_0", "on")]
)
def test_the_plan_is_what_llama_reports(cache, flash_attention, caplog) -> None:
    wish = choice.Wish(context=2048, cache=cache, flash_attention=flash_attention)
    plan = choice.choose(planner(bundled_file()), wish)
    weights = Weights(bundled_file(), 0)
    with caplog.at_level(logging.DEBUG, "zhiku.llama"):
        context = Context(weights, Use(2048, 4, cache, flash_attention=flash_attention), 1)
    sizes: dict[str, float] = {}
    for kind, size in re.findall(r"(KV|compute|output) buffer size = +([\d.]+) MiB", caplog.text):
        sizes[kind] = sizes.get(kind, 0) + float(size)
    context.close()
    weights.close()
    assert plan.cpu.cache / 2**20 == pytest.approx(sizes["KV"], abs=0.01)
    actual = sizes["compute"] + sizes["output"]
    assert actual <= plan.cpu.compute / 2**20 <= actual + 64


def test_options_are_what_tells_models_apart() -> None:
    wish = choice.Wish(512)
    one = EngineOptions.of(bundled_file(), wish)
    assert one == EngineOptions.of(bundled_file(), wish)
    assert one != EngineOptions.of(bundled_file(), replace(wish, cache="q8_0"))
    assert one != EngineOptions.of(bundled_file(), replace(wish, flash_attention="off"))
