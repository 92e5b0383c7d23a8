"""Files that hang, crash and eat memory, in real worker processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from ingest.documents import Parsed
from ingest.errors import LoadError, Skipped
from ingest.language import speaking
from ingest.parsing import Parser, precheck

LOADER = """
import os, sys, time
from ingest.documents import Page, Parsed
from ingest.errors import LoadError, Skipped
from ingest.language import Text

def load(path):
    order = path.read_text()
    if order == "hang":
        time.sleep(600)
    if order == "hang hard":
        import ctypes
        ctypes.PyDLL(None).sleep(600)      # keeps the interpreter to itself
    if order == "exit":
        os._exit(3)
    if order == "segfault":
        os.kill(os.getpid(), 11)
    if order == "memory":
        return bytearray(8 << 30)
    if order == "surprise":
        raise ValueError("odd bytes")
    if order == "deep":
        raise RecursionError
    if order == "skip":
        raise Skipped(Text(en="Not ours.", zh="不归我们。"), Text(en="Leave it.", zh="不用管。"))
    if order == "archive":
        from ingest.loaders.foreign import mere_archive
        raise mere_archive()
    if order == "print":
        print("noise on standard output", flush=True)
        os.write(1, b"more noise")
    if order == "class":
        return Parsed(path.name, "text/plain", (Page(1, Odd("x")),))
    if order == "slow":
        time.sleep(1.5)
    return Parsed(path.name, "text/plain", (Page(1, order, section=("一", "二"), label="iv"),),
                  notes=(str(os.getpid()),))

class Odd(str):
    pass
"""


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "awkward_loader.py").write_text(LOADER)
    monkeypatch.syspath_prepend(str(folder))
    return "awkward_loader:load"


def files(folder: Path, *orders: str) -> list[Path]:
    paths = []
    for n, order in enumerate(orders):
        paths.append(folder / f"{n:03}.txt")
        paths[-1].write_text(order)
    return paths


def test_bad_files_end_as_errors_and_the_rest_goes_on(tmp_path: Path, load: str) -> None:
    orders = (
        "fine",
        "hang",
        "hang hard",
        "fine",
        "exit",
        "segfault",
        "memory",
        "surprise",
        "deep",
        "skip",
        "archive",
        "print",
        "class",
        "last",
    )
    with Parser(2, timeout_seconds=2, memory_bytes=1 << 30, load=load) as parser:
        outcomes = {path.name: outcome for path, outcome in parser.parse(files(tmp_path, *orders))}
    said = {orders[int(name[:3])]: outcome for name, outcome in outcomes.items()}
    assert len(outcomes) == len(orders)
    for good in ("fine", "print", "last"):
        assert isinstance(said[good], Parsed)
    assert said["last"].pages[0].text == "last"
    assert said["last"].pages[0].section == ("一", "二")
    reasons = {
        "hang": "longer than 2 s",
        "hang hard": "longer than 2 s",
        "exit": "exit status 3",
        "segfault": "SIGSEGV",
        "memory": "memory",
        "surprise": "odd bytes",
        "deep": "nested",
        "class": "crashed",
    }
    for order, reason in reasons.items():
        error = said[order]
        assert isinstance(error, LoadError)
        with speaking("en"):
            assert reason in str(error.message), order
        assert error.hint is not None
        assert error.hint.en
        assert error.hint.zh
    assert isinstance(said["skip"], Skipped)
    assert said["skip"].message.zh == "不归我们。"
    assert isinstance(said["archive"], Skipped)  # a kind of its own, told as what it is
    assert said["archive"].message.en == "This is an archive, not a document."


def test_one_worker_serves_many_files(tmp_path: Path, load: str) -> None:
    with Parser(1, timeout_seconds=30, memory_bytes=1 << 30, load=load) as parser:
        outcomes = [outcome for _, outcome in parser.parse(files(tmp_path, *["fine"] * 20))]
        again = [outcome for _, outcome in parser.parse(files(tmp_path, "x"))]
    pids = {outcome.notes[0] for outcome in [*outcomes, *again] if isinstance(outcome, Parsed)}
    assert len(outcomes) == 20
    assert len(pids) == 1


def test_paths_are_taken_lazily(tmp_path: Path, load: str) -> None:
    taken = 0

    def paths():
        nonlocal taken
        for path in files(tmp_path, *["fine"] * 30):
            taken += 1
            yield path

    with Parser(2, timeout_seconds=30, memory_bytes=1 << 30, load=load) as parser:
        results = parser.parse(paths())
        next(results)
        assert taken <= 4
        next(results)
        assert taken <= 5
        results.close()


def test_an_abandoned_run_does_not_disturb_the_next(tmp_path: Path, load: str) -> None:
    (tmp_path / "a").mkdir()
    with Parser(1, timeout_seconds=30, memory_bytes=1 << 30, load=load) as parser:
        first = parser.parse(files(tmp_path / "a", *["slow"] * 3))
        next(first)
        first.close()
        outcomes = list(parser.parse(files(tmp_path, "x", "y")))
    assert [outcome.pages[0].text for _, outcome in outcomes if isinstance(outcome, Parsed)] == ["x", "y"]


def test_a_worker_killed_from_outside_while_idle_is_replaced(tmp_path: Path, load: str) -> None:
    with Parser(1, timeout_seconds=30, memory_bytes=1 << 30, load=load) as parser:
        ((_, before),) = parser.parse(files(tmp_path, "x"))
        assert isinstance(before, Parsed)
        process = psutil.Process(int(before.notes[0]))
        process.kill()
        deadline = time.monotonic() + 10
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
            time.sleep(0.02)
        ((_, after),) = parser.parse(files(tmp_path, "y"))
    assert isinstance(after, Parsed)
    assert after.notes != before.notes


def test_closing_ends_the_workers(tmp_path: Path, load: str) -> None:
    with Parser(2, timeout_seconds=30, memory_bytes=1 << 30, load=load) as parser:
        pids = {int(outcome.notes[0]) for _, outcome in parser.parse(files(tmp_path, *["slow"] * 2))}
        assert len(pids) == 2
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_a_missing_loader_is_an_error_not_a_wait(tmp_path: Path) -> None:
    with Parser(1, timeout_seconds=30, memory_bytes=0, load="no_such_module:load") as parser:
        ((_, outcome),) = parser.parse(files(tmp_path, "x"))
    assert isinstance(outcome, LoadError)


def test_the_reader_knows_the_callers_language_and_size_limit(tmp_path: Path) -> None:
    (tmp_path / "zh_loader.py").write_text(
        "from ingest.documents import Page, Parsed\n"
        "from ingest.language import say\n"
        "def load(path, *, max_bytes=1):\n"
        "    return Parsed(path.name, 'text/plain', (Page(1, str(max_bytes)),), notes=(say('English', '中文'),))\n"
    )
    sys.path.insert(0, str(tmp_path))
    try:
        with speaking("zh"):
            parser = Parser(1, 30, 1 << 30, max_bytes=7 << 30, load="zh_loader:load")
        with parser:
            ((_, outcome),) = parser.parse(files(tmp_path, "x"))
    finally:
        sys.path.remove(str(tmp_path))
    assert isinstance(outcome, Parsed)
    assert outcome.notes == ("中文",)
    assert outcome.pages[0].text == str(7 << 30)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("order", ["hang", "fine"])
def test_workers_die_with_a_parent_that_is_killed(tmp_path: Path, load: str, order: str) -> None:
    paths = [str(path) for path in files(tmp_path, "fine", order)]
    script = textwrap.dedent(f"""
        import sys, time
        from pathlib import Path
        sys.path[:] = {sys.path!r}
        from ingest.parsing import Parser
        with Parser(1, 60, 1 << 30, load={load!r}) as parser:
            for path, outcome in parser.parse(map(Path, {paths!r})):
                print(outcome.notes[0], flush=True)
                time.sleep(60)
    """)  # no __main__ guard, on purpose
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    worker = psutil.Process(int(parent.stdout.readline()))
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    worker.wait(timeout=20)
    assert not worker.is_running()


def test_the_worker_loads_nothing_heavy(tmp_path: Path) -> None:
    code = "import sys, ingest.parsing.worker, ingest.loaders; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"torch", "chromadb", "numpy", "pypdf", "pypdfium2", "docx", "openpyxl", "trafilatura"} & set(loaded)


class TestPrecheck:
    def test_passes_a_file(self, tmp_path: Path) -> None:
        precheck(*files(tmp_path, "x"), max_bytes=10)

    def test_skips_what_is_not_a_file(self, tmp_path: Path) -> None:
        pipe, loop, empty, link = (tmp_path / name for name in ("pipe", "loop", "empty", "link"))
        os.mkfifo(pipe)
        loop.symlink_to(loop)
        empty.touch()
        link.symlink_to(tmp_path)
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(tmp_path / "s"))
            for path in (pipe, loop, empty, link, tmp_path / "s", Path("/dev/zero")):
                with pytest.raises(Skipped) as caught:
                    precheck(path, 10)
                assert caught.value.hint

    def test_skips_what_is_too_large_without_reading_it(self, tmp_path: Path) -> None:
        large = tmp_path / "large.txt"
        with large.open("wb") as file:
            file.truncate(2 << 30)
        with pytest.raises(Skipped, match="2048 MB"):
            precheck(large, 512 << 20)

    def test_names_what_cannot_be_reached(self, tmp_path: Path) -> None:
        gone = tmp_path / "gone"
        with pytest.raises(LoadError, match="no such file"):
            precheck(gone, 10)
        secret = files(tmp_path, "x")[0]
        secret.chmod(0)
        if os.access(secret, os.R_OK):
            pytest.skip("root may read everything")
        with pytest.raises(LoadError, match="may not be read"):
            precheck(secret, 10)
