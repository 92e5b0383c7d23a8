"""Vectors in memory, whole as float32 or in whole numbers of eight bits at a quarter of the room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_AT_ONCE = 1_024
"""Rows made float32 at once: what is multiplied next must still lie in the processor's cache."""
_DOUBT = 2.5
"""Steps of a row by which its product with a unit vector may be wrong. Each component is off by half a step at most, so by
Hoeffding's inequality one product in 140,000 is off by more."""


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

    @property
    def doubt(self) -> None:
        """None: products are right."""
        return

    def products(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n,) products with a vector."""
        return self.rows @ vector

    def at(self, places: NDArray[np.intp]) -> Self:
        """The rows at `places`."""
        return type(self)(self.rows[places])

    def with_more(self, rows: NDArray[np.float32]) -> Self:
        """These, and `rows` behind them."""
        import numpy as np

        return type(self)(np.concatenate([self.rows.reshape(-1, rows.shape[1]), rows]))


@dataclass(frozen=True, slots=True)
class Quantised:
    """Unit vectors in eight bits: component = value · step of its row."""

    values: NDArray[np.int8]
    steps: NDArray[np.float32]

    @classmethod
    def of(cls, rows: NDArray[np.float32]) -> Self:
        """`rows` rounded: the largest component of a row is ±127."""
        import numpy as np

        steps = np.maximum(np.abs(rows).max(axis=1, initial=0), np.float32(1e-9)) / np.float32(127)
        return cls(np.rint(rows / steps[:, None]).astype(np.int8), steps)

    @property
    def dimensions(self) -> int:
        """Numbers of a vector."""
        return int(self.values.shape[1])

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        return self.values.nbytes + self.steps.nbytes

    @property
    def doubt(self) -> NDArray[np.float32]:
        """(n,) by how much each product with a unit vector may be wrong."""
        import numpy as np

        return self.steps * np.float32(_DOUBT)

    def products(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n,) products with a vector, right within `doubt`."""
        import numpy as np

        found = np.empty(len(self.values), np.float32)
        part = np.empty((_AT_ONCE, self.dimensions), np.float32)
        for first in range(0, len(found), _AT_ONCE):
            values = self.values[first : first + _AT_ONCE]
            here = part[: len(values)]
            np.copyto(here, values)
            np.dot(here, vector, out=found[first : first + _AT_ONCE])
        return found * self.steps

    def at(self, places: NDArray[np.intp]) -> Self:
        """The rows at `places`."""
        return type(self)(self.values[places], self.steps[places])

    def with_more(self, rows: NDArray[np.float32]) -> Self:
        """These, and `rows` rounded behind them."""
        import numpy as np

        more = type(self).of(rows)
        values = np.concatenate([self.values.reshape(-1, more.dimensions), more.values])
        return type(self)(values, np.concatenate([self.steps, more.steps]))
