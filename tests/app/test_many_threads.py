"""Streamlit runs every click in a thread of its own: what a thread opens must not stay open after it."""

from __future__ import annotations

import gc
import threading
from pathlib import Path

import pytest


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts open files in /proc")
def test_files_opened_by_ended_threads_are_closed(filled):
    platform = filled()

    def click() -> None:
        platform.library.documents()
        platform.conversations.list()

    def opened() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    for _ in range(3):
        threading.Thread(target=click).run()
    before = opened()
    gc.freeze()  # what is looked through each time is what the threads leave, not all that was ever imported
    for _ in range(40):
        thread = threading.Thread(target=click)
        thread.start()
        thread.join()
        gc.collect()  # as Streamlit does after every run
    gc.unfreeze()
    assert opened() - before < 12
