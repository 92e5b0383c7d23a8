"""Conversations beside each other: what one writes must not depend on the others, on rest or on cancels."""

from __future__ import annotations

import pytest

from agents.llm import open_model
from agents.llm.engine.sampling import Sampling
from ingest.errors import ModelError
from ingest.settings import Settings

# What comes next is beyond doubt: llama.cpp's sums differ in the last bits with what else is in a batch, and where two
# tokens are nearly as likely that may change the choice. A mixed-up cache would show here all the same.
SERIES = (
    " ".join(map(str, range(1, 24))),
    " ".join(map(str, range(300, 318))),
    "Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday, " * 5,
    " ".join(map(str, range(700, 718))),
)


def _prompts(model) -> list[list[int]]:
    return [model.engine.weights.tokenize(text, special=False) for text in SERIES]


def _alone(model, tokens: list[int], most: int) -> list[int]:
    return list(model.engine.submit(tokens, Sampling(), most))


def test_together_they_write_what_each_writes_alone(bundled) -> None:
    prompts = _prompts(bundled)
    alone = [_alone(bundled, tokens, 8) for tokens in prompts]
    bundled.engine.close()  # nothing of it is cached for the second time
    tickets = [bundled.engine.submit(tokens, Sampling(), 8) for tokens in prompts]
    assert [list(ticket) for ticket in tickets] == alone


def test_a_cancelled_neighbour_changes_nothing(bundled) -> None:
    first, second, *_ = _prompts(bundled)
    alone = _alone(bundled, second, 8)
    bundled.engine.close()
    leaving = bundled.engine.submit(first, Sampling(), 400)
    staying = bundled.engine.submit(second, Sampling(), 8)
    written = [staying.next(None) for _ in range(4)]
    leaving.cancel()
    assert written + list(staying) == alone
    list(leaving)
    assert leaving.finished == "cancelled"


def test_a_conversation_goes_on_after_others_had_the_cache(bundled) -> None:
    mine, *others = _prompts(bundled)
    begun = mine + _alone(bundled, mine, 8)
    for tokens in others:  # each sends those before it to rest
        _alone(bundled, tokens, 2)
    ticket = bundled.engine.submit([*begun, *mine[-5:]], Sampling(), 8)
    after_rest = list(ticket)
    assert ticket.cached >= len(begun) - 1
    bundled.engine.close()
    assert after_rest == _alone(bundled, [*begun, *mine[-5:]], 8)


def test_more_resting_conversations_than_the_cache_holds() -> None:
    small = open_model("bundled", Settings(context=256))
    words = small.engine.weights.tokenize("one two three four " * 100, special=False)
    said = [_alone(small, words[start : start + 150], 4) for start in range(4)]
    assert [_alone(small, words[start : start + 150], 4) for start in range(4)] == said
    small.engine.close()


@pytest.mark.parametrize("grammar", ["root ::= (", "root ::= missing", "no rule at all"])
def test_a_rejected_grammar_is_an_error_and_leaves_no_trace_on_stderr(bundled, grammar, capfd) -> None:
    with pytest.raises(ModelError, match=r"accept the grammar: .+"):
        list(bundled.engine.submit([1, 2, 3], Sampling(grammar=grammar), 4))
    assert capfd.readouterr().err == ""
    assert _alone(bundled, bundled.engine.weights.tokenize("Hello", special=False), 2)
