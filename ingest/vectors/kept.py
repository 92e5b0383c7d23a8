"""A knowledge base's vectors in one file of rows, so that no process gathers them out of SQLite one by one again.

What a search reads through (eight bits) is held against a digest when the file is opened; whole vectors are looked up by their
place, and some of them now and then compared with the catalog's (`ExactSearch`). The file is a copy: where it is damaged,
absent or can't be written, the catalog is read as before.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

from ingest.catalog.proofs import unit
from ingest.vectors.rows import Quantised

_FORM = b"zhiku 63"
_HEAD = struct.Struct("<8sqqq16s")
"""Form (its number is the `_HALF` that the excess was made with), generation, number of vectors, dimensions, digest of all but the whole vectors."""
_START = 4096
"""Where the whole vectors begin. Behind them, from the next such place on: ids, steps, excess, values in eight bits."""


@dataclass(frozen=True, slots=True)
class KeptVectors:
    """Vectors of a knowledge base as they were at a generation. The arrays lie in the file: a page is read when it is used."""

    generation: int
    ids: NDArray[np.int64]
    """(n,) ascending."""
    quantised: Quantised
    whole: NDArray[np.float32]
    """(n, dimensions) of unit length."""

    @classmethod
    def opened(cls, file: Path) -> Self | None:
        """What `file` holds; None where it is not there or not as it was written."""
        try:
            data = np.memmap(file, np.uint8, "r")
            form, generation, n, dimensions, digest = _HEAD.unpack(data[: _HEAD.size].tobytes())
            behind = data[_behind(n, dimensions) :]
            if form != _FORM or not n or behind.size != n * (16 + dimensions) or _digest(behind) != digest:
                return None
        except (OSError, ValueError, struct.error):
            return None
        ids, steps, excess, values = np.split(behind, [8 * n, 12 * n, 16 * n])
        return cls(
            generation,
            ids.view(np.int64),
            Quantised(values.view(np.int8).reshape(dimensions, n), steps.view(np.float32), excess.view(np.int32)),
            data[_START : _START + 4 * n * dimensions].view(np.float32).reshape(n, dimensions),
        )

    def of(self, ids: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Those of `ids` that are here, and their vectors."""
        at = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        here = np.flatnonzero(self.ids[at] == ids)
        rows = self.whole[at[here]]
        sound = unit(rows)
        return ids[here[sound]], rows[sound]


class Keeping:
    """Writes such a file, the whole vectors as they come. A disk that is full or read-only ends it without a word."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._beside = file.with_name(f"{file.name}.{os.getpid()}")
        self._out: BinaryIO | None = None
        with contextlib.suppress(OSError):
            file.parent.mkdir(mode=0o700, exist_ok=True)
            self._out = self._beside.open("wb")
            self._out.seek(_START)

    def put(self, vectors: NDArray[np.float32]) -> None:
        """The next whole vectors."""
        try:
            if self._out:
                self._out.write(vectors.data)
        except OSError:
            self._give_up()

    def finish(self, generation: int, ids: NDArray[np.int64], quantised: Quantised) -> None:
        """All were put; in the same order these are their ids and eight bits."""
        if not self._out or not len(ids):
            return self._give_up()
        behind: list[NDArray[Any]] = [ids, quantised.steps, quantised.excess, quantised.values]
        try:
            with self._out as out:
                out.seek(_behind(len(ids), quantised.dimensions))
                for part in behind:
                    out.write(np.ascontiguousarray(part).data)
                out.seek(0)
                out.write(_HEAD.pack(_FORM, generation, len(ids), quantised.dimensions, _digest(*behind)))
            self._beside.replace(self._file)
        except OSError:
            self._give_up()

    def _give_up(self) -> None:
        with contextlib.suppress(OSError):
            if self._out:
                self._out.close()
            self._beside.unlink()
        self._out = None


def _behind(n: int, dimensions: int) -> int:
    """Where the whole vectors end, in full pages."""
    return _START + -(-4 * n * dimensions // _START) * _START


def _digest(*parts: NDArray[Any]) -> bytes:
    told = hashlib.blake2b(digest_size=16)
    for part in parts:
        told.update(part.data)
    return told.digest()
