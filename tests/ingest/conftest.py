"""What the tests of this folder share."""

from __future__ import annotations

import pytest

from ingest import open_library
from ingest.settings import Settings


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """A library for all tests of a file: its index is a process that takes a second to start."""
    library = open_library(tmp_path_factory.mktemp("library"), Settings(embedder="hashing", workers=1))
    yield library
    library.close()


@pytest.fixture
def library(opened):
    """The same, emptied after each test."""
    yield opened
    for kb in opened.kbs():
        opened.remove_kb(kb.name)
