"""Ours never sends twice, and says what it can't know."""

from __future__ import annotations

import os

import pytest

from tests.benchmarks import crashes

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="a process is killed as only POSIX has it")


def test_ours_sends_each_note_once_and_tells_which_is_in_doubt() -> None:
    found = crashes.outcome(crashes.commands()["zhiku"], "b")
    assert (found.status, found.twice, found.never, found.told) == ("done", 0, 0, True), found


def test_a_run_that_nothing_kills_is_no_outcome() -> None:
    with pytest.raises(RuntimeError, match="not killed"):
        crashes.outcome(crashes.commands()["LangGraph"], "nobody")
