"""Which context and cache are taken unasked, and what asking changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agents.llm.placing.choice import Wish, choose, usable
from agents.llm.placing.plan import Device, Planner
from agents.llm.placing.shape import Layer, Shape

MIB, GIB = 2**20, 2**30


def shape(trained: int = 131072) -> Shape:
    """28 layers with 4 KiB of 16-bit cache per token each: 112 KiB a token, 1,792 MiB at 16,384."""
    layer = Layer(64 * MIB, 0, 1024, 1024, windowed=False, state=0)
    return Shape(
        name="made", architecture="llama", layers=(layer,) * 28, input=100 * MIB, output=100 * MIB, tied=0,
        file_bytes=28 * 64 * MIB + 200 * MIB, trained_context=trained, vocabulary=32000, width=2048, feed=3 * 8192,
        attention=6144, recurrence=0, repacked=0, heads=16,
    )  # fmt: skip


def planner(gib: float, *gpus: Device, trained: int = 131072) -> Planner:
    return Planner(shape(trained), gpus, int(gib * GIB))


def taken(plan) -> tuple[int, str]:
    return plan.use.context, plan.use.cache


def test_with_memory_enough_it_is_the_usual_context_in_16_bits() -> None:
    assert taken(choose(planner(16), Wish())) == (16384, "f16")
    assert taken(choose(planner(16, trained=8192), Wish())) == (8192, "f16")


def test_eight_bits_before_less_context() -> None:
    assert taken(choose(planner(3.5), Wish())) == (16384, "q8_0")
    for wish in (Wish(cache="f16"), Wish(flash_attention="off")):
        context, cache = taken(choose(planner(3.5), wish))
        assert (8192 < context < 16384, cache) == (True, "f16")


@pytest.mark.parametrize("gib", [2.3, 2.5, 2.8])
def test_then_the_largest_context_that_fits(gib) -> None:
    plan = choose(planner(gib), Wish())
    assert plan.fits
    assert 2048 <= plan.use.context < 16384
    assert plan.use.context % 256 == 0
    larger = planner(gib).chosen(0, replace(plan.use, context=plan.use.context + 256))
    assert not larger.fits


def test_what_was_asked_for_is_taken_or_refused() -> None:
    assert taken(choose(planner(6), Wish(context=32768))) == (32768, "f16")
    assert taken(choose(planner(5), Wish(context=32768))) == (32768, "q8_0")
    refused = choose(planner(3), Wish(context=32768))
    assert (taken(refused), refused.fits) == ((32768, "q8_0"), False)
    assert taken(choose(planner(3), Wish(context=32768, cache="q4_0"))) == (32768, "q4_0")


def test_when_nothing_fits_the_least_is_tried() -> None:
    plan = choose(planner(1), Wish())
    assert (plan.fits, plan.use.context) == (False, 2048)


def test_on_a_gpu_eight_bits_may_keep_all_layers_there() -> None:
    card = Device("CUDA0", 4 * GIB, 4 * GIB)
    plan = choose(planner(64, card), Wish())
    assert (plan.gpu_layers, *taken(plan)) == (29, 16384, "q8_0")
    assert choose(planner(64, card), Wish(gpu_layers=3)).gpu_layers == 3
    assert choose(planner(64, card), Wish(gpu_layers=-1)).gpu_layers == 29


def test_without_flash_attention_the_scores_take_room() -> None:
    with_it, without = (choose(planner(32), Wish(flash_attention=kind)).cpu.compute for kind in ("auto", "off"))
    assert without - with_it == 512 * 8 * 16 * 16384


def test_some_memory_is_left_to_others() -> None:
    assert (usable(4 * GIB), usable(64 * GIB), usable(0)) == (3.5 * GIB, 63 * GIB, 0)
