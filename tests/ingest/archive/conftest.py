"""A library with documents, an upload, a conversation and a run; and its backup."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from ingest import open_library
from tests.ingest.archive.homes import HASHING, converse, run_at


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "leave.md").write_text("# Leave\n\nEvery employee has ten days of annual leave.\n", "utf-8")
    (folder / "travel.md").write_text("# Travel\n\nA night in Shanghai may cost 650 yuan.\n", "utf-8")
    return folder


@pytest.fixture
def home(tmp_path: Path, docs: Path) -> Path:
    folder = tmp_path / "home"
    with closing(open_library(folder, HASHING)) as library:
        library.add([docs])
        upload = folder / "uploads" / str(library.kb().id) / "up.txt"
        upload.parent.mkdir(parents=True)
        upload.write_text("An uploaded file speaks of pumps.", "utf-8")
        library.add([upload])
    converse(folder, "first")
    run_at(folder, "r1")
    return folder


@pytest.fixture
def archive(home: Path, tmp_path: Path) -> Path:
    with closing(open_library(home, HASHING)) as library:
        library.backup(tmp_path / "good.zip")
    return tmp_path / "good.zip"
