"""`zhiku models show`, `plan` and `estimate` as people call them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agents.cli import main
from tests.agents.llm.placing.make_gguf import SHAPES, write

GIB = 2**30


@pytest.fixture
def zhiku(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., tuple[int, str]]:
    def call(*words: str, language: str = "en") -> tuple[int, str]:
        status = main(["--home", str(tmp_path / "home"), "--lang", language, "models", *words])
        out = capsys.readouterr()
        return status, out.out + out.err

    return call


def test_plan_as_json(zhiku: Callable[..., tuple[int, str]], model_file: Callable[[str], Path]) -> None:
    status, text = zhiku("plan", str(model_file("mamba")), "--ctx", "2048", "--parallel", "2", "--json")
    data: dict[str, Any] = json.loads(text)
    assert status == 0
    assert (data["fits"], data["gpu_layers"], data["layers"], data["context"]) == (True, 0, 9, 2048)
    assert data["compute"] == "measured"
    assert len(data["blocks"]) == 8
    (cpu,) = data["devices"]
    assert cpu["needed"] == cpu["weights"] + cpu["cache"] + cpu["compute"]
    assert cpu["weights"] == sum(block["weights"] for block in data["blocks"]) + data["input"] + data["output"]


def test_plan_for_gpus_that_are_not_here(
    zhiku: Callable[..., tuple[int, str]], model_file: Callable[[str], Path]
) -> None:
    path = str(model_file("llama"))
    status, text = zhiku("plan", path, "--gpu-memory", "24", "--json")
    assert (status, json.loads(text)["gpu_layers"]) == (0, 5)
    status, text = zhiku("plan", path, "--gpu-memory", "0.25", "--json")
    assert (status, 0 <= json.loads(text)["gpu_layers"] < 5) == (0, True)
    status, text = zhiku("plan", path, "--gpu-memory", "0.25", "--gpu-layers", "5")
    assert status == 1
    assert "does not fit" in text


@pytest.mark.parametrize(
    ("language", "words"), [("en", ["layers on the GPU", "upper bound"]), ("zh", ["层放在 GPU", "上限估计"])]
)
def test_plan_speaks(
    language: str, words: list[str], zhiku: Callable[..., tuple[int, str]], model_file: Callable[[str], Path]
) -> None:
    status, text = zhiku("plan", str(model_file("mamba")), "--gpu-memory", "8", language=language)
    assert status == 0
    assert all(word in text for word in words)


def test_a_quantised_cache_takes_less(zhiku: Callable[..., tuple[int, str]], model_file: Callable[[str], Path]) -> None:
    caches = []
    for kind in ("f16", "q8_0", "q4_0"):
        _, text = zhiku("plan", str(model_file("qwen3")), "--kv", kind, "--gpu-memory", "8", "--json")
        caches.append(json.loads(text)["devices"][0]["cache"])
    assert caches[1] == caches[0] * 34 // 64
    assert caches[2] == caches[0] * 18 // 64


def test_estimate(zhiku: Callable[..., tuple[int, str]], model_file: Callable[[str], Path]) -> None:
    status, text = zhiku("estimate", "--params", "70", "--bits", "16")
    assert status == 0
    assert "168 GB" in text
    status, text = zhiku("estimate", "--params", "7", "--bits", "4", language="zh")
    assert "70 亿" in text
    assert "4.2 GB" in text
    status, text = zhiku("estimate", str(model_file("qwen3")), "--json")
    data = json.loads(text)
    assert data["planned_gigabytes"] > data["gigabytes"]  # the rule knows nothing of its context
    assert zhiku("estimate")[0] == 2


def test_show_adds_up_the_files_of_a_split_model(zhiku: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    first = write(SHAPES["mamba"](), tmp_path / "m.gguf", parts=3)
    whole = write(SHAPES["mamba"](), tmp_path / "whole.gguf")
    split, one = [json.loads(zhiku("show", str(path), "--json")[1]) for path in (first, whole)]
    assert (split["files"], one["files"]) == (3, 1)
    assert split["parameters"] == one["parameters"]
    (tmp_path / "m-00002-of-00003.gguf").unlink()
    status, text = zhiku("plan", str(first))
    assert status != 0
    assert "m-00002-of-00003.gguf" in text


def test_what_is_no_model_is_refused(zhiku: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + bytes(100))
    assert zhiku("plan", str(broken))[0] != 0
    assert zhiku("plan", "http://127.0.0.1:1/v1")[0] == 2


@pytest.mark.parametrize(
    ("template", "family"),
    [
        ("{{ '<tool_call>' }}", "hermes"), ("<tool_call>\n<function=", "qwen3-coder"), ("[TOOL_CALLS]", "mistral"),
        ("<｜tool▁calls▁begin｜>", "deepseek"), ("<|python_tag|>", "llama3"), ("<start_function_call>", "functiongemma"),
        ("{{ messages }}", ""),
    ],
)  # fmt: skip
def test_the_tool_call_family_is_read_off_the_template(template: str, family: str) -> None:
    from agents.cli.models import tool_family

    assert tool_family(template) == family


def test_what_was_chosen_is_said_and_settings_count(
    zhiku: Callable[..., tuple[int, str]], model_file: Callable[[str], Path], tmp_path: Path
) -> None:
    path = str(model_file("qwen3"))
    _, text = zhiku("plan", path)
    assert "Context 16,384 was chosen" in text
    assert "cache f16" in text
    (tmp_path / "home").mkdir(exist_ok=True)
    (tmp_path / "home" / "settings.toml").write_text('context = 2048\nkv = "q8_0"\n', "utf-8")
    data = json.loads(zhiku("plan", path, "--json")[1])
    assert (data["context"], data["kv"], data["parallel"], data["flash_attention"]) == (2048, "q8_0", 4, "auto")
    data = json.loads(zhiku("plan", path, "--kv", "f16", "--flash-attention", "off", "--json")[1])
    assert (data["context"], data["kv"], data["flash_attention"]) == (2048, "f16", "off")
    status, text = zhiku("plan", path, "--flash-attention", "off", language="zh")
    assert (status, "flash attention" in text) == (1, True)


def test_a_large_context_on_a_small_card_takes_eight_bits(
    zhiku: Callable[..., tuple[int, str]], model_file: Callable[[str], Path]
) -> None:
    _, text = zhiku("plan", str(model_file("qwen3")), "--gpu-memory", "0.6", "--ctx", "16384")
    assert "with f16 this context would not fit" in text
