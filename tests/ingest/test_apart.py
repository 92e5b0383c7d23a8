"""Work apart is over when whoever waits says so: a thread is left alone, a process is ended with all that it started."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import psutil
import pytest

from ingest.apart.processes import end, interpreter, output, started
from ingest.apart.threads import Cancelled, Clock, OutOfTime, apart, awaited, begun, result
from ingest.language import language, speaking


def test_a_result_comes_from_a_thread_that_speaks_the_callers_language() -> None:
    with speaking("zh"):
        assert result(lambda: (language(), threading.current_thread().name), Clock.lasting(20), "work") == (
            "zh",
            "work",
        )
        told: list[str] = []
        begun(lambda: told.append(language())).join(20)
    assert told == ["zh"]


@pytest.mark.parametrize("error", [ValueError("no"), TimeoutError("its own"), SystemExit(3)], ids=repr)
def test_what_the_work_raises_is_raised(error: BaseException) -> None:
    def work() -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        result(work, Clock.lasting(20))
    assert caught.value is error


def test_nobody_waits_longer_than_the_clock() -> None:
    cancelled, never = threading.Event(), threading.Event()
    with pytest.raises(OutOfTime):
        result(lambda: never.wait(60), Clock.lasting(0.05))

    def work() -> None:
        cancelled.set()
        never.wait(60)

    with pytest.raises(Cancelled):
        result(work, Clock.lasting(60, cancelled))
    never.set()


def test_what_is_there_is_returned_though_it_is_time_to_stop() -> None:
    coming: Future[int] = Future()
    coming.set_result(42)
    clock = Clock.lasting(-1)
    clock.cancelled.set()
    assert awaited(coming, clock) == 42


def test_a_clock_says_what_is_left_or_why_to_stop() -> None:
    assert Clock(threading.Event()).remaining() == float("inf")
    assert 0 < Clock.lasting(20).remaining() <= 20
    assert Clock.lasting(20).left(5) == 5
    with pytest.raises(OutOfTime):
        Clock.lasting(0).remaining()
    clock = Clock.lasting(20)
    clock.cancelled.set()
    with pytest.raises(Cancelled):
        clock.check()


def test_items_come_as_they_are_made_until_nobody_reads() -> None:
    closed = threading.Event()

    def items() -> Iterator[int]:
        try:
            yield from range(10_000)
        finally:
            closed.set()

    coming = apart(items, Clock.lasting(60))
    assert [next(coming), next(coming)] == [0, 1]
    coming.close()
    assert closed.wait(20)


def said(code: str, clock: Clock) -> bytes:
    with tempfile.TemporaryFile() as nothing:
        return output(started(interpreter(code), dict(os.environ), stdin=nothing), clock)


def test_a_program_finds_our_modules_and_what_it_says_is_returned() -> None:
    assert said("import ingest; print('ok')", Clock.lasting(60)).split() == [b"ok"]


@pytest.mark.skipif(sys.platform != "linux", reason="address space is bounded where the system can")
def test_a_child_keeps_within_its_bounds_and_its_libraries_say_nothing(tmp_path: Path) -> None:
    code = (
        "from ingest.apart.child import answers, bound; out = answers(); bound(1 << 30, file_bytes=10)\n"
        "print('a library')\n"
        "try: bytearray(2 << 30)\n"
        "except MemoryError: out.write(b'bounded')\n"
        f"try: open({str(tmp_path / 'f')!r}, 'wb', 0).write(b'x' * 100)\n"
        "except OSError: out.write(b' twice')\n"
        "out.flush()"
    )
    assert said(code, Clock.lasting(60)) == b"bounded"
    assert (tmp_path / "f").stat().st_size == 10


@pytest.mark.skipif(os.name != "posix", reason="process groups")
@pytest.mark.parametrize("how", ["out of time", "cancelled", "left by itself"])
def test_with_a_program_goes_all_that_it_started(how: str, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    sleeper = f"[{sys.executable!r}, '-c', 'import time; time.sleep(600)']"
    code = (
        f"import os, subprocess, time; p = subprocess.Popen({sleeper}, stdout=subprocess.DEVNULL)\n"
        f"open({str(note)!r} + '.new', 'w').write(str(p.pid)); os.rename({str(note)!r} + '.new', {str(note)!r})\n"
        + ("" if how == "left by itself" else "time.sleep(600)")
    )
    clock = Clock.lasting(3 if how == "out of time" else 60)
    if how == "cancelled":

        def cancel() -> None:
            while not note.exists():
                threading.Event().wait(0.01)
            clock.cancelled.set()

        begun(cancel)
    if how == "left by itself":
        said(code, clock)
    else:
        with pytest.raises(OutOfTime if how == "out of time" else Cancelled):
            said(code, clock)
    with_it = int(note.read_text())
    gone = not psutil.pid_exists(with_it) or psutil.Process(with_it).status() == psutil.STATUS_ZOMBIE
    assert gone or psutil.wait_procs([psutil.Process(with_it)], timeout=20)[0]


def test_the_end_of_a_program_is_told_by_its_status() -> None:
    process = started(interpreter("import sys; sys.exit(3)"), dict(os.environ), stdin=subprocess.DEVNULL)
    with process:
        process.wait(60)
        assert end(process) == 3
