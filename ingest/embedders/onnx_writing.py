"""Writes an ONNX graph node by node: the few messages of onnx.proto (ONNX's `ModelProto` and what is in it) that takes.

The package `onnx` would do it too; 20 MB and its protobuf are much for four kinds of messages.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_KINDS = {"float32": 1, "uint8": 2, "int8": 3, "int32": 6, "int64": 7}
"""TensorProto.DataType."""
_OPSET, _IR = 20, 10
_MICROSOFT = "com.microsoft"
"""The domain of ONNX Runtime's own operators, which join several of ONNX's into one."""


class Graph:
    """A graph that grows; values are known by their names."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._values = 0

    def input(self, name: str, kind: str, shape: Sequence[int | str]) -> str:
        """A value given at each run; a size that varies has a name."""
        self._parts.append(_field(11, _value(name, kind, shape)))
        return name

    def output(self, name: str, kind: str, shape: Sequence[int | str]) -> None:
        """A value that a run gives."""
        self._parts.append(_field(12, _value(name, kind, shape)))

    def constant(self, array: NDArray[np.generic]) -> str:
        """A value that is part of the graph: weights, or the argument of an operator."""
        name, data = self._new(), array.tobytes()
        about = (
            b"".join(_field(1, size) for size in array.shape) + _field(2, _KINDS[array.dtype.name]) + _field(8, name)
        )
        about += _head(9, len(data))
        self._parts += [
            _head(5, len(about) + len(data)),
            about,
            data,
        ]  # in parts: megabytes are copied once, at the end
        return name

    def floats(self, *values: float) -> str:
        """A constant: one number, or a row of them."""
        return self.constant(np.array(values if len(values) > 1 else values[0], np.float32))

    def sizes(self, *values: int) -> str:
        """A constant row of int64."""
        return self.constant(np.array(values, np.int64))

    def node(self, operator: str, *inputs: str, ours: bool = False, **attributes: float) -> str:
        """The value that `operator` makes of `inputs`, '' for one left out; `ours`: one of ONNX Runtime's own."""
        return self.split(operator, 1, *inputs, ours=ours, **attributes)[0]

    def split(self, operator: str, count: int, *inputs: str, ours: bool = False, **attributes: float) -> list[str]:
        """The `count` values of an operator that makes several."""
        outputs = [self._new() for _ in range(count)]
        parts = [_field(1, name) for name in inputs] + [_field(2, name) for name in outputs] + [_field(4, operator)]
        parts += [_field(5, _attribute(name, value)) for name, value in attributes.items()]
        self._parts.append(_field(1, b"".join(parts) + (_field(7, _MICROSOFT) if ours else b"")))
        return outputs

    def model(self) -> bytes:
        """The file."""
        opsets = [(_OPSET, ""), (1, _MICROSOFT)]
        imports = b"".join(_field(8, _field(1, domain) + _field(2, version)) for version, domain in opsets)
        graph = [_field(2, "graph"), *self._parts]
        return b"".join([_field(1, _IR), imports, _head(7, sum(map(len, graph))), *graph])

    def _new(self) -> str:
        self._values += 1
        return f"v{self._values}"


def _field(number: int, value: float | str | bytes) -> bytes:
    """One field of a protobuf message."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value & (1 << 64) - 1)
    if isinstance(value, float):
        return _varint(number << 3 | 5) + struct.pack("<f", value)
    data = value.encode() if isinstance(value, str) else value
    return _head(number, len(data)) + data


def _head(number: int, size: int) -> bytes:
    """What stands before a field of so many bytes."""
    return _varint(number << 3 | 2) + _varint(size)


def _varint(value: int) -> bytes:
    data = bytearray()
    while value > 127:
        data.append(value & 127 | 128)
        value >>= 7
    data.append(value)
    return bytes(data)


def _attribute(name: str, value: float) -> bytes:
    """An AttributeProto: its name, its value as f or as i, and which of the two."""
    is_float = isinstance(value, float)
    return _field(1, name) + _field(2 if is_float else 3, value) + _field(20, 1 if is_float else 2)


def _value(name: str, kind: str, shape: Sequence[int | str]) -> bytes:
    """A ValueInfoProto."""
    sizes = b"".join(_field(1, _field(1 if isinstance(size, int) else 2, size)) for size in shape)
    return _field(1, name) + _field(2, _field(1, _field(1, _KINDS[kind]) + _field(2, sizes)))
