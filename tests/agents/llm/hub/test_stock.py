from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from agents.llm import open_model
from agents.llm.hub import hub_names
from agents.llm.hub.stock import stock
from agents.llm.names import resolve
from ingest.errors import ModelError
from ingest.settings import Settings
from tests.agents.llm.hub.fake_hub import tiny_gguf

DATA = tiny_gguf(64)


def write(path: Path, data: bytes = DATA) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def ollama(root: Path, name: str, *layers: dict, host: str = "registry.ollama.ai") -> None:
    model, _, tag = name.partition(":")
    folder = model if "/" in model else f"library/{model}"
    write(root / "manifests" / host / folder / tag, json.dumps({"schemaVersion": 2, "layers": list(layers)}).encode())


def layer(root: Path, data: bytes = DATA, *, kind: str = "model", there: bool = True, size: int | None = None) -> dict:
    digest = hashlib.sha256(data).hexdigest()
    if there:
        write(root / "blobs" / f"sha256-{digest}", data)
    media = f"application/vnd.ollama.image.{kind}"
    return {"mediaType": media, "digest": f"sha256:{digest}", "size": len(data) if size is None else size}


def cached(root: Path, repo: str, file: str, *, commit: str = "aaa", main: bool = True, there: bool = True) -> Path:
    folder = root / f"models--{repo.replace('/', '--')}"
    blob = folder / "blobs" / hashlib.sha256(DATA).hexdigest()
    if there:
        write(blob)
    link = folder / "snapshots" / commit / file
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(blob)
    if main:
        write(folder / "refs" / "main", commit.encode())
    return link


@pytest.fixture
def stores(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One model in each store; returns the user's home."""
    for name in ("HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "OLLAMA_MODELS"):
        monkeypatch.delenv(name, raising=False)
    write(own_home / "zhiku/models/mine.gguf")
    write(own_home / "zhiku/models/Qwen/Qwen3-8B-GGUF/Qwen3-8B-Q5_K_M.gguf")
    cached(own_home / ".cache/huggingface/hub", "Qwen/Qwen3-4B-GGUF", "Qwen3-4B-Q4_K_M.gguf")
    root = own_home / ".ollama/models"
    ollama(root, "qwen3:4b", layer(root, b"Apache", kind="license"), layer(root))
    ollama(root, "me/llama:latest", layer(root))
    ollama(root, "unsloth/gemma-GGUF:Q8_0", layer(root), host="hf.co")
    write(own_home / ".lmstudio/models/lmstudio-community/Phi-GGUF/Phi-Q4_K_M.gguf")
    write(own_home / ".lmstudio/models/lmstudio-community/Phi-GGUF/mmproj-Phi-f16.gguf")
    write(own_home / ".cache/lm-studio/models/TheBloke/Old-GGUF/old.q4_0.gguf")
    return own_home


def test_every_store_is_looked_into(stores: Path) -> None:
    found = stock(stores / "zhiku")
    assert [entry.name for entry in found] == [
        "Qwen/Qwen3-8B-GGUF:Q5_K_M",
        "mine",
        "Qwen/Qwen3-4B-GGUF:Q4_K_M",
        "ollama:hf.co/unsloth/gemma-GGUF:Q8_0",
        "ollama:qwen3:4b",
        "ollama:me/llama:latest",
        "lmstudio:lmstudio-community/Phi-GGUF:Q4_K_M",
        "lmstudio:TheBloke/Old-GGUF:Q4_0",
    ]
    assert not [entry for entry in found if entry.problem]
    assert all(entry.path.read_bytes() == DATA for entry in found)


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("MINE", "mine"),
        ("mine.gguf", "mine"),
        ("Qwen/Qwen3-4B-GGUF:Q4_K_M", "Qwen/Qwen3-4B-GGUF:Q4_K_M"),
        ("qwen/qwen3-4b-gguf:q4_k_m", "Qwen/Qwen3-4B-GGUF:Q4_K_M"),
        ("Qwen/Qwen3-4B-GGUF", "Qwen/Qwen3-4B-GGUF:Q4_K_M"),
        ("https://huggingface.co/Qwen/Qwen3-4B-GGUF", "Qwen/Qwen3-4B-GGUF:Q4_K_M"),
        ("https://hf-mirror.com/Qwen/Qwen3-4B-GGUF/blob/main/Qwen3-4B-Q4_K_M.gguf", "Qwen/Qwen3-4B-GGUF:Q4_K_M"),
        ("hf.co/Qwen/Qwen3-4B-GGUF:Q4_K_M", "Qwen/Qwen3-4B-GGUF:Q4_K_M"),
        ("Qwen/Qwen3-4B-GGUF:Qwen3-4B-Q4_K_M.gguf", "Qwen/Qwen3-4B-GGUF:Q4_K_M"),
        ("Qwen3-8B-Q5_K_M", "Qwen/Qwen3-8B-GGUF:Q5_K_M"),
        ("ollama:qwen3:4b", "ollama:qwen3:4b"),
        ("qwen3:4b", "ollama:qwen3:4b"),
        ("ollama:me/llama", "ollama:me/llama:latest"),
        ("lmstudio:lmstudio-community/Phi-GGUF", "lmstudio:lmstudio-community/Phi-GGUF:Q4_K_M"),
        ("lmstudio:Phi-Q4_K_M", "lmstudio:lmstudio-community/Phi-GGUF:Q4_K_M"),
        ("lmstudio:lmstudio-community/Phi-GGUF/Phi-Q4_K_M.gguf", "lmstudio:lmstudio-community/Phi-GGUF:Q4_K_M"),
    ],
)
def test_a_name_means_one_model(stores: Path, name: str, called: str) -> None:
    assert resolve(name, stores / "zhiku").name == called  # type: ignore[union-attr]
    assert open_model(name, Settings(), home=stores / "zhiku").header.architecture == "qwen3"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (
            "Qwen/Qwen3-14B-GGUF:Q4_K_M",
            r"not on this machine\. Fetch it: `zhiku models pull Qwen/Qwen3-14B-GGUF:Q4_K_M`",
        ),
        (
            "Qwen/Qwen3-4B-GGUF:Q8_0",
            r"pull Qwen/Qwen3-4B-GGUF:Q8_0`\. On this machine there is Qwen/Qwen3-4B-GGUF:Q4_K_M",
        ),
        ("ollama:qwen3:8b", "mean 'ollama:qwen3:4b'"),
        ("lmstudio:Phi-Q8_0", "mean 'lmstudio:lmstudio-community/Phi-GGUF:Q4_K_M'"),
        ("models/none.gguf", "no model file"),
    ],
)
def test_a_miss_says_what_next(stores: Path, name: str, says: str) -> None:
    with pytest.raises(ModelError, match=says):
        resolve(name, stores / "zhiku")


def test_variables_move_the_stores(own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    monkeypatch.setenv("OLLAMA_MODELS", str(tmp_path / "ol"))
    cached(tmp_path / "hf/hub", "a/b", "b-Q8_0.gguf")
    ollama(tmp_path / "ol", "x:latest", layer(tmp_path / "ol"))
    write(own_home / ".lmstudio-home-pointer", str(tmp_path / "lm").encode())
    write(tmp_path / "lm/settings.json", json.dumps({"downloadsFolder": str(tmp_path / "big")}).encode())
    write(tmp_path / "big/p/r/m-Q6_K.gguf")
    names = [entry.name for entry in stock(own_home / "zhiku")]
    assert names == ["a/b:Q8_0", "ollama:x:latest", "lmstudio:p/r:Q6_K"]
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "nowhere"))
    assert "a/b:Q8_0" not in [entry.name for entry in stock(own_home / "zhiku")]


def test_what_is_broken_says_why(stores: Path) -> None:
    cached(stores / ".cache/huggingface/hub", "o/gone", "gone-Q4_K_M.gguf", there=False)
    root = stores / ".ollama/models"
    ollama(root, "half:1b", layer(root, tiny_gguf(128), size=10**9))
    ollama(root, "lost:1b", layer(root, b"lost", there=False))
    ollama(root, "mlx:1b", layer(root, b"t", kind="tensor"))
    write(root / "manifests/registry.ollama.ai/library/junk/latest", b"{")
    write(stores / "zhiku/models/Big-00002-of-00003.gguf")
    problems = {e.name: e.problem.en for e in stock(stores / "zhiku") if e.problem}
    assert problems == {
        "o/gone:Q4_K_M": "gone-Q4_K_M.gguf is a link to a file that is gone",
        "ollama:half:1b": f"its blob has {len(tiny_gguf(128))} of 1,000,000,000 bytes: run `ollama pull` again",
        "ollama:lost:1b": "its blob is missing: run `ollama pull` again",
        "ollama:mlx:1b": "it has no GGUF file (another format, or run in the cloud)",
        "ollama:junk:latest": "its manifest can't be read",
        "Big": "part 1, 3 of 3 is missing",
    }
    with pytest.raises(ModelError, match="lost:1b can't be used: its blob is missing"):
        resolve("ollama:lost:1b", stores / "zhiku")


def test_the_newest_whole_snapshot_counts(stores: Path) -> None:
    root = stores / ".cache/huggingface/hub"
    new = cached(root, "o/r", "r-Q4_K_M.gguf", commit="bbb")
    cached(root, "o/r", "r-Q4_K_M.gguf", commit="ccc", main=False)
    cached(root, "o/r", "r-Q8_0.gguf", commit="ccc", main=False)
    found = {e.name: e.path for e in stock(stores / "zhiku") if e.name.startswith("o/r")}
    assert found["o/r:Q4_K_M"] == new
    assert set(found) == {"o/r:Q4_K_M", "o/r:Q8_0"}


def test_several_variants_and_no_usual_one(stores: Path) -> None:
    for quant in ("Q8_0", "Q6_K"):
        write(stores / f"zhiku/models/a/b/b-{quant}.gguf")
    with pytest.raises(ModelError, match="Name one of: a/b:Q6_K, a/b:Q8_0"):
        resolve("a/b", stores / "zhiku")


@pytest.mark.parametrize(
    ("file", "quant"),
    [
        ("Qwen3-4B-Q4_K_M.gguf", "Q4_K_M"),
        ("llama-2-7b-chat.Q5_0.gguf", "Q5_0"),
        ("Qwen2.5-7B-instruct-q4_k_m-00001-of-00002.gguf", "Q4_K_M"),
        ("gemma-3-1b-it-UD-IQ2_XXS.gguf", "UD-IQ2_XXS"),
        ("gpt-oss-20b-MXFP4.gguf", "MXFP4"),
        ("model-bf16.gguf", "BF16"),
        ("UD-Q2_K_XL/DeepSeek-R1-00001-of-00005.gguf", "UD-Q2_K_XL"),
        ("SmolLM2-135M-Instruct.Q4_1.gguf", "Q4_1"),
        ("Qwen3-4B.gguf", ""),
        ("Q-learning.gguf", ""),
    ],
)
def test_the_quantisation_in_a_name(file: str, quant: str) -> None:
    assert hub_names.quantisation(file) == quant


def test_variants_are_told_apart() -> None:
    files = ["a-Q4_K_M.gguf", "b-Q4_K_M.gguf", "b-Q8_0.gguf", "mmproj-b.gguf", "c-00001-of-00002.gguf"]
    files += ["c-00002-of-00002.gguf", "README.md"]
    assert hub_names.variants(files) == {
        "a-Q4_K_M": ["a-Q4_K_M.gguf"],
        "b-Q4_K_M": ["b-Q4_K_M.gguf"],
        "Q8_0": ["b-Q8_0.gguf"],
        "c": ["c-00001-of-00002.gguf", "c-00002-of-00002.gguf"],
    }


def test_hub_names() -> None:
    assert hub_names.parse("https://hf-mirror.com/a/b:Q8_0") == hub_names.HubName("a/b", "Q8_0")
    pasted = "https://huggingface.co/a/b/resolve/main/Q8_0/m-00001-of-00002.gguf?download=true"
    assert hub_names.parse(pasted) == hub_names.HubName("a/b", "Q8_0/m-00001-of-00002.gguf")
    assert hub_names.parse("https://huggingface.co/a/b/tree/main") == hub_names.HubName("a/b")
    for name in (
        "http://127.0.0.1:8080/v1#m",
        "https://api.example.com/v1",
        "plain",
        "../x/y",
        "a/b/c",
        "ollama:x",
        "a/../b",
        "/a/b",
        "文/件",
    ):
        assert hub_names.parse(name) is None, name
