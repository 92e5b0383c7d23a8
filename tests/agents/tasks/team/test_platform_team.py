"""A team on a real library, by way of the platform."""

from __future__ import annotations

import pytest
from langchain_core.messages import AIMessage

from agents import MaxMessageTermination, Member, open_platform
from agents.llm.scripted import ScriptedChat
from ingest.errors import UsageError


@pytest.fixture
def platform(tmp_path):
    (tmp_path / "leave.md").write_text("# Leave\n\nEmployees have 12 days of annual leave.\n", "utf-8")
    opened = open_platform(
        tmp_path / "home", model=ScriptedChat(replies=["Employees have 12 days of annual leave, as said."])
    )
    opened.library.add([tmp_path / "leave.md"])
    yield opened
    opened.close()


def test_members_search_the_library_and_the_result_is_proven(platform):
    calls = [{"name": "search_documents", "args": {"query": "annual leave"}, "id": "1", "type": "tool_call"}]
    finder = ScriptedChat(replies=[AIMessage(content="", tool_calls=calls), "Employees have 12 days of annual leave."])
    team = platform.team(
        [Member("finder", "looks things up", tools=["search_documents"], model=finder), Member("critic", "checks")],
        stop=MaxMessageTermination(2),
    )
    result = team.run("How many days of annual leave are there?")
    assert result.status == "limit", result.reason
    assert result.citations[0].verified
    assert result.citations[0].document == "Leave"
    assert "12 days" in result.citations[0].quote
    assert "12 days of annual leave" in finder.received[1][-1].content


def test_what_makes_no_sense_is_said_at_once(platform):
    with pytest.raises(UsageError):
        platform.team([Member("a", "x")], speakers="alphabet")
    with pytest.raises(UsageError):
        platform.team([Member("a", "x", tools=["no_such_tool"])])
