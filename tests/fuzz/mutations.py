"""How files are broken: a few cuts, repetitions, overwritten stretches and numbers at their limits, chosen by hypothesis
so that a failure shrinks to the least of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

MINUTES = float(os.environ.get("FUZZ_MINUTES", "0"))
"""As `make fuzz` sets it, for all of tests/fuzz together; 0: the few examples of the ordinary suite."""
_NUMBERS = (b"\0", b"\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\x80\0\0\0", b"\0\0\0\0", b"99999999999", b"-1")

Change = tuple[str, float, float, bytes]
changes: st.SearchStrategy[list[Change]] = st.lists(
    st.tuples(
        st.sampled_from(["overwrite", "cut", "repeat", "end"]),
        st.floats(0, 1),
        st.floats(0, 1),
        st.one_of(st.binary(min_size=1, max_size=64), st.sampled_from(_NUMBERS)),
    ),
    min_size=1,
    max_size=6,
)


def broken(data: bytes, by: list[Change]) -> bytes:
    """`data` after the changes; a place is a share of the whole, so that a change fits every file."""
    for kind, at, length, content in by:
        start = int(at * len(data))
        stop = start + int(length * min(4096, len(data) - start))
        if kind == "overwrite":
            data = data[:start] + content + data[start + len(content) :]
        elif kind == "cut":
            data = data[:start] + data[stop:]
        elif kind == "repeat":
            data = data[:stop] + data[start:stop] * (1 + len(content) % 8) + data[stop:]
        else:
            data = data[: max(1, start)]
    return data


def fuzz(
    check: Callable[..., None], few: int, time_left: Callable[[], bool], **arguments: st.SearchStrategy[Any]
) -> None:
    """Call `check` with `few` examples of the arguments; with `make fuzz` with others again while there is time."""
    options = settings(
        max_examples=few,
        database=None,
        derandomize=not MINUTES,
        suppress_health_check=list(HealthCheck),
    )
    while True:
        options(given(**arguments)(check))()
        if not MINUTES or not time_left():
            return
