from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agents.llm import open_model
from ingest.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.llm.chat_model import GgufChat


@pytest.fixture(scope="session")
def bundled() -> Iterator[GgufChat]:
    """The real bundled model, loaded once."""
    model = open_model("bundled", Settings(context=4096, max_tokens=24))
    yield model  # type: ignore[misc]
    model.engine.close()  # type: ignore[attr-defined]
