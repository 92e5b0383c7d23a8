"""Models of transformers as one ONNX or OpenVINO graph each, written once into the user's cache, and run from there.

The whole module goes through `torch.export`, which both formats take. So the exporters of `optimum`, which hold
transformers back to old versions, are not needed, and what runs the result needs neither torch nor transformers.
"""

from __future__ import annotations

import json
import logging
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ingest.cores import threads
from ingest.errors import ModelError
from ingest.language import Text, say
from ingest.progress import announced

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

FORMAT = 1
"""Goes into the cache's key: raise it when what is written here changes."""
META, TOKENIZER, ONNX, OPENVINO = "zhiku.json", "tokenizer.json", "model.onnx", "model.xml"
_KINDS = {
    "embedders": ("embedding model", "向量模型"),
    "rerankers": ("reranker", "重排模型"),
    "verifiers": ("verifier", "核验模型"),
}
"""What exports are kept of, and what people call it."""
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
"""Of a graph, in this order, each (batch, tokens) int64; not all models have the third."""


def exported(kind: str, parts: Sequence[str], write: Callable[[Path], None], cache: Path | None = None) -> Path:
    """The folder of an export among those of its `kind`, made now by `write` if it is not there. `parts`: all that
    decides about what is in it; `cache`: where exports are kept (None: the platform's cache folder)."""
    from filelock import FileLock
    from platformdirs import user_cache_path

    root = (cache or user_cache_path("zhiku", appauthor=False)) / kind
    root.mkdir(parents=True, exist_ok=True)
    key = sha256("\0".join([str(FORMAT), *parts]).encode()).hexdigest()[:24]
    with FileLock(root / f"{key}.lock"):
        if not (root / key / META).is_file():
            model = say(*_KINDS[kind])
            with announced(
                say(
                    f"Preparing the {model} for this computer, once: a minute or two …",
                    f"首次使用，正在为本机转换{model}，约需一两分钟，仅此一次……",
                )
            ):
                write(root / key)
    return root / key


@contextmanager
def writing(to: Path, name: str, backend: str, otherwise: Text) -> Iterator[Path]:
    """A folder beside `to` to write into, which takes its place when all went well and goes away when not.

    Raises `ModelError` for model `name` where it can't be exported, with the advice `otherwise`, and where a package of
    `backend` is missing.
    """
    beside = to.with_name(f"{to.name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    try:
        # The exporters report on stdout, which belongs to the command's own output, and warn of packages nobody needs.
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        with redirect_stdout(sys.stderr), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield beside
    except ImportError as error:
        shutil.rmtree(beside, ignore_errors=True)
        raise missing(backend, error) from error
    except Exception as error:
        # torch.export raises errors of many unrelated classes for a model it can't trace.
        shutil.rmtree(beside, ignore_errors=True)
        raise ModelError(
            Text(
                f"'{name}' can't be exported for {backend}: {type(error).__name__}.",
                f"无法把 “{name}” 导出为 {backend}：{type(error).__name__}。",
            ),
            otherwise,
        ) from error
    shutil.rmtree(to, ignore_errors=True)
    beside.rename(to)


def missing(backend: str, error: ImportError) -> ModelError:
    """What to say when the packages of a backend are not installed."""
    command = f"pip install -e '.[{backend}]'"
    return ModelError(
        Text(
            f"The {backend} backend needs a package that is not installed: {error.name}.",
            f"{backend} 后端缺少依赖包：{error.name}。",
        ),
        Text(f"In Zhiku's folder run: {command}", f"请在智库所在目录执行：{command}"),
    )


def write_graph(module: Any, window: int, backend: str, precision: str, to: Path, *, inputs: int = 2) -> None:  # noqa: ANN401
    """Write the torch `module` into the folder `to`. It is called with the first `inputs` of input_ids, attention_mask
    and token_type_ids, each (batch, tokens) int64 with at most `window` tokens, and gives one tensor."""
    import torch

    # Sizes of an example must not look like constants: 0 and 1 would.
    example = tuple(torch.ones((3, 7), dtype=torch.int64) for _ in range(inputs))
    example[1][1, 5:] = 0
    shape = {0: torch.export.Dim("batch", min=1, max=4096), 1: torch.export.Dim("tokens", min=2, max=window)}
    with torch.no_grad():
        program = torch.export.export(module.eval(), example, dynamic_shapes=(shape,) * inputs, strict=False)
    if backend == "onnx":
        _write_onnx(program, precision, to, _INPUTS[:inputs])
    else:
        _write_openvino(program, precision, to)


def write_rest(tokenizer: Any, meta: DataclassInstance, to: Path) -> None:  # noqa: ANN401
    """Write what running a graph needs besides: the tokenizer of transformers, and `meta`, last."""
    (to / TOKENIZER).write_text(tokenizer.backend_tokenizer.to_str(), "utf-8")
    (to / META).write_text(json.dumps(asdict(meta), ensure_ascii=False), "utf-8")


def tokenizer_in(folder: Path) -> Any:  # noqa: ANN401 - the library is untyped
    """The tokenizer of an export. Never told to cut or pad, it keeps no state that threads could spoil for each other."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def running(folder: Path, backend: str) -> Callable[[Sequence[NDArray[np.int64]]], Any]:
    """The graph in `folder`, to be called with its inputs in the order of `write_graph`; gives an array. Raises `ModelError` without the packages of `backend`."""
    try:
        return _onnx(folder / ONNX) if backend == "onnx" else _openvino(folder / OPENVINO)
    except ImportError as error:
        raise missing(backend, error) from error


def _write_onnx(program: Any, precision: str, to: Path, inputs: Sequence[str]) -> None:  # noqa: ANN401
    import torch

    whole = to / ONNX if precision != "int8" else to / "float32.onnx"
    names = {"input_names": list(inputs), "output_names": ["output"]}
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


def session(graph: Path | bytes, providers: Sequence[str] = (), *, polished: bool = False) -> Any:  # noqa: ANN401
    """An ONNX graph ready to run, by what ONNX Runtime here has for it or by `providers` alone. One that is `polished` is
    not looked through for what could be better in it. Raises `ImportError` without ONNX Runtime."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # Its own default is the machine's cores, whatever a container is granted of them, each thread bound to one.
    options.intra_op_num_threads = threads()
    # A thread that spins while it waits takes the time that a parser, the writer or a browser needs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if polished:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    source = graph if isinstance(graph, bytes) else str(graph)
    found = list(providers) or onnxruntime.get_available_providers()
    return onnxruntime.InferenceSession(source, options, providers=found)


def _onnx(file: Path) -> Callable[[Sequence[NDArray[np.int64]]], Any]:
    running = session(file)
    return lambda inputs: running.run(None, dict(zip(_INPUTS, inputs, strict=False)))[0]


def _openvino(file: Path) -> Callable[[Sequence[NDArray[np.int64]]], Any]:
    import openvino

    compiled = openvino.compile_model(openvino.Core().read_model(file), "CPU", {"PERFORMANCE_HINT": "THROUGHPUT"})
    return lambda inputs: compiled(list(inputs))[0]
