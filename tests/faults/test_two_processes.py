"""One process searches, as the application does, while another adds."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from ingest import open_library
from ingest.settings import Settings

ADD = "import sys; from ingest.cli import main; sys.exit(main(['add', sys.argv[1], '-q']))"


def add_elsewhere(home: Path, file: Path) -> None:
    subprocess.run(
        [sys.executable, "-c", ADD, str(file)],
        check=True,
        timeout=120,
        env={**os.environ, "ZHIKU_HOME": str(home), "ZHIKU_EMBEDDER": "hashing"},
    )


def test_what_the_command_line_adds_is_found_by_a_process_that_was_open_before(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first, second = tmp_path / "leave.md", tmp_path / "pump.md"
    first.write_text("# 年假\n\n员工有十五天年假。", "utf-8")
    second.write_text("# Pump\n\nThe pump is serviced every spring.", "utf-8")
    library = open_library(home, Settings(embedder="hashing"))
    library.add([first])
    assert library.search("年假")[0].document == "年假"  # the index is open now
    add_elsewhere(home, second)
    deadline = time.monotonic() + 20  # 2 s are promised; a busy machine gets more
    while not (found := [hit for hit in library.search("pump serviced") if "pump.md" in hit.path]):
        assert time.monotonic() < deadline, "what another process added stays unseen"
    assert found[0].dense is not None
    library.close()
