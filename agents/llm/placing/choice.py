"""What the application would load, and why: context, cache and layers chosen for what is wished and what is free.

The engine, `zhiku models plan`, `zhiku doctor` and the settings page ask here, so that all of them say the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from agents.llm.errors import cannot_quantise
from agents.llm.placing.plan import Plan, Planner
from agents.llm.placing.shape import Shape
from agents.llm.use import Use
from ingest.language import Text, say
from ingest.settings import Settings

USUAL_CONTEXT = 16384
"""Tokens taken without being asked: reading more takes minutes without a GPU, and few answers need it."""
LEAST_CONTEXT = 2048
"""A system prompt, a question and a few passages."""
_MODERATE_CONTEXT = 4096
"""Tokens below which more layers on the GPU are not bought with less context."""
_UNKNOWN_TRAINED = 4096
"""Where a file does not state the length it was trained for."""
_MARGIN = 2**30
"""Main memory left to everybody else, or an eighth of what is free where that is less."""

FlashAttention = Literal["auto", "on", "off"]
Cache = Literal["auto", "f16", "q8_0", "q4_0"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What was set or asked for; 0 and 'auto' leave the choice open."""

    context: int = 0
    parallel: int = 4
    """Conversations that decode together."""
    cache: Cache = "auto"
    """What the key/value cache is kept as."""
    flash_attention: FlashAttention = "auto"
    gpu_layers: int | Literal["auto"] = "auto"

    @classmethod
    def of(cls, settings: Settings) -> Wish:
        """What the settings want."""
        return cls(
            settings.context,
            cache=settings.kv,
            flash_attention=settings.flash_attention,
            gpu_layers=settings.gpu_layers,
        )


def usable(memory: int) -> int:
    """Bytes of main memory to plan with when `memory` are free."""
    return max(0, memory - min(_MARGIN, memory // 8))


def caches(wish: Wish) -> tuple[str, ...]:
    """Types of cache to try, best first. Unasked, 16 bits; 8 where the context would not fit otherwise, which
    takes flash attention: llama.cpp keeps quantised values for nothing else. Raises `ModelError` when it is off."""
    without = wish.flash_attention == "off"
    if wish.cache == "auto":
        return ("f16",) if without else ("f16", "q8_0")
    if without and wish.cache != "f16":
        raise cannot_quantise(
            wish.cache, Text("that takes flash attention, which is off", "这需要 flash attention，而它已关闭")
        )
    return (wish.cache,)


def contexts(planner: Planner, wish: Wish) -> Iterator[int]:
    """Context sizes to try, the wanted one first. One that was asked for is taken or refused, never quietly halved."""
    if wish.context:
        yield wish.context
        return
    tokens = min(planner.shape.trained_context or _UNKNOWN_TRAINED, USUAL_CONTEXT)
    while True:
        yield tokens
        if tokens <= LEAST_CONTEXT:
            return
        tokens = max(tokens // 2, LEAST_CONTEXT)


def steps(planner: Planner, wish: Wish) -> Iterator[Use]:
    """Ways to run the model, best first: the wanted context with each cache, then smaller contexts."""
    for tokens in contexts(planner, wish):
        for cache in caches(wish):
            yield Use(tokens, wish.parallel, cache, flash_attention=wish.flash_attention)


def choose(planner: Planner, wish: Wish) -> Plan:
    """The plan to load by.

    Without a GPU: the first step that fits main memory; where only the context is too much, the largest that fits.
    With one: all layers with the largest context that allows it, or what fits beside a context of moderate size;
    a number of layers that was asked for is taken as it is.
    """
    if planner.devices and wish.gpu_layers == "auto":
        return _on_gpu(planner, wish)
    layers = 0 if wish.gpu_layers == "auto" or not planner.devices else wish.gpu_layers
    layers = planner.every if layers < 0 else min(layers, planner.every)
    plan = None
    for use in steps(planner, wish):
        if not wish.context and plan is not None and use.context < plan.largest_context:
            return planner.chosen(plan.gpu_layers, replace(plan.use, context=plan.largest_context))
        plan = planner.chosen(layers, use)
        if plan.fits:
            return plan
    assert plan is not None
    return plan


def _on_gpu(planner: Planner, wish: Wish) -> Plan:
    plan = None
    for use in steps(planner, wish):
        plan = planner.best(use)
        if (plan.gpu_layers, plan.experts_on_cpu) == (planner.every, 0) or use.context <= _MODERATE_CONTEXT:
            return plan
    assert plan is not None
    return plan


def reasons(shape: Shape, wish: Wish, plan: Plan) -> list[str]:
    """A sentence for each thing that was chosen and not asked for, and for what memory refused."""
    told = []
    context, trained = plan.use.context, shape.trained_context
    if not plan.fits:
        told.append(
            say(
                "It does not fit the memory that is free now; loading it may fail, or be slow.",
                "当前可用内存不足，载入可能失败或很慢。",
            )
        )
    if not wish.context:
        if plan.fits and context >= min(trained or context, USUAL_CONTEXT):
            why = (
                say("all it was trained for", "即其训练长度")
                if trained and context >= trained
                else say(f"as usual; it was trained for {trained:,}", f"常用长度；模型训练长度为 {trained:,}")
            )
        else:
            why = say("as much as memory allows", "受内存限制")
        told.append(
            say(
                f"Context {context:,} was chosen ({why}); the setting 'context' changes it.",
                f"自动选择上下文 {context:,}（{why}）；可用 context 设置更改。",
            )
        )
    if wish.cache == "auto" and plan.use.cache != "f16":
        told.append(
            say(
                f"The cache is kept as {plan.use.cache}: with f16 this context would not fit.",
                f"缓存采用 {plan.use.cache}：若用 f16，此上下文放不下。",
            )
        )
    if plan.use.flash_attention == "off":
        told.append(say("Flash attention is off.", "flash attention 已关闭。"))
    return told
