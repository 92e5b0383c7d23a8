"""From a file to a loaded model: GPU layers, context, threads, and stepping down when it is too much."""

from __future__ import annotations

import functools
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from agents.llm import gguf
from agents.llm.errors import out_of_memory
from agents.llm.native import Context, Weights, supports_gpu
from agents.llm.splits import check_splits
from ingest.errors import ModelError
from ingest.language import Text, say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOG = logging.getLogger(__name__)
_MOST_CONTEXT = 16384
"""Tokens of context taken without being asked: reading more takes minutes without a GPU."""
_LEAST_CONTEXT = 2048
_SHARE_OF_MEMORY = 4
"""The cache may take a quarter of what is free."""
_BATCH = 512
"""Tokens per decode call; llama.cpp's own default for a physical batch."""
_RESERVE = 192 * 2**20
"""Bytes of a GPU that must be left once everything is allocated: kernels and cuBLAS take some when first used, and
llama.cpp ends the process when they can't."""
_MODERATE_CONTEXT = 4096
"""Tokens below which more layers on the GPU are not bought with less context."""


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """What identifies a loaded model within the process."""

    path: Path
    stamp: tuple[int, int]
    """Size and modification time (ns): a replaced file is another model."""
    context: int = 0
    gpu_layers: int | Literal["auto"] = "auto"
    threads: int = 0
    sequences: int = 4
    """Conversations that decode together."""

    @classmethod
    def of(
        cls, path: Path, *, context: int = 0, gpu_layers: int | Literal["auto"] = "auto", threads: int = 0
    ) -> EngineOptions:
        """For the file as it is now."""
        status = path.stat()
        return cls(path, (status.st_size, status.st_mtime_ns), context, gpu_layers, threads)


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

    def describe(self) -> str:
        """Where it runs, for people."""
        notes = ""
        if self.stepped:
            notes += say(en=f", {-self.stepped} fewer than planned", zh=f"，比计划少 {-self.stepped} 层")
        if self.weights.gpu_layers:
            layers = min(self.weights.gpu_layers, self.weights.layers + 1)
            if self.experts_on_cpu:
                blocks = min(self.experts_on_cpu, self.weights.layers)
                notes += say(en=f", the experts of {blocks} on the CPU", zh=f"，其中 {blocks} 层的专家在 CPU 上")
            return say(
                en=f"{layers} of {self.weights.layers + 1} layers on the GPU{notes}, context {self.context.tokens}",
                zh=f"{self.weights.layers + 1} 层中有 {layers} 层在 GPU 上{notes}，上下文 {self.context.tokens}",
            )
        why = say(en="", zh="") if self.gpu else say(en=" (built without a GPU)", zh="（未启用 GPU 的构建）")
        return say(
            en=f"CPU, {self.threads} threads{why}{notes}, context {self.context.tokens}",
            zh=f"CPU，{self.threads} 线程{why}{notes}，上下文 {self.context.tokens}",
        )


def load(options: EngineOptions) -> Loaded:
    """Load it, with fewer layers on the GPU or a smaller context when memory refuses. Raises `ModelError`."""
    header = gguf.read(options.path)
    check_splits(header)
    threads = options.threads or physical_cores()
    gpu = supports_gpu()
    contexts = list(_context_steps(options.context, header))
    first = _placement(options, header, contexts) if gpu else _Placement(0)
    refused: ModelError | None = None
    for placement in _steps_down(first, header):
        try:
            weights, context = _open(options, header, placement, contexts, threads)
        except _Refused as error:
            _LOG.info("%s with %d layers on the GPU: %s", header.name, placement.layers, error)
            refused = error.reason
        else:
            return Loaded(weights, context, threads, gpu, placement.layers - first.layers, placement.experts_on_cpu)
    assert refused is not None
    raise refused


class _Refused(Exception):
    """Memory was not to be had."""

    def __init__(self, reason: ModelError) -> None:
        super().__init__(str(reason))
        self.reason = reason


def _open(
    options: EngineOptions, header: gguf.Gguf, placement: _Placement, contexts: list[int], threads: int
) -> tuple[Weights, Context]:
    """One try. Raises `_Refused`, and `ModelError` for a model that is none for chats."""
    before = _free() if placement.layers else {}
    try:
        weights = Weights(options.path, placement.layers, experts_on_cpu=placement.experts_on_cpu)
    except ModelError as error:
        raise _Refused(error) from error
    if not weights.generates:
        weights.close()
        raise ModelError(
            Text(
                en=f"{header.name} ({header.architecture}) is not a model that chats.",
                zh=f"{header.name}（{header.architecture}）不是对话模型。",
            ),
            Text(en="Choose an instruction-tuned language model.", zh="请选择经过指令微调的语言模型。"),
        )
    refused = out_of_memory(options.path)
    for tokens in [size for size in contexts if size <= (placement.context or size)]:
        if not placement.layers and not _holds(tokens * (header.kv_bytes_per_token or 0)):
            continue
        try:
            context = Context(weights, tokens=tokens, sequences=options.sequences, batch=_BATCH, threads=threads)
        except ModelError as error:
            _LOG.info("A context of %d tokens with %d layers on the GPU did not fit", tokens, placement.layers)
            refused = error
            continue
        if all(free >= _RESERVE for name, free in _free().items() if before.get(name, 0) >= _RESERVE):
            return weights, context
        context.close()  # it would fit, but the first long prompt could not allocate its workspace, which is fatal
    weights.close()
    raise _Refused(refused)


def _holds(size: int) -> bool:
    """Whether so many bytes can be had. Linux promises any amount, and kills the process that then uses it."""
    import psutil

    return size <= int(psutil.virtual_memory().available + psutil.swap_memory().free)


def _free() -> dict[str, int]:
    """Bytes free on each GPU of this build."""
    from agents.llm.planning import devices

    return {device.name: device.free for device in devices.gpus()}


@dataclass(frozen=True, slots=True)
class _Placement:
    """What goes to the GPU."""

    layers: int
    experts_on_cpu: int = 0
    context: int = 0
    """Tokens the plan was made for; 0: any."""


def _placement(options: EngineOptions, header: gguf.Gguf, contexts: list[int]) -> _Placement:
    """As many layers as were asked for, or as fit by plan: all of them with the largest context that allows it, or
    what fits beside a context of moderate size."""
    every = header.layers + 1  # llama.cpp counts the output matrix as one more
    if options.gpu_layers != "auto":
        return _Placement(every if options.gpu_layers < 0 else min(options.gpu_layers, every))
    from agents.llm.planning import devices, measure, shape
    from agents.llm.planning.plan import Planner, Use

    found = devices.gpus()
    if not found:
        return _Placement(0)
    model = shape.read(options.path)
    asked = functools.partial(measure.measure, options.path)
    planner = Planner(model, found, devices.free_memory(), asked)
    for tokens in contexts:
        plan = planner.best(Use(tokens, options.sequences, batch=_BATCH))
        if (plan.gpu_layers, plan.experts_on_cpu) == (every, 0) or tokens <= _MODERATE_CONTEXT:
            break
    _LOG.info("Planned %d of %d layers on the GPU for %d tokens", plan.gpu_layers, plan.layers, tokens)
    return _Placement(plan.gpu_layers, plan.experts_on_cpu, tokens)


def physical_cores() -> int:
    """Cores, not hyper-threads: two threads of one core fight for the same vector units."""
    import os

    import psutil

    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(psutil.cpu_count(logical=False) or allowed, allowed))


def _steps_down(first: _Placement, header: gguf.Gguf) -> Iterator[_Placement]:
    """Placements to try: the first, then a quarter fewer layers each time (a model's experts first), at last none."""
    yield first
    if first.layers and first.experts_on_cpu < header.layers and header.has_experts:
        first = replace(first, experts_on_cpu=header.layers)
        yield first
    tried = {first.layers}
    for quarters in (3, 2, 1, 0):
        layers = first.layers * quarters // 4
        if layers not in tried:
            tried.add(layers)
            yield replace(first, layers=layers)


def _context_steps(wanted: int, header: gguf.Gguf) -> Iterator[int]:
    """Context sizes to try. One that was asked for is taken or refused, never quietly halved."""
    if wanted:
        yield wanted
        return
    tokens = min(header.context_length or _LEAST_CONTEXT, _MOST_CONTEXT)
    if header.kv_bytes_per_token:
        import psutil

        fits = int(psutil.virtual_memory().available) // _SHARE_OF_MEMORY // header.kv_bytes_per_token
        tokens = max(min(tokens, fits), min(tokens, _LEAST_CONTEXT))
    while True:
        yield tokens
        if tokens <= _LEAST_CONTEXT:
            return
        tokens = max(tokens // 2, _LEAST_CONTEXT)
