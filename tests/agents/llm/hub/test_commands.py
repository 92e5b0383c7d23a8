"""`zhiku models list · pull · use` as people type them."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from agents.cli import main
from agents.cli.models_stock import Transfer, transfer_line
from tests.agents.llm.hub.fake_hub import FakeHub, tiny_gguf

REPO = "Qwen/Qwen3-0.1B-GGUF"
FILE = "Qwen3-0.1B-Q4_K_M.gguf"


@pytest.mark.parametrize("source", ["hf", "modelscope"])
def test_pull_list_use(
    hub: FakeHub, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    hub.repos[REPO] = {FILE: tiny_gguf()}
    home = ["--home", str(tmp_path)]
    assert main(["models", "pull", REPO, "--from", source, "--json", *home]) == 0
    out, err = capsys.readouterr()
    fetched = json.loads(out)
    assert fetched["model"] == f"{REPO}:Q4_K_M"
    assert fetched["bytes"] == len(tiny_gguf())
    assert not fetched["already_here"]
    assert "apache" in err.lower(), "the licence is shown"
    assert "100 %" in err
    assert main(["models", "use", f"{REPO}:q4_k_m", *home]) == 0
    assert tomllib.loads((tmp_path / "settings.toml").read_text())["model"] == f"{REPO}:Q4_K_M"
    capsys.readouterr()
    assert main(["models", "list", "--json", *home]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)["models"]}
    row = rows[f"{REPO}:Q4_K_M"]
    assert (row["used"], row["architecture"], row["quantisation"], row["store"]) == (True, "qwen3", "Q4_K_M", "home")
    assert row["bytes"] == len(tiny_gguf())
    assert not rows["bundled"]["used"]
    monkeypatch.setenv("ZHIKU_MODEL", "bundled")
    assert main(["models", "use", str(tmp_path / "models" / REPO / FILE), *home]) == 0
    assert "ZHIKU_MODEL" in capsys.readouterr().err
    assert tomllib.loads((tmp_path / "settings.toml").read_text())["model"].endswith(FILE)
    assert main(["models", "pull", REPO, "--yes", *home]) == 0
    assert "here already" in capsys.readouterr().out


def test_broken_models_are_listed_and_not_chosen(
    own_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "cut.gguf").write_bytes(tiny_gguf()[:-10])
    (tmp_path / "models" / "part-00001-of-00002.gguf").write_bytes(tiny_gguf(64, splits=2))
    home = ["--home", str(tmp_path)]
    assert main(["models", "list", *home]) == 0
    out = capsys.readouterr().out
    assert "cut off" in out
    assert "part 2 of 2 is missing" in out
    assert main(["models", "use", "cut", *home]) == 1
    assert main(["models", "use", "part", *home]) == 1
    assert main(["models", "use", str(tmp_path / "models" / "part-00001-of-00002.gguf"), *home]) == 1
    assert not (tmp_path / "settings.toml").exists()


@pytest.mark.parametrize("header", [{"architecture": "nomic-bert"}, {"architecture": "qwen3", "pooling_type": 3}])
def test_an_embedding_model_is_no_chat_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], header: dict[str, str | int]
) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "embed.gguf").write_bytes(tiny_gguf(64, **header))
    assert main(["models", "use", "embed", "--home", str(tmp_path)]) == 1
    assert "embedding model" in capsys.readouterr().err
    assert main(["models", "list", "--home", str(tmp_path)]) == 0
    assert "writes no text" in capsys.readouterr().out


def test_errors_speak_both_languages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr("agents.llm.hub.transport.backoff", lambda _: 0.0)
    assert main(["models", "pull", REPO, "--home", str(tmp_path), "--lang", "zh"]) == 1
    assert "请在能联网的机器上打开 http://127.0.0.1:9/" in capsys.readouterr().err
    assert main(["models", "pull", "qwen3", "--home", str(tmp_path)]) == 2
    assert "OWNER/REPO" in capsys.readouterr().err


def test_progress_says_speed_and_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    assert transfer_line(10**9, 4 * 10**9, 5 * 10**8, 10) == "25 % of 4.0 GB · 50.0 MB/s · 1:00 left"
    with Transfer(quiet=True) as bar:
        bar.show(1, 2)
    assert not capsys.readouterr().err
