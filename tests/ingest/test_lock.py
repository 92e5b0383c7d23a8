"""One writer at a time, and who it is."""

import subprocess
import sys
import textwrap
import threading

import pytest

from ingest.errors import LibraryLocked
from ingest.lock import WriterLock


def test_another_process_is_named(tmp_path):
    script = f"""
        import sys; sys.path[:0] = {sys.path!r}; sys.argv[0] = "/somewhere/ingest"
        from pathlib import Path
        from ingest.lock import WriterLock
        with WriterLock(Path({str(tmp_path)!r})).held():
            print("held", flush=True); sys.stdin.readline()
    """
    holder = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout.readline() == "held\n"
        lock = WriterLock(tmp_path)
        with pytest.raises(LibraryLocked, match=rf"'ingest' \(process {holder.pid}\)"), lock.held():
            pass
        holder.kill()  # a killed writer leaves no lock behind
        holder.wait(30)
        with lock.held():
            assert lock.mine
        assert not lock.mine
    finally:
        holder.kill()
        holder.communicate()


def test_threads_wait_for_each_other_and_may_nest(tmp_path):
    lock = WriterLock(tmp_path)
    order = []

    def second():
        with lock.held():
            order.append("second")

    with lock.held(), lock.held():
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.1)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]


def test_not_waiting_for_threads(tmp_path):
    lock = WriterLock(tmp_path)
    seen = []

    def impatient():
        try:
            with lock.held(wait_for_threads=False):
                seen.append("in")
        except LibraryLocked:
            seen.append("locked")

    with lock.held():
        thread = threading.Thread(target=impatient)
        thread.start()
        thread.join(10)
    assert seen == ["locked"]
