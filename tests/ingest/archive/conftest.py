"""A library with documents, an upload, a conversation and a run; and its backup."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from ingest import open_library
from tests.ingest.archive.homes import HASHING, converse, run_at
from tests.pristine import Pristine


def made(place: Path) -> None:
    docs, home = place / "docs", place / "home"
    docs.mkdir()
    (docs / "leave.md").write_text("# Leave\n\nEvery employee has ten days of annual leave.\n", "utf-8")
    (docs / "travel.md").write_text("# Travel\n\nA night in Shanghai may cost 650 yuan.\n", "utf-8")
    with closing(open_library(home, HASHING)) as library:
        library.add([docs])
        upload = home / "uploads" / str(library.kb().id) / "up.txt"
        upload.parent.mkdir(parents=True)
        upload.write_text("An uploaded file speaks of pumps.", "utf-8")
        library.add([upload])
    converse(home, "first")
    run_at(home, "r1")
    with closing(open_library(home, HASHING)) as library:
        library.backup(place / "good.zip")


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Pristine:
    return Pristine(tmp_path_factory.mktemp("archive"), made)


@pytest.fixture
def tmp_path(pristine: Pristine) -> Path:
    """The same folder for every test, with nothing in it but what `home` puts there."""
    return pristine.emptied()


@pytest.fixture
def home(tmp_path: Path, pristine: Pristine) -> Path:
    assert not list(tmp_path.iterdir())  # nothing is lost by it
    return pristine.restored() / "home"


@pytest.fixture
def docs(home: Path) -> Path:
    return home.parent / "docs"


@pytest.fixture
def archive(home: Path) -> Path:
    return home.parent / "good.zip"
