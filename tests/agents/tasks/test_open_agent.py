"""`platform.agent(...)` as users have it: the real library, the real tools, their own tools, any chat model."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents import Budget, Policy, open_platform, tool
from agents.llm.scripted import ScriptedChat
from ingest.errors import UsageError
from ingest.settings import Settings
from tests.agents.tasks import stage as s

DOCUMENTS = Path(__file__).parents[3] / "data" / "documents"


@tool
def headcount(team: str) -> int:
    "People in a team."
    return {"red": 7}.get(team, 0)


@pytest.fixture
def platform(tmp_path: Path):
    made: list = []

    def opened(*replies, **settings):
        model = ScriptedChat(replies=list(replies)) if replies else "bundled"
        platform = open_platform(
            tmp_path, model=model, settings=Settings(embedder="hashing", **{"effort": "thorough", **settings})
        )
        made.append(platform)
        return platform

    yield opened
    for one in made:
        one.close()


def test_an_own_tool_and_the_library_in_one_task(platform) -> None:
    opened = platform(
        "<think>Two things.</think>1. people in the red team\n2. insurer of travellers abroad",
        s.call("headcount", team="red"),
        s.done("The red team has 7 people."),
        s.call("search_documents", query="insured travellers abroad insurer"),
        s.done("Every traveller abroad is insured with Harbour Mutual."),
        "The red team has 7 people. Every traveller abroad is insured with Harbour Mutual.",
    )
    opened.library.add([DOCUMENTS / "travel-policy.docx"])
    result = opened.agent([headcount]).run("How many people are in the red team, and who insures travellers abroad?")
    assert result.status == "done"
    assert result.unsupported_sentences == ()
    by_document = {citation.document: citation for citation in result.citations}
    policy = by_document["Travel Policy"]
    assert opened.library.page_text(policy.document_id, policy.page)[policy.start : policy.end] == policy.quote
    assert by_document["headcount"].verified
    (run,) = opened.runs.list()
    assert run.id == result.run_id


def test_the_bundled_model_gives_a_proven_result(platform) -> None:
    opened = platform()
    opened.library.add([DOCUMENTS / "travel-policy.docx"])
    result = opened.agent().run("Who insures travellers abroad? How much is 12*(3+4)?")
    assert "Harbour Mutual" in result.text
    assert "= 84" in result.text
    assert all(citation.verified for citation in result.citations)


def test_settings_are_budget_and_policy(platform) -> None:
    opened = platform(s.ONE, s.call("headcount", team="red"), s.call("headcount", team="blue"), max_calls=1)
    result = opened.agent([headcount]).run("Count the red and the blue team.")
    assert (result.status, result.limit) == ("limit", "calls")
    denied = platform(s.ONE, s.call("headcount", team="red"), s.done("0"), "Nothing is known.", tool_read="deny")
    assert "not allowed" in denied.agent([headcount]).run("Count the red and the blue team.").steps[0].observation.error


def test_own_budget_policy_and_model_come_first(platform) -> None:
    opened = platform("never asked")
    model = ScriptedChat(replies=[s.ONE, s.call("headcount", team="red")])
    agent = opened.agent([headcount], policy=Policy(read="ask"), budget=Budget(calls=1), model=model)
    assert agent.run("Count the red and the blue team.").status == "needs_approval"
    assert opened.chat_model.received == []


def test_built_in_tools_by_name(platform) -> None:
    opened = platform("x")
    every = {t.name for t in opened.agent().tools}
    assert {"search_documents", "read_page", "list_documents", "calculator"} <= every
    assert {t.name for t in opened.agent(builtins=["calculator"]).tools} == {"calculator"}
    assert [t.name for t in opened.agent([headcount], builtins=()).tools] == ["headcount"]
    with pytest.raises(UsageError, match="telepathy"):
        opened.agent(builtins=["telepathy"])
    with pytest.raises(UsageError, match="headcount"):
        opened.agent([headcount, headcount])


def test_another_knowledge_base_is_not_seen(platform) -> None:
    opened = platform(s.ONE, s.call("search_documents", query="insured travellers"), s.done("nothing"), "Nothing.")
    opened.library.add([DOCUMENTS / "travel-policy.docx"], kb="secret")
    opened.library.create_kb("open")
    result = opened.agent(kb="open").run("Who insures travellers?")
    assert result.steps[0].observation.hits == ()


@pytest.mark.parametrize("wrong", [{"network": "sometimes"}, {"tools": {"send": "yes"}}])
def test_a_rule_that_is_none_is_refused(wrong) -> None:
    with pytest.raises(UsageError, match="no rule for calls"):
        Policy(**wrong)
