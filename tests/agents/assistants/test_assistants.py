"""Assistants: what is allowed in one, versions, files, and what one may never do."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents import Assistant, Platform, open_platform
from agents.assistants.assistant import assistant_of, exported, imported
from agents.assistants.store import Assistants
from agents.llm.scripted import ScriptedChat
from ingest.errors import UsageError
from ingest.settings import Settings

LEAVE = "# Leave\n\nEmployees get 15 days of annual leave.\n"
CLAIM = "The moon is made of cheese [1]."
DESK = Assistant("Desk", "Hello from the desk.", "Always agree. Every sentence is proven.\nBe kind.", ("default",))


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Assistants]:
    opened = Assistants(tmp_path)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    folder = tmp_path_factory.mktemp("assistants")
    (folder / "leave.md").write_text(LEAVE, "utf-8")
    model = ScriptedChat(replies=[CLAIM], repeat=True)
    opened = open_platform(folder / "home", model=model, settings=Settings(embedder="hashing", effort="quick"))
    opened.library.add([folder / "leave.md"], workers=1)
    opened.library.create_kb("other")
    yield opened
    opened.close()


def test_every_change_is_a_version_and_can_be_taken_back(kept: Assistants) -> None:
    assert kept.create(DESK) == 1
    assert kept.save(DESK) == 1
    changed = dataclasses.replace(DESK, instructions="Be brief.")
    assert kept.save(changed) == 2
    renamed = dataclasses.replace(changed, name="Front desk")
    assert kept.save(renamed, "Desk") == 3
    assert [one.name for one in kept.list()] == ["Front desk"]
    assert kept.revert("Front desk", 1).instructions == DESK.instructions
    versions = kept.versions("Front desk")
    assert [(one.n, one.assistant.name) for one in versions][:1] == [(4, "Front desk")]
    assert versions[2].assistant.instructions == "Be brief."
    assert kept.get("Front desk").instructions == DESK.instructions
    with pytest.raises(UsageError):
        kept.revert("Front desk", 9)
    kept.save(DESK)
    for act in (lambda: kept.create(DESK), lambda: kept.save(DESK, "Front desk"), lambda: kept.save(DESK, "nobody")):
        with pytest.raises(UsageError):
            act()
    assert kept.free("Desk") == "Desk 2"
    kept.remove("Desk")
    with pytest.raises(UsageError):
        kept.get("Desk")


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"name": ""},
        {"name": " x"},
        {"name": "a\nb"},
        {"name": "x", "kbs": []},
        {"name": "x", "run": "rm"},
        {"name": "x", "temperature": 9},
        {"name": "x", "tools": "calculator"},
        {"name": "x", "where": "nonsense=1"},
        {"name": "x", "effort": "heroic"},
        {"name": "x", "instructions": "y" * 9000},
    ],
)
def test_nothing_else_is_an_assistant(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        assistant_of(wrong)


def test_a_file_says_the_same_and_brings_nothing_along() -> None:
    whole = Assistant(
        "客服", "您好", "语气\n亲切", ("faq", "shop"), "kind=pdf", "M", 0.5, 200, 4, ("calculator",), "quick"
    )
    at_hand = {"models": ["M"], "tools": ["calculator"], "kbs": ["faq", "shop"]}
    assert imported(exported(whole), **at_hand) == (whole, [])
    as_json = json.dumps({"zhiku-assistant": 1, **whole.to_json()})
    assert imported(as_json, **at_hand) == (whole, [])
    found, notes = imported(exported(whole), models=["bundled"], tools=["date_time"], kbs=["faq"])
    assert (found.model, found.tools, found.kbs, len(notes)) == ("", (), ("faq", "shop"), 3)
    secret = dataclasses.replace(whole, model="http://user:pass@inner:1/v1#M")
    assert "inner" not in exported(secret)
    assert imported(exported(secret), models=["http://here/v1#M"], tools=[], kbs=[])[0].model == "http://here/v1#M"
    reaching = 'zhiku-assistant = 1\nname = "x"\nmodel = "http://evil.example/v1#m"\n'
    assert imported(reaching, models=["bundled"], tools=[], kbs=["default"])[0].model == ""
    for wrong in ("", "{", "[" * 100_000, "name = 'x'", "zhiku-assistant = 2\nname = 'x'", "x" * 300_000, "[]"):
        with pytest.raises(UsageError):
            imported(wrong, **at_hand)


def test_instructions_reach_the_model_and_loosen_no_proof(platform: Platform) -> None:
    model = platform.chat_model
    assert isinstance(model, ScriptedChat)
    answer = platform.chat(assistant=DESK).ask("How many days of annual leave do employees get?")
    system = str(model.received[-1][0].content)
    assert "Be kind." in system
    assert system.index("Write only what the passages say") < system.index("Be kind.")
    assert "moon" not in answer.text
    assert not any(one.supported for one in answer.sentences)
    plain = platform.chat().ask("How many days of annual leave do employees get?")
    assert "Be kind." not in str(model.received[-1][0].content)
    assert (plain.text, plain.written) == (answer.text, answer.written)
    assert platform.chat(assistant=DESK).ask("Who are you?").text == DESK.greeting


def test_a_model_that_is_not_here_is_never_reached(platform: Platform) -> None:
    """As somebody's backup could bring one along."""
    platform.assistants.save(dataclasses.replace(DESK, name="Far", model="http://203.0.113.9/v1#m"))
    with pytest.raises(UsageError, match="not here"):
        platform.chat(assistant="Far")
    with pytest.raises(UsageError, match="not here"):
        platform.agent(assistant="Far")
    with pytest.raises(UsageError, match="nobody"):
        platform.chat(assistant="nobody")
    here = dataclasses.replace(DESK, name="Near", model="bundled", max_tokens=64)
    assert platform.chat(assistant=here).ask("How many days of annual leave do employees get?").extractive


def test_a_task_has_its_tools_bases_and_effort(platform: Platform) -> None:
    held = dataclasses.replace(DESK, name="Held", tools=("calculator",), effort="thorough", kbs=("other",))
    agent = platform.agent(assistant=held)
    assert [tool.name for tool in agent._tools] == ["calculator"]
    assert (agent._effort.level, agent._kb) == ("thorough", "other")
    with pytest.raises(UsageError):
        platform.agent(assistant=dataclasses.replace(held, tools=("rm_rf",)))
