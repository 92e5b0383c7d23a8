"""Vectors in memory, whole as float32 or in whole numbers of eight bits at a quarter of the room."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

_DIGIT = 128
_LARGEST = _DIGIT * (_DIGIT // 2 - 1)
"""Largest component of a question's vector in two digits to the base `_DIGIT`."""
_DOUBT = 2.5
"""Steps by which the product of two unit vectors may be wrong when one of them is rounded to such. Each component is off by
half a step at most, so by Hoeffding's inequality one product in 140,000 is off by more."""
_FEW = 0.1
"""Share of the vectors up to which they are gathered before they are multiplied."""


@dataclass(frozen=True, slots=True)
class Whole:
    """Unit vectors as they are: (n, dimensions) float32."""

    rows: NDArray[np.float32]

    @classmethod
    def of(cls, rows: NDArray[np.float32]) -> Self:
        """Such rows."""
        return cls(rows)

    @property
    def dimensions(self) -> int:
        """Numbers of a vector."""
        return int(self.rows.shape[1])

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        return self.rows.nbytes

    def nearest(
        self, vector: NDArray[np.float32], k: int, at: NDArray[np.intp] | None = None
    ) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """All places, or those `at` alone, and their products with a vector: they are few, and right."""
        import numpy as np

        del k
        places = np.arange(len(self.rows)) if at is None else at
        return places, (self.rows @ vector)[places]

    def at(self, places: NDArray[np.intp]) -> Self:
        """The rows at `places`."""
        return type(self)(self.rows[places])

    def with_more(self, rows: NDArray[np.float32]) -> Self:
        """These, and `rows` behind them."""
        import numpy as np

        return type(self)(np.concatenate([self.rows.reshape(-1, rows.shape[1]), rows]))


@dataclass(frozen=True, slots=True)
class Quantised:
    """Unit vectors in eight bits: component = value · step of its vector."""

    values: NDArray[np.int8]
    """(dimensions, n), a vector a column: so ONNX Runtime multiplies them as it reads them."""
    steps: NDArray[np.float32]
    excess: NDArray[np.int32]
    """(n,) product of each column with a row of half a digit."""

    @classmethod
    def of(cls, rows: NDArray[np.float32]) -> Self:
        """`rows` rounded: the largest component of a row is ±127."""
        import numpy as np

        largest = np.maximum(rows.max(axis=1, initial=1e-7), -rows.min(axis=1, initial=-1e-7))
        steps = (largest / np.float32(127)).astype(np.float32)
        scaled = rows / steps[:, None]
        values = np.ascontiguousarray(np.rint(scaled, out=scaled).astype(np.int8).T)
        return cls(values, steps, values.sum(axis=0, dtype=np.int32) * np.int32(_DIGIT // 2))

    @classmethod
    def beside(cls, parts: Sequence[Self]) -> Self:
        """All of them, one behind the other."""
        import numpy as np

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
        these products.

        The vector is brought to 14 bits, two digits of 7: products of two pairs of 8 bits overflow the 16 bits that
        processors without VNNI add them up in. Every vector is multiplied with the first digit, with the second one those
        alone that may be among the nearest by the first.
        """
        import numpy as np

        step = np.float32(max(float(np.abs(vector).max(initial=0.0)), 1e-7) / _LARGEST)
        digits = np.rint(vector / step).astype(np.int32)
        high = (digits + _DIGIT // 2) // _DIGIT
        low = digits - _DIGIT * high
        found = self.times(high).astype(np.float32)
        found *= self.steps
        found *= np.float32(_DIGIT) * step
        places = np.arange(len(found)) if at is None else at
        maybe = _maybe(found[places], self.steps[places], k, _DIGIT * step)
        places, found = places[maybe], found[places[maybe]]
        if len(places) > _FEW * len(self.steps):
            found += self.times(low)[places] * self.steps[places] * step
        else:
            few = self.at(places)
            found += few.times(low) * few.steps * step
        maybe = _maybe(found, self.steps[places], k)
        return places[maybe], found[maybe]

    def times(self, digits: NDArray[np.int32]) -> NDArray[np.int32]:
        """(n,) products with a row of digits. Unsigned ones have a way through the matrix of their own, three times as fast;
        by how much they are too large is known."""
        import numpy as np

        found = _multiply()((digits + _DIGIT // 2).astype(np.uint8)[None], self.values)
        found -= self.excess
        return found

    def at(self, places: NDArray[np.intp]) -> Self:
        """The vectors at `places`."""
        import numpy as np

        return type(self)(np.take(self.values, places, axis=1), self.steps[places], self.excess[places])

    def with_more(self, rows: NDArray[np.float32]) -> Self:
        """These, and `rows` rounded behind them."""
        return self.beside([self, self.of(rows)])


def _maybe(products: NDArray[np.float32], steps: NDArray[np.float32], k: int, step: float = 0.0) -> NDArray[np.intp]:
    """Which may be among the `k` largest, where vectors were rounded to `steps` and what they were multiplied with to `step`."""
    import numpy as np

    if len(products) <= k:
        return np.arange(len(products))
    doubt = steps * np.float32(_DOUBT)
    sure = np.partition(products - doubt, len(products) - k)[len(products) - k]
    return np.flatnonzero(products + doubt >= sure - np.float32(2 * _DOUBT * step))


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
