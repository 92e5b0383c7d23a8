"""From a file to a loaded model: GPU layers, context, threads, and stepping down when it is too much; and what loading one
would do to this machine, for `zhiku doctor` and the Models page."""

from __future__ import annotations

import contextlib
import functools
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.llm import gguf
from agents.llm.engine import adapters
from agents.llm.engine.adapters import Adapter
from agents.llm.engine.options import EngineOptions
from agents.llm.engine.threads import Threads
from agents.llm.errors import cannot_quantise, out_of_memory
from agents.llm.native import Context, Weights, said, supports_gpu
from agents.llm.placing import choice, devices, measure, shape
from agents.llm.placing.plan import Plan, Planner
from agents.llm.use import Use
from ingest.errors import ModelError
from ingest.language import Text, say
from ingest.settings import Settings

_LOG = logging.getLogger(__name__)
_RESERVE = 192 * 2**20
"""Bytes of a GPU that must be left once everything is allocated: kernels and cuBLAS take some when first used, and
llama.cpp ends the process when they can't."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of it."""

    weights: Weights
    context: Context
    use: Use
    threads: Threads
    stepped: int = 0
    """Layers more than was planned for the GPU: below 0 when memory was refused and fewer were tried."""
    experts_on_cpu: int = 0
    """Blocks on the GPU whose experts stay with the CPU."""
    adapters: tuple[Adapter, ...] = ()

    def describe(self) -> str:
        """Where it runs, for people."""
        notes = ""
        if self.stepped:
            notes += say(f", {-self.stepped} fewer than planned", f"，比计划少 {-self.stepped} 层")
        tail = say(f", context {self.context.tokens}", f"，上下文 {self.context.tokens}")
        if self.use.cache != "f16":
            tail += say(f", cache {self.use.cache}", f"，缓存 {self.use.cache}")
        if self.use.flash_attention == "off":
            tail += say(", no flash attention", "，不用 flash attention")
        if self.adapters:
            tail += f", LoRA {' '.join(map(str, self.adapters))}"
        if self.weights.gpu_layers:
            layers = min(self.weights.gpu_layers, self.weights.layers + 1)
            if self.experts_on_cpu:
                blocks = min(self.experts_on_cpu, self.weights.layers)
                notes += say(f", the experts of {blocks} on the CPU", f"，其中 {blocks} 层的专家在 CPU 上")
            return say(
                f"{layers} of {self.weights.layers + 1} layers on the GPU{notes}{tail}",
                f"{self.weights.layers + 1} 层中有 {layers} 层在 GPU 上{notes}{tail}",
            )
        why = say("", "") if supports_gpu() else say(" (built without a GPU)", "（未启用 GPU 的构建）")
        return say(
            f"CPU, {self.threads.number} threads{why}{notes}{tail}",
            f"CPU，{self.threads.number} 线程{why}{notes}{tail}",
        )


def planner(path: Path, put_on: Sequence[Adapter] = (), *, apart: bool = False) -> Planner:
    """The planner for the model at `path` on this machine as it is now, with the adapters it gets. For the compute
    buffers llama.cpp is asked: in a process `apart`, or else in this one, if there is a GPU, where every byte counts.
    Raises `ModelError`."""
    header, *parts = shape.files(gguf.read(path))
    checked = [adapters.check(header, parts, adapter) for adapter in put_on]
    model = shape.of(header, parts, checked, repacks=shape.repacked_types())
    found = devices.gpus() if supports_gpu() else ()
    ask = functools.partial(measure.measure_apart if apart else measure.measure, path)
    wanted = (apart or found) and not put_on  # it does not know of adapters
    memory = choice.usable(devices.free_memory())
    return Planner(model, found, memory, ask if wanted else None, devices.total_memory())


def load(options: EngineOptions) -> Loaded:
    """Load it, with fewer layers on the GPU or a smaller context when memory refuses. A file that llama.cpp can't
    stand ends this process: see `trial.load`. Raises `ModelError`."""
    plans = planner(options.path, options.adapters)
    plan = choice.choose(plans, options.wish)
    threads = Threads(options.threads, watch=not plan.gpu_layers)
    _LOG.info("Planned %d of %d layers on the GPU, %s", plan.gpu_layers, plan.layers, plan.use)
    uses = [plan.use, *(use for use in choice.steps(plans, options.wish) if use.appetite < plan.use.appetite)]
    refused: ModelError | None = None
    steps = _steps_down(plan.gpu_layers, plan.experts_on_cpu, len(plans.shape.layers), moe=plans.shape.moe)
    for layers, experts in steps:
        opened = _open(options, plans, layers, experts, uses, threads.number)
        if not isinstance(opened, ModelError):
            return Loaded(*opened, threads, layers - plan.gpu_layers, experts, options.adapters)
        _LOG.info("%s with %d layers on the GPU: %s", options.path.name, layers, opened)
        refused = opened
    assert refused is not None
    raise refused


def _open(
    options: EngineOptions, plans: Planner, layers: int, experts: int, uses: Sequence[Use], threads: int
) -> tuple[Weights, Context, Use] | ModelError:
    """One try; the error when memory was not to be had. Raises `ModelError` for a model that is none for chats."""
    before = _free() if layers else {}
    try:
        weights = Weights(options.path, layers, experts_on_cpu=experts)
    except ModelError as error:
        return error
    with contextlib.ExitStack() as undo:
        undo.callback(weights.close)
        found = _context(options, plans, weights, uses, threads, before)
        if isinstance(found, ModelError):
            return found
        undo.pop_all()
    return weights, *found


def _context(
    options: EngineOptions, plans: Planner, weights: Weights, uses: Sequence[Use], threads: int, before: dict[str, int]
) -> tuple[Context, Use] | ModelError:
    """The first of `uses` that memory grants, or why it grants none; `before` is what was free on each GPU before the
    weights came."""
    if not weights.generates:
        raise ModelError(
            Text(
                f"{plans.shape.name} ({plans.shape.architecture}) is not a model that chats.",
                f"{plans.shape.name}（{plans.shape.architecture}）不是对话模型。",
            ),
            Text("Choose an instruction-tuned language model.", "请选择经过指令微调的语言模型。"),
        )
    refused = out_of_memory(options.path)
    for use in uses:
        if not weights.gpu_layers and not _holds(plans.place(0, 0, use).cpu.cache):
            continue
        try:
            context = Context(weights, use, threads)
        except ModelError as error:
            _LOG.info("%s with %d layers on the GPU did not fit", use, weights.gpu_layers)
            heads = "does not divide" in said()  # blocks of 32 numbers, and heads of another size
            why = Text("its heads are too small for that", "其注意力头的大小不合要求")
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
    return refused


def _holds(size: int) -> bool:
    """Whether so many bytes can be had. Linux promises any amount, and kills the process that then uses it."""
    import psutil

    return size <= int(psutil.virtual_memory().available + psutil.swap_memory().free)


def _free() -> dict[str, int]:
    """Bytes free on each GPU of this build."""
    return {device.name: device.free for device in devices.gpus()}


def _steps_down(layers: int, experts: int, blocks: int, *, moe: bool) -> Iterator[tuple[int, int]]:
    """(Layers on the GPU, blocks whose experts are not) to try: the first, then a quarter fewer layers each time (a
    model's experts first), at last none."""
    yield layers, experts
    if layers and experts < blocks and moe:
        experts = blocks
        yield layers, experts
    fewer = dict.fromkeys(layers * quarters // 4 for quarters in (3, 2, 1, 0))
    yield from ((less, experts) for less in fewer if less != layers)


@dataclass(frozen=True, slots=True)
class Preview:
    """The plan by which a model would be loaded now."""

    name: str
    plan: Plan
    reasons: tuple[str, ...]
    """Sentences in the language in force."""


def preview(path: Path, settings: Settings) -> Preview:
    """For the model at `path`, as `settings` want it. llama.cpp is asked for its buffers in a process of its own.

    Raises `ModelError`: broken, incomplete, or with adapters that do not fit; `UsageError` for settings that contradict
    each other."""
    options = EngineOptions.from_settings(path, settings)
    plans = planner(path, options.adapters, apart=True)
    plan = choice.choose(plans, options.wish)
    return Preview(plans.shape.name, plan, tuple(choice.reasons(plans.shape, options.wish, plan)))
