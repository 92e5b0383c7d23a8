"""From a file to a loaded model: GPU layers, context, threads, and stepping down when it is too much."""

from __future__ import annotations

import functools
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agents.llm import gguf
from agents.llm.engine import adapters
from agents.llm.errors import cannot_quantise, out_of_memory
from agents.llm.native import Context, Weights, said, supports_gpu
from agents.llm.placing import choice, devices, measure, shape
from agents.llm.placing.plan import Planner
from ingest.errors import ModelError
from ingest.language import Text, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from agents.llm.engine.adapters import Adapter
    from agents.llm.engine.options import EngineOptions
    from agents.llm.placing.plan import Measure, Use

_LOG = logging.getLogger(__name__)
_RESERVE = 192 * 2**20
"""Bytes of a GPU that must be left once everything is allocated: kernels and cuBLAS take some when first used, and
llama.cpp ends the process when they can't."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of it."""

    weights: Weights
    context: Context
    threads: int
    gpu: bool
    """Whether this build could use a GPU at all."""
    stepped: int = 0
    """Layers more than was planned for the GPU: below 0 when memory was refused and fewer were tried."""
    experts_on_cpu: int = 0
    """Blocks on the GPU whose experts stay with the CPU."""
    cache: str = "f16"
    flash_attention: str = "auto"
    adapters: tuple[Adapter, ...] = ()

    def describe(self) -> str:
        """Where it runs, for people."""
        notes = ""
        if self.stepped:
            notes += say(en=f", {-self.stepped} fewer than planned", zh=f"，比计划少 {-self.stepped} 层")
        tail = say(en=f", context {self.context.tokens}", zh=f"，上下文 {self.context.tokens}")
        if self.cache != "f16":
            tail += say(en=f", cache {self.cache}", zh=f"，缓存 {self.cache}")
        if self.flash_attention == "off":
            tail += say(en=", no flash attention", zh="，不用 flash attention")
        if self.adapters:
            tail += f", LoRA {' '.join(map(str, self.adapters))}"
        if self.weights.gpu_layers:
            layers = min(self.weights.gpu_layers, self.weights.layers + 1)
            if self.experts_on_cpu:
                blocks = min(self.experts_on_cpu, self.weights.layers)
                notes += say(en=f", the experts of {blocks} on the CPU", zh=f"，其中 {blocks} 层的专家在 CPU 上")
            return say(
                en=f"{layers} of {self.weights.layers + 1} layers on the GPU{notes}{tail}",
                zh=f"{self.weights.layers + 1} 层中有 {layers} 层在 GPU 上{notes}{tail}",
            )
        why = say(en="", zh="") if self.gpu else say(en=" (built without a GPU)", zh="（未启用 GPU 的构建）")
        return say(
            en=f"CPU, {self.threads} threads{why}{notes}{tail}",
            zh=f"CPU，{self.threads} 线程{why}{notes}{tail}",
        )


def planner(path: Path, put_on: Sequence[Adapter] = (), *, ask: Callable[[Path], Measure] | None = None) -> Planner:
    """The planner for the model at `path` on this machine as it is now, with the adapters it gets. `ask` makes what is
    asked for the compute buffers; without it llama.cpp in this process is asked, if there is a GPU, where every byte
    counts. Raises `ModelError`."""
    header, *parts = shape.files(gguf.read(path))
    checked = [adapters.check(header, parts, adapter) for adapter in put_on]
    model = shape.of(header, parts, checked, repacks=shape.repacked_types())
    found = devices.gpus() if supports_gpu() else ()
    if not put_on and (ask or found):
        asked: Measure | None = ask(path) if ask else functools.partial(measure.measure, path)
    else:
        asked = None  # it does not know of adapters
    return Planner(model, found, choice.usable(devices.free_memory()), asked, devices.total_memory())


def load(options: EngineOptions) -> Loaded:
    """Load it, with fewer layers on the GPU or a smaller context when memory refuses. A file that llama.cpp can't
    stand ends this process: see `trial.load`. Raises `ModelError`."""
    plans = planner(options.path, options.adapters)
    threads = options.threads or physical_cores()
    plan = choice.choose(plans, options.wish)
    _LOG.info("Planned %d of %d layers on the GPU, %s", plan.gpu_layers, plan.layers, plan.use)
    uses = [plan.use, *(use for use in choice.steps(plans, options.wish) if use.appetite < plan.use.appetite)]
    first = _Placement(plan.gpu_layers, plan.experts_on_cpu)
    refused: ModelError | None = None
    for placement in _steps_down(first, len(plans.shape.layers), moe=plans.shape.moe):
        try:
            weights, context, use = _open(options, plans, placement, uses, threads)
        except _Refused as error:
            _LOG.info("%s with %d layers on the GPU: %s", options.path.name, placement.layers, error)
            refused = error.reason
        else:
            return Loaded(
                weights, context, threads, supports_gpu(), placement.layers - first.layers, placement.experts_on_cpu,
                use.cache, use.flash_attention, options.adapters,
            )  # fmt: skip
    assert refused is not None
    raise refused


class _Refused(Exception):
    """Memory was not to be had."""

    def __init__(self, reason: ModelError) -> None:
        super().__init__(str(reason))
        self.reason = reason


def _open(
    options: EngineOptions, plans: Planner, placement: _Placement, uses: Sequence[Use], threads: int
) -> tuple[Weights, Context, Use]:
    """One try. Raises `_Refused`, and `ModelError` for a model that is none for chats."""
    before = _free() if placement.layers else {}
    try:
        weights = Weights(options.path, placement.layers, experts_on_cpu=placement.experts_on_cpu)
    except ModelError as error:
        raise _Refused(error) from error
    try:
        return weights, *_context(options, plans, weights, uses, threads, before)
    except BaseException:
        weights.close()
        raise


def _context(
    options: EngineOptions,
    plans: Planner,
    weights: Weights,
    uses: Sequence[Use],
    threads: int,
    before: dict[str, int],
) -> tuple[Context, Use]:
    """The first of `uses` that memory grants; `before` is what was free on each GPU before the weights came."""
    if not weights.generates:
        raise ModelError(
            Text(
                en=f"{plans.shape.name} ({plans.shape.architecture}) is not a model that chats.",
                zh=f"{plans.shape.name}（{plans.shape.architecture}）不是对话模型。",
            ),
            Text(en="Choose an instruction-tuned language model.", zh="请选择经过指令微调的语言模型。"),
        )
    refused = out_of_memory(options.path)
    for use in uses:
        if not weights.gpu_layers and not _holds(plans.place(0, 0, use).cpu.cache):
            continue
        try:
            context = Context(
                weights, tokens=use.context, sequences=use.parallel, batch=use.batch, threads=threads, cache=use.cache,
                flash_attention=use.flash_attention,
            )  # fmt: skip
        except ModelError as error:
            _LOG.info("%s with %d layers on the GPU did not fit", use, weights.gpu_layers)
            heads = "does not divide" in said()  # blocks of 32 numbers, and heads of another size
            why = Text(en="its heads are too small for that", zh="其注意力头的大小不合要求")
            refused = cannot_quantise(use.cache, why) if heads else error
            continue
        try:
            adapters.put_on(weights, context, options.adapters)
        except BaseException:
            context.close()
            raise
        if all(free >= _RESERVE for name, free in _free().items() if before.get(name, 0) >= _RESERVE):
            return context, use
        context.close()  # it would fit, but the first long prompt could not allocate its workspace, which is fatal
    raise _Refused(refused)


def _holds(size: int) -> bool:
    """Whether so many bytes can be had. Linux promises any amount, and kills the process that then uses it."""
    import psutil

    return size <= int(psutil.virtual_memory().available + psutil.swap_memory().free)


def _free() -> dict[str, int]:
    """Bytes free on each GPU of this build."""
    return {device.name: device.free for device in devices.gpus()}


@dataclass(frozen=True, slots=True)
class _Placement:
    """What goes to the GPU."""

    layers: int
    experts_on_cpu: int = 0


def physical_cores() -> int:
    """Cores, not hyper-threads: two threads of one core fight for the same vector units."""
    import os

    import psutil

    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(psutil.cpu_count(logical=False) or allowed, allowed))


def _steps_down(first: _Placement, blocks: int, *, moe: bool) -> Iterator[_Placement]:
    """Placements to try: the first, then a quarter fewer layers each time (a model's experts first), at last none."""
    yield first
    if first.layers and first.experts_on_cpu < blocks and moe:
        first = replace(first, experts_on_cpu=blocks)
        yield first
    tried = {first.layers}
    for quarters in (3, 2, 1, 0):
        layers = first.layers * quarters // 4
        if layers not in tried:
            tried.add(layers)
            yield replace(first, layers=layers)
