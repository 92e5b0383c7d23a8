"""LoRA adapters, written here with random weights for the bundled model."""

from __future__ import annotations

import json
import random
import struct
from pathlib import Path

import pytest

from agents.cli import main
from agents.llm import gguf, open_model
from agents.llm.engine import adapters
from agents.llm.engine.loading import planner
from agents.llm.names import bundled_file
from agents.llm.placing.choice import Wish, choose
from ingest.errors import ModelError, UsageError
from ingest.settings import Settings
from tests.agents.llm.placing.make_gguf import qwen3moe
from tests.agents.llm.placing.make_gguf import write as write_model

WIDTH, RANK = 576, 4
QUESTION = "What is the capital of France?"


def write(path: Path, *, tensors=None, architecture="llama", kind="adapter") -> Path:
    """A GGUF file with two matrices of random numbers for each of `tensors` (name → shape of the base's)."""
    if tensors is None:
        tensors = {f"blk.{i}.attn_q.weight": (WIDTH, WIDTH) for i in range(30)}
    generator = random.Random(7)
    parts = []
    for name, (inner, outer) in tensors.items():
        parts += [(f"{name}.lora_a", (inner, RANK)), (f"{name}.lora_b", (RANK, outer))]

    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value)) + value.encode()

    pairs = {"general.type": kind, "general.architecture": architecture, "adapter.type": "lora"}
    head = b"GGUF" + struct.pack("<IQQ", 3, len(parts), len(pairs) + 1)
    head += b"".join(text(key) + struct.pack("<I", 8) + text(value) for key, value in pairs.items())
    head += text("adapter.lora.alpha") + struct.pack("<If", 6, float(RANK))
    body = b""
    for name, shape in parts:
        head += text(name) + struct.pack("<IQQIQ", 2, *shape, 0, len(body))
        numbers = [generator.gauss(0, 0.2) for _ in range(shape[0] * shape[1])]
        body += struct.pack(f"<{len(numbers)}f", *numbers)
        body += bytes(-len(body) % 32)
    path.write_bytes(head + bytes(-len(head) % 32) + body)
    return path


def answer(lora: str = "") -> str:
    model = open_model("bundled", Settings(context=512, max_tokens=16, lora=lora))
    try:
        return model.invoke(QUESTION).text
    finally:
        model.engine.close()  # type: ignore[attr-defined]


def test_a_scale_of_zero_changes_nothing_and_one_does(tmp_path) -> None:
    file = write(tmp_path / "random.gguf")
    plain = answer()
    assert answer(f"{file}:0") == plain
    changed = answer(str(file))
    assert changed != plain
    assert answer(f"{file}, {file}:0") == changed


def test_it_is_said_and_its_memory_planned(tmp_path) -> None:
    file = write(tmp_path / "mine.gguf")
    model = open_model("bundled", Settings(context=512, lora=f"{file}:0.8"))
    model.invoke("hi", max_tokens=1)
    assert "LoRA mine.gguf:0.8" in model.describe()
    model.engine.close()
    with_it, without = (choose(planner(bundled_file(), one), Wish(512)) for one in (adapters.parse(str(file)), ()))
    assert with_it.cpu.weights - without.cpu.weights == 30 * 2 * WIDTH * RANK * 4


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"architecture": "qwen3"}, "for the architecture 'qwen3'"),
        ({"kind": "model"}, "no LoRA adapter"),
        ({"tensors": {"blk.0.attn_q.weight": (WIDTH, 1024)}}, r"blk.0.attn_q.weight .* does not fit"),
        ({"tensors": {"blk.99.attn_q.weight": (WIDTH, WIDTH)}}, "does not fit the model's none"),
        ({"tensors": {}}, "changes nothing"),
    ],
)
def test_one_for_another_model_is_refused_before_llama_sees_it(tmp_path, options, said) -> None:
    file = write(tmp_path / "other.gguf", **options)
    with pytest.raises(ModelError, match=said) as caught:
        answer(str(file))
    assert "lora" in caught.value.hint.en
    (adapter,) = adapters.parse(str(file))
    with pytest.raises(ModelError, match="adapter other"):
        adapters.check(gguf.read(bundled_file()), (), adapter)


def test_how_adapters_are_written(tmp_path) -> None:
    one, two = write(tmp_path / "a.gguf"), write(tmp_path / "b:c.gguf")
    assert [(a.path, a.scale) for a in adapters.parse(f"{one}:0.25, {two}")] == [(one, 0.25), (two, 1.0)]
    assert adapters.parse("") == ()
    with pytest.raises(ModelError, match="no model file"):
        adapters.parse(str(tmp_path / "none.gguf"))
    with pytest.raises(UsageError, match="scale nan"):
        adapters.parse(f"{one}:nan")


def test_use_checks_tries_and_remembers(tmp_path, capsys) -> None:
    base = tmp_path / "base.gguf"
    base.symlink_to(bundled_file())
    fits, other = write(tmp_path / "fits.gguf"), write(tmp_path / "other.gguf", architecture="qwen3")
    home = ["--home", str(tmp_path / "home")]
    assert main(["models", "use", str(base), "--lora", f"{fits}:0.5", *home]) == 0
    written = (tmp_path / "home" / "settings.toml").read_text("utf-8")
    assert f'lora = "{fits}:0.5"' in written
    assert main(["models", "use", str(base), "--lora", str(other), *home]) == 1
    assert "for the architecture 'qwen3'" in capsys.readouterr().err
    assert (tmp_path / "home" / "settings.toml").read_text("utf-8") == written

    killer = qwen3moe(layers=1, vocabulary=256, experts=4)
    killer.key("expert_used_count", 0)
    broken = write_model(killer, tmp_path / "killer.gguf")
    assert main(["models", "use", str(broken), "--json", *home]) == 0
    out = capsys.readouterr()
    assert "are taken off" in out.err
    assert "GGML_ASSERT" in json.loads(out.out)["problem"]
    assert 'lora = ""' in (tmp_path / "home" / "settings.toml").read_text("utf-8")
