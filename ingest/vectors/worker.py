"""The process in which Chroma works: calls on its input, answers on its output, until the input ends."""

from __future__ import annotations

import os
import queue
import signal
from pathlib import Path
from typing import Any

import numpy as np

from ingest.apart import messages
from ingest.apart.child import Limit, answers, bound, heard
from ingest.vectors.chroma import ChromaIndex, IndexDamagedError

CALLS = frozenset({"upsert", "delete", "query", "vectors", "ids", "drop", "collections"})
"""Of `VectorIndex`, what is done here; the rest is about the process."""
SECONDS = 120.0
"""For one call: 1,000 vectors or a search take a fraction of one, opening an index of a million some ten."""
_GRACE = 5.0
"""Seconds past that after which the process ends itself, where its parent is gone."""
_IDLE = 60.0
"""Seconds without a call after which it goes, and gives its memory back."""


def main(folder: str) -> None:
    """Serve the index in `folder`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    output = answers()
    bound(memory=0)
    index = ChromaIndex(Path(folder))
    calls, limit = heard(), Limit(SECONDS + _GRACE)
    while True:
        try:
            name, arguments = calls.get(timeout=_IDLE)
        except queue.Empty:
            os._exit(0)
        limit.begin()
        try:
            answer = ("done", flat(getattr(index, name)(*map(whole, arguments))))
        except IndexDamagedError as error:
            answer = ("damaged", error.why)
        limit.end()
        messages.send(output, answer)


def flat(value: Any) -> Any:  # noqa: ANN401 - an argument or a result of `VectorIndex`
    """It as builtin values: vectors travel as the bytes of float32, little endian."""
    if isinstance(value, dict):
        return {key: flat(one) for key, one in value.items()}
    return {"<f4": value.astype("<f4").tobytes(), "shape": value.shape} if isinstance(value, np.ndarray) else value


def whole(value: Any) -> Any:  # noqa: ANN401
    """What `flat` was given."""
    if not isinstance(value, dict):
        return value
    if "<f4" not in value:
        return {key: whole(one) for key, one in value.items()}
    return np.frombuffer(value["<f4"], "<f4").reshape(value["shape"])
