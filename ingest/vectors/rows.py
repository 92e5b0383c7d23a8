"""Vectors in whole numbers of eight bits: a quarter of the room of float32, and of the time to read them through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Self

import numpy as np
from numpy.typing import NDArray

_HALF = 63
"""Largest number that a component of a question is rounded to."""
_DOUBT = 2.5
"""Steps by which the product of two unit vectors may be wrong when one of them is rounded to such. Each component is off by
half a step at most, so by Hoeffding's inequality one product in 140,000 is off by more."""


@dataclass(frozen=True, slots=True)
class Quantised:
    """Unit vectors in eight bits: component = value · step of its vector."""

    values: NDArray[np.int8]
    """(dimensions, n), a vector a column: so ONNX Runtime multiplies them as it reads them."""
    steps: NDArray[np.float32]
    excess: NDArray[np.int32]
    """(n,) product of each column with a row of `_HALF`."""

    @classmethod
    def of(cls, rows: NDArray[np.float32]) -> Self:
        """`rows` rounded: the largest component of a row is ±127."""
        largest = np.maximum(rows.max(axis=1, initial=1e-7), -rows.min(axis=1, initial=-1e-7))
        steps = (largest / np.float32(127)).astype(np.float32)
        scaled = rows / steps[:, None]
        values = np.ascontiguousarray(np.rint(scaled, out=scaled).astype(np.int8).T)
        return cls(values, steps, values.sum(axis=0, dtype=np.int32) * np.int32(_HALF))

    @classmethod
    def beside(cls, parts: Sequence[Self]) -> Self:
        """All of them, one behind the other."""
        return cls(
            np.concatenate([part.values for part in parts], axis=1),
            np.concatenate([part.steps for part in parts]),
            np.concatenate([part.excess for part in parts]),
        )

    @property
    def dimensions(self) -> int:
        """Numbers of a vector."""
        return len(self.values)

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        return self.values.nbytes + self.steps.nbytes + self.excess.nbytes

    def nearest(
        self, vector: NDArray[np.float32], k: int, at: NDArray[np.intp] | None = None
    ) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Places of all that may be among the `k` largest products with a unit vector, of those at `at` (None: of all), and
        these products, nearly.

        The vector is brought to 7 bits, as products of two pairs of 8 bits overflow the 16 bits that processors without VNNI
        add them up in; and made unsigned, for which ONNX Runtime has a way through the matrix of its own, three times as
        fast: by how much products are too large then is known. What is computed is whole numbers, the same everywhere.
        """
        step = np.float32(max(float(np.abs(vector).max(initial=0.0)), 1e-7) / _HALF)
        digits = np.rint(vector / step).astype(np.int32) + _HALF
        found = _multiply()(digits.astype(np.uint8)[None], self.values)
        found -= self.excess
        products, doubt = found * self.steps, self.steps * np.float32(_DOUBT)
        products *= step
        if at is not None:
            products, doubt = products[at], doubt[at]
        places = np.arange(len(products))
        if len(places) > k:
            sure = np.partition(products - doubt, len(places) - k)[len(places) - k]
            places = np.flatnonzero(products + doubt >= sure - np.float32(2 * _DOUBT) * step)
        return places if at is None else at[places], products[places]

    def at(self, places: NDArray[np.intp]) -> Self:
        """The vectors at `places`."""
        return type(self)(np.take(self.values, places, axis=1), self.steps[places], self.excess[places])

    def with_more(self, rows: NDArray[np.float32]) -> Self:
        """These, and `rows` rounded behind them."""
        return self.beside([self, self.of(rows)])


@cache
def _multiply() -> Callable[[NDArray[np.uint8], NDArray[np.int8]], NDArray[np.int32]]:
    """A row of unsigned bytes times a matrix of signed ones."""
    from ingest.embedders.onnx_writing import Graph
    from ingest.graphs import session

    graph = Graph()
    row, matrix = graph.input("row", "uint8", (1, "dimensions")), graph.input("matrix", "int8", ("dimensions", "n"))
    graph.output(graph.node("MatMulInteger", row, matrix), "int32", (1, "n"))
    ready = session(graph.model(), ["CPUExecutionProvider"], polished=True)

    def product(row: NDArray[np.uint8], matrix: NDArray[np.int8]) -> NDArray[np.int32]:
        found: NDArray[np.int32] = ready.run(None, {"row": row, "matrix": matrix})[0][0]
        return found

    return product
