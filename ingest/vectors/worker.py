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
            answer = ("done", _answer(index, name, arguments))
        except IndexDamagedError as error:
            answer = ("damaged", error.why)
        limit.end()
        messages.send(output, answer)


def _answer(index: ChromaIndex, name: str, arguments: tuple[Any, ...]) -> object:
    """Carry out one call of `VectorIndex`; vectors travel as the bytes of float32, little endian."""
    match name:
        case "upsert":
            kb_id, ids, data, dimensions = arguments
            index.upsert(kb_id, ids, np.frombuffer(data, "<f4").reshape(-1, dimensions))
        case "query":
            kb_id, data, k, within = arguments
            return index.query(kb_id, np.frombuffer(data, "<f4"), k, within)
        case "vectors":
            return {i: row.astype("<f4").tobytes() for i, row in index.vectors(*arguments).items()}
        case "ids":
            return list(index.ids(*arguments))
        case "collections":
            return list(index.collections())
        case "delete":
            index.delete(*arguments)
        case "drop":
            index.drop(*arguments)
    return None
