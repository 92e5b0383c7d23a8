"""Replies to records become cases that are kept, gone on with and compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage

from agents import open_platform
from agents.evaluation import read_cases
from agents.llm.names import bundled_file
from agents.llm.scripted import ScriptedChat
from ingest.settings import Settings
from tests.benchmarks.bfcl import beside
from tests.benchmarks.bfcl.calling import Verdict, invalid
from tests.benchmarks.bfcl.peer_llama_cpp import ThroughLlamaCpp
from tests.benchmarks.bfcl.records import Record, offered, read_records

WEATHER = {
    "name": "weather",
    "description": "The weather of a city.",
    "parameters": {"type": "dict", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


@pytest.fixture
def records(tmp_path: Path) -> dict[str, list[Record]]:
    due, none = [{"weather": {"city": ["Paris"]}}], []
    found = {}
    for name, truth in (("simple_python", due), ("irrelevance", none)):
        said = [[{"role": "user", "content": "How is it in Paris?"}]]
        lines = [{"id": f"{name}_{n}", "question": said, "function": [WEATHER], "ground_truth": truth} for n in (0, 1)]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
        found[name] = read_records(tmp_path / f"{name}.jsonl")
    return found


def asked(city: str = "Paris") -> AIMessage:
    return AIMessage("", tool_calls=[{"name": "weather", "args": {"city": city}, "id": "c"}])


def test_replies_are_kept_gone_on_with_and_compared(
    records: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "FOLDER", tmp_path / "tools")
    ours = [asked(), asked("Rome"), "I don't know.", asked()]
    theirs = ["Nice.", asked(), "I don't know.", "I don't know."]
    platform = open_platform(
        tmp_path / "home", model=ScriptedChat(replies=[*ours, *theirs]), settings=Settings(embedder="hashing")
    )
    first = {"simple_python": records["simple_python"][:1]}
    try:
        beside.measured(platform, first, ["zhiku"], "first")
        text = beside.measured(platform, records, beside.CHAINS, "first")
    finally:
        platform.close()
    cases = read_cases(tmp_path / "tools" / "first.jsonl")
    assert [(case.chain, case.id, case.good) for case in cases] == [
        ("zhiku", "simple_python_0", True),
        ("zhiku", "simple_python_1", False),
        ("zhiku", "irrelevance_0", True),
        ("zhiku", "irrelevance_1", False),
        ("create_agent", "simple_python_0", False),
        ("create_agent", "simple_python_1", True),
        ("create_agent", "irrelevance_0", True),
        ("create_agent", "irrelevance_1", True),
    ]
    assert "| zhiku | 1 of 2 | 1 of 2 | 0.500 | " in text
    assert "wrong 1" in text
    assert "the model is no GGUF file" in text
    assert "called 1" in text
    assert "| all | 4 | 1 | 0 | 1 | 2 | 1 |" in text
    named = str(tmp_path / "tools" / "first.jsonl")
    assert "zhiku" in beside.run(compare=f"{named},{named}")


def test_a_request_that_failed_is_asked_again(records: Any, tmp_path: Path) -> None:
    verdict = Verdict("r", "failed", "no server", due=True, calls=0, valid=0, names=False, seconds=0.0, tokens=0)
    case = beside.case_of(verdict, "simple_python", "zhiku", "How?")
    assert (case.good, case.refused, case.reply.error) == (False, False, "no server")


def test_llama_cpp_pythons_handler_gives_calls_that_keep_to_the_schema() -> None:
    from agents.llm.chat_model import GgufChat

    model = GgufChat(path=str(bundled_file()), context=1024)
    peer = ThroughLlamaCpp(model, 48)
    functions = offered([WEATHER])
    try:
        reply = peer([HumanMessage("Call weather for Paris.")], functions)
    finally:
        peer.close()
        model.engine.close()
    assert reply.seconds > 0
    assert reply.calls or reply.malformed or reply.text
    assert not any(invalid(name, arguments, functions) for name, arguments in reply.calls)
