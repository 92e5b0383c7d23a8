"""The loop with models at LangChain's own interface, which keep no thoughts apart and bind no tools."""

from __future__ import annotations

import pytest

from agents.chat.answers import Thought
from agents.tasks.view import view_of
from tests.agents.plain import THOUGHT, WAYS, Streamed, Whole
from tests.agents.tasks import stage as s

CALL = '{"name": "search_documents", "arguments": {"query": "annual leave"}}'
DONE = '{"name": "step_done", "arguments": {"finding": "15 days"}}'
RESULT = "Employees are entitled to 15 days of paid annual leave after one year of service [1]."


def model(way: str, kind: type[Whole]) -> Whole:
    deltas = WAYS[way]
    thinking = "".join(deltas).partition("Ten days")[0]
    size = max(map(len, deltas)) - 1
    cut = [thinking[start : start + size] for start in range(0, len(thinking), size)]
    return kind(replies=[[*cut, text[:5], text[5:]] for text in (s.ONE, CALL, DONE, RESULT)])


@pytest.mark.parametrize("kind", [Whole, Streamed])
@pytest.mark.parametrize("way", WAYS)
def test_thoughts_are_kept_apart_from_plans_calls_and_results(stage, way: str, kind: type[Whole]) -> None:
    result, events = stage.ended(model=model(way, kind))
    assert (result.status, result.text) == ("done", RESULT)
    assert [step.goal for step in result.plan] == ["days of annual leave"]
    assert result.unsupported_sentences == ()
    thoughts = [event.text.strip() for event in events if isinstance(event, Thought)]
    assert "".join(thoughts) == THOUGHT * 4
    assert view_of(events[:-1]).text.strip() == RESULT
