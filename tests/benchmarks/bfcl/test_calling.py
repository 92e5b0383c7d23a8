"""From a file of records to figures, with a model that says what it is told to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from agents.llm.scripted import ScriptedChat
from ingest.errors import ModelError, UsageError
from ingest.language import Text
from tests.benchmarks.bfcl.__main__ import main
from tests.benchmarks.bfcl.calling import Bound, Reply, Scores, invalid, judge, replies
from tests.benchmarks.bfcl.records import Record, read_records

WEATHER = {
    "name": "weather.now",
    "description": "The weather.",
    "parameters": {
        "type": "dict",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1}},
        "required": ["city"],
    },
}


def line(number: int, truth: list[dict[str, Any]]) -> dict[str, Any]:
    said = [[{"role": "user", "content": f"Question {number}"}]]
    return {"id": f"r{number}", "question": said, "function": [WEATHER], "ground_truth": truth}


def call(city: str = "Paris", **more: object) -> dict[str, Any]:
    return {"name": "weather_now", "args": {"city": city, **more}, "id": "c", "type": "tool_call"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.jsonl"
    due = [{"weather.now": {"city": ["Paris"], "days": [1, ""]}}]
    records = [line(number, due if number < 6 else []) for number in range(8)]
    path.write_text("\n".join(map(json.dumps, records)), "utf-8")
    return path


REPLIES = [
    AIMessage("", tool_calls=[call()]),
    AIMessage("", tool_calls=[call("Rome")]),
    AIMessage("", tool_calls=[call(days=0)]),
    AIMessage(
        "",
        invalid_tool_calls=[{"name": "", "args": "{oops", "id": "c", "error": "no JSON", "type": "invalid_tool_call"}],
    ),
    AIMessage("Sunny."),
    AIMessage("", tool_calls=[call(), call()]),
    AIMessage("I can't."),
    AIMessage("", tool_calls=[call()]),
]


class Told:
    """A caller with ready messages, those that failed included."""

    def __init__(self, messages: list[AIMessage]) -> None:
        self.messages = list(messages)

    def __call__(self, messages: object, functions: object, /) -> Reply:
        from tests.benchmarks.bfcl.calling import reply_of

        return reply_of(self.messages.pop(0), 0.5)


def test_each_reply_comes_to_one_thing(file: Path) -> None:
    scores, told = Scores(), Told(REPLIES)
    for record in read_records(file):
        scores.add(record, list(replies(record, told)))
    outcomes = [verdict.outcome for verdict in scores.verdicts]
    assert outcomes == ["right", "wrong", "invalid", "unparsable", "silent", "wrong", "right", "called"]
    figures = scores.figures()
    assert figures["accuracy"] == 0.25
    assert figures["irrelevance"] == 0.5
    assert (figures["valid_but_wrong"], figures["invalid"]) == (0.3333, 0.1667)
    assert (figures["unparsable"], figures["no_call"]) == (0.1667, 0.1667)
    # seven calls made or tried, of which one breaks its schema and one is none
    assert figures["calls"] == 7
    assert figures["schema_valid"] == 0.7143
    assert figures["seconds"] == 4.0


def test_a_failed_attempt_is_no_refusal(file: Path) -> None:
    record = read_records(file)[6]
    assert judge(record, record.turns[0], Reply(malformed=("{oops",))).outcome == "called"
    assert judge(record, record.turns[0], Reply(text="no")).outcome == "right"


def test_validity_is_the_schemas() -> None:
    functions = Record("x", *_offered()).functions
    assert invalid("weather_now", {"city": "Paris"}, functions) == ""
    assert invalid("weather_now", {"city": "Paris", "mood": 1}, functions)
    assert invalid("weather_now", {"days": 1}, functions)
    assert invalid("weather_now", {"city": "Paris", "days": 1.5}, functions)
    assert "no function" in invalid("nothing", {}, functions)


def _offered() -> tuple[Any, Any]:
    from tests.benchmarks.bfcl.records import offered

    return offered([WEATHER]), ()


def test_an_error_of_the_model_is_a_reply_that_failed(file: Path) -> None:
    record = read_records(file)[0]
    broken = ScriptedChat(replies=[ModelError(Text(en="Too long.", zh="过长。"))])
    (verdict,) = replies(record, Bound(broken, tool_choice="auto"))
    assert (verdict.outcome, verdict.reason) == ("failed", "Too long.")
    scores = Scores()
    scores.add(record, [verdict])
    assert scores.failure == "Too long."


@pytest.fixture
def conversation(tmp_path: Path) -> Path:
    shop = {"Shop": [WEATHER | {"name": "find"}, WEATHER | {"name": "buy"}, WEATHER | {"name": "steal"}]}
    (tmp_path / "functions_by_class.json").write_text(json.dumps(shop), "utf-8")
    record = {
        "id": "talk",
        "question": [[{"role": "user", "content": "one"}], [{"role": "user", "content": "two"}]],
        "involved_classes": ["Shop"],
        "excluded_function": ["steal"],
        "ground_truth": [["find('Paris')", "find(city='Rome', days=2)"], ["buy(city='Paris')"]],
    }
    path = tmp_path / "talks.jsonl"
    path.write_text(json.dumps(record), "utf-8")
    return path


def test_a_conversation_goes_on_from_the_reference(conversation: Path) -> None:
    (record,) = read_records(conversation)
    assert [function.name for function in record.functions] == ["find", "buy"]

    def find(city: str, **more: object) -> dict[str, Any]:
        return call(city, **more) | {"name": "find"}

    model = ScriptedChat(
        replies=[
            AIMessage("", tool_calls=[find("rome", days=2), find("Paris")]),
            AIMessage("", tool_calls=[call() | {"name": "find"}]),
        ]
    )
    verdicts = list(replies(record, Bound(model, tool_choice="auto")))
    assert [(v.id, v.outcome, v.names) for v in verdicts] == [("talk/1", "right", True), ("talk/2", "wrong", False)]
    second = model.received[1]
    assert [type(message) for message in second] == [HumanMessage, AIMessage, ToolMessage, ToolMessage, HumanMessage]
    assert isinstance(second[1], AIMessage)
    assert [shown["args"] for shown in second[1].tool_calls] == [{"city": "Paris"}, {"city": "Rome", "days": 2}]
    scores = Scores()
    scores.add(record, verdicts)
    figures = scores.figures()
    assert (figures["accuracy"], figures["name_match"], figures["conversations_right"]) == (0.5, 0.5, 0.0)


def test_a_line_that_is_no_record_is_named(tmp_path: Path, conversation: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"id": 1}\n', "utf-8")
    with pytest.raises(UsageError, match="Line 1"):
        read_records(bad)
    (tmp_path / "functions_by_class.json").unlink()
    with pytest.raises(UsageError, match="functions_by_class"):
        read_records(conversation)


def test_the_command_asks_the_model_it_is_given(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the bundled model, for real: two records, a reply of at most 16 tokens each."""
    monkeypatch.setenv("ZHIKU_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ZHIKU_MAX_TOKENS", "16")
    assert main([str(file), "--limit", "2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    files = found["modes"]["auto"]["files"]["mine"]
    assert files["figures"]["replies"] == 2
    assert [reply["id"] for reply in files["replies"]] == ["r0", "r1"]
    assert main([str(file), "--limit", "1"]) == 0
    assert "no call where one was due" in capsys.readouterr().out
    assert main([str(tmp_path / "none.jsonl")]) == 2
    assert "none.jsonl" in capsys.readouterr().err
