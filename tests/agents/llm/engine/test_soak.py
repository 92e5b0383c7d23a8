"""The soak of tests/benchmarks/conversations.py, for seconds rather than minutes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.benchmarks import conversations
from tests.benchmarks.conversations import Soak, Turn, ask_again, open_watched, talk
from tests.benchmarks.own_home import own_home


def _length(turn: Turn) -> int:
    return len(turn.prompt)


@pytest.fixture(scope="module")
def soak() -> Soak:
    with own_home():
        model = open_watched(threads=1)
        soak = talk(model, 2)
        model.engine.close()
    return soak


def test_eight_conversations_at_once_disturb_none_of_them(soak) -> None:
    assert soak.failures == []
    assert len(soak.turns) == conversations.CONVERSATIONS
    assert all(soak.turns.values())
    verdict = ask_again({number: [min(turns, key=_length)] for number, turns in soak.turns.items()}, threads=1)
    assert verdict.mixed == []
    assert verdict.equal > 0


def test_the_soak_would_notice_another_conversation_in_the_cache(soak) -> None:
    first, second = (max(soak.turns[number], key=lambda turn: len(turn.reply)) for number in (0, 1))
    mixed = {0: [replace(first, reply=second.reply)], 1: [replace(second, prompt=first.prompt)]}
    assert len(ask_again(mixed, threads=1).mixed) == 2
