"""Writes a sentence-transformers model as one ONNX or OpenVINO graph, once, into the user's cache.

The whole stack (transformer, pooling, normalisation) goes through `torch.export`, which both formats take. So the
exporters of `optimum`, which hold transformers back to old versions, are not needed, and what runs the result
needs neither torch nor transformers.
"""

from __future__ import annotations

import json
import logging
import shutil
import sys
import warnings
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ingest.embedders.models import load
from ingest.embedders.prompts import Prompts, prompts_for
from ingest.embedders.sentence_transformers import LONGEST
from ingest.errors import ModelError
from ingest.language import Text

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 1
"""Goes into the cache's key: raise it when what is written here changes."""
META, TOKENIZER, ONNX, OPENVINO = "zhiku.json", "tokenizer.json", "model.onnx", "model.xml"


@dataclass(frozen=True, slots=True)
class Meta:
    """What running an exported model needs to know besides its graph and tokenizer."""

    dimensions: int
    window: int
    """Tokens the model reads, special tokens included."""
    pad_id: int
    pad_token: str
    query_prompt: str
    passage_prompt: str


def export(name: str, folder: Path | None, backend: str, precision: str, to: Path) -> None:
    """Write graph, tokenizer and meta data into the new folder `to`; all or nothing.

    Raises `ModelError` where the model can't be loaded, can't be exported, or a package for it is missing.
    """
    beside = to.with_name(f"{to.name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    model = load(name, folder, device="cpu", model_kwargs={"attn_implementation": "sdpa"})
    tokenizer = model.tokenizer
    prompts = prompts_for(name, model.prompts, model.default_prompt_name, Prompts())
    meta = Meta(
        dimensions=int(model.get_embedding_dimension()),
        window=min(model.max_seq_length or LONGEST, LONGEST),
        pad_id=int(tokenizer.pad_token_id or 0),
        pad_token=str(tokenizer.pad_token or "[PAD]"),
        query_prompt=prompts.query,
        passage_prompt=prompts.passage,
    )
    try:
        # The exporters report on stdout, which belongs to the command's own output.
        with redirect_stdout(sys.stderr), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            program = _program(model.float().eval(), meta.window)
            if backend == "onnx":
                _write_onnx(program, precision, beside)
            else:
                _write_openvino(program, precision, beside)
        (beside / TOKENIZER).write_text(tokenizer.backend_tokenizer.to_str(), "utf-8")
    except ImportError as error:
        shutil.rmtree(beside, ignore_errors=True)
        raise missing(backend, error) from error
    except Exception as error:
        # torch.export raises errors of many unrelated classes for a model it can't trace.
        shutil.rmtree(beside, ignore_errors=True)
        raise ModelError(
            Text(
                en=f"'{name}' can't be exported for {backend}: {type(error).__name__}.",
                zh=f"无法把 “{name}” 导出为 {backend}：{type(error).__name__}。",
            ),
            Text(
                en='Set embedder_backend = "torch": it runs every model.',
                zh='请设置 embedder_backend = "torch"：它支持所有模型。',
            ),
        ) from error
    (beside / META).write_text(json.dumps(asdict(meta), ensure_ascii=False), "utf-8")
    shutil.rmtree(to, ignore_errors=True)
    beside.rename(to)


def missing(backend: str, error: ImportError) -> ModelError:
    """What to say when the packages of a backend are not installed."""
    command = f"pip install -e '.[{backend}]'"
    return ModelError(
        Text(
            en=f"The {backend} backend needs a package that is not installed: {error.name}.",
            zh=f"{backend} 后端缺少依赖包：{error.name}。",
        ),
        Text(en=f"In Zhiku's folder run: {command}", zh=f"请在智库所在目录执行：{command}"),
    )


def _program(model: Any, window: int) -> Any:  # noqa: ANN401 - torch is untyped here
    """The exported program: (input_ids, attention_mask), both (batch, tokens) int64, to (batch, dimensions)."""
    import torch

    class Whole(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:  # noqa: ANN401
            return self.model({"input_ids": input_ids, "attention_mask": attention_mask})["sentence_embedding"]

    # Sizes of an example must not look like constants: 0 and 1 would.
    ids, mask = torch.ones((3, 7), dtype=torch.int64), torch.ones((3, 7), dtype=torch.int64)
    mask[1, 5:] = 0
    shape = {0: torch.export.Dim("batch", min=1, max=4096), 1: torch.export.Dim("tokens", min=2, max=window)}
    with torch.no_grad():
        return torch.export.export(Whole().eval(), (ids, mask), dynamic_shapes=(shape, shape), strict=False)


def _write_onnx(program: Any, precision: str, to: Path) -> None:  # noqa: ANN401
    import torch

    whole = to / ONNX if precision != "int8" else to / "float32.onnx"
    names = {"input_names": ["input_ids", "attention_mask"], "output_names": ["sentence_embedding"]}
    # Weights beside the graph: a file of protobuf ends at 2 GB.
    torch.onnx.export(program, (), str(whole), **names, dynamo=True, external_data=True, verbose=False)
    if precision == "int8":
        from onnxruntime.quantization import QuantType, quantize_dynamic

        quantize_dynamic(whole, to / ONNX, weight_type=QuantType.QInt8, per_channel=True, use_external_data_format=True)
        for file in to.glob("float32.onnx*"):
            file.unlink()


def _write_openvino(program: Any, precision: str, to: Path) -> None:  # noqa: ANN401
    import openvino

    graph = openvino.convert_model(program)
    if precision == "int8":
        import nncf

        nncf.set_log_level(logging.ERROR)
        graph = nncf.compress_weights(graph)
    openvino.save_model(graph, to / OPENVINO, compress_to_fp16=precision == "float16")
