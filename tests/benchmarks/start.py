"""How long whole commands take, and the application until its first page stands: by the clock and of the processor."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.runs import ROOT

TURNS = 3
_CODE = "import sys; from {package}.cli import main; sys.exit(main())"
COMMANDS = (
    ("ingest", ["--help"], 0.4),
    ("ingest", ["search", "How many days of annual leave are there?"], 1.0),
    ("agents", ["ask", "How many days of annual leave are there?"], 2.0),
    ("agents", ["run", "How many days of annual leave are there?"], 2.5),
)
FIRST_PAGE = 4.0


def run() -> str:
    """Markdown table, the best of some turns; documents are the sample corpus, all models the bundled ones."""
    lines = [
        "## Start\n",
        "| whole process | seconds | processor s | goal, s |",
        "|---|---:|---:|---:|",
    ]
    with tempfile.TemporaryDirectory() as home:
        _took("ingest", ["add", str(ROOT / "data" / "documents")], home)
        for package, arguments, goal in COMMANDS:
            wall, processor = map(min, zip(*[_took(package, arguments, home) for _ in range(TURNS)], strict=True))
            name = f"{'zhiku' if package == 'agents' else package} {arguments[0]}"
            lines.append(f"| `{name}` | {wall:.2f} | {processor:.2f} | {goal} |")
        lines.append(_first_page(home))
    return "\n".join(lines)


def _took(package: str, arguments: list[str], home: str) -> tuple[float, float]:
    """Seconds by the clock and of the processor."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "ZHIKU_HOME": home}
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", _CODE.format(package=package), *arguments],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        message = f"{package} {arguments[0]} ended with {process.returncode}"
        raise RuntimeError(message)
    return time.perf_counter() - begun, used.ru_utime + used.ru_stime


def _first_page(home: str) -> str:
    from tests.app.test_browser import BROWSER, DRIVER, browsing, running

    if not (BROWSER and DRIVER):
        return "\nThe application's first page: not measured, no chromium and chromedriver (`make setup-browser`)."
    waited = []
    with tempfile.TemporaryDirectory() as scratch, browsing(Path(scratch)) as browser:
        for turn in range(TURNS):
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = int(free.getsockname()[1])
            command = [sys.executable, "-m", "app", "--home", home, "--port", str(port)]
            begun = time.perf_counter()
            with running(command, port, Path(scratch) / f"{turn}.log", ZHIKU_EMBEDDER="bundled") as address:
                browser.get(address)
                while not browser.execute_script("return !!document.querySelector('textarea')"):
                    time.sleep(0.02)
                waited.append(time.perf_counter() - begun)
    return f"| `zhiku app`, until its first page stands in a browser | {min(waited):.2f} | – | {FIRST_PAGE} |"
