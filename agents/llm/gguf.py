"""Reads a GGUF file's header: what a model is, without loading it. Any bytes may come; lengths are checked first.

Layout: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import hashlib
import math
import mmap
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agents.llm.errors import missing_file, not_gguf
from ingest.errors import ModelError
from ingest.language import Text

_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9
_KEPT_ARRAY = 1024
"""Longer arrays (the vocabulary) are counted, not kept."""
_MOST_LAYERS, _MOST_FILES = 10_000, 10_000
"""Blocks of a model and files it is cut into; the largest have some hundred and some dozens."""
_LONGEST_TEXT = 16 * 2**20
"""Bytes; real chat templates have some tens of thousands."""
_HEAD, _TAIL = 1 << 20, 1 << 16
"""Bytes that tell one file from another beside its size: all its metadata's beginning, and the last weights."""

TENSOR_TYPES = {
    0: ("F32", 1, 4), 1: ("F16", 1, 2), 2: ("Q4_0", 32, 18), 3: ("Q4_1", 32, 20), 6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24), 8: ("Q8_0", 32, 34), 9: ("Q8_1", 32, 36), 10: ("Q2_K", 256, 84), 11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144), 13: ("Q5_K", 256, 176), 14: ("Q6_K", 256, 210), 15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66), 17: ("IQ2_XS", 256, 74), 18: ("IQ3_XXS", 256, 98), 19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18), 21: ("IQ3_S", 256, 110), 22: ("IQ2_S", 256, 82), 23: ("IQ4_XS", 256, 136),
    24: ("I8", 1, 1), 25: ("I16", 1, 2), 26: ("I32", 1, 4), 27: ("I64", 1, 8), 28: ("F64", 1, 8),
    29: ("IQ1_M", 256, 56), 30: ("BF16", 1, 2), 34: ("TQ1_0", 256, 54), 35: ("TQ2_0", 256, 66), 39: ("MXFP4", 32, 17),
}  # fmt: skip
"""ggml's number of a type → (name, weights per block, bytes per block), from ggml.c's type_traits."""
TYPE_NUMBERS = {name.lower(): number for number, (name, _, _) in TENSOR_TYPES.items()}
"""The other way round: 'q8_0' → 8."""

FILE_TYPES = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S",
    12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K",
    19: "IQ2_XXS", 20: "IQ2_XS", 21: "Q2_K_S", 22: "IQ3_XS", 23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL",
    26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S", 29: "IQ2_M", 30: "IQ4_XS", 31: "IQ1_M", 32: "BF16",
    36: "TQ1_0", 37: "TQ2_0", 38: "MXFP4_MOE",
}  # fmt: skip
"""general.file_type → the name people know, from llama.h's llama_ftype."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """One line of the tensor table."""

    name: str
    shape: tuple[int, ...]
    type: int
    offset: int
    """Bytes from the start of the data section."""

    @property
    def weights(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)

    @property
    def bytes(self) -> int | None:
        """Size in the file; None for a type newer than this reader."""
        if self.type not in TENSOR_TYPES:
            return None
        _, per_block, block_bytes = TENSOR_TYPES[self.type]
        return self.weights // per_block * block_bytes


@dataclass(frozen=True, slots=True)
class Gguf:
    """What a GGUF file says about itself."""

    path: Path
    file_bytes: int
    metadata: dict[str, Any]
    tensors: tuple[Tensor, ...] = field(repr=False)
    data_start: int = 0

    def get(self, key: str) -> Any:  # noqa: ANN401
        """What the architecture's own metadata has under `key`; None where that is missing."""
        return self.metadata.get(f"{self.architecture}.{key}")

    def number(self, key: str, default: int = 0) -> int:
        """The same as a number not below 0; the largest, where layers differ."""
        value = self.get(key)
        if isinstance(value, tuple):
            value = max((one for one in value if isinstance(one, int)), default=default)
        return max(value, 0) if isinstance(value, int) else default

    @property
    def architecture(self) -> str:
        """As llama.cpp names it: 'llama', 'qwen3', 'gemma3', …"""
        return str(self.metadata.get("general.architecture", ""))

    @property
    def name(self) -> str:
        """The model's own name, or the file's."""
        return str(self.metadata.get("general.name") or self.path.stem)

    @property
    def licence(self) -> str:
        """As its maker wrote it; '' when nothing is stated."""
        return str(self.metadata.get("general.license", ""))

    @property
    def parameters(self) -> int:
        """Number of weights, all tensors of this file together."""
        return sum(tensor.weights for tensor in self.tensors)

    @property
    def quantisation(self) -> str:
        """'Q4_K_M' and the like."""
        if (stated := self.metadata.get("general.file_type")) in FILE_TYPES:
            return FILE_TYPES[int(stated)]
        weights: dict[int, int] = {}
        for tensor in self.tensors:
            weights[tensor.type] = weights.get(tensor.type, 0) + tensor.weights
        most = max(weights, key=lambda kind: weights[kind], default=-1)
        return TENSOR_TYPES[most][0] if most in TENSOR_TYPES else "unknown"

    @property
    def context_length(self) -> int:
        """Tokens the model was trained for; 0 when not stated."""
        return self.number("context_length")

    @property
    def layers(self) -> int:
        """Number of blocks."""
        return self.number("block_count")

    @property
    def heads(self) -> int:
        """Attention heads per layer (the most, where layers differ)."""
        return self.number("attention.head_count")

    @property
    def kv_heads(self) -> int:
        """Key/value heads per layer (the most, where layers differ)."""
        return self.number("attention.head_count_kv") or self.heads

    @property
    def template(self) -> str:
        """The Jinja chat template; '' when there is none."""
        return str(self.metadata.get("tokenizer.chat_template", ""))

    @property
    def splits(self) -> int:
        """How many files the model is cut into (1: whole)."""
        count = self.metadata.get("split.count", 1)
        return max(1, count) if isinstance(count, int) else 1


def read(path: Path) -> Gguf:
    """The header of the GGUF file at `path`. Raises `ModelError`: missing, no GGUF, malformed or truncated."""
    if not path.is_file():
        raise missing_file(path)
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            if file.read(4) != b"GGUF":
                raise not_gguf(path, Text("it does not begin with 'GGUF'", "文件开头不是 “GGUF”"))
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
                gguf = _Reader(path, view, size).gguf()
    except ModelError:
        raise
    except OSError as error:
        raise not_gguf(path, Text(f"it can't be read ({error.strerror})", f"无法读取（{error.strerror}）")) from error
    except struct.error as error:
        raise not_gguf(path, Text("it is cut off within its header", "文件在文件头处中断")) from error
    except (ValueError, OverflowError, RecursionError) as error:
        detail = Text(f"its header is malformed ({error})", f"文件头损坏（{error}）")
        raise not_gguf(path, detail) from error
    _check_complete(gguf)
    for said, most in ((gguf.layers, _MOST_LAYERS), (gguf.splits, _MOST_FILES)):
        if said > most:
            raise not_gguf(path, Text(f"it speaks of {said:,} parts", f"其中声称有 {said:,} 个部分"))
    return gguf


def _check_complete(gguf: Gguf) -> None:
    needed = gguf.data_start + max((t.offset + (t.bytes or 0) for t in gguf.tensors), default=0)
    if needed > gguf.file_bytes:
        raise not_gguf(
            gguf.path,
            Text(
                f"it is cut off: {gguf.file_bytes:,} of {needed:,} bytes are there",
                f"文件不完整：应有 {needed:,} 字节，实有 {gguf.file_bytes:,} 字节",
            ),
        )


class _Reader:
    """Walks the header, never trusting a length further than the file is long."""

    def __init__(self, path: Path, view: mmap.mmap, size: int) -> None:
        self._path, self._view, self._size, self._at = path, view, size, 4

    def gguf(self) -> Gguf:
        version = self._scalar("<I")
        if version & 0xFFFF == 0:
            raise not_gguf(self._path, Text("it is in big-endian byte order", "它采用大端字节序"))
        if version not in (2, 3):
            raise not_gguf(
                self._path, Text(f"its GGUF version {version} is not known here", f"不支持其 GGUF 版本 {version}")
            )
        tensor_count = self._count(at_least=24)
        pairs = self._count(at_least=13)
        metadata: dict[str, Any] = {}
        for _ in range(pairs):
            key = self._text()
            metadata[key] = self._value(self._scalar("<I"))
        tensors = tuple(self._tensor() for _ in range(tensor_count))
        alignment = metadata.get("general.alignment", 32)
        if not isinstance(alignment, int) or not 0 < alignment <= 2**20:
            raise ValueError(f"alignment {alignment!r}")
        start = -(-self._at // alignment) * alignment
        return Gguf(self._path, self._size, metadata, tensors, start)

    def _scalar(self, form: str) -> Any:  # noqa: ANN401
        (value,) = struct.unpack_from(form, self._view, self._at)
        self._at += struct.calcsize(form)
        return value

    def _count(self, at_least: int) -> int:
        """A number of things that need `at_least` bytes each."""
        count: int = self._scalar("<Q")
        if count * at_least > self._size - self._at:
            raise not_gguf(
                self._path,
                Text("it is cut off, or its header lies about what is in it", "文件不完整，或文件头与内容不符"),
            )
        return count

    def _text(self) -> str:
        length = self._count(at_least=1)
        if length > _LONGEST_TEXT:
            raise ValueError(f"a text of {length} bytes")
        text = self._view[self._at : self._at + length].decode("utf-8", "replace")
        self._at += length
        return text

    def _value(self, kind: int) -> Any:  # noqa: ANN401
        if kind == _STRING:
            return self._text()
        if kind == _ARRAY:
            return self._array()
        if kind not in _SCALARS:
            raise ValueError(f"value type {kind}")
        return self._scalar(_SCALARS[kind])

    def _array(self) -> tuple[Any, ...] | int:
        """The items, or for a long array how many there are."""
        kind = self._scalar("<I")
        if kind == _STRING:
            count = self._count(at_least=8)
            if count <= _KEPT_ARRAY:
                return tuple(self._text() for _ in range(count))
            self._skip_texts(count)
            return count
        if kind not in _SCALARS:
            raise ValueError(f"array of type {kind}")
        width = struct.calcsize(_SCALARS[kind])
        count = self._count(at_least=width)
        if count <= _KEPT_ARRAY:
            return tuple(self._scalar(_SCALARS[kind]) for _ in range(count))
        self._at += count * width
        return count

    def _skip_texts(self, count: int) -> None:
        """Pass `count` texts. A vocabulary and its merges are some 300,000, so this loop is kept bare; a length that
        leads out of the file is found by the next read, which has nothing to read then."""
        length_at, view, at = struct.Struct("<Q").unpack_from, self._view, self._at
        for _ in range(count):
            at += 8 + length_at(view, at)[0]
        if at > self._size:
            raise struct.error("the file ends within its vocabulary")
        self._at = at

    def _tensor(self) -> Tensor:
        name = self._text()
        dimensions = self._scalar("<I")
        if dimensions > 4:
            raise ValueError(f"a tensor of {dimensions} dimensions")
        shape = tuple(self._scalar("<Q") for _ in range(dimensions))
        if math.prod(shape) >= 2**50:
            raise ValueError(f"a tensor of shape {shape}")
        return Tensor(name, shape, self._scalar("<I"), self._scalar("<Q"))


def parts(header: Gguf) -> list[Path]:
    """The files of the model that begins with `header`, in order. Raises `ModelError` when not all are there, or it is not
    the first of them."""
    if header.splits == 1:
        return [header.path]
    stem, _, tail = header.path.stem.rpartition("-of-")
    base = stem.rpartition("-")[0]
    names = [f"{base}-{i:05d}-of-{tail}.gguf" for i in range(1, header.splits + 1)]
    paths = [header.path.with_name(name) for name in names]
    missing = [path.name for path in paths if not path.is_file()]
    if missing or header.path.name != names[0]:
        listed = ", ".join(missing) or names[0]
        raise ModelError(
            Text(
                f"{header.path.name} is one of {header.splits} files of a model.",
                f"{header.path.name} 是某模型 {header.splits} 个文件之一。",
            ),
            Text(
                f"Put all of them in one folder and open the first; needed: {listed}.",
                f"请把所有文件放入同一文件夹并打开第一个；需要：{listed}。",
            ),
        )
    return paths


def identity(model: Path) -> str:
    """A name for what is in a GGUF file, from its size, head and tail: reading gigabytes would take a minute."""
    size = model.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with model.open("rb") as file:
        digest.update(file.read(_HEAD))
        file.seek(max(0, size - _TAIL))
        digest.update(file.read(_TAIL))
    return digest.hexdigest()[:24]
