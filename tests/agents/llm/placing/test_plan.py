"""Placement, arithmetic and the rule of thumb, on shapes made by hand."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.llm import gguf
from agents.llm.engine.loading import _steps_down
from agents.llm.engine.options import EngineOptions
from agents.llm.engine.trial import load
from agents.llm.native import Context, Weights
from agents.llm.placing import devices, shape
from agents.llm.placing.choice import Wish
from agents.llm.placing.plan import CPU, Device, Planner, estimate
from agents.llm.placing.shape import Layer, Shape
from agents.llm.use import Use
from tests.agents.llm.placing.make_gguf import SHAPES, Recipe, write

MIB = 2**20
GIB = 2**30


def dense(layers: int = 32, *, weights: int = 200 * MIB, experts: int = 0) -> Shape:
    """About a 7B model: 32 layers, 8 key/value heads of 128."""
    layer = Layer(weights, experts, 1024, 1024, windowed=False, state=0)
    return Shape(
        name="made", architecture="llama", layers=(layer,) * layers, input=250 * MIB, output=250 * MIB, tied=0,
        file_bytes=layers * weights + 500 * MIB, trained_context=32768, vocabulary=128256, width=4096, feed=3 * 14336,
        attention=10240, recurrence=0, repacked=0, exact=True,
    )  # fmt: skip


def gpu(gib: float, name: str = "CUDA0") -> Device:
    return Device(name, int(gib * GIB), int(gib * GIB))


def test_the_cache_is_the_formula() -> None:
    """pad256(ctx)·head_count_kv·(key_length + value_length)·2 bytes, per layer; a quantised one has blocks of 32."""
    planner = Planner(dense(4))
    assert planner.place(0, 0, Use(1000)).cpu.cache == 4 * 1024 * 8 * (128 + 128) * 2
    assert planner.place(0, 0, Use(1000, cache="q8_0")).cpu.cache == 4 * 1024 * 2 * (1024 // 32 * 34)
    assert planner.place(0, 0, Use(1000, cache="q4_0")).cpu.cache == 4 * 1024 * 2 * (1024 // 32 * 18)


def test_states_are_per_conversation_and_not_per_token() -> None:
    model = dense(2)
    model = replace(model, layers=(replace(model.layers[0], keys=0, values=0, state=1000), model.layers[1]))
    planner = Planner(model)
    one, four = planner.place(0, 0, Use(256, 1)).cpu.cache, planner.place(0, 0, Use(256, 4)).cpu.cache
    assert four - one == 3 * 1000 * 4


@pytest.mark.parametrize(("gib", "layers"), [(80, 33), (6, 23), (0.5, 0)])
def test_as_many_layers_as_fit(gib: float, layers: int) -> None:
    plan = Planner(dense(), (gpu(gib),), 64 * GIB).best(Use(4096))
    assert plan.gpu_layers == pytest.approx(layers, abs=1)
    assert plan.fits


@settings(max_examples=60)
@given(
    sizes=st.lists(st.floats(0.5, 24), min_size=1, max_size=3),
    context=st.integers(1, 32768),
    experts=st.sampled_from([0, 150 * MIB]),
)
def test_the_best_plan_fits_and_nothing_is_lost(sizes: list[float], context: int, experts: int) -> None:
    model = dense(experts=experts)
    found = tuple(gpu(size, f"CUDA{i}") for i, size in enumerate(sizes))
    planner = Planner(model, found, 256 * GIB)
    plan = planner.best(Use(context))
    assert plan.fits
    assert sum(share.weights for share in plan.shares) == model.file_bytes
    assert sum(share.layers for share in plan.shares) == plan.layers
    if plan.gpu_layers < plan.layers and not experts:
        assert not planner.place(plan.gpu_layers + 1, 0, Use(context)).fits
    if plan.largest_context:
        larger = replace(plan.use, context=plan.largest_context + 256)
        assert plan.largest_context >= plan.use.cells or plan.largest_context >= model.trained_context // 256 * 256
        if plan.largest_context + 256 <= model.trained_context:
            assert not planner.place(plan.gpu_layers, plan.experts_on_cpu, larger).fits


def test_experts_go_to_the_cpu_before_layers_do() -> None:
    plan = Planner(dense(experts=170 * MIB), (gpu(6),), 64 * GIB).best(Use(4096))
    assert plan.gpu_layers == plan.layers
    assert 0 < plan.experts_on_cpu < 32
    assert plan.cpu.weights == 250 * MIB + plan.experts_on_cpu * 170 * MIB


def test_several_gpus_share_by_free_memory() -> None:
    """As llama.cpp does when nobody tells it how."""
    plan = Planner(dense(), (gpu(24, "CUDA0"), gpu(12, "CUDA1")), 64 * GIB).best(Use(4096))
    first, second, cpu = plan.shares
    assert (first.device, second.device, cpu.device) == ("CUDA0", "CUDA1", CPU)
    assert (first.layers, second.layers) == (22, 11)
    assert second.weights == 10 * 200 * MIB + 250 * MIB  # the output comes last


def test_tied_embeddings_are_copied_to_the_gpu_and_not_counted_twice_on_the_cpu() -> None:
    model = replace(dense(2), output=0, tied=250 * MIB)
    planner = Planner(model, (gpu(24),), 64 * GIB)
    assert planner.place(0, 0, Use(256)).cpu.weights == 2 * 200 * MIB + 250 * MIB
    everything = planner.place(3, 0, Use(256))
    assert everything.shares[0].weights == 2 * 200 * MIB + 250 * MIB
    assert everything.cpu.weights == 250 * MIB


def test_what_llama_says_decides_over_the_bound() -> None:
    """Buffers larger than the bound cost layers; smaller ones win some."""

    def says(size: int) -> Planner:
        return Planner(dense(), (gpu(6),), 64 * GIB, lambda *_: {"CUDA0": size, CPU: 0})

    bound = Planner(dense(), (gpu(6),), 64 * GIB).best(Use(4096))
    more, less = says(2 * GIB).best(Use(4096)), says(50 * MIB).best(Use(4096))
    assert more.gpu_layers < bound.gpu_layers < less.gpu_layers
    assert more.fits
    assert less.fits
    assert more.measured


def test_an_adapter_counts_where_its_matrices_are(tmp_path: Path) -> None:
    base = write(SHAPES["mamba"](), tmp_path / "base.gguf")
    lora = Recipe("mamba", 8192, "F16")
    lora.metadata = {"general.architecture": "mamba", "general.type": "adapter"}
    lora.tensors = [("blk.1.ssm_in.weight.lora_a", (768, 16), "F16"), ("blk.1.ssm_in.weight.lora_b", (16, 3072), "F16")]
    header, adapter = gguf.read(base), gguf.read(write(lora, tmp_path / "lora.gguf"))
    with_it, without = shape.of(header, adapters=[adapter]), shape.of(header)
    gained = [a.weights - b.weights for a, b in zip(with_it.layers, without.layers, strict=True)]
    assert gained == [0, (768 + 3072) * 16 * 2, *[0] * 6]


def test_draft_layers_are_not_counted(tmp_path: Path) -> None:
    """Multi-token-prediction blocks at the end of DeepSeek and Qwen3.5 files are not loaded."""
    recipe = SHAPES["qwen35"]()
    recipe.key("nextn_predict_layers", 1)
    model = shape.read(write(recipe, tmp_path / "m.gguf"))
    assert model.layers[-1].weights == 0
    assert (model.layers[-1].keys, model.layers[-1].state) == (0, 0)


def test_window_patterns() -> None:
    def windowed(architecture: str, **keys: object) -> list[bool]:
        metadata = {
            "general.architecture": architecture, f"{architecture}.block_count": 8,
            f"{architecture}.attention.head_count": 8, f"{architecture}.embedding_length": 512,
        } | {f"{architecture}.attention.{key}": value for key, value in keys.items()}  # fmt: skip
        header = gguf.Gguf(path=Path("made.gguf"), file_bytes=0, metadata=metadata, tensors=())
        return [layer.windowed for layer in shape.of(header).layers]

    assert windowed("gemma2", sliding_window=4096) == [True, False] * 4
    assert windowed("gemma3", sliding_window=512) == [True] * 5 + [False] + [True] * 2
    assert windowed("gemma3", sliding_window=512, sliding_window_pattern=2) == [True, False] * 4
    assert windowed("gemma4", sliding_window=512, sliding_window_pattern=(True, True, False, True) * 2) == [
        *[True, True, False, True] * 2
    ]
    assert windowed("smallthinker", sliding_window=4096) == [False, True, True, True] * 2
    assert windowed("phi3", sliding_window=2047) == [False] * 8  # llama.cpp has it switched off there
    assert windowed("llama") == [False] * 8


TABLE = {
    1.5: (0.9, 1.8, 3.6), 7: (4.2, 8.4, 16.8), 9: (5.4, 10.8, 21.6), 40: (24, 48, 96), 70: (42, 84, 168),
}  # fmt: skip


@pytest.mark.parametrize("billions", TABLE)
def test_the_rule_of_thumb_gives_the_known_table(billions: float) -> None:
    assert [estimate(billions, bits) for bits in (4, 8, 16)] == pytest.approx(TABLE[billions])


def test_this_build_lists_its_devices() -> None:
    assert all(0 < device.free <= device.total for device in devices.gpus())
    assert devices.free_memory() > 0


def test_loading_for_the_cpu_says_so(model_file: Callable[[str], Path]) -> None:
    loaded = load(EngineOptions.of(model_file("mamba"), Wish(512, gpu_layers=0)))
    assert "CPU" in loaded.describe()
    assert loaded.stepped == 0
    loaded.context.close()
    loaded.weights.close()


def test_experts_can_be_kept_apart_and_the_model_still_computes(model_file: Callable[[str], Path]) -> None:
    weights = Weights(model_file("qwen3moe"), 5, experts_on_cpu=4)
    context = Context(weights, Use(256, batch=64), 1)
    context.put(list(range(32)), 0, 0, wants_logits=True)
    assert context.decode() == 0
    context.close()
    weights.close()


@pytest.mark.skipif(sys.platform != "linux", reason="limits and /proc are Linux's")
def test_memory_refused_steps_down_and_tries_again(model_file: Callable[[str], Path]) -> None:
    """Really refused: the process may not grow by more than a part of what the first try needs (400 MB of cache)."""
    program = f"""
import resource
from pathlib import Path
from agents.llm.engine.options import EngineOptions
from agents.llm.engine.trial import load
from agents.llm.placing.choice import Wish
from agents.llm.native import library
library()
size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + 420 * 2**20, size + 420 * 2**20))
for cache in ("auto", "f16"):
    loaded = load(EngineOptions.of(Path({str(model_file("qwen3"))!r}), Wish(cache=cache), threads=1))
    print(loaded.context.tokens, loaded.use.cache)
    loaded.context.close(); loaded.weights.close()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    quantised, smaller = (line.split() for line in done.stdout.splitlines())
    assert quantised == ["16384", "q8_0"]
    assert 2048 <= int(smaller[0]) < 16384
    assert smaller[1] == "f16"


def test_steps_on_a_gpu_lead_down_to_none() -> None:
    assert [layers for layers, _ in _steps_down(33, 0, 32, moe=False)] == [33, 24, 16, 8, 0]
    assert list(_steps_down(5, 0, 4, moe=True)) == [(5, 0), (5, 4), (3, 4), (2, 4), (1, 4), (0, 4)]
