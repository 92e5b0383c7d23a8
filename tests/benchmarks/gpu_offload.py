"""Planned against measured GPU memory, and speed, for several numbers of layers on a GPU: a Markdown table.

    python -m tests.benchmarks.gpu_offload [--folder DIR] [--type Q8_0] [--quick] > gpu.md

Needs a llama-cpp-python built for the GPU, and NVML (`nvidia-ml-py`) to read memory with. Every row is measured in a
process of its own, so that what one leaves behind (CUDA's context, loaded kernels) does not count for the next. The
models have random weights in real shapes, written by tests/agents/llm/placing/make_gguf.py.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from agents.llm.engine.options import EngineOptions
from agents.llm.engine.trial import load
from agents.llm.native import Context, Weights
from agents.llm.placing import devices, measure, shape
from agents.llm.placing.choice import Wish
from agents.llm.placing.plan import Planner
from agents.llm.use import Use
from tests.agents.llm.placing.make_gguf import SHAPES, write

_MIB = 2**20
_USE = Use(8192, 4)
_PREFILL, _DECODE = 4096, 128


def used() -> int:
    """Bytes taken on the first GPU, by everybody."""
    import pynvml  # type: ignore[import-not-found,unused-ignore]

    pynvml.nvmlInit()
    return int(pynvml.nvmlDeviceGetMemoryInfo(pynvml.nvmlDeviceGetHandleByIndex(0)).used)


def row(path: str, gpu_layers: int, speed: bool) -> dict[str, Any]:
    """One model with so many layers on the GPU: planned, measured, and tokens per second."""
    idle = used()
    found = devices.gpus()  # opens CUDA's context, which is not the plan's to count
    opened = used()
    file = Path(path)

    def ask(layers: int, experts: int, use: Use) -> dict[str, int] | None:
        return measure.measure(file, layers, experts, use)

    planner = Planner(shape.read(file), found, devices.free_memory(), ask)
    layers = planner.every if gpu_layers < 0 else (planner.every // 2 if gpu_layers == 1 else 0)
    plan, bound = planner.place(layers, 0, _USE, exact=True), planner.place(layers, 0, _USE)
    before = used()
    weights = Weights(file, layers)
    context = Context(weights, _USE, _threads())
    loaded = used()
    prefill, decode = _speed(context, weights.vocabulary) if speed else (0.0, 0.0)
    if not speed:
        _run(context, range(64), 0)
    after = used()
    context.close()
    weights.close()
    gpu = plan.shares[0]
    return {
        "model": file.stem, "layers": f"{layers}/{planner.every}", "weights": gpu.weights / _MIB,
        "cache": gpu.cache / _MIB, "compute": gpu.compute / _MIB, "planned": gpu.needed / _MIB,
        "bound": bound.shares[0].compute / _MIB, "loaded": (loaded - before) / _MIB, "after": (after - before) / _MIB,
        "context": (opened - idle) / _MIB, "prefill": prefill, "decode": decode,
    }  # fmt: skip


def squeezed(path: str, keep: float, wanted: str) -> dict[str, Any]:
    """Load with only `keep` of what all layers need left free (and the margin, when the plan may see it): `wanted`
    "auto" plans for what is free; "all" insists, and is refused by the driver until it fits."""
    found = devices.gpus()
    file = Path(path)
    planner = Planner(shape.read(file), found, devices.free_memory())
    needed = planner.place(planner.every, 0, _USE).shares[0].needed
    spare = int(needed * keep) + (found[0].margin if wanted == "auto" else 0)
    _occupy(devices.gpus()[0].free - spare)
    left = devices.gpus()[0].free
    before = used()
    wish = Wish(_USE.context, gpu_layers="auto" if wanted == "auto" else planner.every)
    options = EngineOptions(file, (file.stat().st_size, 0), wish, _threads())
    began = time.monotonic()
    loaded = load(options)
    seconds = time.monotonic() - began
    taken = used() - before
    _run(loaded.context, range(256), 0)
    result = {
        "case": wanted, "needed": needed / _MIB, "free": left / _MIB, "layers": loaded.weights.gpu_layers,
        "of": planner.every, "stepped": loaded.stepped, "taken": taken / _MIB, "seconds": seconds,
        "says": loaded.describe(), "decoded": True,
    }  # fmt: skip
    loaded.context.close()
    loaded.weights.close()
    return result


def _occupy(size: int) -> None:
    """Take GPU memory with cudaMalloc, through the library that is loaded already."""
    import llama_cpp

    library = Path(llama_cpp.__file__).with_name("lib") / "libggml-cuda.so"
    cuda, pointer = ctypes.CDLL(str(library)), ctypes.c_void_p()
    cuda.cudaMalloc.argtypes = [ctypes.POINTER(ctypes.c_void_p), ctypes.c_size_t]
    if status := cuda.cudaMalloc(ctypes.byref(pointer), max(size, 1)):
        raise RuntimeError(f"cudaMalloc of {size} bytes: {status}")


def _run(context: Context, tokens: Any, position: int) -> None:
    context.clear_batch()
    context.put(list(tokens), position, 0, wants_logits=True)
    context.decode()
    context._lib.llama_synchronize(context.pointer)


def _speed(context: Context, vocabulary: int) -> tuple[float, float]:
    """Tokens per second reading a prompt and writing an answer, after a round that warms up."""
    prefill = decode = 0.0
    for _ in range(2):
        context.clear()
        began = time.perf_counter()
        for start in range(0, _PREFILL, _USE.batch):
            _run(context, [(7919 * i) % vocabulary for i in range(start, start + _USE.batch)], start)
        between = time.perf_counter()
        for i in range(_DECODE):
            _run(context, [(104729 * i) % vocabulary], _PREFILL + i)
        prefill, decode = _PREFILL / (between - began), _DECODE / (time.perf_counter() - between)
    return prefill, decode


def _threads() -> int:
    from agents.llm.engine.threads import Threads

    return Threads(watch=False).number


def _apart(*call: Any) -> dict[str, Any]:
    """The result of `row` or `squeezed` from a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.gpu_offload", "--call", json.dumps(call)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return {"failed": f"{call}: exit {done.returncode}: {done.stderr.strip()[-400:]}"}
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def report(folder: Path, kind: str, *, quick: bool) -> None:
    """Everything, as Markdown on stdout."""
    big = write(SHAPES["llama"](layers=16, vocabulary=128256, type=kind), folder / f"llama-3.2-1B-{kind}.gguf")
    print(f"# GPU memory and speed\n\n{_USE.context} tokens of context for {_USE.parallel} conversations, batch "
          f"{_USE.batch}; sizes in MiB; `{big.name}` has {big.stat().st_size / _MIB:.0f} MiB\n")  # fmt: skip
    print("| model | layers on the GPU | weights | cache | compute | planned | measured loaded | difference "
          "| after decoding | bound without asking | prefill tok/s | decode tok/s |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|---|---|---|", flush=True)
    paths = [big]
    if not quick:
        paths += [write(make(), folder / f"{name}.gguf") for name, make in SHAPES.items() if name != "llama"]
    opened = 0.0
    for path in paths:
        for layers in (0, 1, -1):
            got = _apart("row", str(path), layers, path is big)
            if "failed" in got:
                print(f"| {path.stem} | {got['failed']} |", flush=True)
                continue
            opened = max(opened, got["context"])
            sizes = [f"{got[k]:.0f}" for k in ("weights", "cache", "compute", "planned", "loaded")]
            off = got["loaded"] - got["planned"]
            speeds = [f"{got[k]:.0f}" if got[k] else "" for k in ("prefill", "decode")]
            cells = [got["model"], got["layers"], *sizes, f"{off:+.0f}", f"{got['after']:.0f}", f"{got['bound']:.0f}"]
            print(f"| {' | '.join([*cells, *speeds])} |", flush=True)
    print(f"\nCUDA's own context takes {opened:.0f} MiB more; the margin is for it.\n")
    print(
        "## When it would not fit\n\n| asked for | all layers need | free | got | stepped down by | taken | seconds |"
    )
    print("|---|---|---|---|---|---|---|", flush=True)
    says = []
    for wanted, keep in (("auto", 0.6), ("auto", 0.2), ("all", 0.6), ("all", 0.05)):
        got = _apart("squeezed", str(big), keep, wanted)
        if "failed" in got:
            print(f"| {wanted} | {got['failed']} |", flush=True)
            continue
        print(f"| {wanted} | {got['needed']:.0f} | {got['free']:.0f} | {got['layers']} of {got['of']} | "
              f"{-got['stepped']} | {got['taken']:.0f} | {got['seconds']:.1f} |", flush=True)  # fmt: skip
        says.append(got["says"])
    print("\nIt says: " + " · ".join(says))


def main() -> None:
    """Measure, or be one of the processes that do."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--type", default="Q8_0", choices=["F16", "Q8_0", "Q4_0"])
    parser.add_argument("--quick", action="store_true", help="the Llama shape only")
    parser.add_argument("--call", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.call:
        name, *arguments = json.loads(asked.call)
        print(json.dumps(row(*arguments) if name == "row" else squeezed(*arguments)))
        return
    with tempfile.TemporaryDirectory() as folder:
        report(asked.folder or Path(folder), asked.type, quick=asked.quick)


if __name__ == "__main__":
    main()
