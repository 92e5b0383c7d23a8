"""The rule of thumb for a model that is not on this machine."""

from __future__ import annotations


def estimate(parameters: float, bits: float) -> float:
    """Gigabytes for `parameters` billions of weights at `bits` each: M = P · 4 · 1.2 / (32 / Q).

    Four bytes per weight in f32, shrunk by the quantisation, and a fifth more for the cache and what is in passing.
    """
    return parameters * 4 * 1.2 / (32 / bits)
