"""The plan beside what llama.cpp reports when it really loads the model and allocates its cache and buffers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil
import pytest

from agents.llm.native import Context, Weights
from agents.llm.placing import measure, shape
from agents.llm.placing.plan import Planner
from agents.llm.use import Use
from tests.agents.llm.placing.conftest import Reported
from tests.agents.llm.placing.make_gguf import SHAPES, write

USES = {
    "llama": Use(4096, 4), "qwen3": Use(3000, 1, "q8_0"), "gemma3": Use(4096, 2), "qwen3moe": Use(2048, 1, "q4_0"),
    "deepseek2": Use(4096, 4), "granitehybrid": Use(4096, 4), "mamba": Use(1024, 3), "qwen35": Use(4096, 2, batch=256),
}  # fmt: skip


def close(planned: float, real: float, floor: float = 64 * 1024) -> bool:
    """Far within the promised 3 % or 64 MiB: llama.cpp prints hundredths of a MiB."""
    return abs(planned - real) <= max(0.005 * real, floor)


@pytest.mark.parametrize("name", SHAPES)
def test_plan_equals_what_is_allocated(name: str, model_file: Callable[[str], Path], reported: Reported) -> None:
    path, use = model_file(name), USES[name]
    planner = Planner(shape.read(path), (), 10**12, partial(measure.measure_apart, path))
    plan = planner.place(0, 0, use, exact=True)
    bound = planner.place(0, 0, use)
    weights = Weights(path, 0)
    context = Context(weights, use, 1)
    context.close()
    weights.close()
    sizes = reported.sizes
    assert plan.measured
    assert close(plan.cpu.weights, sizes["model"])
    assert close(plan.cpu.cache, sizes.get("KV", 0) + sizes.get("RS", 0))
    assert close(plan.cpu.compute, sizes["compute"] + sizes["output"])
    assert plan.cpu.compute <= bound.cpu.compute <= 1.6 * plan.cpu.compute + 2**23


def test_plan_equals_the_memory_of_the_process(model_file: Callable[[str], Path]) -> None:
    """Resident memory after reading a prompt through every buffer, file pages of the weights included."""
    import subprocess
    import sys

    path, use = model_file("qwen3"), Use(4096, 1)
    program = f"""
import psutil
from pathlib import Path
from agents.llm.native import Context, Weights, library
from agents.llm.use import Use
library()
me = psutil.Process()
before = me.memory_info().rss
weights = Weights(Path({str(path)!r}), 0)
context = Context(weights, Use(4096), 2)
context.put(list(range(512)), 0, 0, wants_logits=True)
context.decode()
print(me.memory_info().rss - before)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    real = int(done.stdout)
    plan = Planner(shape.read(path), (), 10**12, partial(measure.measure_apart, path)).place(0, 0, use, exact=True)
    assert abs(plan.cpu.needed - real) <= max(0.03 * real, 64 * 2**20)


@pytest.mark.parametrize("name", ["llama", "qwen3moe", "deepseek2", "granitehybrid", "qwen35"])
def test_matrices_arranged_anew_for_the_processor_are_counted(name: str, tmp_path: Path, reported: Reported) -> None:
    """4-bit types are kept twice on the CPU; with tied embeddings the output matrix too."""
    path = write(SHAPES[name](type="Q4_0"), tmp_path / "m.gguf")
    model = shape.read(path)
    plan = Planner(model).place(0, 0, Use(256))
    Weights(path, 0).close()
    assert close(model.repacked, reported.sizes["CPU_REPACK model"])
    # Of the file llama.cpp only counts what lies between the first and the last matrix that is used as it is.
    assert 0 <= plan.cpu.weights - reported.sizes["model"] + 64 * 1024 <= 64 * 2**20


def test_a_split_model_is_planned_whole(tmp_path: Path, model_file: Callable[[str], Path]) -> None:
    one = shape.read(model_file("mamba"))
    first = write(SHAPES["mamba"](), tmp_path / "m.gguf", parts=3)
    assert first.name == "m-00001-of-00003.gguf"
    assert shape.read(first) == one
    weights = Weights(first, 0)  # and llama.cpp takes the same files
    weights.close()


def test_a_file_that_crashes_llama_leaves_this_process_alone(tmp_path: Path) -> None:
    """A Granite file without its convolution's bias: llama.cpp 0.3.36 ends with a segmentation fault."""
    recipe = SHAPES["granitehybrid"]()
    recipe.tensors = [t for t in recipe.tensors if not t[0].endswith("ssm_conv1d.bias")]
    path = write(recipe, tmp_path / "broken.gguf")
    plan = Planner(shape.read(path), (), psutil.virtual_memory().total, partial(measure.measure_apart, path)).best(
        Use(2048)
    )
    assert not plan.measured
    assert plan.cpu.compute > 0
