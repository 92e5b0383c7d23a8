"""From a file to a loaded model: GPU layers, context, threads, and stepping down when it is too much."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from agents.llm import gguf
from agents.llm.native import Context, Weights, supports_gpu
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
_GPU_MARGIN = 0.85
"""Of the free GPU memory; the rest is for compute buffers and others."""


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

    def describe(self) -> str:
        """Where it runs, for people."""
        if self.weights.gpu_layers:
            layers = min(self.weights.gpu_layers, self.weights.layers + 1)
            return say(
                en=f"{layers} of {self.weights.layers + 1} layers on the GPU, context {self.context.tokens}",
                zh=f"{self.weights.layers + 1} 层中有 {layers} 层在 GPU 上，上下文 {self.context.tokens}",
            )
        why = say(en="", zh="") if self.gpu else say(en=" (built without a GPU)", zh="（未启用 GPU 的构建）")
        return say(
            en=f"CPU, {self.threads} threads{why}, context {self.context.tokens}",
            zh=f"CPU，{self.threads} 线程{why}，上下文 {self.context.tokens}",
        )


def load(options: EngineOptions) -> Loaded:
    """Load it, with fewer layers on the GPU or a smaller context when memory refuses. Raises `ModelError`."""
    header = gguf.read(options.path)
    check_splits(header)
    threads = options.threads or physical_cores()
    gpu = supports_gpu()
    refused: ModelError | None = None
    for layers in _layer_steps(options.gpu_layers, header) if gpu else [0]:
        try:
            weights = Weights(options.path, layers)
        except ModelError as error:
            refused = error
            continue
        if not weights.generates:
            weights.close()
            raise ModelError(
                Text(
                    en=f"{header.name} ({header.architecture}) is not a model that chats.",
                    zh=f"{header.name}（{header.architecture}）不是对话模型。",
                ),
                Text(en="Choose an instruction-tuned language model.", zh="请选择经过指令微调的语言模型。"),
            )
        for tokens in _context_steps(options.context, header):
            try:
                context = Context(weights, tokens=tokens, sequences=options.sequences, batch=_BATCH, threads=threads)
            except ModelError as error:
                _LOG.info("A context of %d tokens with %d GPU layers did not fit", tokens, layers)
                refused = error
            else:
                return Loaded(weights, context, threads, gpu)
        weights.close()
    assert refused is not None
    raise refused


def check_splits(header: gguf.Gguf) -> None:
    """Raise `ModelError` when a model in several files is not all there, or not started from its first file."""
    if header.splits == 1:
        return
    stem, _, tail = header.path.stem.rpartition("-of-")
    base = stem.rpartition("-")[0]
    names = [f"{base}-{i:05d}-of-{tail}.gguf" for i in range(1, header.splits + 1)]
    missing = [name for name in names if not header.path.with_name(name).is_file()]
    if missing or header.path.name != names[0]:
        listed = ", ".join(missing) or names[0]
        raise ModelError(
            Text(
                en=f"{header.path.name} is one of {header.splits} files of a model.",
                zh=f"{header.path.name} 是某模型 {header.splits} 个文件之一。",
            ),
            Text(
                en=f"Put all of them in one folder and open the first; needed: {listed}.",
                zh=f"请把所有文件放入同一文件夹并打开第一个；需要：{listed}。",
            ),
        )


def physical_cores() -> int:
    """Cores, not hyper-threads: two threads of one core fight for the same vector units."""
    import os

    import psutil

    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(psutil.cpu_count(logical=False) or allowed, allowed))


def _layer_steps(wanted: int | Literal["auto"], header: gguf.Gguf) -> Iterator[int]:
    """Layers to try, most first: all that fit by the file's size, then a quarter less each time, at last none."""
    every = header.layers + 1  # llama.cpp counts the output matrix as one more
    first = every if wanted == "auto" else (every if wanted < 0 else min(wanted, every))
    free = free_gpu_memory()
    if wanted == "auto" and free is not None and header.file_bytes:
        first = min(first, int(every * free * _GPU_MARGIN / header.file_bytes))
    tried = set()
    for quarters in (4, 3, 2, 1, 0):
        layers = first * quarters // 4
        if layers not in tried:
            tried.add(layers)
            yield layers


def free_gpu_memory() -> int | None:
    """Bytes free on the NVIDIA GPUs together; None when nobody can say."""
    try:
        import pynvml  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        return None
    try:
        pynvml.nvmlInit()
        devices = [pynvml.nvmlDeviceGetHandleByIndex(i) for i in range(pynvml.nvmlDeviceGetCount())]
        return sum(int(pynvml.nvmlDeviceGetMemoryInfo(device).free) for device in devices) or None
    except pynvml.NVMLError:
        return None


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
