"""LoRA adapters: small GGUF files that change a model's matrices, each with a scale.

Which tensors an adapter has and how they must fit: llama.cpp's src/llama-adapter.cpp.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.llm import gguf
from agents.llm.errors import cannot_load, engine_failed, missing_file
from agents.llm.native import Context, Weights, library, said
from agents.llm.placing.shape import files
from ingest.errors import ModelError, UsageError
from ingest.language import Text

ONLY_FILES = Text(
    "A LoRA adapter needs a GGUF model: a server loads its own.",
    "LoRA 适配器只能用于 GGUF 模型：服务器上的适配器由服务器自行加载。",
)
_PARTS = (".lora_a", ".lora_b")


@dataclass(frozen=True, slots=True)
class Adapter:
    """A file and how strongly it is to count; 1 is what it was trained for, 0 nothing."""

    path: Path
    scale: float = 1.0
    stamp: tuple[int, int] = (0, 0)
    """Size and modification time (ns): a replaced file is another adapter."""

    def __str__(self) -> str:
        return f"{self.path.name}:{self.scale:g}"


def parse(written: str) -> tuple[Adapter, ...]:
    """Adapters from `FILE` or `FILE:SCALE`, several with commas between. Raises `UsageError`, `ModelError`."""
    found = []
    for part in filter(None, (piece.strip() for piece in written.split(","))):
        name, colon, number = part.rpartition(":")
        try:
            scale = float(number) if colon else 1.0
        except ValueError:  # a colon of the path's own
            name, scale = part, 1.0
        if scale != scale or abs(scale) > 100:  # noqa: PLR0124  # not a number
            raise UsageError(
                Text(f"A LoRA adapter can't have the scale {number}.", f"LoRA 适配器的比例不能是 {number}。"),
                Text("Usual are numbers from 0 to 2: FILE:0.8", "通常为 0 到 2 之间的数：文件:0.8"),
            )
        path = Path(name if colon else part).expanduser().absolute()
        if not path.is_file():
            raise missing_file(path)
        status = path.stat()
        found.append(Adapter(path, scale, (status.st_size, status.st_mtime_ns)))
    return tuple(found)


def check(base: gguf.Gguf, parts: Sequence[gguf.Gguf], adapter: Adapter) -> gguf.Gguf:
    """The adapter's header, if it can be put on the model of `base` (and its further files `parts`).

    Raises `ModelError`: no adapter, for another architecture, or with matrices that do not fit the model's.
    """
    header = gguf.read(adapter.path)
    if header.metadata.get("general.type") != "adapter" or header.metadata.get("adapter.type") != "lora":
        raise _unfit(adapter, Text("it is no LoRA adapter", "它不是 LoRA 适配器"))
    if header.architecture != base.architecture:
        raise _unfit(
            adapter,
            Text(
                f"it is for the architecture '{header.architecture}', {base.path.name} is '{base.architecture}'",
                f"它适用于架构 “{header.architecture}”，而 {base.path.name} 是 “{base.architecture}”",
            ),
        )
    shapes = {tensor.name: tensor.shape for file in (base, *parts) for tensor in file.tensors}
    halves: dict[str, dict[str, tuple[int, ...]]] = {}
    for tensor in header.tensors:
        name, half = tensor.name[: -len(_PARTS[0])], tensor.name[-len(_PARTS[0]) :]
        if half in _PARTS:
            halves.setdefault(name, {})[half] = tensor.shape
        elif not tensor.name.endswith("_norm.weight"):  # llama.cpp skips norms, and knows nothing else
            raise _unfit(adapter, Text(f"its tensor {tensor.name} is unknown", f"未知的张量 {tensor.name}"))
    for name, pair in halves.items():
        if not _fits(name, shapes.get(name), pair):
            sizes = " × ".join(str(pair.get(half, "?")) for half in _PARTS)
            raise _unfit(
                adapter,
                Text(
                    f"its {name} ({sizes}) does not fit the model's {shapes.get(name, 'none')}",
                    f"其 {name}（{sizes}）与模型的 {shapes.get(name, '（无）')} 不匹配",
                ),
            )
    if not halves:
        raise _unfit(adapter, Text("it changes nothing", "它没有任何可用的矩阵"))
    return header


def checked(path: Path, written: str) -> tuple[Adapter, ...]:
    """The adapters of `written`, each of them fit for the model at `path`. Raises `ModelError`, `UsageError`."""
    put_on = parse(written)
    if put_on:
        header, *parts = files(gguf.read(path))
        for adapter in put_on:
            check(header, parts, adapter)
    return put_on


def _fits(name: str, shape: tuple[int, ...] | None, pair: dict[str, tuple[int, ...]]) -> bool:
    """(n, r) and (r, m) for a matrix (n, m); the table of token embeddings is looked up by row, so it is turned."""
    first, second = (pair.get(half, ()) for half in _PARTS)
    if shape is None or min(len(shape), len(first), len(second)) < 2:
        return False
    if name == "token_embd.weight":
        return (shape[0], shape[1], first[0]) == (second[1], first[1], second[0])
    return (shape[0], shape[1], first[1]) == (first[0], second[1], second[0])


def put_on(weights: Weights, context: Context, adapters: Sequence[Adapter]) -> None:
    """Load `adapters` and let `context` compute with them; they are freed with the weights. Raises `ModelError`."""
    if not adapters:
        return
    lib = library()
    pointers = (lib.llama_adapter_lora_p_ctypes * len(adapters))()
    for index, adapter in enumerate(adapters):
        loaded = lib.llama_adapter_lora_init(weights.pointer, str(adapter.path).encode())
        if not loaded:
            raise cannot_load(adapter.path, said())
        pointers[index] = loaded
    scales = (ctypes.c_float * len(adapters))(*(adapter.scale for adapter in adapters))
    if lib.llama_set_adapters_lora(context.pointer, pointers, len(adapters), scales) != 0:
        raise engine_failed(f"llama_set_adapters_lora failed. {said()}".strip())


def _unfit(adapter: Adapter, why: Text) -> ModelError:
    return ModelError(
        Text(
            f"The LoRA adapter {adapter.path.name} can't be used: {why.en}.",
            f"无法使用 LoRA 适配器 {adapter.path.name}：{why.zh}。",
        ),
        Text(
            "Use one made for this very model, converted to GGUF with convert_lora_to_gguf.py, or none (setting 'lora').",
            "请使用为该模型训练、并用 convert_lora_to_gguf.py 转换为 GGUF 的适配器，或不使用（lora 设置）。",
        ),
    )
