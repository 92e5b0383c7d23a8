"""One budget of time for everything in here."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.fuzz.mutations import MINUTES


@pytest.fixture
def time_left(request: pytest.FixtureRequest) -> Callable[[], bool]:
    """Whether to try more; each test of the session gets an equal share of the minutes."""
    end = time.monotonic() + MINUTES * 60 / max(1, len(request.session.items))
    return lambda: time.monotonic() < end
