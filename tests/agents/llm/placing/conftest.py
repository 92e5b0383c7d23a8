from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.agents.llm.placing.make_gguf import SHAPES, write


@pytest.fixture(scope="session")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A file with random weights in the shape of that name, written once."""
    folder = tmp_path_factory.mktemp("models")

    def file(name: str) -> Path:
        path = folder / f"{name}.gguf"
        return path if path.exists() else write(SHAPES[name](), path)

    return file


class Reported(logging.Handler):
    """Bytes of each kind of buffer as llama.cpp reports them while it really loads and allocates."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.sizes: dict[str, float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        if found := re.search(r"(\S+) +(model|KV|RS|compute|output) buffer size = +([\d.]+) MiB", record.getMessage()):
            for key in (found[2], f"{found[1]} {found[2]}"):
                self.sizes[key] = self.sizes.get(key, 0) + float(found[3]) * 2**20


@pytest.fixture
def reported() -> object:
    log, handler = logging.getLogger("zhiku.llama"), Reported()
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    yield handler
    log.setLevel(level)
    log.removeHandler(handler)
