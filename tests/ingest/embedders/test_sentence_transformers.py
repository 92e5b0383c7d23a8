"""The torch, ONNX and OpenVINO paths with a tiny model, and with the real one where it lies at hand."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from ingest.embedders import Embedder
from ingest.embedders.exported import ExportedEmbedder
from ingest.embedders.factory import create
from ingest.embedders.prompts import Prompts
from ingest.embedders.sentence_transformers import SentenceTransformersEmbedder
from ingest.errors import ModelError, UsageError
from ingest.settings import Settings

TEXTS = [
    "一个模型需要多少显存？",
    "How much memory",
    "表格 | 名称 | 数量 |",
    "a",
    "x y z " * 9,
    "",
    "a\0b",
    "\ud800",
    "年假",
]


@pytest.fixture(scope="module")
def torch_embedder(tiny_model: Path) -> Embedder:
    return SentenceTransformersEmbedder(str(tiny_model), device="cpu")


def holds_to_the_protocol(embedder: Embedder, dimensions: int) -> None:
    vectors = embedder.embed_passages(TEXTS)
    assert vectors.shape == (len(TEXTS), dimensions) == (len(TEXTS), embedder.identity.dimensions)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert embedder.embed_passages([]).shape == (0, dimensions)
    for text, vector in zip(TEXTS, vectors, strict=True):
        assert float(embedder.embed_passages([text])[0] @ vector) > 0.999
    assert embedder.embed_query("word " * 1000).shape == (dimensions,)
    assert embedder.count_tokens("") == 0


def test_torch(torch_embedder: Embedder) -> None:
    holds_to_the_protocol(torch_embedder, 32)
    query, passage = torch_embedder.embed_query("年假"), torch_embedder.embed_passages(["年假"])[0]
    assert float(query @ passage) < 0.9999, "queries and passages have their own prompts"


def test_what_is_counted_fits_the_window(torch_embedder: Embedder) -> None:
    # 64 positions less [CLS], [SEP], the eight characters of 'passage:' and one for the seam.
    assert torch_embedder.identity.max_tokens == 64 - 2 - 8 - 1
    longest = "a" * torch_embedder.identity.max_tokens
    assert torch_embedder.count_tokens(longest) == torch_embedder.identity.max_tokens
    one, two = torch_embedder.embed_passages([longest, longest[:-1] + "b"])
    assert float(one @ two) < 1 - 1e-6, "the last token is still read"


def test_half_precision_is_near_and_another_identity(tiny_model: Path, torch_embedder: Embedder) -> None:
    half = SentenceTransformersEmbedder(str(tiny_model), device="cpu", precision="float16")
    assert (half.embed_passages(TEXTS[:4]) * torch_embedder.embed_passages(TEXTS[:4])).sum(1).min() > 0.99
    assert half.identity.fingerprint != torch_embedder.identity.fingerprint


def test_other_prompts_are_another_identity(tiny_model: Path, torch_embedder: Embedder) -> None:
    other = SentenceTransformersEmbedder(str(tiny_model), device="cpu", prompts=Prompts("", "文档"))
    assert other.identity.fingerprint != torch_embedder.identity.fingerprint
    assert SentenceTransformersEmbedder(str(tiny_model), device="cpu").identity == torch_embedder.identity


def test_float16_is_not_float32_under_another_name(tiny_model: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="float16"):
        ExportedEmbedder(str(tiny_model), "onnx", precision="float16", cache=tmp_path)
    assert not list(tmp_path.iterdir())


def test_int8_needs_another_backend(tiny_model: Path) -> None:
    with pytest.raises(UsageError, match="int8"):
        SentenceTransformersEmbedder(str(tiny_model), precision="int8")


def test_a_folder_without_a_model_and_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="holds no model"):
        create(Settings(embedder=str(tmp_path)))
    with pytest.raises(ModelError, match="no folder"):
        create(Settings(embedder=str(tmp_path / "gone"), embedder_backend="onnx"))


def test_weights_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    (tmp_path / "model.safetensors").write_bytes(b"garbage")
    with pytest.raises(ModelError, match="can't be loaded"):
        create(Settings(embedder=str(tmp_path)))


def test_a_hub_that_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(ModelError, match=r"can't be fetched from http://127\.0\.0\.1:9.*HF_ENDPOINT"):
        create(Settings(embedder="nobody/no-such-model"))


@pytest.mark.parametrize(
    ("backend", "precision", "near"),
    [("onnx", "float32", 0.9999), ("onnx", "int8", 0.9), ("openvino", "float32", 0.999), ("openvino", "int8", 0.97)],
)
def test_exported(
    backend: str, precision: str, near: float, tiny_model: Path, torch_embedder: Embedder, tmp_path: Path
) -> None:
    pytest.importorskip("onnxscript" if backend == "onnx" else "openvino", reason="an optional extra")
    if (backend, precision) == ("openvino", "int8"):
        pytest.importorskip("nncf", reason="an optional extra")
    embedder = ExportedEmbedder(str(tiny_model), backend, precision=precision, cache=tmp_path)
    texts = TEXTS[:5]
    assert (embedder.embed_passages(texts) * torch_embedder.embed_passages(texts)).sum(1).min() > near
    assert embedder.identity.max_tokens == torch_embedder.identity.max_tokens
    assert embedder.identity.fingerprint != torch_embedder.identity.fingerprint
    if precision == "float32":
        holds_to_the_protocol(embedder, 32)
        before = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*") if file.suffix != ".lock"}
        ExportedEmbedder(str(tiny_model), backend, precision=precision, cache=tmp_path)
        assert before == {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*") if file.suffix != ".lock"}


REAL = Path(os.environ.get("E5_FOLDER", "") or "/nonexistent")


@pytest.mark.shared
@pytest.mark.skipif(not REAL.is_dir(), reason="E5_FOLDER names no folder with multilingual-e5-small")
def test_the_real_model_agrees_with_the_bundled_one() -> None:
    from ingest.embedders.bundled import BundledEmbedder

    real, bundled = SentenceTransformersEmbedder(str(REAL), device="cpu"), BundledEmbedder()
    texts = ["一个7B模型需要多少显存？", "Annual leave is five days.", "| 名称 | 数量 |"]
    assert (real.embed_passages(texts) * bundled.embed_passages(texts)).sum(1).min() > 0.999
    assert [real.count_tokens(text) for text in texts] == [bundled.count_tokens(text) for text in texts]
